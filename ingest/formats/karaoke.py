"""Karaoke captions: a sentence shown again for every word, with that word underlined, coloured or added."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.formats.cues import Cue
from kb.text.cleaning import fold
from kb.types import Word

__all__ = ["without_highlights"]

_PAUSE = 5.0  # seconds without a cue that always end a sentence


@dataclass(frozen=True, slots=True)
class _Shown:
    """A cue's words without blanks, and the range of letters that is highlighted."""

    cue: Cue
    letters: str
    span: tuple[int, int] | None


@dataclass(slots=True)
class _Group:
    """Cues that show one sentence; ``steps``: the last letter of each highlight, and its time."""

    cues: list[Cue]
    letters: str
    steps: list[tuple[int, int, Cue]] = field(default_factory=list)

    @property
    def is_karaoke(self) -> bool:
        return len(self.cues) > 1 and len(self.steps) > 1


def without_highlights(
    cues: Sequence[Cue],
    plain: Callable[[str], str],
    pieces: Callable[[str], Iterator[tuple[str, bool]]],
) -> list[Cue]:
    """Return each sentence of karaoke captions once, its words with their times; other captions as they are.

    ``plain`` gives a line's words, ``pieces`` its stretches and whether each is highlighted. openai-whisper, WhisperX
    (``--highlight_words``) and stable-ts write such files. A file counts as karaoke where most of its cues belong to
    sentences whose highlight moves on from cue to cue, so that "No." and "No." in two cues stay two.
    """
    groups = list(_groups([_shown(cue, pieces) for cue in cues]))
    moving = sum(len(group.cues) for group in groups if group.is_karaoke)
    # A one-word sentence is shown once in any captions, so it proves nothing.
    telling = sum(len(group.cues) for group in groups if group.is_karaoke or len(group.letters) > 20)
    if not moving or moving * 2 <= telling:
        return list(cues)
    return [cue for group in groups for cue in ([_merged(group, plain)] if group.is_karaoke else group.cues)]


def _shown(cue: Cue, pieces: Callable[[str], Iterator[tuple[str, bool]]]) -> _Shown:
    letters, first, last = "", -1, -1
    for text, highlighted in pieces("\n".join(cue.lines)):
        bare = "".join(fold(text).split())
        if highlighted and bare:
            first = len(letters) if first < 0 else first
            last = len(letters) + len(bare)
        letters += bare
    return _Shown(cue, letters, (first, last) if first >= 0 else None)


def _groups(shown: Sequence[_Shown]) -> Iterator[_Group]:
    group: _Group | None = None
    for item in shown:
        if group is None or not _goes_on(group, item):
            if group is not None:
                yield group
            group = _Group([], item.letters)
        group.cues.append(item.cue)
        if item.span is not None:
            done = group.steps[-1][1] if group.steps else 0
            group.steps.append((max(item.span[0], done), item.span[1], item.cue))
    if group is not None:
        yield group


def _goes_on(group: _Group, item: _Shown) -> bool:
    """Return whether a cue shows the group's sentence again, highlighted further on."""
    above = group.cues[-1]
    if item.letters != group.letters or not item.letters or item.cue.start is None or above.end is None:
        return False
    if not -0.05 <= item.cue.start - above.end <= _PAUSE:
        return False
    if item.span is None:
        return not group.steps or group.steps[-1][1] < len(group.letters)
    return not group.steps or item.span[1] > group.steps[-1][1]


def _merged(group: _Group, plain: Callable[[str], str]) -> Cue:
    """Return the group as one cue; a word has the time of the highlights that end in it."""
    first, last = group.cues[0], group.cues[-1]
    lines = tuple(plain(line) for line in first.lines)
    words: list[Word] = []
    at = step = 0
    for token in fold(" ".join(lines)).split():
        begin, at = at, at + len(token)
        start = end = None
        while step < len(group.steps) and group.steps[step][0] < at:
            begins, ends, cue = group.steps[step]
            if start is None and begins <= begin:
                start = cue.start
            if ends > at:  # it covers the next word too: the end of this one is unknown
                break
            end = cue.end
            step += 1
        words.append(Word(token, start, end))
    return replace(first, end=last.end, lines=lines, words=tuple(words))
