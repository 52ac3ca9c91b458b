"""Backups: one file with the catalogue and, by choice, recordings; taken while others work, put back when verified."""
