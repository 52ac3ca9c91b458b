-- What the reader needs of a passage, kept from the pass that made its vector (kb/embedding/kept.py). Apart from the
-- vectors, which are read by the hundred thousand.
CREATE TABLE passages_read (
    chunk    INTEGER NOT NULL REFERENCES chunks (rowid) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    kept     BLOB NOT NULL,
    PRIMARY KEY (chunk, model_id)
) STRICT;
