"""What a line may begin with: the forms in which transcripts print a speaker before the words.

    colon    Jane Doe: words      Jane Doe (00:03): words      [00:03] Jane Doe, HOST: words     **Jane Doe:** words
    tight    Jane Doe:words
    header   Jane Doe  0:03       00:00:03 Speaker 1           (the words are on the lines below)
    bracket  [SPEAKER_00]: words  (speaker 1) words            <Jane> words
    column   0:03 TAB Jane TAB words
    answer   Q. words             A.  words
    bold     **Jane Doe** words
    alone    JANE DOE             (a line of its own, the words below)
    spaced   JD - words           Jane Doe - words
    arrow    >> words             >> Jane Doe: words
    dash     - words

A line can have several of them ("[0:03] Jane:"), or only seem to: ``habit`` finds which forms a file uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ingest.formats.credits import split_name, without_degrees
from ingest.formats.marks import Mark, leading_mark, trailing_mark
from ingest.formats.naming import Likeness, likeness, tidy
from kb.text.cleaning import fold

__all__ = ["LabelForm", "Line", "LineLabel", "heads_of", "line_of", "may_begin_with_label", "reads_back"]

LabelForm = Literal[
    "colon", "tight", "header", "bracket", "column", "answer", "bold", "alone", "spaced", "arrow", "dash"
]

_LONGEST = 80
_COLON = re.compile(r":(?=\s|$)|[：﹕፦]")
_TIGHT = re.compile(r":(?![\s/0-9:]|$)")
_ASIDE = re.compile(r"(?:\s*[\[(][^\[\]()]*[\])]){1,3}\s*$")
_BRACKET = re.compile(
    r"(?:\[([^\[\]]{1,80})\]|\(([^()]{1,80})\)|<([^<>]{1,80})>|【([^【】]{1,80})】|［([^［］]{1,80})］)\s*[:：]?\s*"
)
_ANSWER = re.compile(r"([QA])(?:\.:?|:)\s+|([QA])(?:\t| {2,})\s*")
_SPACED = re.compile(r"\s+(?:[-–—]{1,2})\s+")
_ARROWS = re.compile(r">>+\s*")
_DASH = re.compile(r"[-–—‒―](?![-–—‒―0-9])\s*")
_MOST_CELLS = 6  # a row's number, two times, a name, the words
_ADDRESS = re.compile(r"<?(?:https?://|www\.)")
_NUMBER = re.compile(r"[0-9]{1,6}")
_SOUNDS = frozenset(
    """applause beep bell cheering cheers chuckle chuckles clapping coughs coughing cough crosstalk foreign gasp gasps
    groans inaudible indistinct interruption laugh laughing laughs laughter mhm music noise off pause ringing sic sigh
    sighs silence singing sings sound static unclear unintelligible applaus gelächter lachen musik musique rires
    applaudissements música risas aplausos smiech śmiech muzyka redacted blank ad break
    音楽 拍手 笑い 笑 音乐 掌声 笑声 음악 박수 웃음 музыка аплодисменты смех музика оплески сміх موسيقى تصفيق ضحك
    संगीत तालियां müzik alkış gülme μουσική χειροκροτήματα γέλια מוזיקה""".split()
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transcript; ``text`` keeps the tabs between columns and is stripped.

    ``bold`` counts the bold letters at its start. ``heading``: it is a heading, ``item``: an item of a list,
    ``first`` the first line of a paragraph or cue. ``quoted``: it stands in a block quote.
    """

    text: str
    bold: int = 0
    heading: bool = False
    item: bool = False
    first: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class LineLabel:
    """A label that a line may begin with, and the words after it.

    ``name`` is empty for a voice without a name (``>>``). ``role``: a role followed it (``, HOST``).
    """

    form: LabelForm
    name: str
    likeness: Likeness
    rest: str
    role: bool = False
    start: float | None = None
    end: float | None = None

    @property
    def key(self) -> str:
        """Return the key that all labels of one person share."""
        return self.name.casefold()


