-- Saved questions, what has come in since each was asked, and which sentences were already shown.

CREATE TABLE saved_questions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    question TEXT NOT NULL,
    filters  TEXT NOT NULL,                         -- JSON
    arrival  INTEGER NOT NULL DEFAULT 0,            -- all that arrived up to here has been searched and shown
    added_at TEXT NOT NULL,
    run_at   TEXT
) STRICT;

-- A sentence is known by its words and its place among equal ones of its episode, so that it stays known in a new
-- revision, and a second "Thanks for listening" is another one.
CREATE TABLE shown_sentences (
    question   INTEGER NOT NULL REFERENCES saved_questions (id) ON DELETE CASCADE,
    episode_id TEXT NOT NULL,
    words      TEXT NOT NULL,                       -- a digest
    nth        INTEGER NOT NULL,
    PRIMARY KEY (question, episode_id, words, nth)
) STRICT, WITHOUT ROWID;

-- When an episode last became another one to search in, in the order of commits; clocks may go back, this does not.
CREATE TABLE arrivals (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    episode_id TEXT NOT NULL REFERENCES episodes (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX arrivals_by_episode ON arrivals (episode_id);
INSERT INTO arrivals (episode_id) SELECT id FROM episodes ORDER BY added_at, id;

CREATE TRIGGER words_arrive AFTER INSERT ON revisions BEGIN
    DELETE FROM arrivals WHERE episode_id = new.episode_id;
    INSERT INTO arrivals (episode_id) VALUES (new.episode_id);
END;

-- A filter by show or date may admit it now.
CREATE TRIGGER description_arrives AFTER UPDATE OF show_id, published ON episodes
WHEN old.show_id IS NOT new.show_id OR old.published IS NOT new.published BEGIN
    DELETE FROM arrivals WHERE episode_id = new.id;
    INSERT INTO arrivals (episode_id) VALUES (new.id);
END;
