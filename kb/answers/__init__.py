"""From passages to an answer: read, quote, and say how sure that is."""
