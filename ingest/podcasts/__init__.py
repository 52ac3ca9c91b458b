"""Podcasts that are followed: what is new in a feed, and what a publisher corrected."""
