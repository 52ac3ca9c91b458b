"""A JSON file -> the parser of its shape."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.json_file import load
from ingest.formats.podcast_json import podcast_transcript
from ingest.formats.whisper_json import whisper_cpp_transcript, whisper_transcript
from kb.errors import FormatError
from kb.types import Transcript

__all__ = ["parse_json"]


def parse_json(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a JSON file: Podcasting 2.0's or a speech recogniser's, told apart by their keys.

    Raises ``FormatError`` for what is not JSON, has another shape, or holds impossible times.
    """
    document = load(path, data)
    if isinstance(document, list):  # the bare segments of a script around faster-whisper
        document = {"segments": document}
    if isinstance(document, dict):
        if "transcription" in document:
            return whisper_cpp_transcript(path, document)
        items = document.get("segments")
        first = items[0] if isinstance(items, list) and items else None
        if isinstance(first, dict) and "body" in first:
            return podcast_transcript(path, document)
        if isinstance(first, dict) and "text" in first:
            return whisper_transcript(path, document)
    problem = "The JSON is no transcript that can be read (Podcasting 2.0, Whisper, WhisperX or whisper.cpp)."
    raise FormatError(path, problem, 'It needs "segments" with "body" or "text"; or use another format.')
