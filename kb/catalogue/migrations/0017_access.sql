-- A server for many people: tokens of programs, whose a collection is, and who did what.

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE COLLATE NOCASE, -- what is written down as who did something
    role       TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'admin')),
    sha256     TEXT NOT NULL UNIQUE,                -- of the token, which is random and long, and kept nowhere
    added_at   TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

ALTER TABLE collections ADD COLUMN owner TEXT;      -- a reader's own; NULL: everybody's

-- Only added to, like the ledger.
CREATE TABLE activity (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    by      TEXT NOT NULL,
    what    TEXT NOT NULL,                          -- corrected words, removed a feed, exported, ...
    subject TEXT NOT NULL                           -- an episode's id, a collection's name, ...
) STRICT;

CREATE TRIGGER activity_is_not_changed BEFORE UPDATE ON activity BEGIN
    SELECT RAISE(ABORT, 'the log is only added to');
END;
CREATE TRIGGER activity_is_not_shortened BEFORE DELETE ON activity BEGIN
    SELECT RAISE(ABORT, 'the log is only added to');
END;
