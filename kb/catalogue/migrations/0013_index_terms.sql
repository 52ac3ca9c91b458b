-- The full-text index is given finished terms: words of scripts without spaces, stems by the episode's language.
-- index_text is a function of the program (kb/terms.py). The index is filled when the catalogue has been opened.

DROP TABLE passages_terms;
DROP TABLE passages;
DROP VIEW passages_content;

-- As bytes, for a text that rotted in the file is no UTF-8 and must not stop the rest.
CREATE VIEW passages_content AS
SELECT c.rowid AS rowid,
       index_text(CAST(substr(r.text, c.char_start + 1, c.char_end - c.char_start) AS BLOB), e.language) AS text,
       index_text(
           CAST(coalesce((SELECT group_concat(s.speaker, ' ') FROM chunk_speakers s WHERE s.chunk = c.rowid), '')
                AS BLOB),
           e.language
       ) AS speakers,
       index_text(CAST(e.title AS BLOB), e.language) AS title
FROM chunks c
JOIN revisions r ON r.episode_id = c.episode_id AND r.revision = c.revision
JOIN episodes e ON e.id = c.episode_id;

CREATE VIRTUAL TABLE passages USING fts5 (
    text, speakers, title,
    content = 'passages_content', content_rowid = 'rowid',
    tokenize = 'ascii'
);
CREATE VIRTUAL TABLE passages_terms USING fts5vocab (passages, 'col');
