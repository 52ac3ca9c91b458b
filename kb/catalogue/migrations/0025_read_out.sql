-- Where a turn reads out somebody else's text, in characters from its beginning: "12-80 95-130". Turns of before say
-- nothing of it.
ALTER TABLE turns ADD COLUMN read_out TEXT;
