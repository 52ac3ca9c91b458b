-- Collections of saved quotes, and the ledger of who heard, corrected or disputed a quote.

-- What a quote said when it was first saved: it can be shown when its episode is gone. Only quotes that a collection
-- or the ledger names are here.
CREATE TABLE saved_quotes (
    id         TEXT PRIMARY KEY,                    -- EPISODE@REVISION:START-END
    text       TEXT NOT NULL,
    speaker    TEXT,                                -- NULL: unknown
    start      REAL,
    end        REAL,
    confidence REAL,
    origin     TEXT NOT NULL,                       -- publisher, machine
    before     TEXT NOT NULL,
    after      TEXT NOT NULL,
    episode    TEXT NOT NULL,                       -- JSON: the episode as it was described then
    saved_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE collections (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    added_at TEXT NOT NULL
) STRICT;

CREATE TABLE collected_quotes (
    collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    quote      TEXT NOT NULL REFERENCES saved_quotes (id),
    position   INTEGER NOT NULL,                    -- from 1, without gaps
    note       TEXT NOT NULL DEFAULT '',
    tags       TEXT NOT NULL DEFAULT '[]',          -- JSON
    added_at   TEXT NOT NULL,
    PRIMARY KEY (collection, quote)
) STRICT, WITHOUT ROWID;
CREATE INDEX collected_quotes_by_quote ON collected_quotes (quote);

-- The last entry of a quote is its status; what was said before stays.
CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    quote      TEXT NOT NULL REFERENCES saved_quotes (id),
    status     TEXT NOT NULL CHECK (status IN ('unheard', 'heard', 'corrected', 'disputed')),
    by         TEXT NOT NULL,
    remark     TEXT NOT NULL DEFAULT '',
    entered_at TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_by_quote ON ledger (quote);

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is only added to');
END;
CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is only added to');
END;
