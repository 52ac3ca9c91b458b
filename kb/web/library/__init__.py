"""``/library``: what is there, what is on its way in, and ways to add more."""
