-- Which catalogue this is and how many episodes were removed from it, so that one that was emptied, or put in another's
-- place, is told from one that people emptied (kb/backups/witness.py).

INSERT INTO settings (key, value) VALUES ('identity', lower(hex(randomblob(16))));
INSERT INTO settings (key, value) VALUES ('removed', '0');
