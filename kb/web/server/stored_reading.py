"""Read a stored text as the phrases that it was made of.

A text is compared with the phrases of ``stored.po``. It counts as one of them, or as several in a row behind a name
("talk.mp3: is empty. Fetch the file again."), only if they explain all of it.

The text may be a stranger's: a file's name, a feed's title, a server's answer. So no regular expression is made of a
phrase. Its fixed pieces are looked for from left to right, which takes linear time and finds a fit if there is one; and
the number of phrases that are tried for one text is limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ...translatable import Phrase, Translatable, joined
from .catalogues import stored_sources

__all__ = ["LINE", "MOST_TRIES", "PAIR", "Fit", "StoredReader", "StoredWording", "TooMuch", "wordings"]

#: Phrases that are compared with the parts of one text.
MOST_TRIES = 10_000
#: Sentences in a row, places where a name before them may end, items of a list, and sentences within sentences.
_MOST_SENTENCES, _MOST_NAMES, _MOST_ITEMS, _MOST_DEPTH = 16, 8, 40, 4
#: Letters of a phrase that can stand by itself; one with fewer would fit too much.
_LEAST_LETTERS = 6
#: Parts that are sentences again, and parts that are lists of them, by what is between their items.
_SENTENCES: Final = frozenset({"kind", "last", "problem", "reason", "remedy", "what", "why"})
_LISTS: Final = {"faults": "; ", "places": ", ", "reasons": "; "}

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_BOUNDARY = re.compile(r"(?<=[.?!]) |(?<=\),) ")
_LINE = re.compile(r"(.+), line ([0-9]{1,9})", re.DOTALL)
LINE = "%(path)s, line %(line)s"
#: The last two of a list of places; it says nothing by itself.
PAIR = "%(places)s and %(last)s"


@dataclass(frozen=True, slots=True)
class StoredWording:
    """One form of a phrase of the catalogue: its fixed ``pieces``, and the ``names`` of the parts between them."""

    source: str
    plural: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def letters(self) -> int:
        """Return how many letters of a text this phrase explains."""
        return sum(letter.isalnum() for piece in self.pieces for letter in piece)

    @property
    def stands_alone(self) -> bool:
        """Return whether it may be a whole sentence."""
        last = self.pieces[-1][-1:]
        return self.letters >= _LEAST_LETTERS and (last in ('.?!,"') or self.letters >= 20)

    def parts(self, text: str) -> dict[str, str] | None:
        """Return the parts of a text that fits, each as short as possible from the left; ``None`` for others."""
        first, last = self.pieces[0], self.pieces[-1]
        if not self.names:
            return {} if text == first else None
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values = []
        for piece in self.pieces[1:-1]:
            found = text.find(piece, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(piece)
        values.append(text[at:end])
        parts = dict(zip(self.names, values, strict=True))
        return parts if all(parts[name] == value for name, value in zip(self.names, values, strict=True)) else None


@cache
def wordings() -> tuple[Mapping[str, tuple[StoredWording, ...]], tuple[StoredWording, ...]]:
    """Return the forms of all phrases, by their first four characters, and those that begin with a part."""
    begun: dict[str, list[StoredWording]] = {}
    others = []
    for source, plural in stored_sources():
        if source == PAIR:
            continue
        for told in filter(None, (source, plural)):
            split = _PLACEHOLDER.split(told)
            form = StoredWording(
                source, plural, tuple(piece.replace("%%", "%") for piece in split[::2]), tuple(split[1::2])
            )
            if len(form.pieces[0]) < 4:
                others.append(form)
            else:
                begun.setdefault(form.pieces[0][:4], []).append(form)
    return {head: tuple(forms) for head, forms in begun.items()}, tuple(others)


class TooMuch(Exception):
    """A text would take too long."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a text was made of, and how many letters of it the phrases explain."""

    told: Translatable
    letters: int


