"""Files that are taken in: which ones, from folders and archives, and where they are from."""
