"""New results of a saved question.

Only episodes that arrived or changed since the last time are searched, so that better quotes of old episodes do not
displace new ones. A quote is new if one of its sentences was not shown before: the same words in a corrected
transcript, or a quote that begins a sentence later, are not new. Words that were said in several places are one quote,
which is new if one of its places is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..addresses import parse_address, slug
from ..catalogue import Catalogue, Saved, Shown
from ..errors import UsageError
from ..inputs import checked_line
from ..questions.query import MAX_QUESTION
from ..text.sentences import split_sentences
from ..text.terms import fold_word, terms
from ..types import Answer, Filters, Quote, Searched
from .quotes import Resolve

__all__ = ["News", "SavedQuestions"]

#: As many quotes as can be asked for at once.
_MOST_QUOTES = 100
#: A quote with at least this probability needs no word of the question.
_SURE = 0.5
#: How many episodes one search is restricted to.
_MOST_EPISODES = 500

Ask = Callable[[str, int, Filters], Answer]


@dataclass(frozen=True, slots=True)
class News:
    """The new quotes of a saved question, best first; ``waiting`` more come with its next run.

    ``shown`` and ``arrival`` are to be remembered once the quotes have been seen.
    """

    saved: Saved
    quotes: tuple[Quote, ...]
    waiting: int
    searched: Searched
    shown: tuple[Shown, ...]
    arrival: int


class SavedQuestions:
    """Saved questions; ``ask`` answers one under filters, ``resolve`` gives the quote at an address."""

    def __init__(self, catalogue: Catalogue, ask: Ask, resolve: Resolve) -> None:
        self._catalogue = catalogue
        self._kept = catalogue.watchlist
        self._ask = ask
        self._resolve = resolve

    def all(self) -> tuple[Saved, ...]:
        """Return every saved question, oldest first."""
        return self._kept.all()

    def named(self, names: Iterable[str] | None) -> tuple[Saved, ...]:
        """Return the questions with these names, each once, or all; ``NotFound`` for an unknown name."""
        return tuple({found.id: found for found in map(self._kept.get, names)}.values()) if names else self.all()

    def add(self, question: str, name: str | None, filters: Filters) -> Saved:
        """Save a question under an unused name, or under one made from its words; ``UsageError`` otherwise."""
        question = checked_line(question, "The question", MAX_QUESTION)
        stem = checked_line(name, "--name") if name is not None else slug(question, 40) or "question"
        for n in range(1, 2 if name else 1_000):
            saved = self._kept.add(stem if n == 1 else f"{stem}-{n}", question, filters)
            if saved is not None:
                return saved
        raise UsageError(f"There is a saved question {stem!r} already; give another --name.")

    def remove(self, saved: Saved) -> None:
        """Forget a question and what was shown for it."""
        self._kept.remove(saved)

    def remember(self, seen: Iterable[News]) -> None:
        """Record what was shown, all of it or nothing."""
        with self._catalogue.transaction():
            for news in seen:
                self._kept.remember(news.saved, news.arrival, news.shown)

    def news(self, saved: Saved, k: int) -> News:
        """Return up to ``k`` quotes that answer ``saved`` and were not shown before; changes nothing."""
        arrived, arrival = self._kept.arrived(saved.arrival)
        answers = [
            self._ask(saved.question, _MOST_QUOTES, filters)
            for filters in _narrowed(self._catalogue, saved.filters, arrived)
        ]
        # Nearest quotes count too, if they share a word with the question; otherwise every new episode would bring
        # noise.
        found = [quote for answer in answers for quote in answer.quotes if quote.highlights or quote.score >= _SURE]
        if len(answers) > 1:  # within one answer, its own order counts, not the scores alone
            found.sort(key=lambda quote: -quote.score)
        sentences, known = _Sentences(self._catalogue), self._kept.shown(saved)
        new: list[tuple[Quote, frozenset[Shown]]] = []
        for quote in found:
            places = {place: sentences.at(place) for place in (quote.id, *quote.elsewhere)}
            first = next((place for place, said in places.items() if not said <= known), None)
            if first is not None:
                others = tuple(place for place in places if place != first)
                here = quote if first == quote.id else replace(self._resolve(first), score=quote.score)
                new.append((replace(here, elsewhere=others), frozenset().union(*places.values())))
        return News(
            saved=saved,
            quotes=tuple(quote for quote, _ in new[:k]),
            waiting=max(0, len(new) - k),
            searched=Searched(
                sum(answer.searched.episodes for answer in answers), sum(answer.searched.passages for answer in answers)
            ),
            shown=tuple(sorted(frozenset().union(*(said for _, said in new[:k])))),
            # Waiting quotes are found again next time, without those that were shown.
            arrival=arrival if len(new) <= k else saved.arrival,
        )


def _narrowed(catalogue: Catalogue, filters: Filters, arrived: tuple[str, ...]) -> Iterator[Filters]:
    """Yield ``filters`` restricted to some of the arrived episodes at a time.

    A collection's episodes are few and all searched: a quote that was saved since may be of an old one.
    """
    if filters.collections or (len(arrived) >= catalogue.episodes.count() and arrived):
        yield filters
        return
    for start in range(0, len(arrived), _MOST_EPISODES):
        yield replace(filters, episodes=arrived[start : start + _MOST_EPISODES])


class _Sentences:
    """Identifies sentences of transcripts by their words, in any revision."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._read: dict[tuple[str, int], list[tuple[int, int, Shown]]] = {}

    def at(self, place: str) -> frozenset[Shown]:
        """Return the sentences that overlap the quote at an address."""
        episode_id, revision, char_start, char_end = parse_address(place)
        key = (episode_id, revision)
        if key not in self._read:
            self._read[key] = list(self._sentences(*key))
        return frozenset(said for start, end, said in self._read[key] if start < char_end and end > char_start)

    def _sentences(self, episode_id: str, revision: int) -> Iterator[tuple[int, int, Shown]]:
        text = self._catalogue.episodes.text(episode_id, revision)
        seen: Counter[str] = Counter()
        for turn in self._catalogue.episodes.turns(episode_id, revision):
            for start, end in split_sentences(text, turn.char_start, turn.char_end):
                words = " ".join(fold_word(term.word) for term in terms(text[start:end]))
                seen[words] += 1
                digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
                yield start, end, Shown(episode_id, digest, seen[words])
