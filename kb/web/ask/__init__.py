"""``/``: a question, the quotes that answer it, and what narrows it."""
