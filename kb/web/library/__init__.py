"""``/library``: the episodes, the queue, and ways to add more."""
