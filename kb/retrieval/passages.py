"""Passages cut into sentences, read in two queries however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalogue import Catalogue
from ..embedding import Text
from ..text.sentences import split_sentences
from ..types import Chunk, Hit, Turn

__all__ = ["Passage", "Sentence", "heading_of", "read_passages", "sentences_of", "text_of"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, where it stands in the canonical text, and who said it."""

    text: str
    char_start: int
    char_end: int
    speaker: str | None
    turn: int
    is_advert: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A found chunk with its text cut into sentences."""

    #: Its row in the catalogue.
    row: int
    hit: Hit
    sentences: tuple[Sentence, ...]
    #: Whether it is of the show and the dates that the question names.
    named: bool = False

    def words(self, char_start: int, char_end: int) -> str:
        """Return the part of the passage between two places of the canonical text."""
        start = self.hit.chunk.char_start
        return self.hit.text[char_start - start : char_end - start]


def read_passages(catalogue: Catalogue, rows: Sequence[int]) -> dict[int, Passage]:
    """Return passages by row, scored 0; those that were removed meanwhile are left out."""
    read = catalogue.passages.read(rows)
    turns = catalogue.passages.turns(list(read))
    episodes = catalogue.episodes.get_many([chunk.episode_id for chunk, _ in read.values()])
    return {
        row: Passage(row, Hit(chunk, episodes[chunk.episode_id], text, 0.0), sentences_of(chunk, text, turns[row]))
        for row, (chunk, text) in read.items()
        if chunk.episode_id in episodes
    }


def sentences_of(chunk: Chunk, text: str, turns: Sequence[Turn]) -> tuple[Sentence, ...]:
    """Cut the chunk's ``text`` into sentences at the borders of its turns."""
    found = []
    for index, turn in enumerate(turns):
        start = max(turn.char_start, chunk.char_start)
        offset = chunk.char_start
        end = min(turn.char_end, chunk.char_end, offset + len(text))  # a damaged transcript may have been cut
        if start < end:
            for a, b in split_sentences(text, start - offset, end - offset):
                found.append(Sentence(text[a:b], a + offset, b + offset, turn.speaker, index, turn.advert is not None))
    return tuple(found)


def text_of(passage: Passage, heading: str = "") -> Text:
    """Return the text of a passage for a model."""
    return Text(heading, tuple(sentence.text for sentence in passage.sentences))


def heading_of(passage: Passage) -> str:
    """Return the heading of a passage for embedding, which is never quoted: title and speakers."""
    return f"{passage.hit.episode.title}. {', '.join(passage.hit.chunk.speakers)}:"
