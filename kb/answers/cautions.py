"""Cautions about a quote before it is used: whose words they are, and what was left out. Pure.

They come from patterns in the words alone, so the reader should check the context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..phrasing import READ_OUT
from ..text.adverts import as_advert
from ..timecode import clock
from ..translatable import Phrase, phrase, recognised
from ..types import Turn

__all__ = ["advert_cautions", "as_phrases", "carried_over", "cautions", "reading_cautions", "speaker_cautions"]

#: How many characters before and after a quote are searched for the rest of its sentence.
_FAR = 400

#: With a capital letter and no speakers: "But think of it", "That said", "Who wrote this?"; "API calls" are no words.
_NOBODY = (
    "(?:Also|And|As|Because|But|Even|Having|How|If|Just|Not|Now|Or|So|Still|That|Then|We|What|When|Where|Who|Why|Yet)"
    r"\b|[A-Z]{2,} calls (?!her|him|it|that|them|this)"
)
_SPEAKERS = rf"(?:he|she|they|who|it|(?!{_NOBODY})[A-Z]\w+)"
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

_REPORTS = phrase("The speaker reports somebody else’s words or views.")
_LABEL = phrase("The speaker is carried over from a label further above.")
_INSIDE = phrase("The quote begins inside quotation marks; see the context for whose words these are.")
_UNCLOSED = phrase("The quote ends before the quotation marks in it close; see the context.")
_PART = phrase("The quote is part of a longer sentence; see the context.")

#: A quotation mark that opens, and one that closes; inches and the marks of other languages are neither.
_MARK = re.compile(r"(?<![^\s(\[—–-])(?P<opens>[\"“])(?=\S)|(?<=\S)[\"”](?=[\s.,;:!?)\]…—–-]|$)")

#: Where a sentence ends, in any script that we can tell; closing quotation marks and brackets belong to it.
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’)\]]*(?=\s|$)|[。！？]|\n\n")


def speaker_cautions(turns: Sequence[Turn], char_start: int) -> tuple[str, ...]:
    """Return a caution if the speaker of a quote that begins at ``char_start`` was not named there, but earlier."""
    turn = next((turn for turn in turns if turn.char_start <= char_start < turn.char_end), None)
    if turn is None or turn.speaker is None or turn.carried_after is None:
        return ()
    return (carried_over(turn),) if char_start >= turn.char_start + turn.carried_after else ()


def advert_cautions(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return a caution if words of these turns are an advertisement, with the reason."""
    reasons = dict.fromkeys(turn.advert for turn in turns if turn.advert is not None)
    return tuple(map(_advert, reasons))


def reading_cautions(turns: Sequence[Turn], char_start: int, char_end: int) -> tuple[str, ...]:
    """Return a caution if the source has words of a quote as a block quote."""
    return (READ_OUT,) if any(turn.reads_out(char_start, char_end) for turn in turns) else ()


def _advert(reason: str) -> Phrase:
    return phrase("Advertisement: %(reason)s", reason=as_advert(reason))


def carried_over(turn: Turn) -> str:
    """Return the caution that says from where the speaker of a turn is carried over."""
    if turn.start is None:
        return _LABEL
    return _carried_over(clock(turn.start))


def _carried_over(time: str) -> Phrase:
    return phrase("The speaker is carried over from %(time)s.", time=time)


def cautions(whole: str, start: int, end: int, turn: tuple[int, int]) -> tuple[str, ...]:
    """Return cautions about ``whole[start:end]``, a sentence each; none where no pattern fits.

    ``turn`` is where the speaker's words begin and end; a sentence never crosses that. A "not" inside the quote needs
    no caution, since the quote shows it; one that the quote cuts off its own sentence reverses the meaning.
    """
    found: list[str] = []
    text = whole[start:end]
    if _REPORTED.search(text) and not _OWN.search(text):
        found.append(_REPORTS)
    if _opens(whole[max(turn[0], start - _FAR) : start]):
        found.append(_INSIDE)
    elif _opens(text):
        found.append(_UNCLOSED)
    before, after = _rest_of_sentence(whole, start, end, turn)
    if negation := _NEGATION.search(f"{before} {after}"):
        found.append(_negated(negation.group()))
    elif (before.strip() or after.strip()) and max(len(before), len(after)) < _FAR:
        # Where no sentence ends nearby, the transcript has no full stops, and every quote of it is a part.
        found.append(_PART)
    return tuple(found)


def _negated(word: str) -> Phrase:
    return phrase("The quote is part of a sentence, whose other part says “%(word)s”; see the context.", word=word)


def as_phrases(stored: Sequence[str]) -> tuple[str, ...]:
    """Return cautions that were stored as text as phrases, which a page can translate."""
    samples = (READ_OUT, _REPORTS, _LABEL, _INSIDE, _UNCLOSED, _PART, _negated(""), _carried_over(""), _advert(""))
    return tuple(recognised(caution, samples) for caution in stored)


def _opens(text: str) -> bool:
    """Return whether quotation marks are open at the end of ``text``: the last one in its paragraph opens."""
    marks = list(_MARK.finditer(text, text.rfind("\n\n") + 1))
    return bool(marks) and marks[-1]["opens"] is not None


def _rest_of_sentence(whole: str, start: int, end: int, turn: tuple[int, int]) -> tuple[str, str]:
    """Return what the quote leaves out of the sentence in which it begins, and of that in which it ends."""
    before = _SENTENCE_END.split(whole[max(turn[0], start - _FAR) : start])[-1]
    ended = _SENTENCE_END.search(whole[start:end].rstrip()[-3:])
    after = "" if ended else _SENTENCE_END.split(whole[end : min(turn[1], end + _FAR)], maxsplit=1)[0]
    return before, after
