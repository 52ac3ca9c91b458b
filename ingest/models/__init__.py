"""Whisper models: finding them on this machine, and fetching one that somebody asked for."""
