"""Words as search sees them: folded, without stop words, reduced to the same stems as the full-text index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

__all__ = ["STOP_WORDS", "Term", "content_terms", "fold_word", "stem", "terms"]

#: English words too common to tell passages apart, and the contractions speech is full of.
STOP_WORDS = frozenset(
    """a about above after again against all am an and any are aren't as at be because been before being below between
    both but by can can't cannot could couldn't d did didn't do does doesn't doing don don't down during each few for
    from further had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him himself
    his how how's i i'd i'll i'm i've if in into is isn't it it's its itself just let's ll m me more most mustn't my
    myself no nor not now of off on once only or other ought our ours ourselves out over own re s same shan't she she'd
    she'll she's should shouldn't so some such t than that that's the their theirs them themselves then there there's
    these they they'd they'll they're they've this those through to too under until up ve very was wasn't we we'd we'll
    we're we've were weren't what what's when when's where where's which while who who's whom why why's will with won't
    would wouldn't you you'd you'll you're you've your yours yourself yourselves""".split()
)

# The same letters and digits that SQLite's unicode61 tokenizer keeps; an apostrophe joins a contraction.
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_stemmer = snowballstemmer.stemmer("porter")


class Term(str):
    """A word's stem, with where the word stands in the text it was read from."""

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


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """Return ``word`` in lower case without accents, as the index keeps it."""
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the Porter (1980) stem of ``word``; a possessive counts as its noun."""
    plain = fold_word(word)
    if plain.endswith("'s"):
        plain = plain[:-2]
    return str(_stemmer.stemWord(plain.replace("'", "")))


def terms(text: str) -> Iterator[Term]:
    """Yield every word of ``text`` as a term, in order."""
    for match in _TOKEN.finditer(text):
        yield Term.at(match.group(), match.start(), match.end())


def content_terms(text: str) -> Iterator[Term]:
    """Yield the terms of ``text`` that are no stop words."""
    return (term for term in terms(text) if fold_word(term.word) not in STOP_WORDS)
