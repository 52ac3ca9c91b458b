"""``/``: a question, the quotes that answer it, and filters."""
