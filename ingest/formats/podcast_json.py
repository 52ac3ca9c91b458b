"""Podcasting 2.0 JSON transcripts, with the words' times where known.

The format is https://github.com/Podcastindex-org/podcast-namespace (transcripts.md). Our own files add to each segment
``words`` (``body``, ``startTime``, ``endTime``, ``probability``), ``avgLogprob``, ``noSpeechProb``, ``attribution``
(how the speaker is known, where not from the file itself), ``newVoice`` and ``readOut``, and to the file ``language``,
``source``, ``engine`` and ``model``; readers that do not know them pass them over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ingest.formats.canonical import make_transcript, words_of
from ingest.formats.json_file import JsonSource, number_of, objects_in, text_of, timed_words
from kb.types import Attribution, Origin, Segment, Transcript

__all__ = ["compose_podcast_json", "podcast_transcript"]

_SENTENCE_END = re.compile(r"[.?!…。？！][\"'”’»)\]]*$")
_PAUSE = 2.0  # seconds of silence that end a sentence without a full stop
_MOST_WORDS = 100  # in one merged segment, if there is no punctuation


def podcast_transcript(path: Path, document: Mapping[str, Any]) -> Transcript:
    """Return the transcript of a Podcasting 2.0 JSON document.

    Files that hold one word in each segment are merged into sentences, whose words keep their times. A segment whose
    times are not numbers or run backwards keeps its words, with a remark; ``FormatError`` if all are like that.
    """
    source = JsonSource(path)
    items = [item for _, item in source.segments(document.get("segments"), "segments")]
    segments = [_segment(source, *numbered) for numbered in source.segments(document.get("segments"), "segments")]
    spoken = [segment for segment in segments if segment.text]
    if not any("words" in item for item in items) and _word_by_word(spoken):
        ends = [str(item.get("body", "")).rstrip(" \t").endswith("\n") for item in items if text_of(item.get("body"))]
        spoken = list(_sentences(spoken, ends))
    transcript = make_transcript(
        path,
        spoken,
        language=text_of(document.get("language")) or None,
        source=next((origin for origin in get_args(Origin) if document.get("source") == origin), "unknown"),
        engine=text_of(document.get("engine")) or None,
        model=text_of(document.get("model")) or None,
    )
    return replace(transcript, remarks=source.remarks(len(document["segments"])))


#: Characters of the reason why something is an advertisement.
_LONGEST_REASON = 300


def compose_podcast_json(transcript: Transcript) -> str:
    """Return the transcript as Podcasting 2.0 JSON, one segment per line; reading it back gives the same transcript."""
    about = {"language": transcript.language, "engine": transcript.engine, "model": transcript.model}
    head = {"version": "1.0.0", "source": transcript.source, **_known(about)}
    lines = [json.dumps(_item(segment), ensure_ascii=False) for segment in transcript.segments]
    return json.dumps(head, ensure_ascii=False)[:-1] + ', "segments": [\n' + ",\n".join(lines) + "\n]}\n"


def _item(segment: Segment) -> dict[str, Any]:
    words = [
        {"body": word.text} | _known({"startTime": word.start, "endTime": word.end, "probability": word.probability})
        for word in segment.words
    ]
    return (
        _known(
            {
                "speaker": segment.speaker,
                "attribution": _unusual_attribution(segment),
                "startTime": segment.start,
                "endTime": segment.end,
            }
        )
        # An empty list marks a complete segment, even of one word: see the merging above.
        | {"body": segment.text, "words": words}
        | ({"newVoice": True} if segment.new_voice else {})
        | _known({"advertisement": segment.advert})
        | ({"readOut": True} if segment.read_out else {})
        | _known({"avgLogprob": segment.avg_logprob, "noSpeechProb": segment.no_speech_prob})
    )


def _unusual_attribution(segment: Segment) -> Attribution | None:
    """Return how the speaker is known, if not from the file itself."""
    return segment.attribution if segment.speaker and segment.attribution != "given" else None


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _segment(source: JsonSource, number: int, item: Mapping[str, Any]) -> Segment:
    start, end = source.span(number, item.get("startTime"), item.get("endTime"))
    words = tuple(
        word
        for own in objects_in(item.get("words"))
        for word in timed_words(own.get("body"), own.get("startTime"), own.get("endTime"), own.get("probability"))
    )
    return Segment(
        start,
        end,
        text_of(item.get("body")),
        text_of(item.get("speaker")) or None,
        words,
        number_of(item.get("avgLogprob")),
        number_of(item.get("noSpeechProb")),
        _attribution(item.get("attribution")),
        item.get("newVoice") is True,
        text_of(item.get("advertisement"))[:_LONGEST_REASON] or None,
        item.get("readOut") is True,
    )


def _attribution(value: object) -> Attribution:
    return next((known for known in get_args(Attribution) if value == known), "given")


def _word_by_word(segments: Sequence[Segment]) -> bool:
    single = sum(" " not in segment.text for segment in segments)
    return len(segments) > 1 and single * 10 >= len(segments) * 9


def _sentences(segments: Sequence[Segment], ends_line: Sequence[bool]) -> Iterator[Segment]:
    """Merge words up to the end of a sentence or line, a pause or another speaker."""
    open_: list[Segment] = []
    for segment, ends in zip(segments, ends_line, strict=True):
        if open_ and (_parted(open_[-1], segment) or _goes_back(open_, segment)):
            yield _merged(open_)
            open_ = []
        open_.append(segment)
        if ends or _SENTENCE_END.search(segment.text) or len(open_) >= _MOST_WORDS:
            yield _merged(open_)
            open_ = []
    if open_:
        yield _merged(open_)


def _parted(above: Segment, segment: Segment) -> bool:
    paused = above.end is not None and segment.start is not None and segment.start - above.end > _PAUSE
    return paused or above.speaker != segment.speaker


def _goes_back(above: Sequence[Segment], segment: Segment) -> bool:
    """Return whether a word's time lies before the last one: two files in one, or two clocks."""
    before = next((word.start for word in reversed(above) if word.start is not None), 0.0)
    return any(time is not None and time < before for time in (segment.start, segment.end))


def _merged(parts: Sequence[Segment]) -> Segment:
    words = tuple(word for part in parts for word in words_of(part.text, part.start, part.end))
    return replace(parts[0], end=parts[-1].end, text=" ".join(part.text for part in parts), words=words)
