"""A transcript for the eye: each turn under its time and its speaker. Pure."""

from __future__ import annotations

from itertools import chain, pairwise

from ..text.cleaning import visible
from ..timecode import clock
from ..transcripts.canonical import Canonical
from ..types import UNKNOWN_SPEAKER, Turn

__all__ = ["by_speaker"]


def by_speaker(transcript: Canonical) -> str:
    """Return a transcript turn by turn, each after a line such as ``[4:12] Ann Field:``; its words are unchanged.

    What the speaker reads out stands on lines of its own, after ``>``.
    """
    return "\n\n".join(f"{_label(turn)}\n{_words(transcript.text, turn)}" for turn in transcript.turns) + "\n"


def _words(text: str, turn: Turn) -> str:
    """Return a turn's words, cut where something is read out."""
    read_out = turn.reads_out(turn.char_start, turn.char_end)
    cuts = sorted({0, turn.char_end - turn.char_start, *chain(*read_out)})
    parts = [(a in dict(read_out), text[turn.char_start + a : turn.char_start + b].strip()) for a, b in pairwise(cuts)]
    return "\n".join(f"> {words}" if is_read else words for is_read, words in parts if words)


def _label(turn: Turn) -> str:
    time = "" if turn.start is None else f"[{clock(turn.start)}] "
    return f"{time}{visible(turn.speaker or UNKNOWN_SPEAKER)}:"
