-- What another hearing made of saved quotes. It stands beside their words and never takes their place.
CREATE TABLE second_hearings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    quote       TEXT NOT NULL REFERENCES saved_quotes (id),
    first       TEXT NOT NULL,                      -- what the quote's own words are called: a model, "the transcript"
    engine      TEXT NOT NULL,                      -- what heard them again
    model       TEXT NOT NULL,
    language    TEXT,
    settings    TEXT NOT NULL,                      -- JSON: what was asked for
    sound       TEXT NOT NULL,                      -- SHA-256 of the recording
    start       REAL NOT NULL,
    end         REAL NOT NULL,
    heard       TEXT NOT NULL,
    words       INTEGER NOT NULL,                   -- of the quote, and how many of them were heard as they are written
    agreed      INTEGER NOT NULL,
    differences TEXT NOT NULL,                      -- JSON
    remarks     TEXT NOT NULL,                      -- JSON
    heard_at    TEXT NOT NULL,
    UNIQUE (quote, settings, sound)
) STRICT;
