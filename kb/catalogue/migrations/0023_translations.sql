-- Machine translations into English of an episode's paragraphs. They stand beside the words and are never quoted.
CREATE TABLE translations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    episode_id  TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    words       TEXT NOT NULL,                      -- SHA-256 of the words that were translated
    start       REAL NOT NULL,                      -- seconds of the recording
    end         REAL NOT NULL,
    language    TEXT NOT NULL,                      -- the one that is spoken there
    text        TEXT NOT NULL,                      -- empty: English is spoken, or nothing was recognised
    doubtful    INTEGER NOT NULL,                   -- 1: the recogniser was unsure, or a part was left out
    engine      TEXT NOT NULL,
    model       TEXT NOT NULL,
    made_at     TEXT NOT NULL,
    UNIQUE (episode_id, words, start)
) STRICT;
