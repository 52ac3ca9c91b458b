"""Words as search sees them: folded, without stop words, reduced to the terms of the full-text index.

Texts are indexed by ``index_text`` and questions read by ``content_terms``; both use the same function to cut words, so
that questions and index agree. A transcript's words are stemmed by its language. A question's words are searched in the
stems of all languages of the library, because the language of a short question is uncertain, and names have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat

from .stemming import ENGLISH, base_language, fold_word, stem
from .stop_words import stop_words
from .unspaced import RUN, pairs, without_stop_words

__all__ = [
    "STOP_WORDS",
    "Term",
    "content_stems",
    "content_terms",
    "fold_word",
    "index_text",
    "language_of",
    "matching_spans",
    "phrase_expression",
    "phrase_terms",
    "stem",
    "stems",
    "terms",
    "words_of",
]

#: English words too common to distinguish passages, and the parts that contractions leave.
STOP_WORDS = stop_words(ENGLISH)
_ENGLISH_ONLY = (ENGLISH,)

# Letters and digits, nothing joined by apostrophes or underscores, with the marks that belong to them: the accents of
# decomposed text, the points of Hebrew and Arabic, the vowel signs of the scripts of India, Sri Lanka and Tibet.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963"
    "\u0980-\u0983\u09bc-\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc-\u0acd"
    "\u0ae2\u0ae3\u0b01-\u0b03\u0b3c-\u0b57\u0b62\u0b63\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c62"
    "\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83"
    "\u0dca-\u0ddf\u0df2\u0df3\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f8d-\u0fbc"
)
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")


class Term(str):
    """The key by which words of two texts are compared, with the word and its place in the text.

    The key is the English stem in every language, since both sides are stemmed alike. ``forms`` are the terms under
    which the full-text index may keep the word. ``alone`` marks a single letter of a script without spaces; the index
    keeps it with the letter that follows.
    """

    __slots__ = ("alone", "end", "forms", "start", "word")

    start: int
    end: int
    word: str
    forms: tuple[str, ...]
    alone: bool

    @classmethod
    def at(cls, word: str, start: int, end: int, languages: Sequence[str] = _ENGLISH_ONLY, alone: bool = False) -> Term:
        """Return the term of ``word`` standing at ``[start, end)``."""
        term = cls(stem(word))
        term.word, term.start, term.end, term.alone = word, start, end, alone
        term.forms = tuple(dict.fromkeys(stem(word, language) for language in languages))
        return term

    @property
    def expression(self) -> str:
        """Return an FTS5 expression that finds the word in any of its forms."""
        return _any_of(self.forms, self.alone)


def terms(text: str, languages: Sequence[str] = _ENGLISH_ONLY) -> Iterator[Term]:
    """Yield every word of ``text`` as a term, in the order in which the index keeps them.

    Those of scripts without spaces are pairs of letters and overlap. ``languages`` are the library's.
    """
    for start, end, alone in _spans(text):
        yield Term.at(text[start:end], start, end, languages, alone)


def content_terms(text: str, languages: Sequence[str] = _ENGLISH_ONLY) -> Iterator[Term]:
    """Yield the terms of ``text`` that are not stop words of its language, which is probably one of ``languages``."""
    common = stop_words(language_of(text, languages))
    last = 0
    for start, end, alone in _spans(text, without_stop_words):
        word = text[start:end]
        # The last letter of a longer run stands in the pair before it.
        if end > last and fold_word(word) not in common:
            yield Term.at(word, start, end, languages, alone)
        last = end


def phrase_terms(text: str, languages: Sequence[str] = _ENGLISH_ONLY) -> tuple[Term, ...]:
    """Return the terms that occur one after the other wherever ``text`` occurs."""
    found = tuple(terms(text, languages))
    # In a longer run another letter follows the last one, which stands in the pair before it.
    return found[:-1] if len(found) > 1 and found[-2].end == found[-1].end else found


def phrase_expression(text: str, languages: Sequence[str] = _ENGLISH_ONLY) -> str:
    """Return an FTS5 expression that finds the words of ``text`` one after the other; the empty one finds nothing."""
    found = phrase_terms(text)
    stemmed = (" ".join(stem(term.word, language) for term in found) for language in languages)
    return _any_of(dict.fromkeys(stemmed), bool(found) and found[-1].alone)


def matching_spans(text: str, wanted: Iterable[Term], language: str | None = None) -> tuple[tuple[int, int], ...]:
    """Return where ``text``, spoken in ``language``, has any of the ``wanted`` terms, as ``(start, end)`` in order."""
    forms = {form for term in wanted for form in term.forms}
    spoken = base_language(language)
    return tuple((start, end) for start, end, _ in _spans(text) if stem(text[start:end], spoken) in forms)


def language_of(text: str, languages: Sequence[str]) -> str:
    """Return the one of ``languages``, or English, whose stop words ``text`` has most of; the first if even."""
    candidates = tuple(dict.fromkeys((*languages, ENGLISH)))
    if len(candidates) == 1:
        return candidates[0]
    words = [fold_word(word) for word in words_of(text)]
    return max(candidates, key=lambda language: sum(word in stop_words(language) for word in words))


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` as they are written, in the order of ``terms`` and several times as fast."""
    if text.isascii() or not RUN.search(text):
        return _WORD.findall(text)
    return [text[start:end] for start, end, _ in _spans(text)]


def stems(text: str) -> set[str]:
    """Return the stems of all words of ``text``; several times as fast as ``terms``."""
    return set(map(stem, words_of(text)))


def content_stems(text: str) -> list[str]:
    """Return the stems of the words of an English ``text`` that are not stop words, in order."""
    return [stem(word) for word in words_of(text) if fold_word(word) not in STOP_WORDS]


def index_text(text: str | bytes, language: str | None) -> str:
    """Return the terms of a text spoken in ``language``, separated by spaces: what SQLite's index is given.

    Bytes are UTF-8; damaged ones count as a letter that no word has.
    """
    text = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return " ".join(map(stem, words_of(text), repeat(base_language(language))))


def _any_of(forms: Iterable[str], alone: bool) -> str:
    """Return an FTS5 expression; all terms are quoted, because ``MATCH`` has a syntax. A letter alone begins a pair."""
    return " OR ".join(f'"{form}" *' if alone else f'"{form}"' for form in forms)


def _spans(
    text: str, parts: Callable[[str, int, int], Iterable[tuple[int, int]]] | None = None
) -> Iterator[tuple[int, int, bool]]:
    """Yield where each word stands, and whether it is a letter alone; ``parts`` cuts runs of scripts without spaces."""
    cursor = 0
    for run in () if text.isascii() else RUN.finditer(text):
        yield from ((*word.span(), False) for word in _WORD.finditer(text, cursor, run.start()))
        for start, end in parts(text, *run.span()) if parts else (run.span(),):
            yield from pairs(text, start, end)
        cursor = run.end()
    yield from ((*word.span(), False) for word in _WORD.finditer(text, cursor))
