"""Speakers' names as transcripts print them before the words: ``Sarah: Hi``, ``STEVE INSKEEP, HOST: Hello``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.timecode import parse_timecode

__all__ = ["UNKNOWN", "Label", "are_labels", "is_heading", "is_name", "is_unknown", "read_time", "split_label"]

#: What our own writers print for a speaker whom nobody named; reading it gives ``None`` again.
UNKNOWN = "Unknown speaker"

_LONGEST = 80
_COLON = re.compile(r":(?=\s|$)|：")
_TIME_IN_BRACKETS = re.compile(r"\s*[\[(]([0-9:.,]{4,12})[\])]\s*$")
_ASIDE = re.compile(r"\s*[\[(][^\[\]()]*[\])]\s*$")
_TOKEN = re.compile(r"#?[^\W_][\w.'’&\-]*")
_ROLE = re.compile(r"(?i:host|co-host|byline|reporter|guest|anchor|narrator|moderator|producer|correspondent|editor)s?")
_GENERATION = re.compile(r"(?i:jr|sr|ii|iii|iv)\.?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTICLES = _words("al bin da de del della den der di dos du el ibn la le of ten ter the van von y zu")
# Words that stand before a colon and are nobody's name: alone, at the head of several, at their end, with a number.
_HEADINGS = _words(
    """again also analysis answer background because besides breaking but caption caution chapter clarification
    conclusion copyright correction credit credits date disclaimer disclosure email episode example exclusive fact
    finally first here hint how image introduction last link links listen location look meaning more next no note
    notes now number ok okay one opinion page part photo plus point problem published question quote reminder remember
    result results rule season second section see so solution source sources spoiler step subject summary then third
    time tip title today tomorrow topic transcript translation truth two update video warning watch well what when
    where who why yes yesterday yet"""
)
_OPENERS = _words(
    """a about after all and any as at because before but by did does each every for from he her here here's his how if
    in into is it it's its let's like no not of on one or our remember she since some such that that's the their then
    there there's these they this those to under until was we were what what's when where which while who why with
    without yes you your"""
)
_CLOSERS = _words(
    "answer correction disclosure example line news note notes point question reminder result summary update warning"
)
_COUNTED = _words(
    "act chapter day episode example fact number page part point question rule scene season section step tip"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A possible speaker's label: the name as printed, whether a role followed it, its time, the words after it."""

    name: str
    has_role: bool
    start: float | None
    rest: str


def split_label(text: str) -> Label | None:
    """Return the label that ``text`` begins with, or ``None`` where it begins with no name and colon.

    Whether a *possible* label is one depends on the rest of the transcript: see ``are_labels``.
    """
    colon = _COLON.search(text[: _LONGEST + 1])
    if colon is None or colon.start() >= _LONGEST:
        return None
    head, start = text[: colon.start()].removeprefix(">>").lstrip(), None  # broadcast captions: ">> REPORTER: Hi"
    if timed := _TIME_IN_BRACKETS.search(head):
        start, head = read_time(timed[1]), head[: timed.start()]
    aside = _ASIDE.search(head)
    if aside:
        head = head[: aside.start()]
    name, has_role = _without_role(head.strip())
    if not is_name(name) and not is_unknown(name):
        return None
    return Label(name, has_role, start, text[colon.end() :].strip())


def is_name(text: str) -> bool:
    """Tell whether ``text`` is written like a speaker's name: one to six capitalised words, no heading."""
    tokens = text.split()
    if not 1 <= len(tokens) <= 6 or not all(_TOKEN.fullmatch(token) for token in tokens):
        return False
    if not tokens[0][0].isalpha() or not _is_name_part(tokens[0]):
        return False
    if not all(_is_name_part(token) or token in _PARTICLES for token in tokens[1:]) or tokens[-1] in _PARTICLES:
        return False
    return not is_heading(text)


def is_heading(text: str) -> bool:
    """Tell what stands before a colon but is nobody's name: ``Note``, ``Step 2``, ``Editor's Note``."""
    words = text.casefold().replace("’", "'").split()
    if len(words) == 1:
        return words[0] in _HEADINGS or words[0] in _OPENERS
    counted = len(words) == 2 and words[0] in _COUNTED and (words[1][-1].isdigit() or words[1] in _HEADINGS)
    return counted or words[0] in _OPENERS or words[-1] in _CLOSERS


def are_labels(labels: Sequence[Label | None], *, opening_suffices: bool) -> bool:
    """Tell whether the possible labels of all paragraphs or cues, in order, are really speakers.

    They are where one of them bears a role (``, HOST``), or the first paragraph has one (enough for captions, which
    name the speaker only where he changes), or a name comes back. In prose, at least two and one paragraph in eight.
    """
    names = [label.name for label in labels if label]
    if not names:
        return False
    opens = labels[0] is not None
    if any(label.has_role for label in labels if label) or (opens and opening_suffices):
        return True
    returns = max(Counter(names).values()) > 1
    if opening_suffices:
        return returns
    everywhere = len(names) == len(labels)
    return everywhere or ((opens or returns) and len(names) > 1 and len(names) * 8 >= len(labels))


def is_unknown(name: str) -> bool:
    """Tell whether a label says in words that the speaker is not known."""
    return name.casefold() in ("unknown speaker", "unknown")


def _without_role(head: str) -> tuple[str, bool]:
    """Split ``JANE DOE, HOST`` into the name and whether a role followed; a generation stays with the name."""
    name, comma, after = head.partition(",")
    if not comma:
        return head, False
    first, _, more = after.strip().partition(",")
    if _GENERATION.fullmatch(first.strip()):
        name, after = f"{name} {first.strip()}", more
    role = bool(_ROLE.fullmatch(after.strip()))
    # "Well, Bob: go on" is no label; after a name in capitals anything may follow: a party, a programme, a town.
    return (name.rstrip(), role) if role or not after.strip() or name == name.upper() else (head, False)


def _is_name_part(token: str) -> bool:
    """Tell a capitalised token, one of a script without capitals, or the number of ``Speaker 1``."""
    letter = token.lstrip("#")[:1]
    return letter.isdigit() or letter != letter.lower() or letter.upper() == letter.lower()


def read_time(text: str) -> float | None:
    """Return the seconds of a time beside a label, ``None`` where it is none."""
    try:
        return round(parse_timecode(text), 3)
    except ValueError:
        return None
