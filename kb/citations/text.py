"""Texts from outside as citations may hold them: one visible line."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "line"]

#: No title, name or publisher is longer; what is, is no such thing, and would only cost time.
LONGEST = 2_000

# Marks that turn writing round unseen, the private ones that ``seams`` uses, and what XML forbids.
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ue000-\ue00f\ufeff\ufffe\uffff\ufdd0-\ufdef]")


def clean(text: str | None) -> str:
    """Return ``text`` in one line, without control characters and without marks that turn writing round unseen."""
    visible = _UNSEEN.sub("", text or "")
    spaced = "".join(" " if c.isspace() or unicodedata.category(c) in ("Cc", "Cs") else c for c in visible)
    return " ".join(spaced.split())


def line(text: str | None) -> str | None:
    """Return a clean text of metadata, cut where it is too long for one, or ``None`` where nothing is left."""
    cleaned = clean(text)
    return (cleaned if len(cleaned) <= LONGEST else f"{cleaned[: LONGEST - 1]}…") or None
