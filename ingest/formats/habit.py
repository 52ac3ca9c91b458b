"""The way in which one file names its speakers, found from the whole file before any line is read by it.

A colon after two words is a label in one file and a sentence in the next. So every line is asked which labels it may
begin with (``labels``), and then how often each form occurs, whether its names come back, and how much these look
like names. Only the forms that the file really uses are read. What looks like a label of such a form, and is not
understood, ends the speaker before it: somebody else may have begun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.formats.canonical import fold
from ingest.formats.labels import Form, Head, Line, heads_of
from ingest.formats.marks import Mark, leading_mark
from ingest.formats.names import full_names
from ingest.formats.naming import Likeness, is_heading, is_numbered, is_opener, is_titled

__all__ = ["Reading", "read_lines", "with_full_names"]

# Read in this order. The weak ones are read only where none of the strong ones is found.
_STRONG: tuple[Form, ...] = ("column", "header", "answer", "colon", "bracket")
_WEAK: tuple[Form, ...] = ("bold", "alone", "spaced", "tight")
_CUES = 40  # to a label at most, where labels mark the changes of speaker: a minute or two
_FEW = 3  # times that a phrase has to come back before it is somebody's name


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line turned out to be.

    ``label``: a speaker begins, whom ``name`` names, or a voice without a name. ``doubt``: somebody else may have
    begun, and ``words`` hold all that was printed. ``words``: the speech goes on.
    """

    kind: Literal["label", "doubt", "words"]
    words: str
    name: str = ""
    form: Form | None = None
    role: bool = False
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line with the time before it and the labels that it may begin with."""

    line: Line
    timed: Mark | None
    heads: dict[Form, Head]

    @property
    def has_bold_label(self) -> bool:
        return self.line.text[: self.line.bold].endswith((":", "："))


def read_lines(lines: Sequence[Line], *, captions: bool) -> list[Reading]:
    """Return what each of a file's lines is, in order. In ``captions`` times are the cues', none are in the words."""
    marks = [None] * len(lines) if captions else _marks(lines)
    seen = [
        _Seen(line, mark, {head.form: head for head in heads_of(line, mark, captions=captions)})
        for line, mark in zip(lines, marks, strict=True)
    ]
    found = _habit(seen, captions)
    # In a file of bold labels a colon alone is mostly the speech's own.
    bold = any(item.has_bold_label for item in seen)
    doubted = frozenset(found) & ({"header", "column"} if bold else {"header", "column", "colon"})
    names = _wherever_they_stand(found, seen, captions)
    readings = [_reading(item, names, doubted) for item in seen]
    if "colon" not in doubted or not _is_dense(seen, readings):
        return readings
    return [_doubted(item, reading) for item, reading in zip(seen, readings, strict=True)]


def _is_dense(seen: Sequence[_Seen], readings: Sequence[Reading]) -> bool:
    """Tell whether most paragraphs or cues begin with a label."""
    first = [reading.kind == "label" for item, reading in zip(seen, readings, strict=True) if item.line.first]
    return sum(first) * 5 >= len(first) * 3


def _doubted(seen: _Seen, reading: Reading) -> Reading:
    """Return a reading as a doubt where, among so many labels, another one may stand that is none by its words."""
    head = seen.heads.get("colon")
    if reading.kind != "words" or head is None or not seen.line.first:
        return reading
    return replace(reading, kind="doubt") if head.likeness or is_titled(head.name) else reading


def with_full_names(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings with each label's name as it is spelled in full, see ``names``."""
    labels = [reading.name for reading in readings if reading.name]
    names = full_names(labels, " ".join(reading.words for reading in readings))
    return [replace(reading, name=next(names)) if reading.name else reading for reading in readings]


def _reading(seen: _Seen, names: dict[Form, frozenset[str]], doubted: frozenset[str]) -> Reading:
    words = fold(seen.timed.rest if seen.timed else seen.line.text)
    start, end = (seen.timed.start, seen.timed.end) if seen.timed else (None, None)
    for form, head in seen.heads.items():
        if form in names and (head.key in names[form] or not head.name):
            return Reading("label", head.rest, head.name, form, head.role, head.start, head.end)
    colon = seen.heads.get("colon")
    if seen.has_bold_label and not seen.line.item and colon and not colon.rest:
        return Reading("doubt", "", start=start, end=end)  # a heading that nobody said
    doubtful = (seen.has_bold_label and not seen.line.item) or any(
        form in doubted and head.likeness >= Likeness.LIKELY for form, head in seen.heads.items()
    )
    return Reading("doubt" if doubtful else "words", words, start=start, end=end)


