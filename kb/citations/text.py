"""Clean texts from outside for citations: one visible line."""

from __future__ import annotations

import re

from ..text.cleaning import fold

__all__ = ["clean", "line"]

#: Longer titles, names and publishers are cut, because they are not real and would only cost time.
LONGEST = 2_000

# The marks that ``seams`` uses.
_OURS = re.compile("[\ue000-\ue00f]")


def clean(text: str | None) -> str:
    """Return ``text`` in one line, without invisible characters."""
    return fold(_OURS.sub("", text or ""))


def line(text: str | None) -> str | None:
    """Return a clean text of metadata, cut where it is too long for one, or ``None`` where nothing is left."""
    cleaned = clean(text)
    return (cleaned if len(cleaned) <= LONGEST else f"{cleaned[: LONGEST - 1]}…") or None
