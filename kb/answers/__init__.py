"""From passages to an answer: read, quote, and give a confidence."""
