"""Texts from outside as citations may hold them: one visible line."""

from __future__ import annotations

import re

from ..text.cleaning import fold

__all__ = ["clean", "line"]

#: No title, name or publisher is longer; what is, is no such thing, and would only cost time.
LONGEST = 2_000

# The marks that ``seams`` uses.
_OURS = re.compile("[\ue000-\ue00f]")


def clean(text: str | None) -> str:
    """Return ``text`` in one line, without what cannot be seen."""
    return fold(_OURS.sub("", text or ""))


def line(text: str | None) -> str | None:
    """Return a clean text of metadata, cut where it is too long for one, or ``None`` where nothing is left."""
    cleaned = clean(text)
    return (cleaned if len(cleaned) <= LONGEST else f"{cleaned[: LONGEST - 1]}…") or None
