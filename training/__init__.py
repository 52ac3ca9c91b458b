"""How the corpus reading and the tiny test model were made; nothing here is part of the installed product."""
