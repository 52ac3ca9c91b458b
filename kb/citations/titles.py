"""Titles as style guides print them: headline capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["headline", "main_title"]

# The words that both the Chicago Manual and the MLA Handbook write small. Longer prepositions, and words that may be
# adverbs or prepositions (up, over), keep the publisher's capitals.
_SMALL = frozenset("a an and as at but by for from if in into nor of on onto or per the to via vs vs. with".split())
# Parts of family names: small before a capital, "Ursula von der Leyen"; elsewhere they are words, "the lion's den".
_PARTICLES = frozenset("van von der den de del della di da dos du la le bin ibn bint ter ten zu al 't ’t".split())
_WORD = re.compile(r"[^\s—–]+")
_ADDRESS = re.compile(r"\w[.@/_]\w")
_OPENS = re.compile(r"[:.?!—–]\W*$")


def headline(title: str, language: str | None) -> str:
    """Return an English title in headline capitals; a title in another language as it is."""
    if language and not language.lower().startswith("en"):
        return title
    words = list(_WORD.finditer(title))
    pieces: list[str] = []
    at = 0
    for number, found in enumerate(words):
        edge = number in (0, len(words) - 1) or bool(_OPENS.search(title[max(0, found.start() - 4) : found.start()]))
        kept = not edge and _begins_name(words, number)
        pieces += [title[at : found.start()], found[0] if kept else _capitalised(found[0], edge)]
        at = found.end()
    return "".join(pieces) + title[at:]


def _begins_name(words: Sequence[re.Match[str]], number: int) -> bool:
    """Return whether a word is a particle, written small, that leads to a family name."""
    while number < len(words) and words[number][0] in _PARTICLES:
        number += 1
        if number < len(words) and words[number][0][:1].isupper():
            return True
    return False


def _capitalised(word: str, edge: bool) -> str:
    core = word.strip("\"'“”‘’()[]{}.,;:!?…\ue002\ue003\ue004")  # the last three are the marks of ``seams``
    if core.lower() in _SMALL and not edge and core[:1].isupper() == core.istitle():
        return word.replace(core, core.lower(), 1)
    if not core.islower() or _ADDRESS.search(core):
        return word  # iPhone, NPR, npr.org: written as their owners write them
    parts = core.split("-")
    capital = "-".join(
        part if n and part in _SMALL and n < len(parts) - 1 else part[:1].upper() + part[1:]
        for n, part in enumerate(parts)
    )
    return word.replace(core, capital, 1)


def main_title(title: str) -> str:
    """Return the title without its subtitle, as a short note names it."""
    return re.split(r":\s", title, maxsplit=1)[0].rstrip() or title
