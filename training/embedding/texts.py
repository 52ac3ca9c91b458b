"""What every source of training text becomes: passages of whole sentences, and pairs that belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.text.sentences import split_sentences
from kb.transcripts.canonical import canonicalise
from kb.transcripts.chunking import chunk
from kb.types import Segment, Transcript

__all__ = ["Pair", "Passage", "Text", "passages_of", "sentences_of", "spoken_passages"]

#: A passage as its sentences.
Passage = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of one meaning: what somebody might ask or call it, and the words that answer or define it."""

    kind: str
    query: str
    passage: str


@dataclass(frozen=True, slots=True)
class Text:
    """One document of a source: its passages in order, and the pairs that its form tells of."""

    source: str
    passages: tuple[Passage, ...]
    pairs: tuple[Pair, ...] = ()


def sentences_of(text: str) -> Passage:
    """Return the sentences of ``text``, cut as search cuts them."""
    return tuple(text[start:end] for start, end in split_sentences(text))


def passages_of(transcript: Transcript | str) -> Iterator[Passage]:
    """Yield the passages of a transcript, or of plain text, cut as search cuts them, without speakers' names."""
    if isinstance(transcript, str):
        transcript = Transcript((Segment(None, None, transcript),))
    return (passage for passage, _ in spoken_passages(transcript))


def spoken_passages(transcript: Transcript) -> Iterator[tuple[Passage, tuple[str, ...]]]:
    """Yield each passage with its speakers."""
    canonical = canonicalise(transcript)
    for part in chunk(canonical, "text", 1):
        sentences: list[str] = []
        for turn in canonical.turns:
            start, end = max(turn.char_start, part.char_start), min(turn.char_end, part.char_end)
            if start < end:
                sentences += (canonical.text[a:b] for a, b in split_sentences(canonical.text, start, end))
        yield tuple(sentences), part.speakers
