"""The JSON of transcription services: Deepgram, AssemblyAI, Amazon Transcribe, Rev.ai."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.formats.canonical import make_transcript
from ingest.formats.json_file import number_of, objects_in, text_of, timed_words
from ingest.formats.word_speakers import SENTENCE_END, SpokenWord
from kb.types import Segment, Transcript

__all__ = ["service_transcript"]

_MOST_WORDS = 100  # in one segment, if there is no punctuation
_LETTERS = 2  # of a label that is not a name: "A", "12"


def service_transcript(path: Path, document: Mapping[str, Any]) -> Transcript | None:
    """Return the machine transcript of a service's document; ``None`` for other documents.

    The services list words, each with its time and the label of a diarization; a segment is a sentence of one label.
    """
    results = document.get("results")
    if isinstance(results, dict) and isinstance(results.get("channels"), list):
        engine, words = "deepgram", list(_deepgram(results))
    elif isinstance(results, dict) and isinstance(results.get("items"), list):
        engine, words = "amazon-transcribe", list(_amazon(results))
    elif isinstance(document.get("monologues"), list):
        engine, words = "rev-ai", list(_rev(document))
    elif ("utterances" in document or "audio_url" in document) and isinstance(document.get("words"), list):
        engine, words = "assemblyai", list(_assembly(document))
    else:
        return None
    if not words:
        return None
    segments = list(_sentences(words))
    if engine == "deepgram" and all(segment.start is not None for segment in segments):
        segments.sort(key=lambda segment: segment.start or 0.0)  # one channel is listed after the other
    language = text_of(document.get("language_code")) or None
    return make_transcript(path, segments, language=language, source="machine", engine=engine)


def _deepgram(results: Mapping[str, Any]) -> Iterator[SpokenWord]:
    channels = list(objects_in(results["channels"]))
    for number, channel in enumerate(channels):
        best: Mapping[str, Any] = next(objects_in(channel.get("alternatives")), {})
        for item in objects_in(best.get("words")):
            # A call that is recorded in two channels has a voice in each.
            speaker = _label(number if len(channels) > 1 else item.get("speaker"))
            text = item.get("punctuated_word", item.get("word"))
            yield from _spoken(text, item.get("start"), item.get("end"), item.get("confidence"), speaker)


def _amazon(results: Mapping[str, Any]) -> Iterator[SpokenWord]:
    labelled = results.get("speaker_labels")
    segments = objects_in(labelled.get("segments")) if isinstance(labelled, dict) else ()
    speakers = {
        text_of(item.get("start_time")): item.get("speaker_label")
        for segment in segments
        for item in objects_in(segment.get("items"))
    }
    joined: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = []
    for item in objects_in(results["items"]):
        best: Mapping[str, Any] = next(objects_in(item.get("alternatives")), {})
        text = text_of(best.get("content"))
        if item.get("type") == "punctuation" and joined:
            joined[-1] = (joined[-1][0] + text, *joined[-1][1:])
        else:
            joined.append((text, item, best))
    for text, item, best in joined:
        speaker = _label(item.get("speaker_label") or speakers.get(text_of(item.get("start_time"))))
        chance = best.get("confidence")
        chance = float(chance) if isinstance(chance, str) and chance.replace(".", "", 1).isdecimal() else chance
        yield from _spoken(text, item.get("start_time"), item.get("end_time"), chance, speaker)


def _rev(document: Mapping[str, Any]) -> Iterator[SpokenWord]:
    for monologue in objects_in(document["monologues"]):
        speaker = _label(monologue.get("speaker"))
        elements = list(objects_in(monologue.get("elements")))
        for position, item in enumerate(elements):
            if item.get("type") != "text":
                continue
            following = elements[position + 1] if position + 1 < len(elements) else {}
            mark = text_of(following.get("value")) if following.get("type") == "punct" else ""
            text = text_of(item.get("value")) + mark
            yield from _spoken(text, item.get("ts"), item.get("end_ts"), item.get("confidence"), speaker)


def _assembly(document: Mapping[str, Any]) -> Iterator[SpokenWord]:
    for item in objects_in(document["words"]):
        start, end = (_from_milliseconds(item.get(key)) for key in ("start", "end"))
        yield from _spoken(item.get("text"), start, end, item.get("confidence"), _label(item.get("speaker")))


def _spoken(text: object, start: object, end: object, chance: object, speaker: str | None) -> Iterator[SpokenWord]:
    return (SpokenWord(word, speaker) for word in timed_words(text, start, end, chance))


def _from_milliseconds(value: object) -> float | None:
    number = number_of(value)
    return None if number is None else number / 1000


def _label(value: object) -> str | None:
    """Return a speaker's label: as printed, unless it is only a number or a letter."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    name = text_of(str(value))
    return f"Speaker {name}" if 0 < len(name) <= _LETTERS else name or None


def _sentences(words: Sequence[SpokenWord]) -> Iterator[Segment]:
    """Yield the words in sentences of one speaker."""
    open_: list[SpokenWord] = []
    for item in words:
        if open_ and (
            open_[-1].speaker != item.speaker or open_[-1].word.text.endswith(SENTENCE_END) or len(open_) >= _MOST_WORDS
        ):
            yield _segment(open_)
            open_ = []
        open_.append(item)
    if open_:
        yield _segment(open_)


def _segment(spoken: Sequence[SpokenWord]) -> Segment:
    words = tuple(item.word for item in spoken)
    start, end, speaker = words[0].start, words[-1].end, spoken[0].speaker
    if start is not None and end is not None and end < start:
        start = end = None
    said = Segment(start, end, " ".join(word.text for word in words), speaker, words)
    return replace(said, attribution="diarization") if speaker else said
