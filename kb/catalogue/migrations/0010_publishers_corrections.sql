-- What a feed told of an item and which versions of its files are here, so that a publisher's correction is noticed.

ALTER TABLE feed_items ADD COLUMN published TEXT;     -- the publisher's own day; published_at is in UTC
ALTER TABLE feed_items ADD COLUMN told TEXT;          -- JSON: what the feed said when it was last followed
ALTER TABLE feed_items ADD COLUMN versions TEXT;      -- JSON: the files' versions, as their servers name them
ALTER TABLE feed_items ADD COLUMN asked_at TEXT;      -- when the servers were last asked whether the files have changed
ALTER TABLE feed_items ADD COLUMN corrected TEXT;     -- what the publisher corrected last, in words
ALTER TABLE feed_items ADD COLUMN corrected_at TEXT;

-- Every feed is read anew: it may hold corrections that were passed over, and days that were taken in UTC.
UPDATE feeds SET etag = NULL, last_modified = NULL;
