"""The check of times of an episode that is in, against its recording: a job of the queue."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from kb.catalogue import Job, TimeCheck
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase
from kb.text.cleaning import fold
from kb.timing import CHECKING, TIMES_OF
from kb.transcripts.clocks import Clock
from kb.transcripts.retiming import has_times, retimed, timed_segments, with_marks
from kb.translatable import phrase
from kb.types import Chapter, Episode, Remark, Transcript

from ..metadata import read_tags
from ..sound.decoding import sha256_of
from ..transcribing import time_remarks
from ..transcribing.recordings import Listening, Request, Transcriber
from ..transcribing.shifts import INSERTED
from ..transcribing.transcription import Cancelled
from .one_clock import ChaptersFound, checked_clock
from .options import IngestOptions

__all__ = ["ChecksTimes", "check_episode", "checked_before", "queue_checks", "recording_there", "why_not"]

_NEEDED = "and its times are checked against the sound"


@dataclass(frozen=True, slots=True)
class ChecksTimes:
    """Whether a check wrote a revision, and a sentence for a person."""

    changed: bool
    told: str


def why_not(kb: KnowledgeBase, episode: Episode, can_hear: bool) -> str:
    """Return why the times of an episode cannot be checked, a sentence; "" if they can.

    ``can_hear``: a model is here.
    """
    if episode.audio is None:
        return phrase("It has no recording to check its times against.")
    if recording_there(episode) is None:
        return phrase("Its recording is no longer at %(file)s; put it back there.", file=episode.audio)
    made = kb.current(episode.id)
    if made.origin == "machine":
        return phrase("Its words and times were recognised in a recording, so there are no publisher's times to check.")
    if not has_times(kb.canonical(episode.id)):
        return phrase("Its transcript has no times to check.")
    if made.origin != "publisher":
        return phrase("It is not known to be a publisher's transcript; 'kb ingest FILE --origin publisher' says so.")
    if not can_hear:
        return phrase("No speech model is installed to hear its recording; 'kb models' lists those to fetch.")
    return ""


def checked_before(kb: KnowledgeBase, episode: Episode) -> TimeCheck | None:
    """Return the check that the times of an episode went through against the recording that is here now.

    Raises ``AudioError`` if the recording cannot be read.
    """
    found, there = kb.timing.checked(episode.id), recording_there(episode)
    if found is None or there is None or episode.audio is None or there.st_size != found.recording.size:
        return None
    # A copy of the same recording, as one from a backup, has another date.
    known = found.recording
    same = there.st_mtime_ns == known.modified or sha256_of(Path(episode.audio)) == known.sha256
    return found if same else None


def recording_there(episode: Episode) -> os.stat_result | None:
    """Return what the disk says of an episode's recording; ``None`` if it has none, or it cannot be reached."""
    try:
        found = os.stat(episode.audio) if episode.audio is not None else None
    except OSError:
        return None
    return found if found is not None and stat.S_ISREG(found.st_mode) else None


def queue_checks(kb: KnowledgeBase, episode_ids: Sequence[str], request: Request, by: str = "") -> tuple[Job, ...]:
    """Queue a check of each episode's times, wanted ``by`` a person, all or none; return the jobs in order."""
    request = replace(request, check_times=True, translate=False)
    asked = [IngestOptions(TIMES_OF + each, request=request, check=each, by=by) for each in episode_ids]
    return kb.jobs.enqueue((CHECKING + each.check, each.to_json()) for each in asked)


def check_episode(
    kb: KnowledgeBase, asked: IngestOptions, transcriber: Transcriber, listening: Listening, writing: RLock
) -> ChecksTimes:
    """Check an episode's times, and move them, its chapters and its advertisements where they are off.

    What is corrected meanwhile moves alike. Raises ``Cancelled``, ``Conflict`` if a source gave other times or the
    recording was replaced meanwhile, and what ``Transcriber.check`` raises; an episode that is removed meanwhile ends
    it.
    """
    try:
        return _check(kb, asked, transcriber, listening, writing)
    except NotFound:
        if kb.revisions.latest(asked.check):  # it is the recording that is gone
            raise
        gone = phrase("%(episode)s was removed from the library, so the check of its times ended.", episode=asked.check)
        return ChecksTimes(False, gone)


def _check(
    kb: KnowledgeBase, asked: IngestOptions, transcriber: Transcriber, listening: Listening, writing: RLock
) -> ChecksTimes:
    episode = kb.episode(asked.check)
    if refused := why_not(kb, episode, transcriber.available()):
        return ChecksTimes(False, refused)
    audio = kb.recording(episode.id, _NEEDED)
    base = kb.revisions.get(episode.id)
    was, chapters = kb.canonical(episode.id, base.number), kb.chapters.of(episode.id)
    segments = timed_segments(was)
    given = Transcript(segments, episode.language, base.origin, base.engine, base.model, base.settings)
    # Chapters that the recording has itself are on its clock, others on that of the words.
    own = bool(chapters) and chapters == _chapters_in(audio)
    clock = checked_clock(
        given, audio, ChaptersFound(chapters, published=False, clock=() if own else segments), transcriber, listening
    )
    found = clock.check
    assert found is not None, "a check that does not fail finds something"
    new = retimed(was, clock.made.transcript.segments)
    # Where nobody can tell whether the times fit, nobody can tell what the recording's own chapters mark.
    if new is not was or (own and clock.made.fits):
        new = with_marks(new, clock.made.transcript.segments)
    with writing, kb.transaction():  # so that nobody removes the episode between the question and the writing
        kb.episode(episode.id)
        if listening.cancelled is not None and listening.cancelled():
            stopped = phrase("The check of the times of %(episode)s was stopped; start it again.", episode=episode.id)
            raise Cancelled(stopped)
        if changed := new != was:
            remarks = [*_kept(kb.revisions.remarks(episode.id, base.number), Clock.between(was, new))]
            remarks += clock.made.transcript.remarks
            kb.timing.move(episode.id, base.number, new, remarks, (chapters, clock.chapters), found, asked.by)
        else:
            kb.timing.note(episode.id, found, _untrue(kb, episode.id) if clock.made.fits else ())
    return ChecksTimes(changed, found.told)


def _chapters_in(recording: Path) -> tuple[Chapter, ...]:
    """Return the chapters of a recording's own tags, with their titles as they are stored."""
    return tuple(replace(chapter, title=fold(chapter.title)) for chapter in read_tags(recording).chapters or ())


def _untrue(kb: KnowledgeBase, episode_id: str) -> list[Remark]:
    """Return the remarks on the current times that do not hold if these fit."""
    remarks = kb.revisions.remarks(episode_id, kb.revisions.latest(episode_id))
    return [each for each in remarks if each.kind == "note" and time_remarks.is_doubt(each.note)]


def _kept(remarks: Sequence[Remark], clock: Clock) -> Iterator[Remark]:
    """Yield the remarks of before at their new places, without what an earlier check said."""
    for remark in remarks:
        if remark.kind == "note" and remark.start is None and time_remarks.is_about_times(remark.note):
            continue
        if remark.kind != "inserted" or remark.start is None or remark.end is None:
            yield clock.moved_remark(remark)
            continue
        first, last = clock.by(remark.start, ending=True), clock.by_next(remark.end)
        # Where the words around it came closer together, it is no longer in the recording.
        if first is not None and last is not None and last - first > -INSERTED:
            yield replace(remark, start=round(remark.start + first, 3), end=round(remark.end + first, 3))
