"""The doors held to their words: what they say to a fixed script, compared with the files in ``said/``."""
