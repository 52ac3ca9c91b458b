"""What a question wants to see in the sentence that answers it: who, when, how many. Pure."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Evidence", "shows", "wanted"]

Evidence = Literal["person", "number", "time"]

_WANTED: tuple[tuple[Evidence, re.Pattern[str]], ...] = (
    ("number", re.compile(r"\bhow (?:many|much|often|old|long|far)\b|\bwhat (?:percent|share|rate|number)", re.I)),
    ("time", re.compile(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b", re.I)),
    ("person", re.compile(r"\bwho(?:m|se)?\b", re.I)),
)
_SHOWN = {
    "person": re.compile(r"(?<=[^.?!\s]\s)[A-Z][a-z]+|\b[A-Z][a-z]+ [A-Z][a-z]+"),
    "number": re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million)\b"),
    "time": re.compile(
        r"\b(?:1[89]|20)\d\d\b|\b(?:January|February|March|April|June|July|August|September|October|November|December"
        r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|yesterday|today|ago|recently"
        r"|last (?:year|week|month))\b"
    ),
}


def wanted(question: str) -> Evidence | None:
    """Return the kind of evidence that ``question`` asks for, if it says so."""
    return next((kind for kind, pattern in _WANTED if pattern.search(question)), None)


def shows(kind: Evidence, sentence: str) -> bool:
    """Return whether ``sentence`` holds evidence of that kind."""
    return _SHOWN[kind].search(sentence) is not None
