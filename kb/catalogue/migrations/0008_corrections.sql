-- Who made a revision by hand, out of which one: corrected words, or speakers' names.

CREATE TABLE corrections (
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    made_from  INTEGER NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('words', 'speakers')),
    by         TEXT NOT NULL,                       -- as the person named herself; there is no login
    made_at    TEXT NOT NULL,
    PRIMARY KEY (episode_id, revision),
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
