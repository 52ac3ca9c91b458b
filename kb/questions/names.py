"""The words of a question that look like names, and whether they occur in a text. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from ..text.stemming import fold_word
from ..text.terms import Term, terms, words_of

__all__ = ["names_among", "names_in", "unsaid"]

#: Languages that write every noun with a capital letter.
_CAPITAL_NOUNS = frozenset({"de", "lb"})
#: A question with more content words than this, all with capitals, is written like a title.
_TITLE = 2
#: Words for people that style guides write with a capital letter though they name nobody: "Black women".
_PEOPLE = frozenset({"black", "white", "brown", "indigenous", "native", "deaf"})
#: What such a word stands before; "Black Americans" and the like end in "-ans". A verb ends in -s as a plural does.
_OF_PEOPLE = frozenset(
    """people person women woman men man girls girl boys boy children kids youth folk folks families family students
    voters residents drivers workers patients parents mothers fathers neighborhoods communities""".split()
)
#: A name of so few letters is looked for as a whole word, a longer one also with an ending.
_ENDLESS = 3


def names_in(question: str) -> tuple[Term, ...]:
    """Return the words that look like names: with a capital letter inside a sentence."""
    found = list(terms(question))
    following = [term.word for term in found[2:]] + [""]
    return tuple(
        term
        for (before, term), after in zip(itertools.pairwise(found), following, strict=False)
        if term.word[0].isupper()
        and not re.search(r"[.?!:]", question[before.end : term.start])
        and not _is_of_people("" if before is found[0] else before.word, term.word, after)
    )


def names_among(found: Sequence[Term], question: str, language: str) -> tuple[Term, ...]:
    """Return which of a question's content words are names; none where capitals have no meaning."""
    capital = {term.start for term in names_in(question)}
    capital |= {term.start for term in found if any(letter.isupper() for letter in term.word[1:])}
    names = tuple(term for term in found if term.start in capital)
    is_title = len(found) > _TITLE and all(term.word[0].isupper() for term in found)
    return () if is_title or language in _CAPITAL_NOUNS else names


def unsaid(names: Iterable[Term], text: str) -> tuple[Term, ...]:
    """Return the names that no word of ``text`` begins with."""
    names = tuple(names)
    folded = _folded(text) if names else ""
    return tuple(name for name in names if not re.search(_beginning(name), folded))


def _is_of_people(before: str, word: str, after: str) -> bool:
    """Return whether a capital word says what people are, not who: "Black women", but not "Jack Black"."""
    people = after.lower() in _OF_PEOPLE or (after[:1].isupper() and after.endswith("ans"))
    return people and word.lower() in _PEOPLE and not before[:1].isupper()


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else " ".join(map(fold_word, words_of(text)))


def _beginning(name: Term) -> str:
    """Return a pattern of words that are ``name`` with any ending: "Gophers" is found as "gopher's"."""
    word = fold_word(name.word)
    if len(word) <= _ENDLESS:
        return rf"(?<!\w){re.escape(word)}(?!\w)"
    return rf"(?<!\w){re.escape(str(name) if word.startswith(name) else word)}"
