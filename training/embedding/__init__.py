"""The training of the built-in static embedding: open text in, ``kb/models/verbatim-static`` out."""