def _marks(lines: Sequence[Line]) -> list[Mark | None]:
    """Return the time before each line; without brackets only where the file's lines begin with rising times."""
    marks = [leading_mark(line.text) for line in lines]
    bare = [mark for mark in marks if mark and not mark.bracketed and mark.rest and mark.end is None]
    falls = sum(later.start < earlier.start for earlier, later in pairwise(bare))
    paragraphs = sum(line.first for line in lines)
    habit = len(bare) > 1 and falls * 10 <= len(bare) and len(bare) * 4 >= paragraphs
    return [
        mark if mark and (habit or mark.bracketed or not mark.rest or mark.end is not None) else None for mark in marks
    ]


def _habit(seen: Sequence[_Seen], captions: bool) -> dict[Form, frozenset[str]]:
    """Return the forms that the file uses, the most telling first, each with the names (keys) that it names."""
    names: dict[Form, frozenset[str]] = {}
    for form in _STRONG:
        # Questions and answers take a form of their own; how often others are named is told by the other lines.
        others = [item for item in seen if not (form == "colon" and "answer" in names and "answer" in item.heads)]
        if found := _names_of(form, others, captions):
            names[form] = found
    for form in _WEAK:
        if not names and (not captions or form == "alone") and (found := _names_of(form, seen, captions)):
            names[form] = found
    return names


def _wherever_they_stand(
    found: dict[Form, frozenset[str]], seen: Sequence[_Seen], captions: bool
) -> dict[Form, frozenset[str]]:
    """Return the forms and names to read by: a name that is known is one in any form, so that no slip loses anybody."""
    every = frozenset[str]().union(*found.values())
    names: dict[Form, frozenset[str]] = dict.fromkeys(found, every)
    if every:
        names.setdefault("colon", every)
    if every and any(item.has_bold_label for item in seen):
        names.setdefault("bold", every)
    if "header" in names:
        names.setdefault("alone", every)
    names["arrow"] = frozenset()
    if _has_dashes(seen, captions):
        names["dash"] = frozenset()
    return names


def _has_dashes(seen: Sequence[_Seen], captions: bool) -> bool:
    dashes = sum("dash" in item.heads for item in seen)
    return dashes > 1 and (captions or dashes * 2 >= sum(item.line.first for item in seen))


def _names_of(form: Form, seen: Sequence[_Seen], captions: bool) -> frozenset[str]:
    """Return the names that ``form`` names, none where it is not the file's."""
    heads = [(item, head) for item in seen if (head := item.heads.get(form))]
    if form == "colon" and any(item.has_bold_label for item, _ in heads):
        heads = [(item, head) for item, head in heads if item.has_bold_label]
    likely = [head for _, head in heads if head.likeness]
    if not heads:
        return frozenset()
    units = sum((item.line.first and not item.line.heading) or form in item.heads for item in seen)
    dense = len(likely) * 5 >= units * 3
    counts = Counter(head.key for _, head in heads)
    best = {head.key: head.likeness for head in likely}
    names = frozenset(key for key, like in best.items() if _is_accepted(like, counts[key], dense))
    names |= _odd_names(heads, counts, dense) | _bold_names(heads)
    # A list of things with a word on each looks like turns; but speakers come back.
    listed = {head.key for item, head in heads if item.line.item}
    names = frozenset(key for key in names if key not in listed or counts[key] > 1)
    labels = [head for _, head in heads if head.key in names]
    return names if labels and _is_used(form, seen, heads, labels, units, captions) else frozenset()


def _is_accepted(like: Likeness, count: int, dense: bool) -> bool:
    if like is Likeness.SURE:
        return True
    return count >= 2 or dense if like is Likeness.LIKELY else count >= _FEW


def _odd_names(heads: Sequence[tuple[_Seen, Head]], counts: Counter[str], dense: bool) -> frozenset[str]:
    """Return names that are words of the language too, where they come back like a speaker.

    ``An`` is one, ``Customer Support``, and ``Question`` beside ``Answer``.
    """
    odd = {head.key: head for _, head in heads if not head.likeness and is_opener(head.name)}
    odd |= {
        head.key: head for _, head in heads if not head.likeness and not is_heading(head.name) and is_titled(head.name)
    }
    # A woman called In has a tenth of the labels or more; sentences that begin "In:" do not.
    names = {key for key in odd if dense and counts[key] >= _FEW and counts[key] * 10 >= len(heads)}
    timed = sum(head.start is not None and head.likeness > Likeness.PHRASE for _, head in heads)
    if timed * 2 >= len(heads):  # a time and a word: so the file writes its labels
        names |= {key for key, head in odd.items() if head.start is not None}
    return frozenset(names | ({"question", "answer"} if min(counts["question"], counts["answer"]) > 1 else set()))


