-- What a person corrected, and what the sources said there: they do not undo it until they say something new.

CREATE TABLE edits (
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    field      TEXT NOT NULL,                       -- title, published, people, ...; publisher holds for the show
    replaced   TEXT NOT NULL,                       -- JSON: the value before the correction
    edited_at  TEXT NOT NULL,
    PRIMARY KEY (episode_id, field)
) STRICT, WITHOUT ROWID;
