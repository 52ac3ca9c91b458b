"""Which files are ingested, from folders and archives, and who made their transcripts."""