class StoredReader:
    """Reads one text; it counts what it tries."""

    def __init__(self) -> None:
        self._tries = 0
        self._known: dict[str, tuple[tuple[StoredWording, dict[str, str]], ...]] = {}
        self._read: dict[tuple[str, int], Fit | None] = {}
        self._ones: dict[tuple[str, int, bool], Fit | None] = {}

    def read(self, text: str, depth: int) -> Fit | None:
        """Return sentences in a row, perhaps behind a name; the reading that explains the most letters."""
        if (text, depth) not in self._read:
            self._read[text, depth] = self._behind_a_name(text, depth)
        return self._read[text, depth]

    def _behind_a_name(self, text: str, depth: int) -> Fit | None:
        best = self._in_a_row(text, depth)
        at = text.find(": ")
        for _ in range(_MOST_NAMES):
            if at < 0:
                break
            rest = self._in_a_row(text[at + 2 :], depth)
            if rest is not None and (best is None or rest.letters > best.letters):
                best = Fit(joined("", (_named(text[:at]), ": ", rest.told)), rest.letters)
            at = text.find(": ", at + 1)
        return best

    def listed(self, text: str, between: str, depth: int) -> Fit | None:
        """Return a list if each item is a phrase."""
        items = text.split(between, _MOST_ITEMS)
        if len(items) > _MOST_ITEMS:
            return None
        fits = [self._one(item, depth) for item in items]
        told = [fit for fit in fits if fit is not None]
        if len(told) != len(items):
            return None
        return Fit(joined(between, [fit.told for fit in told]), sum(fit.letters for fit in told))

    def _paired(self, text: str, depth: int) -> Fit | None:
        """Return a list that ends in "and" and one more."""
        best: Fit | None = None
        at = text.find(" and ")
        for _ in range(_MOST_ITEMS):
            if at < 0:
                break
            last, before = self._one(text[at + 5 :], depth), self.listed(text[:at], ", ", depth)
            if last is not None and before is not None:
                told = Phrase(PAIR, values={"places": before.told, "last": last.told})
                best = _better(best, Fit(told, before.letters + last.letters + 3))
            at = text.find(" and ", at + 1)
        return best

    def _in_a_row(self, text: str, depth: int) -> Fit | None:
        """Return the sentences that a text consists of."""
        starts = [0, *(found.end() for found in _BOUNDARY.finditer(text))]
        if len(starts) > _MOST_SENTENCES:
            return None
        best: list[Fit | None] = [None] * len(starts)
        for first in reversed(range(len(starts))):
            for after in range(len(starts), first, -1):
                is_last = after == len(starts)
                rest = None if is_last else best[after]
                if not is_last and rest is None:
                    continue
                one = self._one(text[starts[first] : len(text) if is_last else starts[after] - 1], depth, alone=True)
                if one is None:
                    continue
                fit = one if rest is None else Fit(joined(" ", (one.told, rest.told)), one.letters + rest.letters)
                known = best[first]
                if known is None or fit.letters > known.letters:
                    best[first] = fit
        return best[0]

    def _one(self, text: str, depth: int, alone: bool = False) -> Fit | None:
        """Return the phrase that explains the most letters of a text; ``alone`` if it has to be a sentence."""
        key = (text, depth, alone)
        if key not in self._ones:
            self._ones[key] = self._best(text, depth, alone)
        return self._ones[key]

    def _best(self, text: str, depth: int, alone: bool) -> Fit | None:
        if text not in self._known:
            self._known[text] = tuple(self._fitting(text))
        best: Fit | None = None
        for form, parts in self._known[text]:
            if alone and not form.stands_alone:
                continue
            fit = self._filled(form, parts, depth)
            best = _better(best, fit)
        return best

    def _filled(self, form: StoredWording, parts: Mapping[str, str], depth: int) -> Fit:
        """Return a phrase with its parts."""
        self._try()
        values: dict[str, str | int] = {}
        letters = form.letters
        for name, part in parts.items():
            fit = self._inside(name, part, depth + 1) if depth < _MOST_DEPTH else None
            values[name] = part if fit is None else fit.told
            letters += 0 if fit is None else fit.letters
        if form.plural:
            values["count"] = int(parts["count"].replace(",", ""))
        return Fit(Phrase(form.source, form.plural, values), letters)

    def _fitting(self, text: str) -> Iterator[tuple[StoredWording, dict[str, str]]]:
        begun, others = wordings()
        for form in (*begun.get(text[:4], ()), *others):
            self._try()
            parts = form.parts(text)
            if parts is not None and (not form.plural or re.fullmatch(r"[0-9,]{1,20}[0-9]|[0-9]", parts["count"])):
                yield form, parts

    def _inside(self, name: str, part: str, depth: int) -> Fit | None:
        """Return what a part was made of; parts are names and numbers, unless their own name says otherwise."""
        if name in _LISTS:
            listed = _better(self._one(part, depth), self.listed(part, _LISTS[name], depth))
            return _better(listed, self._paired(part, depth)) if name == "places" else listed
        return _better(self._one(part, depth), self.read(part, depth)) if name in _SENTENCES else None

    def _try(self) -> None:
        self._tries += 1
        if self._tries > MOST_TRIES:
            raise TooMuch


def _better(one: Fit | None, other: Fit | None) -> Fit | None:
    return other if one is None or (other is not None and other.letters > one.letters) else one


def _named(name: str) -> str:
    """Return the name before a sentence, such as "talk.srt, line 3"."""
    found = _LINE.fullmatch(name)
    return Phrase(LINE, values={"path": found[1], "line": found[2]}) if found else name