def line_of(pieces: Iterable[tuple[str, bool]], *, heading: bool = False) -> Line:
    """Return the line that pieces of text make, each given with whether it is bold; a colon after the bold joins it."""
    bold, rest = "", ""
    for text, is_bold in pieces:
        if is_bold and not rest.strip():
            bold, rest = bold + rest + text, ""
        else:
            rest += text
    bold = _folded(bold).strip()
    if bold and rest.lstrip()[:1] in (":", "："):
        bold, rest = bold + rest.lstrip()[0], rest.lstrip()[1:]
    gap = "" if not bold or rest[:1] == "\t" else " " if rest[:1].isspace() or bold[-1] in ":：" else ""
    return Line(_folded(f"{bold}{gap}{rest}").strip(), len(bold), heading)


def _folded(text: str) -> str:
    """Fold the blanks of ``text``, but keep the tabs between columns."""
    return "\t".join(map(fold, text.split("\t")))


def heads_of(line: Line, timed: Mark | None, *, captions: bool = False) -> list[LineLabel]:
    """Return the labels that a line may begin with, the most reliable form first; ``timed`` is the time before them.

    In ``captions``, times, tabs and bold in a line are ignored.
    """
    if captions:
        text = fold(line.text)
        heads = (_colon(text, "", timed=False), _answer(text, None), _bracket(text), _alone(text), *_voice(text))
        return [head for head in heads if head]
    text = fold(timed.rest if timed else line.text)
    bold = _bold_part(line, timed)
    start, end = (timed.start, timed.end) if timed else (None, None)
    found = [_column(line.text), _header(text, timed), _colon(text, bold), _bracket(text), _answer(line.text, timed)]
    found += [_bold(text, bold), _alone(text), _spaced(text), _tight(text), *_voice(text)]
    if line.heading:  # in "Part two: the ferry" the colon belongs to the heading
        found = [head for head in found if head and not head.rest and head.form in ("header", "colon", "alone")]
    return [
        replace(head, start=start if head.start is None else head.start, end=end if head.start is None else head.end)
        for head in found
        if head
    ]


def may_begin_with_label(text: str) -> bool:
    """Tell whether a reader could take the beginning of ``text`` for a label: asked before it is written."""
    heads = heads_of(Line(text), None, captions=True)
    return any(head.likeness > Likeness.NO and head.form != "alone" for head in heads)


def reads_back(name: str) -> bool:
    """Tell whether ``name`` and a colon before every cue's words are read as that name again."""
    head = _colon(f"{name}: so", "", timed=False)
    return head is not None and head.name == name and head.rest == "so" and head.likeness >= Likeness.LIKELY


def _named(form: LabelForm, printed: str, rest: str, **times: float | None) -> LineLabel:
    if _ADDRESS.match(rest):  # "Slides: https://..."
        return LineLabel(form, tidy(printed), Likeness.NO, rest)
    name, role = split_name(printed)
    first, _, again = name.partition(":")
    name = tidy(first if first.strip() == again.strip() else name)  # "Jane Doe: Jane Doe:", a slip
    # Degrees are not judged as part of the name.
    return LineLabel(form, name, likeness(without_degrees(name)), rest, role, times.get("start"), times.get("end"))


def _bold_part(line: Line, timed: Mark | None) -> str:
    """Return the bold text at the start of the line, without the time."""
    bold = fold(line.text[: line.bold])
    mark = leading_mark(bold) if timed else None
    return mark.rest if mark else bold


def _colon(text: str, bold: str, *, timed: bool = True) -> LineLabel | None:
    """Read ``Name: words``; a time may stand before the colon or right after it."""
    colon = _COLON.search(text, 0, _LONGEST + 25)
    ends_bold = bold.endswith((":", "：")) and text.startswith(bold)
    at, after = (len(bold) - 1, len(bold)) if ends_bold else colon.span() if colon else (-1, -1)
    if at < 0:
        return None
    head, rest = text[:at], text[after:].strip()
    voice = _ARROWS.match(head) or _DASH.match(head)
    head = head[voice.end() :] if voice else head
    head = head.strip(" :*") if bold else head.strip()
    times: dict[str, float | None] = {}
    if timed and (mark := trailing_mark(head)) and mark.rest:
        head, times = mark.rest.rstrip(" :,"), {"start": mark.start, "end": mark.end}
    elif timed and (mark := leading_mark(rest)) and (mark.bracketed or not mark.rest or rest.count(":", 0, 9) > 1):
        rest, times = mark.rest, {"start": mark.start, "end": mark.end}
    if aside := _ASIDE.search(head):
        head = head[: aside.start()]
    return _named("colon", head, rest, **times) if 0 < len(head) < _LONGEST else None


