"""A transcript as text: its canonical form, the times in it, its passages, and what corrections do to them."""
