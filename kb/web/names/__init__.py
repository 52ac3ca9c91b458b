"""``/names``: names to expect in recordings."""
