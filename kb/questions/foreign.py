"""Questions in a language that the library does not speak. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.stemming import ENGLISH, fold_word
from ..text.stop_words import LANGUAGES, stop_words
from ..text.terms import language_of, words_of

__all__ = ["foreign_to"]

#: So many common words more than of any language of the library tell a language; one may be in a name: "La Bohème".
_TELLING = 2


def foreign_to(question: str, languages: Sequence[str]) -> str | None:
    """Return the language of a question that is surely in none of ``languages``, nor in English; else ``None``."""
    spoken = language_of(question, (*languages, ENGLISH, *sorted(LANGUAGES)))
    more = _common(question, spoken) - _common(question, language_of(question, languages))
    return spoken if more >= _TELLING else None


def _common(question: str, language: str) -> int:
    """Return how many stop words of ``language`` a question has."""
    return sum(fold_word(word) in stop_words(language) for word in words_of(question))
