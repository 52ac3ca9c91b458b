"""A JSON file -> the parser of its shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.formats.encoding import decode
from ingest.formats.json_file import load, objects_in, text_of
from ingest.formats.podcast_json import podcast_transcript
from ingest.formats.service_json import service_transcript
from ingest.formats.whisper_json import whisper_cpp_transcript, whisper_transcript
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = ["parse_json"]


def parse_json(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a JSON file: Podcasting 2.0's, a recogniser's or a service's, told apart by their keys.

    A faulty segment keeps its words, with a remark. Raises ``FormatError`` for what is not JSON, has another shape,
    or has nothing but faulty segments.
    """
    return _transcript(path, load(path, decode(path, data)))


def _transcript(path: Path, document: object) -> Transcript:
    if isinstance(document, list):  # the list of segments that scripts around faster-whisper write
        document = {"segments": document}
    if isinstance(document, dict):
        if service := service_transcript(path, document):
            return service
        if "transcription" in document:
            return whisper_cpp_transcript(path, document)
        if isinstance(document.get("chunks"), list):
            return whisper_transcript(path, {**document, "segments": _from_chunks(document)})
        first: Mapping[str, Any] = next(objects_in(document.get("segments")), {})
        if "body" in first:
            return podcast_transcript(path, document)
        if "text" in first:
            return whisper_transcript(path, document)
        if not document.get("segments") and text_of(document.get("text")):  # OpenAI's API in its short form
            return whisper_transcript(path, {**document, "segments": [{"text": document["text"]}]})
    problem = phrase("The JSON is not a transcript in a known form (Podcasting 2.0, Whisper's or a service's).")
    raise FormatError(path, problem, phrase('It needs "segments" with "body" or "text"; or use another format.'))


def _from_chunks(document: Mapping[str, Any]) -> list[object]:
    """Return the chunks of Transformers' pipeline, or insanely-fast-whisper's ``speakers``, as Whisper's segments."""
    named = document.get("speakers")
    chunks = named if isinstance(named, list) and named else document["chunks"]
    return [_from_chunk(chunk) if isinstance(chunk, dict) else chunk for chunk in chunks]


def _from_chunk(chunk: Mapping[str, Any]) -> dict[str, Any]:
    times = chunk.get("timestamp")
    start, end = times if isinstance(times, list) and len(times) == 2 else (None, None)
    return {**chunk, "start": start, "end": end}
