-- How a turn's speaker is known (given by the file, a label, a diarization, or carried on), and from which of the turn's
-- characters the speaker is only carried on. Turns of before say nothing of it: they were not measured by it.
ALTER TABLE turns ADD COLUMN attribution TEXT NOT NULL DEFAULT 'given'
    CHECK (attribution IN ('given', 'label', 'diarization', 'carried'));
ALTER TABLE turns ADD COLUMN carried_after INTEGER;
