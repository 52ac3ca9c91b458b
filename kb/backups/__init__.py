"""Backups: one file with the catalogue and, by choice, recordings; made while others work, verified when restored."""
