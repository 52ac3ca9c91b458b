-- The spine: shows, episodes, their transcript revisions, and what search derives from the current revision.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE shows (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    publisher TEXT
) STRICT;

CREATE TABLE episodes (
    id               TEXT PRIMARY KEY,
    show_id          INTEGER NOT NULL REFERENCES shows (id),
    title            TEXT NOT NULL,
    published        TEXT,                          -- ISO date
    medium           TEXT NOT NULL,                 -- radio, podcast
    url              TEXT,
    audio            TEXT,                          -- absolute path
    audio_note       TEXT,
    duration         REAL,                          -- seconds
    language         TEXT,
    current_revision INTEGER NOT NULL,
    added_at         TEXT NOT NULL
) STRICT;
CREATE INDEX episodes_by_show ON episodes (show_id, published);

CREATE TABLE people (
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    PRIMARY KEY (episode_id, position)
) STRICT, WITHOUT ROWID;

-- Where an episode came from; the same file twice changes nothing.
CREATE TABLE sources (
    uri        TEXT PRIMARY KEY,
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    sha256     TEXT NOT NULL                        -- of the file as it was taken in
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_episode ON sources (episode_id);

-- A revision is never changed and never deleted but with its episode: quotes point into it.
CREATE TABLE revisions (
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    revision   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    sha256     TEXT NOT NULL,                       -- of the text as UTF-8
    origin     TEXT NOT NULL,                       -- publisher, machine
    engine     TEXT,
    model      TEXT,
    timings    BLOB NOT NULL,                       -- packed by kb.timings
    created_at TEXT NOT NULL,
    PRIMARY KEY (episode_id, revision)
) STRICT;

CREATE TABLE turns (
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    speaker    TEXT,                                -- NULL: unknown
    start      REAL,
    end        REAL,
    char_start INTEGER NOT NULL,
    char_end   INTEGER NOT NULL,
    PRIMARY KEY (episode_id, revision, position),
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_by_speaker ON turns (speaker);

-- Passages of the current revision only.
CREATE TABLE chunks (
    rowid      INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again, so that no vector meets another passage
    id         TEXT NOT NULL UNIQUE,
    episode_id TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    start      REAL,
    end        REAL,
    char_start INTEGER NOT NULL,
    char_end   INTEGER NOT NULL,
    FOREIGN KEY (episode_id, revision) REFERENCES revisions (episode_id, revision) ON DELETE CASCADE
) STRICT;
CREATE INDEX chunks_by_episode ON chunks (episode_id, position);

CREATE TABLE chunk_speakers (
    chunk    INTEGER NOT NULL REFERENCES chunks (rowid) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    speaker  TEXT NOT NULL,
    PRIMARY KEY (chunk, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX chunks_by_speaker ON chunk_speakers (speaker);

CREATE TABLE models (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    revision  TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, revision, dimension)
) STRICT;

CREATE TABLE embeddings (
    chunk      INTEGER NOT NULL REFERENCES chunks (rowid) ON DELETE CASCADE,
    model_id   INTEGER NOT NULL REFERENCES models (id),
    vector     BLOB NOT NULL,                       -- float32, little-endian, unit length
    indexed_at TEXT,                                -- NULL: not yet in the vector index
    PRIMARY KEY (chunk, model_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX embeddings_unindexed ON embeddings (model_id, chunk) WHERE indexed_at IS NULL;

-- What the full-text index reads; speakers and title help to find, only the text is ever quoted.
CREATE VIEW passages_content AS
SELECT c.rowid AS rowid,
       substr(r.text, c.char_start + 1, c.char_end - c.char_start) AS text,
       coalesce((SELECT group_concat(s.speaker, ' ') FROM chunk_speakers s WHERE s.chunk = c.rowid), '') AS speakers,
       e.title AS title
FROM chunks c
JOIN revisions r ON r.episode_id = c.episode_id AND r.revision = c.revision
JOIN episodes e ON e.id = c.episode_id;

CREATE VIRTUAL TABLE passages USING fts5 (
    text, speakers, title,
    content = 'passages_content', content_rowid = 'rowid',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE passages_terms USING fts5vocab (passages, 'col');
