"""One clock for an episode: its words' times and its chapters as they are heard in the recording that is here.

Used when a file is taken in, and when the times of an episode that is in are checked: what fails then is no remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.catalogue import CheckedRecording, TimeResult
from kb.errors import Conflict, VerbatimError
from kb.text.times import FITTING
from kb.timing import FoundTimes
from kb.translatable import phrase
from kb.types import Chapter, Remark, Segment, Transcript

from ..metadata import with_adverts
from ..sound.decoding import sha256_of
from ..transcribing.moved_chapters import moved_chapters
from ..transcribing.recordings import Listening, Recognised, Transcriber
from ..transcribing.transcription import Cancelled

__all__ = ["ChaptersFound", "OneClock", "checked_clock", "is_timed", "on_one_clock"]


@dataclass(frozen=True, slots=True)
class ChaptersFound:
    """An episode's chapters: ``published`` are on the clock of the publisher's transcript, others on the recording's.

    ``clock`` are the words with the times that the chapters go with, if they have to move to others.
    """

    found: tuple[Chapter, ...]
    published: bool
    clock: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class OneClock:
    """A transcript with its times, and the chapters on the same clock."""

    made: Recognised
    chapters: tuple[Chapter, ...]
    #: What a check of the times found; ``None`` if none was made.
    check: FoundTimes | None = None


def is_timed(transcript: Transcript) -> bool:
    """Return whether a transcript has any time."""
    return any(segment.start is not None for segment in transcript.segments)


def on_one_clock(
    given: Transcript,
    recording: Path | None,
    chapters: ChaptersFound,
    transcriber: Transcriber | None,
    listening: Listening,
    timed_by_another: bool = False,
) -> OneClock:
    """Return the transcript ``given`` with times of its ``recording``, made or checked, and its advertisements marked.

    Without a recording or a transcriber, times stay. ``timed_by_another``: the times are those of another recording,
    and the transcript itself had none. Raises ``Cancelled``; what else fails is a remark.
    """
    marked = with_adverts(given, chapters.found if chapters.published else ())
    there = None if recording is None else _there(recording)
    made = _with_times(_untimed(marked) if timed_by_another else marked, recording, transcriber, listening)
    check = None
    # What was heard of a recording that was replaced meanwhile tells nothing of the one that is here.
    if made.checked and recording is not None and _there(recording) == there:
        check = _found(given, made, _fingerprint(recording))
    return _one_clock(given, chapters, made, check)


def checked_clock(
    given: Transcript, recording: Path, chapters: ChaptersFound, transcriber: Transcriber, listening: Listening
) -> OneClock:
    """Return the same for a transcript that has times, which are checked whatever the request says.

    Raises ``Conflict`` if the recording was replaced while it was heard, and what ``Transcriber.check`` raises.
    """
    there = _there(recording)
    made = transcriber.check(recording, with_adverts(given, chapters.found if chapters.published else ()), listening)
    check = _found(given, made, _fingerprint(recording))
    if there != (check.recording.size, check.recording.modified):
        raise Conflict(phrase("%(path)s was replaced while it was heard; check the times again.", path=str(recording)))
    return _one_clock(given, chapters, made, check)


def _one_clock(given: Transcript, chapters: ChaptersFound, made: Recognised, check: FoundTimes | None) -> OneClock:
    clock = given.segments if chapters.published else chapters.clock
    moved = moved_chapters(chapters.found, clock, made.transcript.segments) if clock else chapters.found
    # Those of the recording are on its clock, which may not be the publisher's.
    if not chapters.published and made.fits:
        made = replace(made, transcript=with_adverts(made.transcript, moved))
    return OneClock(made, tuple(moved), check)


def _there(recording: Path) -> tuple[int, int] | None:
    """Return a file's bytes and when it was changed, which other bytes do not share; ``None`` if it is not there."""
    try:
        found = recording.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _fingerprint(recording: Path) -> CheckedRecording:
    """Return which recording this is, by its bytes; raises ``SourceError`` if it cannot be read."""
    sha256 = sha256_of(recording)
    return CheckedRecording(sha256, *(_there(recording) or (0, 0)))


def _found(given: Transcript, made: Recognised, recording: CheckedRecording) -> FoundTimes:
    new = made.transcript.remarks[len(given.remarks) :]
    told = " ".join(remark.note for remark in new if remark.kind == "note" and remark.start is None)
    moved = [_times(s) for s in given.segments] != [_times(s) for s in made.transcript.segments]
    result: TimeResult = "moved" if moved else "unchanged" if made.fits else "unknown"
    return FoundTimes(recording, result, told or str(FITTING))


def _times(segment: Segment) -> tuple[object, ...]:
    return segment.start, segment.end, segment.words


def _with_times(
    transcript: Transcript, recording: Path | None, transcriber: Transcriber | None, listening: Listening
) -> Recognised:
    if recording is None:
        return Recognised(transcript)
    if transcriber is None:
        return Recognised(transcript, fits=transcript.source != "publisher")
    if not is_timed(transcript):
        timed = _timed(transcript, recording, transcriber, listening)
        remarks = tuple(dict.fromkeys((*transcript.remarks, *timed.transcript.remarks)))
        return replace(timed, transcript=replace(timed.transcript, remarks=remarks))
    if transcript.source != "publisher":
        return Recognised(transcript)
    if not transcriber.request.check_times:
        return Recognised(transcript, fits=False)
    return _checked(transcript, recording, transcriber, listening)


def _checked(transcript: Transcript, recording: Path, transcriber: Transcriber, listening: Listening) -> Recognised:
    """Return a publisher's transcript with its times checked; as it is, with a remark, if that fails."""
    try:
        return transcriber.check(recording, transcript, listening)
    except Cancelled:
        raise
    except VerbatimError as error:
        note = phrase(
            "The publisher's times are unchecked, because the recording could not be heard: %(problem)s",
            problem=error.sentence,
        )
        return Recognised(replace(transcript, remarks=(*transcript.remarks, _note(note))), fits=False)


def _timed(transcript: Transcript, recording: Path, transcriber: Transcriber, listening: Listening) -> Recognised:
    """Return a publisher's transcript with times from its recording; without them, and a remark, if that fails."""
    try:
        return transcriber.time(recording, transcript, listening)
    except Cancelled:
        raise
    except VerbatimError as error:
        note = phrase(
            "The transcript has no times, because its recording could not be transcribed: %(problem)s",
            problem=error.sentence,
        )
        return Recognised(replace(transcript, remarks=(_note(note),)))


def _note(text: str) -> Remark:
    return Remark("note", None, None, "", text)


def _untimed(transcript: Transcript) -> Transcript:
    segments: Sequence[Segment] = [replace(s, start=None, end=None, words=()) for s in transcript.segments]
    return replace(transcript, segments=tuple(segments))
