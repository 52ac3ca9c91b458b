-- Where no time is known, the times around a quote. Who wrote a transcript down is no longer told by its file's type.

ALTER TABLE saved_quotes ADD COLUMN earliest REAL;
ALTER TABLE saved_quotes ADD COLUMN latest REAL;
ALTER TABLE saved_quotes ADD COLUMN engine TEXT;
UPDATE saved_quotes SET earliest = start, latest = end;

-- Every transcript file was called the publisher's. It is where a feed gave it; of the others nobody has said it.
UPDATE revisions SET origin = 'unknown'
WHERE origin = 'publisher' AND episode_id NOT IN (
    SELECT s.episode_id FROM sources s JOIN feed_items i ON i.source = s.uri
);
UPDATE saved_quotes SET origin = 'unknown'
WHERE origin = 'publisher' AND NOT EXISTS (
    SELECT 1 FROM revisions r
    WHERE r.origin = 'publisher' AND r.episode_id = substr(saved_quotes.id, 1, instr(saved_quotes.id, '@') - 1)
);
