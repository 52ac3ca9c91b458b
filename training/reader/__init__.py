"""How the reader is made: one encoder for passages, sentences and questions, and what tells which sentence answers."""
