"""Cues -> a transcript: repeated text is read once, and speakers are read in the file's own style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ingest.formats.canonical import make_transcript
from ingest.formats.cue_labels import label_cues
from ingest.formats.cues import Cue
from ingest.formats.karaoke import without_highlights
from ingest.formats.labels import Line, LineLabel, heads_of
from ingest.formats.machine_labels import diarized_cues
from ingest.formats.naming import Likeness
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
    """Give untagged words to the previous voice if the file tags a voice only when it changes.

    The Podcasting 2.0 transcript specification prescribes that. A file that closes its voices, or repeats the tag of
    one who goes on, does not follow it; there, words without a tag have no speaker. Where some cues have a label in the
    place of a tag, the label counts.
    """
    spoken = [_without_own_name(voice) for voice in voices if voice.segment.text]
    labels = [None if voice.tagged else _label(voice.segment.text) for voice in spoken]
    names = Counter(label.key for label in labels if label)
    names.update(2 * [(voice.segment.speaker or "").casefold() for voice in spoken if voice.tagged])
    repeats = any(a.tagged and b.tagged and a.segment.speaker == b.segment.speaker for a, b in pairwise(spoken))
    segments: list[Segment] = []
    current: str | None = None
    for voice, label in zip(spoken, labels, strict=True):
        segment = voice.segment
        known = label is not None and names[label.key] > 1
        if label and (known or label.likeness is Likeness.SURE):  # for an unknown name, the speaker is unknown
            current = label.name if known else None
            named = replace(_cut(segment, label.rest), speaker=current, attribution="label")
            segments.append(named if known else replace(segment, new_voice=True))
            continue
        if voice.tagged:
            current = None if voice.closed or repeats else segment.speaker
        carried = not voice.tagged and current is not None
        segments.append(replace(segment, speaker=current, attribution="carried") if carried else segment)
    return segments


def _label(text: str) -> LineLabel | None:
    """Return the name and colon that ``text`` begins with."""
    heads = heads_of(Line(text), None, captions=True)
    return next((head for head in heads if head.form == "colon" and head.likeness and head.rest), None)


def _without_own_name(voice: Voice) -> Voice:
    """Return a voice without the label that repeats its tag: ``<v Jane Doe>Jane Doe: So``."""
    label = _label(voice.segment.text) if voice.tagged and voice.segment.speaker else None
    if label is None or label.key != (voice.segment.speaker or "").casefold():
        return voice
    return replace(voice, segment=_cut(voice.segment, label.rest))


def _cut(segment: Segment, rest: str) -> Segment:
    """Return the segment with the ``rest`` of its text; the word times are kept if they match the text one to one."""
    one_to_one = len(segment.words) == len(segment.text.split())
    return replace(segment, text=rest, words=segment.words[-len(rest.split()) :] if one_to_one else ())
