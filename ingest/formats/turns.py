"""The lines of a text, a page or a document -> segments with their speakers and times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.formats.canonical import close_ends
from ingest.formats.habit import LineReading, with_full_names
from ingest.formats.labels import Line, line_of
from ingest.formats.marks import parted_at_marks
from ingest.formats.naming import is_unknown
from ingest.formats.within import read_parted
from kb.text.cleaning import fold
from kb.types import Attribution, Segment

__all__ = ["segments_of"]

_SOUNDBITE = re.compile(r"\(SOUNDBITES? OF [^()]*\)")
_DIRECTION = re.compile(r"[(\[][^()\[\]]*[)\]][.]?")
_INTERLUDES = frozenset(["ad", "break", "intro", "jingle", "music", "outro", "recording", "sample", "song", "sponsor"])
# What services print around the speech: the recording's name, the transcriber, the start time.
_FURNITURE = re.compile(
    r"(?i:audio file|transcript(?:ion)?|begin(?:ning)? of transcript|end of transcript(?:ion)?"
    r"|(?:transcribed|transcript (?:created|generated|provided)|generated|exported) (?:by|with|from) .{1,80}"
    r"|.{0,80}\b(?:started|stopped) transcription|[^/\\]{1,120}\.(?:mp3|m4a|wav|mp4|ogg|flac|aac|mov|webm|opus))"
)
_SPARSE = 8  # from this many paragraphs per label on, labels are rare
_COLUMNS = frozenset(
    "# no. start end in out time timecode timestamp times name speaker speakers text transcript dialogue words".split()
)
_PREAMBLE = 12, 800  # the most lines and letters above the speech, such as a title and a date


@dataclass(slots=True)
class _Speech:
    """The segments so far, and who speaks."""

    carries: bool
    begun: list[tuple[Segment, list[str]]] = field(default_factory=list)  # each with its words, line by line
    speaker: str | None = None
    covers: frozenset[str] | None = None  # names that hold over paragraphs without a label; ``None`` for all
    awaiting: bool = False  # a label alone on its line; its words follow
    coming: tuple[float | None, float | None] = (None, None)  # a time alone on its line belongs to the words below
    new_voice: bool = False
    goes_on: bool = False  # the next line belongs to the last segment
    labelled_in_quote: bool = False  # the speaker's own label stands in a block quote: the transcript is one

    def begin(self, reading: LineReading, quoted: bool) -> None:
        """Handle the label of a line, or a doubt about the speaker."""
        self.speaker = None if is_unknown(reading.name) else reading.name or None
        self.labelled_in_quote = quoted and self.speaker is not None
        self.awaiting = self.new_voice = True
        if reading.start is not None:
            self.coming = reading.start, reading.end

    def say(self, text: str, paragraph: bool, quoted: bool) -> None:
        """Add words to the label above them, or to the current speaker, who reads out a block quote."""
        for place, (start, words) in enumerate(parted_at_marks(text)):
            if start is not None:
                self.coming = start, None
            if words := fold(_SOUNDBITE.sub(" ", words)):
                self._add(words, paragraph and not place, quoted and not self.labelled_in_quote)

    def _add(self, words: str, paragraph: bool, read_out: bool) -> None:
        alike = self.goes_on and self.begun[-1][0].read_out == (read_out and self.speaker is not None)
        if alike and not paragraph and not self.awaiting and self.coming == (None, None):
            self.begun[-1][1].append(words)
            return
        if not self.awaiting and paragraph and not self._goes_on():
            self.speaker = None
        attribution: Attribution = "label" if self.awaiting else "carried"
        if not self.awaiting and not paragraph and self.begun:
            attribution = self.begun[-1][0].attribution
        known = attribution if self.speaker else "given"
        new_voice = self.new_voice and self.speaker is None
        read_out = read_out and self.speaker is not None  # else nobody is known to read
        segment = Segment(*self.coming, "", self.speaker, attribution=known, new_voice=new_voice, read_out=read_out)
        self.begun.append((segment, [words]))
        self.coming, self.awaiting, self.new_voice, self.goes_on = (None, None), False, False, True

    def _goes_on(self) -> bool:
        """Return whether the speaker holds for another paragraph."""
        return self.carries and (self.covers is None or self.speaker in self.covers)

    def pause(self, times: Sequence[float]) -> None:
        """End the words above at a break, after which the speaker is unknown."""
        if times and self.begun:
            above, words = self.begun[-1]
            if above.end is None and (above.start is None or above.start <= times[0]):
                self.begun[-1] = replace(above, end=times[0]), words
        self.speaker, self.awaiting, self.new_voice, self.goes_on = None, False, True, False
        self.coming = (times[1] if len(times) > 1 else None), None


def segments_of(blocks: Iterable[Sequence[Line | str]]) -> tuple[Segment, ...]:
    """Return the segments of paragraphs, each given by its lines; a segment for each paragraph or time.

    Labels are read in the forms that the text uses, and a speaker holds over paragraphs
    without a label, except in the style of public radio (``, HOST``), which labels every turn. Stage directions in
    capitals, ``(SOUNDBITE OF MUSIC)``, times of breaks and what services print around the speech are left out.
    """
    lines = [line for block in blocks for line in _lines(block) if not _is_furniture(line.text)]
    parted, readings = read_parted(lines, captions=False)
    lines = [part for parts in parted for part in parts]
    above = _preamble(lines, readings)
    readings = with_full_names(readings[above:])
    speech = _Speech(carries=not any(reading.role for reading in readings), covers=_carried(lines[above:], readings))
    for line, reading in zip(lines[above:], readings, strict=True):
        _take(speech, line, reading)
    return close_ends([replace(segment, text=" ".join(words)) for segment, words in speech.begun])


def _carried(lines: Sequence[Line], readings: Sequence[LineReading]) -> frozenset[str] | None:
    """Return the names that hold over paragraphs without a label: all (``None``) unless labels are rare.

    If labels are rare, only the first name and names that recur do, so that a wrong label covers little.
    """
    labels = [reading for reading in readings if reading.kind == "label"]
    spoken = [reading for line, reading in zip(lines, readings, strict=True) if line.first and not line.heading]
    if not spoken or len(labels) * _SPARSE >= len(spoken):
        return None
    counts = Counter(reading.name for reading in labels)
    opening = {spoken[0].name} if spoken[0].kind == "label" else set()
    return frozenset(opening | ({name for name, count in counts.items() if count > 1} if opening else set()))


def _is_furniture(text: str) -> bool:
    cells = text.casefold().split("\t")
    return _FURNITURE.fullmatch(text) is not None or (
        len(cells) > 1 and all(cell.strip() in _COLUMNS for cell in cells)
    )


def _lines(block: Sequence[Line | str]) -> Iterator[Line]:
    for place, line in enumerate(block):
        if isinstance(line, str):
            line = line_of([(line, False)])
        yield replace(line, first=place == 0)


def _take(speech: _Speech, line: Line, reading: LineReading) -> None:
    if _is_direction(reading.words) and reading.kind == "words":
        if not speech.awaiting:
            speech.speaker, speech.goes_on = None, False
        return
    if (times := _interlude(line, reading)) is not None:
        speech.pause(times)
        return
    if line.heading and reading.kind == "words":
        return
    if reading.kind != "words":
        speech.begin(reading, line.quoted)
        speech.goes_on = False
    elif reading.start is not None:
        speech.coming = reading.start, reading.end
    speech.say(reading.words, line.first or reading.start is not None, line.quoted)


def _interlude(line: Line, reading: LineReading) -> list[float] | None:
    """Return the times of a line that only says when a break or a jingle plays: ``**Break:** [04:01] to [05:00]``."""
    parts = parted_at_marks(fold(line.text))
    words = " ".join(text for _, text in parts).casefold().replace(":", " ").split()
    if not words or words[0] not in _INTERLUDES or len(words) > 6:
        return None
    bold = fold(line.text[: line.bold]).casefold().replace(":", " ").split()
    rest = words[len(bold) :] if bold and words[: len(bold)] == bold else words[1:]
    times = [start for start, _ in parts if start is not None]
    if rest not in ([], ["to"]) or not (bold or times or reading.start is not None):
        return None
    return [reading.start, *times] if reading.start is not None and reading.start not in times else times


def _preamble(lines: Sequence[Line], readings: Sequence[LineReading]) -> int:
    """Return how many lines precede the speech in a file whose turns all have times."""
    timed = [reading.start is not None for reading in readings if reading.kind == "label" and reading.name]
    first = next((place for place, reading in enumerate(readings) if reading.start is not None), 0)
    above = lines[:first]
    few = len(above) <= _PREAMBLE[0] and sum(len(line.text) for line in above) <= _PREAMBLE[1]
    named = any(reading.kind == "label" for reading in readings[:first])
    return first if timed and all(timed) and few and not named else 0


def _is_direction(text: str) -> bool:
    return text.isupper() and _DIRECTION.fullmatch(text) is not None
