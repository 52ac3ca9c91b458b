-- Transcription: how it was made, what is doubtful about it, and the work that is not finished.

ALTER TABLE revisions ADD COLUMN settings TEXT;     -- JSON

CREATE TABLE remarks (
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL,                       -- dropped, doubtful, unheard, differs, note
    start      REAL,
    end        REAL,
    text       TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (episode_id, revision, position),
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a show's unknown speakers ("Speaker 1") were named, for its next recordings.
CREATE TABLE speaker_names (
    show_id INTEGER NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    label   TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (show_id, label)
) STRICT, WITHOUT ROWID;

-- What an engine has heard, block by block, until the transcript is complete.
CREATE TABLE heard_blocks (
    key    TEXT NOT NULL,                           -- of the sound, the model and the settings
    number INTEGER NOT NULL,
    heard  TEXT NOT NULL,                           -- JSON
    PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;

-- Recordings whose transcription has begun and is not finished.
CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY,
    uri        TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL,                       -- running, failed
    reason     TEXT,
    request    TEXT NOT NULL,                       -- JSON: what to do it with
    updated_at TEXT NOT NULL
) STRICT;