def _tight(text: str) -> LineLabel | None:
    colon = _TIGHT.search(text, 0, _LONGEST)
    return _named("tight", text[: colon.start()], text[colon.end() :].strip()) if colon else None


def _header(text: str, timed: Mark | None) -> LineLabel | None:
    """Read a line with only a name and a time, in either order."""
    if mark := trailing_mark(text):
        name = mark.rest.rstrip(" :：,|-–—")
        if bracketed := _BRACKET.fullmatch(name):
            name = _bracketed(bracketed)
        if name and not _COLON.search(name):
            return _headed(name, mark.start, mark.end)
    if timed and 0 < len(text) <= _LONGEST and not _COLON.search(text.rstrip(" :：")):
        return _headed(text.rstrip(" :：,|-–—"), timed.start, timed.end)
    return None


def _headed(name: str, start: float, end: float | None) -> LineLabel | None:
    if aside := _ASIDE.search(name):
        name = name[: aside.start()]
    head = _named("header", name, "", start=start, end=end)
    return head if head.likeness else None


def _bracket(text: str) -> LineLabel | None:
    found = _BRACKET.match(text)
    if not found:
        return None
    name = _bracketed(found).strip(" :")
    if not name or any(word.strip(".,").casefold() in _SOUNDS for word in name.split()):
        return None
    return _named("bracket", name, text[found.end() :])


def _bracketed(found: re.Match[str]) -> str:
    """Return what stands in whichever brackets ``_BRACKET`` found."""
    return next(filter(None, found.groups()), "")


def _column(text: str) -> LineLabel | None:
    """Read ``0:03 TAB Jane TAB words``, the first two in either order, perhaps after a row's number."""
    cells = [fold(cell) for cell in text.split("\t", _MOST_CELLS)] if "\t" in text else []
    cells = cells[next((place for place, cell in enumerate(cells) if cell), 0) :]
    if len(cells) < 2:
        return None
    if len(cells) > 2 and _NUMBER.fullmatch(cells[0]):
        cells.pop(0)
    name, times = "", list[Mark]()
    while len(cells) > 1:
        mark = leading_mark(cells[0])
        if mark and not mark.rest:
            times.append(mark)
        elif not cells[0] and times:
            pass  # an empty name: the same speaker goes on
        elif not name and len(cells[0]) <= _LONGEST:
            name = cells[0]
        else:
            break
        cells.pop(0)
    start = times[0].start if times else None
    end = times[0].end or times[1].start if len(times) > 1 else times[0].end if times else None
    rest = fold(" ".join(cells))
    mark = leading_mark(rest) if not times else None
    if mark and not mark.rest:
        return None  # a name and a time, without words: a header
    if not name:
        return None
    return _named("column", name.rstrip(" .:："), rest, start=start, end=end)


def _answer(raw: str, timed: Mark | None) -> LineLabel | None:
    text = timed.rest if timed else raw.strip()
    found = _ANSWER.match(text)
    return LineLabel("answer", found[1] or found[2], Likeness.LIKELY, fold(text[found.end() :])) if found else None


def _bold(text: str, bold: str) -> LineLabel | None:
    if not bold or not text.startswith(bold):
        return None
    return _named("bold", bold.strip(" :*"), text[len(bold) :].strip(" :"))


def _alone(text: str) -> LineLabel | None:
    return _named("alone", text.rstrip(" :："), "") if 0 < len(text) <= _LONGEST and text[-1:] not in ".?!" else None


def _spaced(text: str) -> LineLabel | None:
    found = _SPACED.search(text, 0, _LONGEST)
    return _named("spaced", text[: found.start()], text[found.end() :]) if found and found.start() else None


def _voice(text: str) -> list[LineLabel]:
    """Read the marks of another voice that has no name: ``>>`` and a dash."""
    marks: tuple[tuple[LabelForm, re.Pattern[str]], ...] = (("arrow", _ARROWS), ("dash", _DASH))
    found = ((form, pattern.match(text)) for form, pattern in marks)
    return [LineLabel(form, "", Likeness.SURE, text[mark.end() :]) for form, mark in found if mark]
