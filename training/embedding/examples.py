"""Training examples drawn from the corpus: explicit pairs, and sentences taken out of their passages.

The inverse cloze task is Lee, Chang and Toutanova's (2019, arXiv:1906.00300). Words that both sides share are mostly
dropped from the query, so that other words must carry the match. Frequent words are
subsampled, as ``weights.keep_chances`` tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus

__all__ = ["Batch", "Recipe", "Texts", "draw"]

Ints = NDArray[np.int64]
Spans = NDArray[np.int64]

_LONGEST_QUERY = 64


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts one after another, and how many rows each has."""

    rows: Ints
    lengths: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries, and for each the passage that it should find."""

    queries: Texts
    passages: Texts


@dataclass(frozen=True, slots=True)
class Recipe:
    """In what shares examples are drawn, and how they are made harder."""

    #: Parts of a batch by kind: ``cloze``, ``adjacent``, and the corpus's kinds of pairs.
    kinds: Mapping[str, float]
    #: How likely a passage of each source is drawn, beside one of another source.
    sources: Mapping[str, float]
    #: Passages of one document drawn together, each the other's hardest negative.
    together: int = 8
    #: How likely the sentence is cut out of its passage.
    cut: float = 0.8
    #: How likely the passage is only a few sentences about the query.
    narrow: float = 0.5
    #: How likely a word of the query that the passage has too is dropped.
    overlap_drop: float = 0.8


def draw(corpus: Corpus, recipe: Recipe, keep: NDArray[np.float32], size: int, seed: int) -> Iterator[Batch]:
    """Yield batches of about ``size`` examples for ever."""
    random = np.random.default_rng(seed)
    drawers = {"cloze": _Cloze(corpus, recipe), "adjacent": _Adjacent(corpus, recipe)} | {
        kind: _Pairs(corpus, kind) for kind in corpus.kinds
    }
    total = sum(recipe.kinds.values())
    while True:
        spans = np.vstack(
            [drawers[kind].spans(random, round(size * part / total)) for kind, part in recipe.kinds.items()]
        )
        yield _batch(corpus, recipe, keep, spans, random)


class _Passages:
    """Draws passages of running text, several of a document together."""

    def __init__(self, corpus: Corpus, recipe: Recipe) -> None:
        documents = corpus.passages[:, 2]
        self.first = np.searchsorted(documents, documents)
        self.end = np.searchsorted(documents, documents, side="right")
        likely = np.array([recipe.sources.get(source, 0.0) for source in corpus.sources])[documents]
        self.corpus = corpus
        self.recipe = recipe
        self._cumulated = np.cumsum(likely) / likely.sum()

    def some(self, random: np.random.Generator, size: int) -> Ints:
        together = self.recipe.together
        seeds = np.searchsorted(self._cumulated, random.random(-(-size // together)), side="right")
        seeds = np.minimum(np.repeat(seeds, together), len(self.first) - 1)
        found = self.first[seeds] + (random.random(len(seeds)) * (self.end - self.first)[seeds]).astype(np.int64)
        return np.unique(found)


class _Cloze(_Passages):
    """A sentence, and its passage without it."""

    def spans(self, random: np.random.Generator, size: int) -> Spans:
        chosen = random.permutation(self.some(random, 2 * size))
        a, b = self.corpus.passages[chosen, 0], self.corpus.passages[chosen, 1]
        sentence = a + (random.random(len(a)) * (b - a)).astype(np.int64)
        narrow = random.random(len(a)) < self.recipe.narrow
        before, after = random.integers(0, 4, len(a)), random.integers(0, 4, len(a))
        first = np.where(narrow, np.maximum(a, sentence - before), a)
        last = np.where(narrow, np.minimum(b, sentence + 1 + after), b)
        at = self.corpus.sentences
        cut = random.random(len(a)) < self.recipe.cut
        spans = np.column_stack(
            [
                at[sentence],
                at[sentence + 1],
                at[first],
                at[last],
                at[sentence],
                np.where(cut, at[sentence + 1], at[sentence]),
            ]
        )
        return spans[(spans[:, 1] - spans[:, 0] >= 5) & (b - a > 2)][:size]


class _Adjacent(_Passages):
    """The last two sentences of a passage, and the next passage."""

    def spans(self, random: np.random.Generator, size: int) -> Spans:
        chosen = random.permutation(self.some(random, 2 * size))
        chosen = chosen[chosen + 1 < self.end[chosen]]
        at, passages = self.corpus.sentences, self.corpus.passages
        end = passages[chosen, 1]
        start = np.maximum(passages[chosen, 0], end - 2)
        return np.column_stack(
            [at[start], at[end], at[passages[chosen + 1, 0]], at[passages[chosen + 1, 1]], at[end], at[end]]
        )[:size]


class _Pairs:
    """Explicit pairs of one kind."""

    def __init__(self, corpus: Corpus, kind: str) -> None:
        self._pairs = corpus.pairs[corpus.pairs[:, 5] == corpus.kinds.index(kind), :4]

    def spans(self, random: np.random.Generator, size: int) -> Spans:
        chosen = self._pairs[random.integers(0, len(self._pairs), size)]
        return np.column_stack([chosen, chosen[:, 3], chosen[:, 3]])


def _batch(
    corpus: Corpus, recipe: Recipe, keep: NDArray[np.float32], spans: Spans, random: np.random.Generator
) -> Batch:
    query, asked = _flat(spans[:, 0], np.minimum(spans[:, 1], spans[:, 0] + _LONGEST_QUERY))
    place, found = _flat(spans[:, 2], spans[:, 3])
    kept = (place < spans[found, 4]) | (place >= spans[found, 5])
    place, found = place[kept], found[kept]
    queries, passages = corpus.rows[query].astype(np.int64), corpus.rows[place].astype(np.int64)
    shared = np.isin(asked * len(keep) + queries, found * len(keep) + passages)
    kept = ~(shared & (random.random(len(queries)) < recipe.overlap_drop))
    kept &= random.random(len(queries)) < keep[queries]
    queries, asked = queries[kept], asked[kept]
    kept = random.random(len(passages)) < keep[passages]
    passages, found = passages[kept], found[kept]
    asked_lengths, found_lengths = np.bincount(asked, minlength=len(spans)), np.bincount(found, minlength=len(spans))
    good = (asked_lengths >= 1) & (found_lengths >= 1)
    return Batch(Texts(queries[good[asked]], asked_lengths[good]), Texts(passages[good[found]], found_lengths[good]))


def _flat(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return every place in the spans, and the number of its span."""
    lengths = np.maximum(ends - starts, 0)
    number = np.repeat(np.arange(len(starts)), lengths)
    offset = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return starts[number] + offset, number
