"""What speech recognisers write: the JSON of openai-whisper, faster-whisper, WhisperX, whisper.cpp and OpenAI's API."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.formats.canonical import make_transcript
from ingest.formats.json_file import JsonSource, number_of, objects_in, text_of, timed_words
from ingest.formats.machine_labels import split_machine_label
from ingest.formats.word_speakers import SpokenWord, split_by_speaker
from kb.types import Attribution, Segment, Transcript, Word

__all__ = ["whisper_cpp_transcript", "whisper_transcript"]


def whisper_transcript(path: Path, document: Mapping[str, Any]) -> Transcript:
    """Return the machine transcript of a document with ``segments`` of ``start``, ``end`` and ``text``.

    Words keep their times and probabilities (WhisperX: ``score``, whisper-timestamped: ``confidence``); a word without
    times, as WhisperX leaves numbers, stays without. Speakers are the labels of a diarization; where words have their
    own, a segment is split where the speaker changes. The engine is named if the file shows it. A segment
    whose times are not numbers or run backwards keeps its words, with a remark; ``FormatError`` if all are like that.
    """
    source = JsonSource(path)
    numbered = list(source.segments(document.get("segments"), "segments"))
    segments = [_segment(source, number, item) for number, item in numbered]
    own = [_spoken(item.get("words")) for _, item in numbered]
    loose = _spoken(document.get("words") or document.get("word_segments"))
    if loose and not any(own):
        own = _shared_out(segments, loose)
    transcript = make_transcript(
        path,
        [part for segment, words in zip(segments, own, strict=True) for part in split_by_speaker(segment, words)],
        language=text_of(document.get("language")) or None,
        source="machine",
        engine=text_of(document.get("engine")) or _engine(document, [item for _, item in numbered]),
        model=text_of(document.get("model")) or None,
    )
    return replace(transcript, remarks=source.remarks(len(document["segments"])))


def whisper_cpp_transcript(path: Path, document: Mapping[str, Any]) -> Transcript:
    """Return the machine transcript of a whisper.cpp document: ``transcription`` with offsets in milliseconds."""
    source = JsonSource(path)
    segments = []
    turned = False
    for number, item in source.segments(document.get("transcription"), "transcription"):
        start, end = source.span(number, *_offsets(item))
        words = tuple(_joined(list(objects_in(item.get("tokens")))))
        speaker = _cpp_speaker(item.get("speaker"))
        text = text_of(item.get("text"))
        how: Attribution = "diarization" if speaker else "given"
        segments.append(Segment(start, end, text, speaker, words, attribution=how, new_voice=turned))
        turned = item.get("speaker_turn_next") is True
    result, model = document.get("result"), document.get("model")
    transcript = make_transcript(
        path,
        segments,
        language=text_of(result.get("language")) or None if isinstance(result, dict) else None,
        source="machine",
        engine="whisper.cpp",
        model=text_of(model.get("type")) or None if isinstance(model, dict) else None,
    )
    return replace(transcript, remarks=source.remarks(len(document["transcription"])))


def _segment(source: JsonSource, number: int, item: Mapping[str, Any]) -> Segment:
    start, end = source.span(number, item.get("start"), item.get("end"))
    text, speaker = text_of(item.get("text")), text_of(item.get("speaker")) or None
    if speaker is None and (labelled := split_machine_label(text)):
        speaker, text = labelled
    return Segment(
        start,
        end,
        text,
        speaker,
        avg_logprob=number_of(item.get("avg_logprob")),
        no_speech_prob=number_of(item.get("no_speech_prob")),
        attribution="diarization" if speaker else "given",
    )


def _spoken(words: object) -> list[SpokenWord]:
    """Return the words of a list, each with the speaker that it names."""
    return [
        SpokenWord(word, text_of(item.get("speaker")) or None) for item in objects_in(words) for word in _word(item)
    ]


def _word(item: Mapping[str, Any]) -> Iterator[Word]:
    chances = (item.get(key) for key in ("probability", "score", "confidence"))
    chance = next((chance for chance in chances if chance is not None), None)
    return timed_words(item.get("word", item.get("text")), item.get("start"), item.get("end"), chance)


def _cpp_speaker(value: object) -> str | None:
    """Return a speaker as whisper.cpp calls it in its captions; its JSON has the number alone, or ``?``."""
    name = text_of(value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return f"speaker {name}" if name.isdecimal() else None if name in ("", "?") else name


def _engine(document: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the engine, from keys that only it writes; engines with the same keys are all called ``whisper``."""
    if "word_segments" in document:
        return "whisperx"
    if document.get("task") == "transcribe" and "duration" in document:
        return "openai-api"
    if any("confidence" in word for item in items for word in objects_in(item.get("words"))):
        return "whisper-timestamped"
    return "whisper" if any("no_speech_prob" in item for item in items) else None


def _shared_out(segments: list[Segment], words: Sequence[SpokenWord]) -> list[list[SpokenWord]]:
    """Give the words of a whole file (OpenAI's API) to the segments in whose time they start."""
    own: list[list[SpokenWord]] = [[] for _ in segments]
    starts = [segment.start or 0.0 for segment in segments]
    if starts == sorted(starts):
        for spoken in words:
            if spoken.word.start is not None:
                own[max(0, bisect_right(starts, spoken.word.start) - 1)].append(spoken)
    return own


def _offsets(item: Mapping[str, Any]) -> tuple[float | None, float | None]:
    offsets = item.get("offsets")
    if not isinstance(offsets, dict):
        return None, None
    start, end = (number_of(offsets.get(key)) for key in ("from", "to"))
    return None if start is None else start / 1000, None if end is None else end / 1000


def _joined(tokens: Sequence[Mapping[str, Any]]) -> Iterator[Word]:
    """Join whisper.cpp's tokens to words: a leading space begins a word; ``[_BEG_]`` is skipped."""
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
