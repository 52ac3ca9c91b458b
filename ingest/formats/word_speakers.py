"""A recogniser's segment whose words name their speakers (WhisperX) -> one segment for each speaker's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kb.types import Attribution, Segment, Word

__all__ = ["SENTENCE_END", "SpokenWord", "split_by_speaker"]

SENTENCE_END = (".", "?", "!", "…", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word and the speaker that a diarizer gave it, if any."""

    word: Word
    speaker: str | None


def split_by_speaker(segment: Segment, spoken: Sequence[SpokenWord]) -> Iterator[Segment]:
    """Yield the segment with its words, in one part for each run of words of one speaker.

    A word without a speaker (WhisperX aligns no numbers) belongs to the sentence that it stands in; between two
    sentences of two people it has no speaker. If no word has a speaker, the segment keeps its own.
    """
    words = tuple(item.word for item in spoken)
    if not any(item.speaker for item in spoken):
        yield replace(segment, words=words)
        return
    speakers = _completed(spoken)
    runs = [(speaker, sum(1 for _ in run)) for speaker, run in groupby(speakers)]
    texts = _texts(segment.text, [word.text for word in words], [count for _, count in runs])
    at = 0
    for number, ((speaker, count), text) in enumerate(zip(runs, texts, strict=True)):
        own = words[at : at + count]
        at += count
        start = segment.start if number == 0 else own[0].start
        end = segment.end if number == len(runs) - 1 else own[-1].end
        if start is not None and end is not None and end < start:
            start = end = None
        how: Attribution = "diarization" if speaker else "given"
        yield replace(segment, start=start, end=end, text=text, speaker=speaker, words=own, attribution=how)


def _completed(spoken: Sequence[SpokenWord]) -> list[str | None]:
    """Return every word's speaker; one without belongs to the words before, or begins the next sentence."""
    after: list[str | None] = []
    following: str | None = None
    for item in reversed(spoken):
        following = item.speaker or following
        after.append(following)
        if item.word.text.endswith(SENTENCE_END) and item.speaker is None:
            following = None  # a sentence of its own: perhaps not said by the next speaker
            after[-1] = None
    after.reverse()
    speakers: list[str | None] = []
    before: str | None = None
    ended = True
    for item, next_ in zip(spoken, after, strict=True):
        if item.speaker is None and before is not None and (not ended or next_ == before):
            speaker: str | None = before
        else:
            speaker = item.speaker or next_
        speakers.append(speaker)
        before, ended = speaker, item.word.text.endswith(SENTENCE_END)
    return speakers


def _texts(text: str, words: Sequence[str], counts: Sequence[int]) -> Iterator[str]:
    """Yield the stretch of ``text`` that each run of words covers; the words alone if they do not match the text."""
    ends = list(_ends(text, words))
    at = first = 0
    for position, count in enumerate(counts):
        last = first + count
        if len(ends) < len(words):
            yield " ".join(words[first:last])
        else:
            end = len(text) if position == len(counts) - 1 else ends[last - 1]
            yield text[at:end].strip()
            at = end
        first = last


def _ends(text: str, words: Sequence[str]) -> Iterator[int]:
    """Yield where each word ends in the text, as long as only blanks are between them there."""
    at = 0
    for word in words:
        while text.startswith(" ", at):
            at += 1
        if not text.startswith(word, at):
            return
        at += len(word)
        yield at
