"""Followed podcasts: new episodes of a feed, and publishers' corrections."""
