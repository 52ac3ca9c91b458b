"""Ingestion: from audio, transcript files and feeds to transcripts in the catalogue."""
