"""Which forms of labels a file uses, and the names in each: by frequency, and by names that recur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.formats.labels import LabelForm, Line, LineLabel
from ingest.formats.marks import Mark
from ingest.formats.naming import Likeness, is_heading, is_numbered, is_opener, is_titled

__all__ = ["TimedLine", "forms_of"]

# In this order. The weak forms are read only if no strong form is found.
_STRONG: tuple[LabelForm, ...] = ("column", "header", "answer", "colon", "bracket")
_WEAK: tuple[LabelForm, ...] = ("bold", "alone", "spaced", "tight")
_CUES = 40  # at most per label, if labels mark the changes of speaker: a minute or two
_FEW = 3  # times that a phrase must recur before it counts as a name


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line with the time before it and the labels that it may begin with."""

    line: Line
    timed: Mark | None
    heads: dict[LabelForm, LineLabel]

    @property
    def begins_paragraph(self) -> bool:
        """Return whether this is the first line with words (not only a time) of a paragraph or cue."""
        return self.line.first and not self.line.heading and not (self.timed and not self.timed.rest)

    @property
    def has_bold_label(self) -> bool:
        """Return whether the line's first bold text ends with a colon."""
        return self.line.text[: self.line.bold].endswith((":", "："))


def forms_of(seen: Sequence[TimedLine], captions: bool) -> dict[LabelForm, frozenset[str]]:
    """Return the forms that the file uses, the most reliable first, each with its names (keys)."""
    names: dict[LabelForm, frozenset[str]] = {}
    for form in _STRONG:
        # Question-and-answer lines have their own form; the other forms are counted on the other lines.
        others = [item for item in seen if not (form == "colon" and "answer" in names and "answer" in item.heads)]
        if found := _names_of(form, others, captions):
            names[form] = found
    for form in _WEAK:
        if not names and (not captions or form == "alone") and (found := _names_of(form, seen, captions)):
            names[form] = found
    return names


def _names_of(form: LabelForm, seen: Sequence[TimedLine], captions: bool) -> frozenset[str]:
    """Return the names in ``form``, none if the file does not use it."""
    heads = [(item, head) for item in seen if (head := item.heads.get(form))]
    if form == "colon" and any(item.has_bold_label for item, _ in heads):
        heads = [(item, head) for item, head in heads if item.has_bold_label]
    likely = [head for _, head in heads if head.likeness]
    if not heads:
        return frozenset()
    units = sum(item.begins_paragraph or form in item.heads for item in seen)
    dense = form == "answer" or len(likely) * 5 >= units * 3
    counts = Counter(head.key for _, head in heads)
    best = {head.key: head.likeness for head in likely}
    names = frozenset(key for key, like in best.items() if _is_accepted(like, counts[key], dense))
    names |= _odd_names(heads, counts, dense) | _bold_names(heads)
    # A list with a word before each item looks like turns; but speakers recur.
    listed = {head.key for item, head in heads if item.line.item}
    names = frozenset(key for key in names if key not in listed or counts[key] > 1)
    labels = [head for _, head in heads if head.key in names]
    return names if labels and _is_used(form, seen, heads, labels, units, captions) else frozenset()


def _is_accepted(like: Likeness, count: int, dense: bool) -> bool:
    if like is Likeness.SURE:
        return True
    return count >= 2 or dense if like is Likeness.LIKELY else count >= _FEW


def _odd_names(heads: Sequence[tuple[TimedLine, LineLabel]], counts: Counter[str], dense: bool) -> frozenset[str]:
    """Return names that are also common words, if they recur as speakers do.

    ``An`` is one, ``Customer Support``, and ``Question`` beside ``Answer``.
    """
    odd = {head.key: head for _, head in heads if not head.likeness and is_opener(head.name)}
    odd |= {
        head.key: head for _, head in heads if not head.likeness and not is_heading(head.name) and is_titled(head.name)
    }
    # A woman called In has a tenth of the labels or more; sentences that begin "In:" do not.
    names = {key for key in odd if dense and counts[key] >= _FEW and counts[key] * 10 >= len(heads)}
    timed = sum(head.start is not None and head.likeness > Likeness.PHRASE for _, head in heads)
    if timed * 2 >= len(heads):  # the file writes its labels as a time and a word
        names |= {key for key, head in odd.items() if head.start is not None}
    return frozenset(names | ({"question", "answer"} if min(counts["question"], counts["answer"]) > 1 else set()))


def _bold_names(heads: Sequence[tuple[TimedLine, LineLabel]]) -> frozenset[str]:
    """Return what stands in bold before a colon and is spelled as names and titles are.

    If the file's labels stand alone on their lines, any bold text alone on a line is a label unless it is a heading.
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
    form: LabelForm,
    seen: Sequence[TimedLine],
    heads: Sequence[tuple[TimedLine, LineLabel]],
    labels: Sequence[LineLabel],
    units: int,
    captions: bool,
) -> bool:
    """Tell whether the file names its speakers in this form."""
    sure = [head for head in labels if head.likeness is Likeness.SURE]
    counts = Counter(head.key for head in labels)
    returns = max(counts.values()) > 1
    # A heading or bold word may recur too; of speakers, most do.
    most_return = sum(count for count in counts.values() if count > 1) * 5 >= len(labels) * 3
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
            return len(counts) == 2 and len(labels) * 4 >= units
        case "bold" | "spaced":
            return bool(sure) and most_return and len(labels) * 3 >= units
        case "tight":
            return bool(sure) and returns and len(labels) * 5 >= units * 3
        case _:  # alone
            below_times = _stand_below_times(seen, counts)
            if captions and len(labels) * 5 < sum(item.line.first for item in seen) * 3:
                return False
            every = captions and len(labels) == sum(item.line.first for item in seen) and returns
            many = ((most_return or every) and len(counts) > 1) or numbered or below_times
            return bool(sure) and many and _stand_above_words(seen, "alone", counts, within=captions)


def _are_colons_labels(
    seen: Sequence[TimedLine],
    heads: Sequence[tuple[TimedLine, LineLabel]],
    labels: Sequence[LineLabel],
    units: int,
    captions: bool,
) -> bool:
    """Return whether colons mark labels: a role follows one, one begins the file, or names recur."""
    sure = [head for head in labels if head.likeness is Likeness.SURE]
    counts = Counter(head.key for head in labels)
    dense = len(labels) * 8 >= units
    if any(head.role or is_numbered(head.name) for head in labels) or any(item.has_bold_label for item, _ in heads):
        return True
    first = seen[0].heads.get("colon")
    opens = first is not None and first.key in counts
    returns = max(counts.values()) > 1
    if captions:
        begun = opens and bool(sure) and len(labels) * _CUES >= units  # one label in an hour of captions is an accident
        return begun or (returns and (bool(sure) or dense)) or len(labels) == units
    if len(labels) == units:
        return len(labels) > 1 or bool(sure)
    return (opens or returns) and len(labels) > 1 and dense


def _stand_below_times(seen: Sequence[TimedLine], counts: Counter[str]) -> bool:
    """Return whether names alone on a line are mostly below a time alone on a line."""
    names = below = 0
    for above, item in pairwise([None, *seen]):
        if item and (head := item.heads.get("alone")) and head.key in counts:
            names += 1
            below += above is not None and above.timed is not None and not above.timed.rest
    return names > 0 and below * 10 >= names * 7


def _stand_above_words(
    seen: Sequence[TimedLine], form: LabelForm, counts: Counter[str], *, within: bool = False
) -> bool:
    """Return whether lines of this form have words below: mostly a line without a time or such a label.

    ``within``: the words must be in the same cue.
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
