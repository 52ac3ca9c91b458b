"""A quote's own address, its sound and its citation."""
