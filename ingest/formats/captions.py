"""Cues -> a transcript: what is shown several times is taken once, and speakers are read as the file names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ingest.formats.canonical import make_transcript
from ingest.formats.cue_labels import label_cues
from ingest.formats.cues import Cue
from ingest.formats.karaoke import without_highlights
from ingest.formats.machine_labels import diarized_cues
from ingest.formats.rolling import without_repeats
from ingest.formats.vtt_cue import Voice, pieces, plain, voices_of
from kb.types import Remark, Segment, Transcript

__all__ = ["caption_transcript"]


def caption_transcript(path: Path, cues: Sequence[Cue], remarks: tuple[Remark, ...]) -> Transcript:
    """Return the transcript of a caption file's cues; ``path`` only names it in messages.

    Voice tags become speakers, inline times and moving highlights become ``Segment.words``, rolling lines are taken
    once. Without voice tags, a recogniser's labels are read, else ``Name: words`` where it is the file's way of naming
    speakers. Raises ``FormatError`` where there are no words.
    """
    cues = without_repeats(without_highlights(cues, plain, pieces), plain)
    voices = [voices_of(cue) for cue in cues]
    if any(voice.tagged for in_cue in voices for voice in in_cue):
        segments = _attributed([voice for in_cue in voices for voice in in_cue])
    else:
        untagged = [
            (tuple(plain(line) for line in cue.lines), in_cue[0].segment)
            for cue, in_cue in zip(cues, voices, strict=True)
        ]
        diarized = diarized_cues(untagged)
        segments = label_cues(untagged) if diarized is None else diarized
    transcript = make_transcript(path, segments)
    return replace(transcript, remarks=remarks) if remarks else transcript


def _attributed(voices: list[Voice]) -> list[Segment]:
    """Give untagged words to the voice above where the file tags a voice only when it changes.

    The Podcasting 2.0 transcript specification prescribes that. A file that closes its voices, or repeats the tag of
    one who goes on, does not follow it; there, words without a tag are nobody's.
    """
    spoken = [voice for voice in voices if voice.segment.text]
    repeats = any(a.tagged and b.tagged and a.segment.speaker == b.segment.speaker for a, b in pairwise(spoken))
    segments: list[Segment] = []
    current: str | None = None
    for voice in spoken:
        segment = voice.segment
        if voice.tagged:
            current = None if voice.closed or repeats else segment.speaker
        carried = not voice.tagged and current is not None
        segments.append(replace(segment, speaker=current, attribution="carried") if carried else segment)
    return segments
