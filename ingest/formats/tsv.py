"""The table that openai-whisper and WhisperX write (``--output_format tsv``): start, end in milliseconds, text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.formats.encoding import decode
from ingest.formats.json_file import number_of
from ingest.formats.whisper_json import whisper_transcript
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = ["parse_tsv"]


def parse_tsv(path: Path, data: bytes) -> Transcript:
    """Return the machine transcript of a table of segments; ``path`` only names it in messages.

    A row whose times cannot be read keeps its words, with a remark. Raises ``FormatError`` for other tables.
    """
    head, *rows = decode(path, data).split("\n")
    columns = head.strip().lower().split("\t")
    if not {"start", "end", "text"} <= set(columns):
        problem = phrase("The table has no columns start, end and text, separated by tabs.")
        raise FormatError(path, problem, phrase("Export it again, or save it in another format."), 1)
    items: list[dict[str, Any]] = [
        dict(zip(columns, row.split("\t", len(columns) - 1), strict=False)) for row in rows if row.strip()
    ]
    timed = [item | {"start": _seconds(item.get("start")), "end": _seconds(item.get("end"))} for item in items]
    return whisper_transcript(path, {"segments": timed})


def _seconds(milliseconds: str | None) -> float | str | None:
    """Return seconds, or the text itself if it is not a number, for the remark."""
    try:
        number = number_of(float(milliseconds or ""))
    except ValueError:
        return milliseconds or "nothing"
    return milliseconds if number is None else number / 1000
