"""Text that a page can show in the reader's language.

A sentence for people is marked by ``phrase``. For everybody it is a string, the English sentence, so that commands,
JSON and files are the same in every language. Only a page looks at what it was made of, just before it is printed
(``kb/web/server/languages.py``). So an answer may be kept and shown to people of two languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pickle import UnpicklingError
from typing import Self

__all__ = ["Day", "Joined", "Phrase", "Translatable", "joined", "phrase", "phrases", "plain_text", "recognised"]

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
#: What a phrase's placeholders may stand for.
Value = str | int


class Translatable(str):
    """An English text that knows what it was made of. A copy for another process is the English text alone."""

    def __reduce__(self) -> tuple[Callable[[str], str], tuple[str]]:
        """Return how to make the copy."""
        return plain_text, (str(self),)


def plain_text(text: str) -> str:
    """Return a text as it is. A process with restricted pickles calls this instead of ``str``, which takes anything."""
    if type(text) is not str:
        raise UnpicklingError("This is not a text.")
    return text


class Phrase(Translatable):
    """A sentence of the catalogues: ``source`` with ``values`` for its placeholders, ``%(name)s``.

    With a ``plural``, it is one of two sentences, by the number ``count`` of the values.
    """

    source: str
    plural: str
    values: Mapping[str, Value]

    def __new__(cls, source: str, plural: str = "", values: Mapping[str, Value] | None = None) -> Self:
        """Return the English sentence with its parts."""
        values = values or {}
        chosen = plural if plural and values["count"] != 1 else source
        self = super().__new__(cls, chosen % {name: _english(value) for name, value in values.items()})
        self.source, self.plural, self.values = source, plural, values
        return self


class Joined(Translatable):
    """Texts in a row, of which each is translated by itself."""

    parts: tuple[str, ...]
    between: str

    def __new__(cls, between: str, parts: tuple[str, ...]) -> Self:
        """Return the texts joined in English."""
        self = super().__new__(cls, between.join(parts))
        self.between, self.parts = between, parts
        return self


class Day(Translatable):
    """A day written out."""

    day: date

    def __new__(cls, told: str, day: date) -> Self:
        """Return the day as it is ``told`` in English."""
        self = super().__new__(cls, told)
        self.day = day
        return self


def phrase(source: str, /, **values: Value) -> Phrase:
    """Return a sentence for the catalogues. ``source`` is written out at the call, since a program collects the calls.

    Numbers get commas between thousands. A per cent sign is written ``%%``.
    """
    return Phrase(source, values=values)


def phrases(source: str, plural: str, /, count: int, **values: Value) -> Phrase:
    """Return one of two sentences, by whether ``count`` is one; likewise."""
    return Phrase(source, plural, {"count": count, **values})


def joined(between: str, parts: Iterable[str]) -> Joined:
    """Return texts one after another, as ``between.join(parts)``."""
    return Joined(between, tuple(parts))


def recognised(text: str, samples: Iterable[Phrase]) -> str:
    """Return a text as the phrase that it is, as one of ``samples`` with other values, or else unchanged.

    Texts that come back from the catalogue are no phrases any more.
    """
    for sample in samples:
        for source in filter(None, (sample.source, sample.plural)):
            parts = _PLACEHOLDER.split(source)  # text and names, by turns
            pattern = "".join(f"(?P<{part}>.*)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
            if found := re.fullmatch(pattern, text, re.DOTALL):
                values: dict[str, Value] = dict(found.groupdict())
                if sample.plural:
                    values["count"] = int(found["count"].replace(",", ""))
                return Phrase(sample.source, sample.plural, values)
    return text


def _english(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:,}"
