"""``/collections``: saved quotes."""
