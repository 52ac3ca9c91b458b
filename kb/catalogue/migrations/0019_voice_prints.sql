-- What voices sound like, kept only where somebody asked for it, and taken away with one command.
CREATE TABLE voice_prints (
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    speaker    TEXT NOT NULL,
    model      TEXT NOT NULL,                       -- SHA-256 of what made it; prints of two models do not compare
    start      REAL NOT NULL,                       -- where to listen to the voice
    end        REAL NOT NULL,
    print      BLOB NOT NULL,                       -- float32, of length 1
    kept_at    TEXT NOT NULL,
    PRIMARY KEY (episode_id, speaker, model)
) STRICT, WITHOUT ROWID;
