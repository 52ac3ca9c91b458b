"""Words as search sees them: folded, without stop words, reduced to the same stems as the full-text index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .stemming import fold_word, stem

__all__ = ["STOP_WORDS", "Term", "content_stems", "content_terms", "fold_word", "stem", "stems", "terms", "words_of"]

#: English words too common to tell passages apart, and the halves that contractions leave.
STOP_WORDS = frozenset(
    """a about above after again against ain all am an and any are aren as at be because been before being below between
    both but by can cannot could couldn d did didn do does doesn doing don down during each few for from further had
    hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself just
    let ll m me more most mustn my myself no nor not now of off on once only or other ought our ours ourselves out over
    own re s same shan she should shouldn so some such t than that the their theirs them themselves then there these
    they this those through to too under until up ve very was wasn we were weren what when where which while who whom
    whose why will with would wouldn you your yours yourself yourselves""".split()
)

# What SQLite's unicode61 tokenizer keeps: letters and digits, nothing joined by apostrophes or underscores.
# The accents of decomposed text ("e" and U+0301) belong to their word; these are all that it knows.
_TOKEN = re.compile(
    r"[^\W_]+(?:[\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]+[^\W_]*)*"
)


class Term(str):
    """A word's stem, with the word and where it stands in the text it was read from."""

    __slots__ = ("end", "start", "word")

    start: int
    end: int
    word: str

    @classmethod
    def at(cls, word: str, start: int, end: int) -> Term:
        """Return the stem of ``word`` standing at ``[start, end)``."""
        term = cls(stem(word))
        term.word, term.start, term.end = word, start, end
        return term


def terms(text: str) -> Iterator[Term]:
    """Yield every word of ``text`` as a term, in order."""
    for match in _TOKEN.finditer(text):
        yield Term.at(match.group(), match.start(), match.end())


def content_terms(text: str) -> Iterator[Term]:
    """Yield the terms of ``text`` that are no stop words."""
    return (term for term in terms(text) if fold_word(term.word) not in STOP_WORDS)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` as they are written, in order."""
    return _TOKEN.findall(text)


def stems(text: str) -> set[str]:
    """Return the stems of all words of ``text``; several times as fast as ``terms``."""
    return set(map(stem, _TOKEN.findall(text)))


def content_stems(text: str) -> list[str]:
    """Return the stems of the words of ``text`` that are no stop words, in order."""
    return [found for word in _TOKEN.findall(text) if (found := _content_stem(word))]


@lru_cache(maxsize=65_536)
def _content_stem(word: str) -> str | None:
    return None if fold_word(word) in STOP_WORDS else stem(word)
