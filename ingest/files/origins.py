"""Who made a transcript: what the user or the feed says, else the signs in the file, else unknown.

A file's type does not tell. A publisher may publish a recogniser's transcript: a file with the signs of
a machine counts as machine-made, whoever publishes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from kb.types import Origin, Transcript

__all__ = ["CHOICES", "with_origin"]

#: The origins of a transcript.
CHOICES: tuple[Origin, ...] = get_args(Origin)

#: Bytes at either end of a file that are searched for signs.
_HEAD, _TAIL = 8_000, 2_000

#: YouTube's captions begin with these lines; only the automatic ones time words, each in a <c> of its own.
_YOUTUBE = re.compile(r"\ufeff?WEBVTT[^\n]*\n\s*Kind: captions\b")
_YOUTUBE_WORD = re.compile(r"<\d\d:\d\d:\d\d\.\d{3}><c>")
#: Teams numbers its cues so: "4d1f3c6e-59a8-4b6f-a4d0-6d8d9e7f8a10/17-0".
_TEAMS_CUE = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/\d{1,6}-\d{1,3}$", re.MULTILINE)
#: Microsoft Stream notes how sure it is: "NOTE Confidence: 0.91".
_STREAM = re.compile(r"^NOTE (?:Confidence|recognizability): ?[01]\.\d", re.MULTILINE)
#: Whole lines only: within a line, these may be spoken words.
_MACHINE_LINE = re.compile(
    r"^(?:NOTE |# ?)?\(?\[?(?:this (?:transcript|file|caption file) (?:was|is|has been) )?"
    r"(?:auto(?:matically)?|machine|AI|computer)[ -]?(?:generated|transcribed|created)"
    r"(?: (?:transcript|transcription|captions?|subtitles?))?"
    r"(?: (?:by|with|using) (?P<engine>[\w. -]{2,30}?))?[.)\]]{0,3}$",
    re.MULTILINE | re.IGNORECASE,
)
_SERVICE_LINE = re.compile(
    r"^(?:NOTE |# ?)?(?:transcribed|generated|created) (?:by|with|using) (?:https?://)?(?:www\.)?"
    r"(?P<engine>otter|sonix|descript|whisperx|whisper|trint|happy ?scribe|riverside|temi|fireflies|noscribe|buzz"
    r"|vimeo)"
    r"(?:\.(?:ai|com|fm|net))?/?\.?$",
    re.MULTILINE | re.IGNORECASE,
)
_BY_WHISPER_CPP = re.compile(r"^\[by: ?whisper\.cpp\]$", re.MULTILINE)
#: NPR closes its transcripts with this.
_NPR = re.compile(r"^(?:NPR )?transcripts are created on a rush deadline by\b", re.MULTILINE | re.IGNORECASE)
#: pyannote's labels, which WhisperX and others print for people whom nobody has named.
_DIARIZED = re.compile(r"SPEAKER_\d\d")
_NAMES: Mapping[str, str] = {
    "otter": "Otter", "sonix": "Sonix", "descript": "Descript", "whisperx": "WhisperX", "whisper": "Whisper",
    "trint": "Trint", "happyscribe": "Happy Scribe", "riverside": "Riverside", "temi": "Temi",
    "fireflies": "Fireflies", "noscribe": "noScribe", "buzz": "Buzz", "vimeo": "Vimeo",
}  # fmt: skip


def with_origin(transcript: Transcript, data: bytes, said: str | None = None) -> Transcript:
    """Return the transcript with its origin: ``said``, or what the file's bytes ``data`` show.

    A given "person" or "machine" stays. The signs of a machine override "publisher".
    """
    if said == "person":
        return replace(transcript, source="person")
    origin, engine = transcript.source, transcript.engine
    if origin == "unknown":
        origin, engine = _signs(transcript, data)
    if said == "machine" or (said == "publisher" and origin != "machine"):
        origin = cast(Origin, said)
    return replace(transcript, source=origin, engine=engine if origin == "machine" else transcript.engine)


def _signs(transcript: Transcript, data: bytes) -> tuple[Origin, str | None]:
    """Return a file's origin and engine, as far as the file shows them."""
    head = data[:_HEAD].decode("utf-8", errors="replace").replace("\r\n", "\n")
    ends = head + "\n" + data[max(_HEAD, len(data) - _TAIL) :].decode("utf-8", errors="replace").replace("\r\n", "\n")
    if _YOUTUBE.match(head) and _YOUTUBE_WORD.search(head):
        return "machine", "YouTube"
    if _BY_WHISPER_CPP.search(head):
        return "machine", "whisper.cpp"
    if found := _SERVICE_LINE.search(ends):
        return "machine", _NAMES[found["engine"].lower().replace(" ", "")]
    if found := _MACHINE_LINE.search(ends):
        return "machine", found["engine"]
    if head.startswith(("WEBVTT", "\ufeffWEBVTT")):
        if _TEAMS_CUE.search(head):
            return "machine", "Microsoft Teams"
        if _STREAM.search(head):
            return "machine", "Microsoft Stream"
    if any(_DIARIZED.fullmatch(segment.speaker or "") for segment in transcript.segments):
        return "machine", transcript.engine
    return ("publisher", None) if _NPR.search(ends) else ("unknown", transcript.engine)
