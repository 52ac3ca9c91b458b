-- Somebody asked the server to look at a feed, and it has not finished: it goes on when it is started again.

ALTER TABLE feeds ADD COLUMN wanted_at TEXT;
