"""Example questions out of the library itself: what its speakers talk about."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

from ..knowledge_base import KnowledgeBase
from ..terms import STOP_WORDS, fold_word, terms

__all__ = ["example_questions"]

#: How many of the newest episodes are looked into.
_EPISODES = 6
#: How much of each transcript.
_SENTENCES = 300


def example_questions(kb: KnowledgeBase, most: int = 4) -> tuple[str, ...]:
    """Return up to ``most`` questions that the library answers; none for an empty one."""
    questions: list[str] = []
    for episode in kb.catalogue.episodes.all()[:_EPISODES]:
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
    """Return the pairs of neighbouring telling words, such as ``facial recognition``."""
    words = list(terms(text))
    return [
        text[a.start : b.end]
        for a, b in pairwise(words)
        if text[a.end : b.start] == " "
        and all(fold_word(w.word) not in STOP_WORDS and len(w.word) > 3 and w.word.isalpha() for w in (a, b))
    ]
