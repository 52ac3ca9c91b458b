-- Counting and listing what is embedded read every vector of the table; a speaker's passages were found by reading all.

CREATE INDEX embeddings_by_model ON embeddings (model_id, chunk, indexed_at);
CREATE INDEX chunks_by_speaker_nocase ON chunk_speakers (speaker COLLATE NOCASE, chunk);
