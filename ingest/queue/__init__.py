"""The queue of sources to ingest, handled by one process at a time."""
