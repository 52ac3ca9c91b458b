"""What is taken in, one after the other, by one process at a time."""
