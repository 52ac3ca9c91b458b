"""The sentence that is stored with a name that was corrected by the list of names; a page can translate it."""

from __future__ import annotations

from ..translatable import Phrase, phrase

__all__ = ["spelt_as_listed"]


def spelt_as_listed(name: str, heard: str) -> Phrase:
    """Return why ``name`` stands where the recogniser wrote ``heard``."""
    return phrase(
        "Spelt “%(name)s” as in your list of names; the recogniser wrote “%(heard)s”.", name=name, heard=heard
    )
