-- Feeds, and what is known of each of their items. Whether an item's episode is in, waits or has failed is not told
-- here but by the sources and jobs of the same address, so that the two can never differ.

CREATE TABLE feeds (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    url           TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,                    -- the show's, as the feed or a list of feeds says it
    options       TEXT NOT NULL,                    -- JSON: show, since, limit, audio, private
    etag          TEXT,
    last_modified TEXT,
    checked_at    TEXT,
    problem       TEXT,                             -- why the last look failed, a sentence
    again_at      TEXT,                             -- the server asked to be left alone until then
    added_at      TEXT NOT NULL,
    removed_at    TEXT                              -- kept, so that its episodes are known if it comes back
) STRICT;

CREATE TABLE feed_items (
    id           INTEGER PRIMARY KEY,
    feed_id      INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
    title        TEXT NOT NULL,
    published_at TEXT,
    guid         TEXT,
    address      TEXT,                              -- the recording's, without trackers and tokens
    title_key    TEXT NOT NULL,                     -- what titles are compared by
    show_key     TEXT NOT NULL,
    stem         TEXT UNIQUE,                       -- its files within the media folder, without their suffixes
    source       TEXT,                              -- the uri it has, or is to have, in sources; NULL: not fetched
    sha256       TEXT,                              -- of the recording
    problem      TEXT,                              -- why it was not fetched, a sentence
    again_at     TEXT                               -- when what could not be fetched is to be tried again
) STRICT;
CREATE INDEX feed_items_by_feed ON feed_items (feed_id);
CREATE INDEX feed_items_by_guid ON feed_items (guid);
CREATE INDEX feed_items_by_address ON feed_items (address);
CREATE INDEX feed_items_by_title ON feed_items (title_key);
CREATE INDEX feed_items_by_sha256 ON feed_items (sha256);
