"""``/read/ID``: a transcript with its sound, and its corrections."""
