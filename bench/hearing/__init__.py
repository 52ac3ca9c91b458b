"""How well recordings are transcribed: our pipeline compared with the engines alone."""
