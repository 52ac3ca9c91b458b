"""From a question to passages: full text and vectors."""
