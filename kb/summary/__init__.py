"""A language model's summary of quotes, and the check that the quotes support each sentence."""
