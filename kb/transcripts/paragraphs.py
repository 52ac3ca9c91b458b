"""A transcript's paragraphs: whole sentences of one turn, as the reader shows them and translations are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..text.sentences import split_sentences
from ..types import Turn
from .canonical import Canonical

__all__ = ["TimedParagraph", "carried_from", "cut_turn", "paragraphs", "words_hash"]

#: A paragraph ends with the sentence that makes it longer than this, in characters.
_PARAGRAPH = 500


@dataclass(frozen=True, slots=True)
class TimedParagraph:
    """Some sentences of a turn; ``start`` and ``end`` are seconds, ``None`` where no time is known."""

    char_start: int
    char_end: int
    speaker: str | None
    words: str
    start: float | None
    end: float | None


def paragraphs(canonical: Canonical) -> Iterator[TimedParagraph]:
    """Yield a transcript's paragraphs in order."""
    text, timings = canonical.text, canonical.timings
    for turn in canonical.turns:
        for start, end in cut_turn(text, turn):
            yield TimedParagraph(
                start, end, turn.speaker, text[start:end], timings.start_at(start), timings.end_at(end)
            )


def words_hash(words: str) -> str:
    """Return the SHA-256 of a paragraph's words, by which its translation is known again."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def carried_from(turn: Turn) -> int | None:
    """Return the place from which the speaker of a turn is only carried over; ``None`` where there is none."""
    known = turn.speaker is None or turn.carried_after is None
    return None if known else turn.char_start + (turn.carried_after or 0)


def cut_turn(text: str, turn: Turn, inserted: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs of a turn: whole sentences, together a little longer than ``_PARAGRAPH``.

    A paragraph also ends where the speaker is only carried over from there on, and at the places where something was
    ``inserted`` into the recording.
    """
    begin: int | None = None
    finish = turn.char_start
    carried = carried_from(turn)
    for start, end in split_sentences(text, turn.char_start, turn.char_end):
        apart = [*inserted, *([] if carried is None else [carried])]
        if begin is not None and any(begin < place <= start for place in apart):
            yield begin, finish
            begin = None
        begin = start if begin is None else begin
        finish = end
        if end - begin > _PARAGRAPH:
            yield begin, end
            begin = None
    if begin is not None:
        yield begin, finish
