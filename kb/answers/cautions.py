"""What a reader should mind about a quote before using it: whose words they are, and a "not" left out. Pure.

Signs in the words, nothing more: a reader who minds them listens to the context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..timecode import clock
from ..types import Turn

__all__ = ["carried_over", "cautions", "speaker_cautions"]

#: How far beside a quote the rest of its sentence is looked for, in characters.
_FAR = 400

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

#: Where a sentence ends, in any script that we can tell; closing quotation marks and brackets belong to it.
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’)\]]*(?=\s|$)|[。！？]|\n\n")


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


def cautions(whole: str, start: int, end: int, turn: tuple[int, int]) -> tuple[str, ...]:
    """Return sentences for a reader about ``whole[start:end]``, none where nothing strikes.

    ``turn`` is where what its speaker says begins and ends: a sentence goes no further. A "not" within the quote needs
    no word, since a quote is shown whole; one that the quote leaves out of its own sentence turns its meaning round.
    """
    found = []
    text = whole[start:end]
    if _REPORTED.search(text) and not _OWN.search(text):
        found.append("The speaker reports somebody else’s words or views.")
    rest = _rest_of_sentence(whole, start, end, turn)
    if negation := _NEGATION.search(rest):
        found.append(f"The quote is part of a sentence, whose other part says “{negation.group()}”; see the context.")
    return tuple(found)


def _rest_of_sentence(whole: str, start: int, end: int, turn: tuple[int, int]) -> str:
    """Return what the quote leaves out of the sentences in which it begins and ends."""
    before = _SENTENCE_END.split(whole[max(turn[0], start - _FAR) : start])[-1]
    ended = _SENTENCE_END.search(whole[start:end].rstrip()[-3:])
    after = "" if ended else _SENTENCE_END.split(whole[end : min(turn[1], end + _FAR)], maxsplit=1)[0]
    return f"{before} {after}"
