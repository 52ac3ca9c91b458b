"""Bytes of a transcript file -> text; binary data under a transcript's name is refused."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from kb.errors import FormatError
from kb.types import Remark

__all__ = ["MAX_BYTES", "Text", "check_size", "decode", "read_text"]

#: Ten hours of speech with a time for every word is about 15 MB of JSON; more than this is no transcript.
MAX_BYTES = 32 * 1024 * 1024

_SAVE_AS_UTF8 = "Open it in a text editor and save it as UTF-8."
_CHECK_FILE = "Check that it is the transcript and not, for instance, the audio under another name."
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, and what a reader should know of how its bytes were read."""

    text: str
    remarks: tuple[Remark, ...] = ()


def read_text(path: Path, data: bytes) -> Text:
    """Return the text."""
    return Text(decode(path, data))


def decode(path: Path, data: bytes) -> str:
    """Return the text of ``data`` with ``\\n`` as its only line ending and without a byte order mark.

    UTF-8 and UTF-16 (which needs its byte order mark) are read as such; Windows-1252, which old subtitle
    editors write, is the last resort. Raises ``FormatError`` for empty, oversized, damaged and binary data;
    ``path`` only names the file in the message.
    """
    check_size(path, data)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = "\0" if b"\0" in data and not wide else _decoded(path, data, wide)
    # A stray control character (Ctrl-Z at the end, a vertical tab) is met in real files; a stream of them is not.
    if "\0" in text or len(_CONTROLS.findall(text)) * 100 > len(text):
        raise FormatError(path, "This is binary data, not text.", _CHECK_FILE)
    if not text.strip():
        raise FormatError(path, "The file is blank.", "Save the transcript again and try once more.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check_size(path: Path, data: bytes, limit: int = MAX_BYTES) -> None:
    """Raise ``FormatError`` where ``data`` is empty or longer than ``limit`` bytes."""
    if not data:
        raise FormatError(path, "The file is empty.", "Save or download the transcript again.")
    if len(data) > limit:
        size, most = len(data) / 1024 / 1024, limit / 1024 / 1024
        raise FormatError(
            path,
            f"The file is too large for a transcript ({size:.0f} MB; at most {most:.0f} MB).",
            "Split it into one file per episode.",
        )


def _decoded(path: Path, data: bytes, wide: bool) -> str:
    if wide:
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise FormatError(path, "The file is marked as UTF-16 but is damaged.", _SAVE_AS_UTF8) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _last_resort(path, data, error)


def _last_resort(path: Path, data: bytes, error: UnicodeDecodeError) -> str:
    """Read as Windows-1252, unless that would turn damage or another alphabet into wrong letters."""
    line = data.count(b"\n", 0, error.start) + 1
    as_utf8 = data.decode("utf-8", errors="replace")
    damaged = as_utf8.count("�")
    intact = len(_NOT_ASCII.findall(as_utf8)) - damaged
    if data.startswith(codecs.BOM_UTF8) or intact >= damaged:
        problem = "The file is UTF-8 but holds bytes that are no character."
        raise FormatError(path, problem, f"Correct them or download the file again. {_SAVE_AS_UTF8}", line) from error
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as again:
        raise FormatError(path, "The file is neither UTF-8 text nor Windows-1252 text.", _SAVE_AS_UTF8, line) from again
    # Western languages have at most one accented letter in ten; Cyrillic or Greek code pages have mostly such bytes.
    if len(_NOT_ASCII.findall(text)) * 5 > len(text):
        problem = "The file is not UTF-8 and not in a Western alphabet, so its letters cannot be told."
        raise FormatError(path, problem, _SAVE_AS_UTF8, line)
    return text