def _bold_names(heads: Sequence[tuple[_Seen, Head]]) -> frozenset[str]:
    """Return what stands in bold before a colon and is spelled as names and titles are.

    Where the file's labels stand alone on their lines, whatever does so is one that is no heading.
    """
    bold = [head for item, head in heads if item.has_bold_label and not is_heading(head.name)]
    alone = sum(not head.rest for head in bold) * 2 > len(bold) > 2
    titles = {
        head.key
        for head in bold
        if head.likeness is Likeness.LIKELY and head.name[:1].isupper() and "," not in head.name
    }
    own = {head.key for head in bold if alone and not head.rest}
    return frozenset(key for key in titles | own if not is_opener(key.split()[0].title()) or key.startswith("the "))


def _is_used(
    form: Form,
    seen: Sequence[_Seen],
    heads: Sequence[tuple[_Seen, Head]],
    labels: Sequence[Head],
    units: int,
    captions: bool,
) -> bool:
    """Tell whether the file names its speakers in this form."""
    sure = [head for head in labels if head.likeness is Likeness.SURE]
    counts = Counter(head.key for head in labels)
    returns = max(counts.values()) > 1
    numbered = any(is_numbered(head.name) for head in labels)
    match form:
        case "colon":
            return _are_colons_labels(seen, heads, labels, units, captions)
        case "column":
            rows = sum("\t" in item.line.text for item in seen)
            return len(labels) * 5 >= rows * 3 and (len(labels) > 1 or numbered)
        case "header":
            return bool(sure or returns) and _stand_above_words(seen, "header", counts)
        case "bracket":
            return numbered or (bool(sure) and (returns or len(labels) == units > 1) and len(labels) * 3 >= units)
        case "answer":
            return len(counts) == 2 and (len(labels) > 2 or len(labels) == units)
        case "bold" | "spaced":
            return bool(sure) and returns and len(labels) * 3 >= units
        case "tight":
            return bool(sure) and returns and len(labels) * 5 >= units * 3
        case _:  # alone
            below_times = _stand_below_times(seen, counts)
            if captions and len(labels) * 5 < sum(item.line.first for item in seen) * 3:
                return False
            many = (returns and len(counts) > 1) or numbered or below_times
            return bool(sure) and many and _stand_above_words(seen, "alone", counts, within=captions)


def _are_colons_labels(
    seen: Sequence[_Seen],
    heads: Sequence[tuple[_Seen, Head]],
    labels: Sequence[Head],
    units: int,
    captions: bool,
) -> bool:
    """Tell labels by a role that follows one, by one at the beginning, or by names that come back."""
    sure = [head for head in labels if head.likeness is Likeness.SURE]
    counts = Counter(head.key for head in labels)
    dense = len(labels) * 8 >= units
    if any(head.role or is_numbered(head.name) for head in labels) or any(item.has_bold_label for item, _ in heads):
        return True
    first = seen[0].heads.get("colon")
    opens = first is not None and first.key in counts
    returns = max(counts.values()) > 1
    if captions:
        begun = opens and bool(sure) and len(labels) * _CUES >= units  # one label in an hour of captions is a slip
        return begun or (returns and (bool(sure) or dense)) or len(labels) == units
    if len(labels) == units:
        return len(labels) > 1 or bool(sure)
    return (opens or returns) and len(labels) > 1 and dense


def _stand_below_times(seen: Sequence[_Seen], counts: Counter[str]) -> bool:
    """Tell whether the names that stand alone mostly do so below a time that stands alone."""
    names = below = 0
    for above, item in pairwise([None, *seen]):
        if item and (head := item.heads.get("alone")) and head.key in counts:
            names += 1
            below += above is not None and above.timed is not None and not above.timed.rest
    return names > 0 and below * 10 >= names * 7


def _stand_above_words(seen: Sequence[_Seen], form: Form, counts: Counter[str], *, within: bool = False) -> bool:
    """Tell whether lines of this form have their words below: in most places a line without a time or such a label.

    ``within`` tells that it has to be a line of the same cue.
    """
    above = below = 0
    for item, following in pairwise([*seen, None]):
        head = item.heads.get(form) if item else None
        if head is None or head.key not in counts:
            continue
        above += 1
        other = following.heads.get(form) if following else None
        plain = following is not None and not (following.timed and following.timed.rest)
        plain = plain and not (within and following is not None and following.line.first)
        below += plain and not (other and other.key in counts)
    return above > 0 and below * 10 >= above * 7
