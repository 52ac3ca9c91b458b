-- When an episode's times were checked against its recording, and what was found; the newest revision's row counts.
CREATE TABLE time_checks (
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,                    -- the current one after the check
    recording  TEXT NOT NULL,                       -- SHA-256 of the recording
    size       INTEGER NOT NULL,                    -- bytes of the recording
    modified   INTEGER NOT NULL,                    -- when its file was changed, in nanoseconds
    result     TEXT NOT NULL CHECK (result IN ('unchanged', 'moved', 'unknown', 'undone')),
    told       TEXT NOT NULL,                       -- one sentence
    chapters   TEXT,                                -- JSON: the chapters before and after, where this check moved times
    checked_at TEXT NOT NULL,
    PRIMARY KEY (episode_id, revision),
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A revision of other times is noted like a person's correction: by whom it was made, or by nobody in particular ('').
CREATE TABLE corrections_now (
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    made_from  INTEGER NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('words', 'speakers', 'times')),
    by         TEXT NOT NULL,
    made_at    TEXT NOT NULL,
    PRIMARY KEY (episode_id, revision),
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO corrections_now SELECT episode_id, revision, made_from, what, by, made_at FROM corrections;
DROP TABLE corrections;
ALTER TABLE corrections_now RENAME TO corrections;
