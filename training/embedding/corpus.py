"""The training text as arrays: rows of the matrix, sentence by sentence, and pairs as spans of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .texts import Text
from .vocabulary import Vocabulary

__all__ = ["Corpus", "read_corpus"]

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that training reads.

    ``rows`` holds all words. ``sentences`` holds where each sentence of a passage starts, and the end. ``passages``
    has a line ``(first sentence, end, document)`` for each passage. ``pairs`` has a line ``(query start, query end,
    passage start, passage end, document, kind)`` for each explicit pair, as places in ``rows``.
    """

    rows: Ints
    sentences: NDArray[np.int64]
    passages: NDArray[np.int64]
    pairs: NDArray[np.int64]
    kinds: tuple[str, ...]
    sources: tuple[str, ...]


class _Words:
    """Turns text into rows; each distinct word is tokenised once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._tokenizer: Tokenizer = vocabulary.tokenizer
        self._rows = vocabulary.rows
        self._known: dict[str, list[int]] = {}

    def __call__(self, text: str) -> list[int]:
        found: list[int] = []
        for word in text.split():
            rows = self._known.get(word)
            if rows is None:
                ids = self._tokenizer.encode(word, add_special_tokens=False).ids
                rows = self._known[word] = [int(row) for row in self._rows[ids] if row]
            found += rows
        return found


def read_corpus(texts: Iterable[Text], vocabulary: Vocabulary) -> Corpus:
    """Return ``texts`` as arrays."""
    words = _Words(vocabulary)
    rows: list[Ints] = []
    length = 0
    sentences: list[int] = []
    passages: list[tuple[int, int, int]] = []
    pairs: list[tuple[int, ...]] = []
    kinds: dict[str, int] = {}
    sources: list[str] = []

    def add(text: str) -> tuple[int, int]:
        nonlocal length
        found = words(text)
        rows.append(np.array(found, dtype=np.int32))
        start, length = length, length + len(found)
        return start, length

    # Sentences lie one after another, so a passage is a span too; the pairs' texts come after all of them.
    waiting: list[tuple[int, Text]] = []
    for document, text in enumerate(texts):
        sources.append(text.source)
        for passage in text.passages:
            first = len(sentences)
            sentences += [add(sentence)[0] for sentence in passage]
            passages.append((first, len(sentences), document))
        waiting.append((document, text))
    sentences.append(length)
    for document, text in waiting:
        for pair in text.pairs:
            query, passage = add(pair.query), add(pair.passage)
            if query[0] < query[1] and passage[0] < passage[1]:
                kind = kinds.setdefault(f"{text.source}.{pair.kind}", len(kinds))
                pairs.append((*query, *passage, document, kind))
    return Corpus(
        np.concatenate(rows),
        np.array(sentences, dtype=np.int64),
        np.array(passages, dtype=np.int64),
        np.array(pairs, dtype=np.int64),
        tuple(kinds),
        tuple(sources),
    )
