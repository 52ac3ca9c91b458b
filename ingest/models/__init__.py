"""Whisper models: finding them on this machine, and fetching one on request."""
