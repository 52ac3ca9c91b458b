"""Cautions about a quote before it is used: whose words they are, and what was left out. Pure.

They come from patterns in the words alone, so the reader should check the context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..phrasing import READ_OUT
from ..text.adverts import as_advert
from ..text.whole_words import is_inside_word
from ..timecode import clock
from ..translatable import Phrase, phrase, recognised
from ..types import Turn

__all__ = ["advert_cautions", "as_phrases", "carried_over", "cautions", "reading_cautions", "speaker_cautions"]

#: How many characters before and after a quote are searched for the rest of its sentence.
_FAR = 400

#: With a capital letter and no speakers: "That said", "It's hard to argue".
_NOBODY = (
    "(?:Also|And|As|Because|But|Even|Having|He|Here|How|If|It|Just|Let|Not|Now|Or|She|So|Still|That|The|Then|There|We|What"
    r"|When|Where|Who|Why|Yet|You)\b"
)
_NAMED = rf"(?!{_NOBODY})[A-Z]\w+"
#: He; Ann; "the ICE spokesperson", "a person named Ann came in and", "Hyrum's law", up to its verb.
_NOUN = (
    rf"(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|{_NAMED}['’]s)"
    r"(?:\s(?!(?:I|we|you|it|that|which|what|way)\b)[\w’'-]+){1,6}?"
)
_SPEAKERS = rf"(?:[Hh]e|[Ss]he|[Tt]hey|[Ii]t|who|{_NAMED}|{_NOUN})"
#: Only with words: "called the plan a dragnet", and not "called Ann"; "it says a lot".
_VERBS = (
    "said|says(?! a lot| nothing)|told|tells (?:me|us|him|her|them)|claims?|claimed|argues?|argued|alleges?|alleged"
    "|insists?|insisted|explained|explains|warned|warns|denied|denies|testified|believes|thinks(?! of| about)"
    r"|(?:announced|concludes?|concluded|writes)(?= that|[,:]| [\"“])|wrote(?=:|,? [\"“])"
    r"|call(?:s|ed) (?:it|him|her|them|this|that|[Tt]he(?: [\w’'-]+){1,3}) an?"
)
_REPORTED = re.compile(
    rf"\b{_SPEAKERS}\s+(?:(?:has|have|had|also|then)\s+)?(?:{_VERBS})(?!\w)"
    r"|\b(?:[Aa]ccording to|[Ss]upposedly|[Aa]llegedly|[Rr]eportedly|quote,? unquote)\b"
)
_NEGATION = re.compile(
    r"\b(?:(?<!whether or )not|never|no|nobody|none|nothing|nowhere|neither|nor|without|hardly|barely|cannot"
    r"|[a-z]+n['’]t)\b",
    re.IGNORECASE,
)

_REPORTS = phrase("The speaker reports somebody else’s words or views.")
_LABEL = phrase("The speaker is carried over from a label further above.")
_INSIDE = phrase("The quote begins inside quotation marks; see the context for whose words these are.")
_UNCLOSED = phrase("The quote ends before the quotation marks in it close; see the context.")
_PART = phrase("The quote is part of a longer sentence; see the context.")
_PARTLY_READ_OUT = phrase("The speaker reads out a part of this, which is somebody else’s text.")
_CUT = phrase("The quote begins or ends inside a word.")

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
    """Return a caution if the source has a quote, or a part of it, as a block quote; ``turns`` are those it is of."""
    parts = [part for turn in turns for part in turn.reads_out(char_start, char_end)]
    if not parts:
        return ()
    spaces = len(parts) - 1  # between two paragraphs, of neither
    is_whole = sum(end - start for start, end in parts) + spaces >= char_end - char_start
    return (READ_OUT if is_whole else _PARTLY_READ_OUT,)


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
    if is_inside_word(whole, start) or is_inside_word(whole, end):
        found.append(_CUT)
    if _REPORTED.search(text):
        found.append(_REPORTS)
    until = min(turn[1], end + _FAR)
    if _opens(whole, max(turn[0], start - _FAR), start, until):
        found.append(_INSIDE)
    elif _opens(whole, start, end, until):
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
    samples = (
        READ_OUT,
        _PARTLY_READ_OUT,
        _REPORTS,
        _LABEL,
        _INSIDE,
        _UNCLOSED,
        _PART,
        _CUT,
        _negated(""),
        _carried_over(""),
        _advert(""),
    )
    return tuple(recognised(caution, samples) for caution in stored)


def _opens(text: str, start: int, end: int, until: int) -> bool:
    """Return whether quotation marks are open at ``end``: the last one from ``start`` on opens, and the next one before
    ``until`` closes. One that is never closed, as in paragraphs that each begin with one, opens nothing.
    """
    before = list(_MARK.finditer(text, start, end))
    after = _MARK.search(text, end, until)
    return bool(before and before[-1]["opens"] and after and not after["opens"])


def _rest_of_sentence(whole: str, start: int, end: int, turn: tuple[int, int]) -> tuple[str, str]:
    """Return what the quote leaves out of the sentence in which it begins, and of that in which it ends."""
    before = _SENTENCE_END.split(whole[max(turn[0], start - _FAR) : start])[-1]
    ended = _SENTENCE_END.search(whole[start:end].rstrip()[-3:])
    after = "" if ended else _SENTENCE_END.split(whole[end : min(turn[1], end + _FAR)], maxsplit=1)[0]
    return before, after
