"""Sentences that were stored as English text, got back as phrases that a page can translate.

What ingestion says, such as why a job failed, is stored as it was said, and read again much later
(``stored_reading.py``). What is not known stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from ...translatable import Joined, Phrase, Translatable, joined, phrase
from .stored_reading import Fit, StoredReader, TooMuch

__all__ = ["LONGEST", "MISSING", "as_listed", "as_said", "as_stored"]

#: Characters of a text that is looked at; stored sentences are far shorter.
LONGEST = 4_000
#: The phrase of ``ModelNotAvailable``.
MISSING = "The model %(model)s is not on this machine (looked in %(folders)s). %(remedy)s"
#: How a remedy begins that is for a command line; a page says what to do on it.
_TYPED = ("Run `kb models fetch", "Give the path of", "Fetch it once with:", "docs/speakers.md")


def as_stored(text: str) -> str:
    """Return a stored text as the phrases that it was made of, or else unchanged.

    It is the same text, except for a model that is missing: a page names no folder of the machine.
    """
    if len(text) > LONGEST:
        return text
    return _found(str(text))


def as_said(sentence: str) -> str:
    """Return what a page says for a sentence that was stored or has just been said."""
    told = as_stored(str(sentence))
    return told if isinstance(told, Translatable) else sentence


def as_listed(text: str) -> str:
    """Return a stored list, such as "title, people", likewise."""
    if len(text) > LONGEST:
        return text
    return _within(text, lambda reader: reader.listed(text, ", ", 0))


@lru_cache(2_048)
def _found(text: str) -> str:
    return _within(text, lambda reader: reader.read(text, 0))


def _within(text: str, read: Callable[[StoredReader], Fit | None]) -> str:
    try:
        fit = read(StoredReader())
    except TooMuch:
        return text
    if fit is None or fit.told != text:
        return text
    return _for_page(fit.told)


def _for_page(told: Translatable) -> Translatable:
    """Return a text with what a page says in place of a sentence that names folders and commands."""
    if isinstance(told, Joined):
        return joined(
            told.between, [_for_page(part) if isinstance(part, Translatable) else part for part in told.parts]
        )
    if not isinstance(told, Phrase):
        return told
    if told.source == MISSING:
        return _missing(str(told.values["model"]), told.values["remedy"])
    values = {name: _for_page(part) if isinstance(part, Translatable) else part for name, part in told.values.items()}
    return Phrase(told.source, told.plural, values)


def _missing(given: str, remedy: str | int) -> Phrase:
    name = Path(given.strip("'\"")).name
    if name == "speaker diarization":
        return phrase(
            "The models that tell speakers apart are not on this machine; whoever runs Verbatim here can fetch them "
            "with 'kb models fetch voices'."
        )
    if str(remedy).startswith(_TYPED):
        return phrase(
            "The speech model %(model)s is not on this machine. Fetch it in the library, under “Add episodes”, "
            "then retry.",
            model=name,
        )
    return phrase("The model %(model)s is not on this machine. %(remedy)s", model=name, remedy=remedy)
