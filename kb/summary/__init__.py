"""A language model's summary of quotes, and whether each sentence of it rests on them."""
