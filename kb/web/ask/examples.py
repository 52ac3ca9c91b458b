"""Example questions made from the library: what its speakers talk about.

They are in English on every page, since a question is analysed by English words, such as who "said" something.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from weakref import WeakKeyDictionary

from ...knowledge_base import KnowledgeBase
from ...text.terms import STOP_WORDS, fold_word, terms

__all__ = ["example_questions"]

#: How many of the newest episodes are used.
_EPISODES = 6
#: How much of each transcript.
_SENTENCES = 300


# By the open knowledge base: the catalogue's version, and the questions found then.
_REMEMBERED: WeakKeyDictionary[KnowledgeBase, tuple[int, tuple[str, ...]]] = WeakKeyDictionary()


def example_questions(kb: KnowledgeBase, most: int = 4) -> tuple[str, ...]:
    """Return up to ``most`` questions that the library answers, none if it is empty; cached until it changes.

    ``most`` is the same at every call.
    """
    version = kb.version()
    known = _REMEMBERED.get(kb)
    if known is None or known[0] != version:
        known = _REMEMBERED[kb] = version, _found(kb, most)
    return known[1][:most]


def _found(kb: KnowledgeBase, most: int) -> tuple[str, ...]:
    questions: list[str] = []
    for episode in (each.episode for each in kb.listing.page(limit=_EPISODES).listed):
        spoken: Counter[tuple[str, str]] = Counter()
        for segment in islice(kb.segments(episode.id), _SENTENCES):
            if segment.speaker:
                spoken.update((segment.speaker, phrase) for phrase in _phrases(segment.text))
        named: set[str] = set()
        for (speaker, phrase), n in spoken.most_common():
            if n < 2 or len(named) == most:
                break
            if speaker not in named and phrase not in named:
                named |= {speaker, phrase}
                questions.append(f"What did {speaker} say about {phrase}?")
        questions += [f"What did {p.name} say?" for p in episode.people if p.name not in named and p.role != "host"]
    return tuple(dict.fromkeys(questions))[:most]


def _phrases(text: str) -> list[str]:
    """Return the pairs of neighbouring content words, such as ``facial recognition``."""
    words = list(terms(text))
    return [
        text[a.start : b.end]
        for a, b in pairwise(words)
        if text[a.end : b.start] == " "
        and all(fold_word(w.word) not in STOP_WORDS and len(w.word) > 3 and w.word.isalpha() for w in (a, b))
    ]
