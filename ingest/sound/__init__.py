"""Recordings as samples: decoding, cutting, and where somebody speaks."""
