"""What was said around a quote, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..addresses import Address
from ..catalogue import Catalogue
from ..text.sentences import split_sentences
from ..types import Hit, Turn

__all__ = ["Context", "Spoken", "around", "with_times"]

#: How far from the quote its context is looked for, in characters.
_WINDOW = 1_500


@dataclass(frozen=True, slots=True)
class Spoken:
    """One speaker's words beside a quote."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """The sentences before and after a quote, grouped by speaker, in order."""

    before: tuple[Spoken, ...]
    after: tuple[Spoken, ...]

    @property
    def text_before(self) -> str:
        """Return the words before, without their speakers."""
        return " ".join(spoken.text for spoken in self.before)

    @property
    def text_after(self) -> str:
        """Return the words after, without their speakers."""
        return " ".join(spoken.text for spoken in self.after)


def around(catalogue: Catalogue, address: Address, sentences: int = 2) -> Context:
    """Return up to ``sentences`` whole sentences on either side of a span of a transcript."""
    episode_id, revision, start, end = address
    begin, finish = max(0, start - _WINDOW), end + _WINDOW
    text = catalogue.episodes.text(episode_id, revision, begin, finish)
    turns = catalogue.episodes.turns(episode_id, revision, begin, finish)
    spans = [
        (turn, begin + a, begin + b)
        for turn in turns
        for a, b in split_sentences(text, max(0, turn.char_start - begin), min(len(text), turn.char_end - begin))
    ]
    # A sentence that the window cuts off at either end is no whole sentence.
    before = [s for s in spans if s[2] <= start and (s[1] > begin or begin == 0)]
    after = [s for s in spans if s[1] >= end and s[2] < finish]
    return Context(_grouped(text, begin, before[-sentences:]), _grouped(text, begin, after[:sentences]))


def with_times(catalogue: Catalogue, hit: Hit) -> Hit:
    """Return a hit with its times as the transcript gives them; older passages were stored with other ones."""
    chunk = hit.chunk
    when = catalogue.episodes.timings(chunk.episode_id, chunk.revision).when(chunk.char_start, chunk.char_end)
    timed = replace(chunk, start=when.start, end=when.end, earliest=when.earliest, latest=when.latest)
    return replace(hit, chunk=timed)


def _grouped(text: str, begin: int, spans: Sequence[tuple[Turn, int, int]]) -> tuple[Spoken, ...]:
    grouped: list[tuple[Turn, int, int]] = []
    for turn, start, end in spans:
        if grouped and grouped[-1][0] == turn:
            grouped[-1] = (turn, grouped[-1][1], end)
        else:
            grouped.append((turn, start, end))
    return tuple(Spoken(turn.speaker, text[start - begin : end - begin]) for turn, start, end in grouped)
