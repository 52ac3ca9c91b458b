"""What speech recognisers write: the JSON of openai-whisper, faster-whisper, WhisperX, whisper.cpp and OpenAI's API."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.formats.canonical import make_transcript
from ingest.formats.json_file import Source, number_of, text_of, timed_words
from kb.types import Segment, Transcript, Word

__all__ = ["whisper_cpp_transcript", "whisper_transcript"]


def whisper_transcript(path: Path, document: Mapping[str, Any]) -> Transcript:
    """Return the machine transcript of a document with ``segments`` of ``start``, ``end`` and ``text``.

    Words keep their times and probabilities (WhisperX: ``score``); a word without times, as WhisperX leaves numbers,
    stays without. Speakers are the labels of a diarization. The engine is named where the file gives it away.
    Raises ``FormatError`` for a segment whose times are no numbers or run backwards.
    """
    source = Source(path)
    items = source.objects(document.get("segments"), "segments")
    segments = [_segment(source, number, item) for number, item in enumerate(items, 1)]
    loose = [word for item in source.objects(document.get("words"), "words") for word in _word(item)]
    if loose and not any(segment.words for segment in segments):
        segments = _with_words(segments, loose)
    return make_transcript(
        path,
        segments,
        language=text_of(document.get("language")) or None,
        source="machine",
        engine=text_of(document.get("engine")) or _engine(document, items),
        model=text_of(document.get("model")) or None,
    )


def whisper_cpp_transcript(path: Path, document: Mapping[str, Any]) -> Transcript:
    """Return the machine transcript of a whisper.cpp document: ``transcription`` with offsets in milliseconds."""
    source = Source(path)
    segments = []
    for number, item in enumerate(source.objects(document.get("transcription"), "transcription"), 1):
        start, end = source.span(number, *_offsets(item))
        words = tuple(_joined(source.objects(item.get("tokens"), "tokens")))
        segments.append(Segment(start, end, text_of(item.get("text")), words=words))
    result, model = document.get("result"), document.get("model")
    return make_transcript(
        path,
        segments,
        language=text_of(result.get("language")) or None if isinstance(result, dict) else None,
        source="machine",
        engine="whisper.cpp",
        model=text_of(model.get("type")) or None if isinstance(model, dict) else None,
    )


def _segment(source: Source, number: int, item: Mapping[str, Any]) -> Segment:
    start, end = source.span(number, item.get("start"), item.get("end"))
    return Segment(
        start,
        end,
        text_of(item.get("text")),
        text_of(item.get("speaker")) or None,
        tuple(word for own in source.objects(item.get("words"), "words") for word in _word(own)),
        number_of(item.get("avg_logprob")),
        number_of(item.get("no_speech_prob")),
    )


def _word(item: Mapping[str, Any]) -> Iterator[Word]:
    text = item.get("word", item.get("text"))
    return timed_words(text, item.get("start"), item.get("end"), item.get("probability", item.get("score")))


def _engine(document: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str | None:
    """Tell the engine by keys that it alone writes; the Whispers that write the same keys are just ``whisper``."""
    if "word_segments" in document:
        return "whisperx"
    if document.get("task") == "transcribe" and "duration" in document:
        return "openai-api"
    return "whisper" if any("no_speech_prob" in item for item in items) else None


def _with_words(segments: list[Segment], words: Sequence[Word]) -> list[Segment]:
    """Give the words of a whole file (OpenAI's API) to the segments in whose time they start."""
    starts = [segment.start or 0.0 for segment in segments]
    if starts != sorted(starts):
        return segments
    own: list[list[Word]] = [[] for _ in segments]
    for word in words:
        if word.start is not None:
            own[max(0, bisect_right(starts, word.start) - 1)].append(word)
    return [replace(segment, words=tuple(mine)) for segment, mine in zip(segments, own, strict=True)]


def _offsets(item: Mapping[str, Any]) -> tuple[float | None, float | None]:
    offsets = item.get("offsets")
    if not isinstance(offsets, dict):
        return None, None
    start, end = (number_of(offsets.get(key)) for key in ("from", "to"))
    return None if start is None else start / 1000, None if end is None else end / 1000


def _joined(tokens: Sequence[Mapping[str, Any]]) -> Iterator[Word]:
    """Join whisper.cpp's tokens to words: a token with a space in front begins one, ``[_BEG_]`` is none."""
    groups: list[list[Mapping[str, Any]]] = []
    for token in tokens:
        text = token.get("text")
        if not isinstance(text, str) or text.startswith("[_"):
            continue
        if text.startswith(" ") or not groups:
            groups.append([])
        groups[-1].append(token)
    for group in groups:
        chances = [chance for token in group if (chance := number_of(token.get("p"))) is not None]
        mean = sum(chances) / len(chances) if chances else None
        text = "".join(token["text"] for token in group)
        yield from timed_words(text, _offsets(group[0])[0], _offsets(group[-1])[1], mean)
