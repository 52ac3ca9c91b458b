"""One source of the queue, from its file to its episode: parsed or transcribed, merged with what is known, and stored.

Its job leaves the queue in the transaction that adds its episode.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kb.catalogue import Job, Source
from kb.errors import VerbatimError
from kb.knowledge_base import KnowledgeBase, Status
from kb.types import Episode, Remark, Transcript

from ..files.origins import with_origin
from ..files.siblings import Siblings, find_sibling
from ..files.sources import check_source, is_recording, path_of, published_beside, read_transcript
from ..files.strangers import parse, read_front_matter, read_sidecar
from ..metadata import Metadata, chapters_of, describe, numbered, with_adverts
from ..sound.decoding import sha256_of
from ..transcribing.recordings import Listening, Recognised, Request, Transcriber
from ..transcribing.transcription import Cancelled
from .options import IngestOptions
from .translating import translate_episode, translation_job

__all__ = ["Taken", "Taker"]


@dataclass(frozen=True, slots=True)
class Taken:
    """The result for a source; ``notes`` say what is missing or doubtful in its file.

    ``queued``: there was nothing to do, and its job will be removed from the queue with others. ``then`` is a job that
    was queued with it, to be done next.
    """

    episode_id: str
    status: Status
    notes: tuple[str, ...] = ()
    queued: bool = False
    then: Job | None = None


@dataclass(frozen=True, slots=True)
class _Taking:
    """A source being ingested, and its data so far; ``said`` is the metadata from options and sidecar."""

    job: Job
    asked: IngestOptions
    path: Path
    source: Source
    said: Metadata
    episode: Episode

    @property
    def origin(self) -> str | None:
        """Return the stated origin of the transcript; a sidecar's has priority over a feed's."""
        return self.said.origin or self.asked.feed.origin


class Taker:
    """Ingests sources, also from several threads, which write one after the other.

    ``transcriber`` returns one for a request, ``listening`` the callbacks for a job's transcription, and ``heard``
    is called with the transcript of a recording.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        writing: threading.RLock,
        transcriber: Callable[[Request], Transcriber],
        listening: Callable[[Job], Listening],
        heard: Callable[[Job, Transcriber, Transcript], None],
    ) -> None:
        self._kb = kb
        self._writing = writing
        self._transcriber = transcriber
        self._listening = listening
        self._heard = heard

    def take(self, job: Job, asked: IngestOptions) -> Taken:
        """Ingest a source as ``asked``; raises ``VerbatimError`` for a faulty source, and ``Cancelled``."""
        if asked.translate:
            return self._translation(job, asked)
        path = path_of(job.uri)
        check_source(path)
        return self._recording(job, path, asked) if is_recording(path) else self._transcript(job, path, asked)

    def _translation(self, job: Job, asked: IngestOptions) -> Taken:
        self._begin(job)
        transcriber = self._transcriber(asked.request)
        made = translate_episode(self._kb, asked, transcriber, self._listening(job), self._writing)
        with self._writing:
            self._kb.jobs.finish([job.uri])
        return Taken(asked.translate, "updated" if made.changed else "unchanged", (made.told,))

    def _transcript(self, job: Job, path: Path, asked: IngestOptions) -> Taken:
        data = read_transcript(path)
        source = Source(path.resolve().as_uri(), hashlib.sha256(data).hexdigest())
        said = asked.said.over(read_sidecar(path)).over(read_front_matter(path, data))
        known = self._kb.intake.find(source)
        episode = describe(path, said, known, asked.feed)
        if known is None and episode.audio is not None:
            # The recording may have come first: the publisher's words replace the machine transcript.
            known = self._machine_made(Path(episode.audio))
            episode = describe(path, said, known, asked.feed)
        taking = _Taking(job, asked, path, source, said, episode)
        transcriber = self._transcriber(asked.request)
        alignable = episode.audio is not None and transcriber.available()
        timed_by_another = asked.new_sound and known is not None and not _is_timed(parse(path, data))
        lacks_times = timed_by_another or (known is not None and alignable and self._kb.intake.is_untimed(known.id))
        # Times that the file has are checked again with another recording.
        lacks_times = lacks_times or (asked.new_sound and alignable)
        if known and self._kb.intake.holds(source) and not lacks_times:
            return self._known(taking)  # already parsed; names given to speakers stay
        self._begin(job)
        # A known transcript that only lacks times keeps the names given to its speakers.
        again = known is not None and self._kb.intake.holds(source)
        given = (
            self._kb.transcript(known.id) if known and again else with_origin(parse(path, data), data, taking.origin)
        )
        given = self._with_adverts(taking, given)
        transcript = _renamed(_untimed(given) if timed_by_another else given, asked.renames)
        if episode.audio is not None and alignable and not _is_timed(transcript):
            timed = self._timed(job, transcript, Path(episode.audio), transcriber)
            remarks = tuple(dict.fromkeys((*given.remarks, *timed.transcript.remarks)))
            return self._add(taking, replace(timed, transcript=replace(timed.transcript, remarks=remarks)))
        if episode.audio is not None and alignable and transcript.source == "publisher":
            return self._add(taking, self._checked(job, transcript, Path(episode.audio), transcriber))
        return self._add(taking, Recognised(transcript))

    def _checked(self, job: Job, transcript: Transcript, recording: Path, transcriber: Transcriber) -> Recognised:
        """Return a publisher's transcript with its times checked; as it is, with a remark, if that fails."""
        try:
            return transcriber.check(recording, transcript, self._listening(job))
        except Cancelled:
            raise
        except VerbatimError as error:
            note = f"The publisher's times are unchecked, because the recording could not be heard: {error}"
            return Recognised(replace(transcript, remarks=(*transcript.remarks, Remark("note", None, None, "", note))))

    def _with_adverts(self, taking: _Taking, transcript: Transcript) -> Transcript:
        """Return a publisher's transcript with its advertisements marked; its chapters are on the same clock."""
        kept = self._kb.chapters.of(taking.episode.id) if taking.episode.id else ()
        return with_adverts(transcript, chapters_of(taking.path, taking.said, kept, taking.asked.feed))

    def _timed(self, job: Job, transcript: Transcript, recording: Path, transcriber: Transcriber) -> Recognised:
        """Return a publisher's transcript with times from its recording; without them, and a remark, if that fails."""
        try:
            return transcriber.time(recording, transcript, self._listening(job))
        except Cancelled:
            raise
        except VerbatimError as error:
            note = f"The transcript has no times, because its recording could not be transcribed: {error}"
            return Recognised(replace(transcript, remarks=(Remark("note", None, None, "", note),)))

    def _recording(self, job: Job, path: Path, asked: IngestOptions) -> Taken:
        source = Source(path.resolve().as_uri(), sha256_of(path))
        known = self._kb.intake.find(source) or self._kb.intake.playing(path.resolve())
        said = asked.said.over(read_sidecar(path))
        episode = describe(path, said, known, asked.feed)
        taking = _Taking(job, asked, path, source, said, episode)
        made = self._kb.current(known.id).settings if known else None
        if known and self._kb.intake.holds(source) and not asked.request.wants_other_than(made):
            return self._known(taking)
        self._begin(job)
        transcriber = self._transcriber(asked.request)
        recognised = transcriber.transcribe(path, published_beside(path), self._listening(job))
        self._heard(job, transcriber, recognised.transcript)
        transcript = self._as_in_the_show(recognised.transcript, asked.renames, episode.show)
        # A feed's chapters may be on another copy's clock, whose advertisements are others.
        transcript = with_adverts(transcript, chapters_of(path, said))
        return self._add(taking, replace(recognised, transcript=transcript))

    def _machine_made(self, recording: Path) -> Episode | None:
        """Return the episode that has only a machine transcript of this recording."""
        found = self._kb.intake.playing(recording)
        return found if found is not None and self._kb.current(found.id).origin == "machine" else None

    def _begin(self, job: Job) -> None:
        if not self._kb.jobs.begin(job):
            raise Cancelled("The job was cancelled.")

    def _known(self, taking: _Taking) -> Taken:
        """Update the metadata and speakers' names of an episode whose words are known."""
        status: Status
        episode, renames = taking.episode, taking.asked.renames
        with self._writing, self._kb.transaction():
            if renames:
                self._kb.intake.speaker_names.remember(episode.show, numbered(renames))
                _, status = self._kb.intake.rename_speakers(episode, renames, taking.source)
            else:
                status = self._kb.intake.describe(episode, taking.source)
            told = None if is_recording(taking.path) else taking.origin
            if told and self._kb.intake.credit(episode.id, told) and status == "unchanged":
                status = "updated"
            self._write_chapters(taking, episode.id)
            then = translation_job(self._kb, episode.id, taking.asked.request)
        return Taken(episode.id, status, queued=True, then=then)

    def _write_chapters(self, taking: _Taking, episode_id: str) -> None:
        kept = self._kb.chapters
        kept.write(episode_id, chapters_of(taking.path, taking.said, kept.of(episode_id), taking.asked.feed))

    def _as_in_the_show(self, transcript: Transcript, renames: Mapping[str, str], show: str) -> Transcript:
        """Give unknown speakers the names they were given in the show before, with a remark; ``renames`` win."""
        before = self._kb.intake.speaker_names.of(show)
        named = _renamed(transcript, {**before, **renames})
        if _renamed(transcript, renames) == named:
            return named
        note = "Speakers are named as in earlier recordings of the show; listen to check that they are the same people."
        return replace(named, remarks=(*named.remarks, Remark("note", None, None, "", note)))

    def _add(self, taking: _Taking, recognised: Recognised) -> Taken:
        """Write the episode and take its job out of the queue, in one transaction."""
        notes = tuple(Remark("note", None, None, "", note) for note in taking.asked.notes)
        transcript = replace(recognised.transcript, remarks=recognised.transcript.remarks + notes)
        last = max((s.end for s in transcript.segments if s.end is not None), default=None)
        with self._writing, self._kb.transaction():
            episode = taking.episode
            beside = None if is_recording(taking.path) else find_sibling(self._kb, taking.path, transcript)
            if beside is not None:
                known = self._kb.intake.find(taking.source)
                if beside.poorer or (known is None and not beside.richer):
                    return self._poorer(taking, beside)
                episode = describe(taking.path, taking.said, known or beside.episode)
            language = episode.language or transcript.language
            duration = None if taking.asked.new_sound else episode.duration
            episode = replace(episode, duration=duration or recognised.duration or last, language=language)
            episode_id, status = self._kb.intake.add(episode, transcript, taking.source)
            self._write_chapters(taking, episode_id)
            self._kb.intake.speaker_names.remember(episode.show, numbered(taking.asked.renames))
            if recognised.key:
                self._kb.intake.heard_blocks.forget(recognised.key)
            self._kb.jobs.finish([taking.job.uri])
            then = translation_job(self._kb, episode_id, taking.asked.request)
        return Taken(episode_id, status, recognised.transcript.notes, then=then)

    def _poorer(self, taking: _Taking, beside: Siblings) -> Taken:
        """Store that a file has the same episode and adds nothing to it."""
        episode_id = beside.episode.id
        self._kb.intake.sources.add(episode_id, taking.source)
        self._kb.jobs.finish([taking.job.uri])
        return Taken(episode_id, "unchanged", (f"has the same words as {beside.source.name} and adds nothing.",))


def _is_timed(transcript: Transcript) -> bool:
    return any(segment.start is not None for segment in transcript.segments)


def _untimed(transcript: Transcript) -> Transcript:
    segments = tuple(replace(s, start=None, end=None, words=()) for s in transcript.segments)
    return replace(transcript, segments=segments)


def _renamed(transcript: Transcript, renames: Mapping[str, str]) -> Transcript:
    if not renames:
        return transcript
    segments = tuple(replace(s, speaker=renames.get(s.speaker or "", s.speaker)) for s in transcript.segments)
    return replace(transcript, segments=segments)
