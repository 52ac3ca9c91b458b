-- Batches: what a feed tells of an episode, and a queue of everything that is still to be taken in.

ALTER TABLE episodes ADD COLUMN season TEXT;
ALTER TABLE episodes ADD COLUMN number TEXT;        -- within the season or the show

CREATE TABLE chapters (
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    start      REAL NOT NULL,                       -- seconds
    title      TEXT NOT NULL,
    PRIMARY KEY (episode_id, position)
) STRICT, WITHOUT ROWID;

-- Sources that are not in yet; what is done leaves the queue with its episode's transaction.
CREATE TABLE queue (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    uri        TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL CHECK (state IN ('queued', 'running', 'failed')),
    reason     TEXT,                                -- why it failed, a sentence
    request    TEXT NOT NULL,                       -- JSON: what to do it with
    done       REAL,                                -- seconds of the recording transcribed so far
    total      REAL,                                -- of so many
    added_at   TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
INSERT INTO queue (id, uri, state, reason, request, added_at, updated_at)
SELECT id, uri, state, reason, request, updated_at, updated_at FROM jobs;
DROP TABLE jobs;
ALTER TABLE queue RENAME TO jobs;
CREATE INDEX jobs_by_state ON jobs (state, id);
