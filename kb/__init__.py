"""The knowledge base: a catalogue of transcripts, an index over it, and answers in the speakers' own words."""
