"""Recordings as samples: decoding, cutting, and voice activity."""
