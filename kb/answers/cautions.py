"""What a reader should mind about a quote before using it: whose words they are, and a "not" in them. Pure.

Signs in the words, nothing more: a reader who minds them listens to the context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..timecode import clock
from ..types import Turn

__all__ = ["carried_over", "cautions", "speaker_cautions"]

_SPEAKERS = r"(?:he|she|they|who|it|[A-Z]\w+)"
_VERBS = (
    "said|says|told|tells|claims?|claimed|argues?|argued|called|calls|wrote|writes|alleges?|alleged|insists?|insisted"
    "|explained|believes|thinks?|thought|warned|warns|denied|denies|testified|quoted|put it"
)
_REPORTED = re.compile(
    rf"\b{_SPEAKERS}\s+(?:(?:has|have|had|also|then)\s+)?(?:{_VERBS})\b"
    r"|\b(?:[Aa]ccording to|[Ss]upposedly|[Aa]llegedly|[Rr]eportedly|so-called|quote,? unquote)\b"
)
_OWN = re.compile(r"^\s*(?:I|we)\s+(?:said|told|think|thought|believe|argued?|wrote)\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|never|no|nobody|none|nothing|nowhere|neither|nor|without|hardly|barely|cannot|[a-z]+n['’]t)\b",
    re.IGNORECASE,
)


def speaker_cautions(turns: Sequence[Turn], char_start: int) -> tuple[str, ...]:
    """Return a sentence where the speaker of a quote that begins at ``char_start`` was not named there, but before."""
    turn = next((turn for turn in turns if turn.char_start <= char_start < turn.char_end), None)
    if turn is None or turn.speaker is None or turn.carried_after is None:
        return ()
    return (carried_over(turn),) if char_start >= turn.char_start + turn.carried_after else ()


def carried_over(turn: Turn) -> str:
    """Return the sentence that tells from where the speaker of a turn is carried over."""
    place = "a label further above" if turn.start is None else clock(turn.start)
    return f"The speaker is carried over from {place}."


def cautions(text: str) -> tuple[str, ...]:
    """Return sentences for a reader about ``text``, none where nothing strikes."""
    found = []
    if _REPORTED.search(text) and not _OWN.search(text):
        found.append("The speaker reports somebody else’s words or views.")
    if _NEGATION.search(text):
        found.append("The quote contains a negation; keep it whole.")
    return tuple(found)
