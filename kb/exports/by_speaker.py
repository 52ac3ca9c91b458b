"""A transcript for the eye: each turn under its time and its speaker. Pure."""

from __future__ import annotations

from ..text.cleaning import visible
from ..timecode import clock
from ..transcripts.canonical import Canonical
from ..types import Turn

__all__ = ["by_speaker"]


def by_speaker(transcript: Canonical) -> str:
    """Return a transcript turn by turn, each after a line such as ``[4:12] Ann Field:``; its words are unchanged."""
    return (
        "\n\n".join(f"{_label(turn)}\n{transcript.text[turn.char_start : turn.char_end]}" for turn in transcript.turns)
        + "\n"
    )


def _label(turn: Turn) -> str:
    time = "" if turn.start is None else f"[{clock(turn.start)}] "
    return f"{time}{visible(turn.speaker or 'Unknown speaker')}:"
