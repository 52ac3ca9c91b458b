"""Batch ingestion: sources in, one result each; a source that fails never stops the others.

Every source is a job in the catalogue's queue before any work begins, and leaves it in the transaction that its
episode comes in with. So a kill at any moment loses nothing and repeats nothing but what was half done.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kb.catalogue import Job, Source
from kb.errors import SourceError, TooCostly, VerbatimError
from kb.knowledge_base import KnowledgeBase, Status
from kb.types import Episode, ImportResult, Remark, Transcript

from ..files.origins import with_origin
from ..files.siblings import Siblings, find_sibling
from ..files.sources import check_source, is_recording, path_of, published_beside, read_transcript
from ..files.strangers import parse, read_front_matter, read_sidecar
from ..metadata import Metadata, chapters_of, describe, numbered
from ..models.estimating import Speeds
from ..sound.decoding import sha256_of
from ..transcribing.outlook import this_machine
from ..transcribing.recordings import Listening, Recognised, Recogniser, Request, Transcriber
from ..transcribing.transcription import Cancelled, TranscriptionProgress
from .lock import LockOwner, working
from .options import IngestOptions

__all__ = ["IngestOptions", "Listeners", "enqueue", "ingest", "work"]

#: Passages are embedded and indexed after so many episodes, so that a killed batch is searchable thus far.
_SYNC_EVERY = 100


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told what: of each result at once, of a recording's progress, and of another process to wait for."""

    result: Callable[[ImportResult], None] = lambda _: None
    progress: Callable[[str, TranscriptionProgress], None] = lambda source, progress: None
    waiting: Callable[[LockOwner | None], None] = lambda _: None


def ingest(
    kb: KnowledgeBase,
    sources: Iterable[Path],
    said: Metadata | None = None,
    renames: Mapping[str, str] | None = None,
    request: Request | None = None,
    listeners: Listeners | None = None,
    transcribers: Callable[[Request], Transcriber] = Recogniser,
    workers: int = 1,
) -> tuple[ImportResult, ...]:
    """Queue every source, take them in and return what became of each, in order.

    Afterwards everything is embedded and indexed. ``transcribers`` makes who hears recordings, for instance elsewhere
    than on this machine; ``workers`` are heard at once. What can be no source at all is told and not queued.
    """
    listeners = listeners or Listeners()
    results: dict[str, ImportResult | None] = {}

    def refuse(path: Path, why: str) -> None:
        failed = results[str(path)] = ImportResult(str(path), None, "failed", why)
        listeners.result(failed)

    asked = IngestOptions("", said or Metadata(), dict(renames or {}), request or Request())
    jobs = enqueue(kb, sources, asked, refuse, lambda uri: results.setdefault(uri))
    results |= zip((job.uri for job in jobs), work(kb, jobs, listeners, transcribers, workers), strict=True)
    return tuple(result for result in results.values() if result is not None)


def enqueue(
    kb: KnowledgeBase,
    sources: Iterable[Path],
    asked: IngestOptions,
    refuse: Callable[[Path, str], None],
    accept: Callable[[str], object] = lambda uri: None,
) -> tuple[Job, ...]:
    """Queue every source, to be done as ``asked`` says, and return the jobs in order.

    ``refuse`` is told, with a sentence, of what can be no source at all, ``accept`` of the others' addresses.
    """
    wanted: dict[str, str] = {}
    for path in sources:
        try:
            check_source(path)
            uri = path.resolve().as_uri()
        except VerbatimError as error:
            refuse(path, str(error))
            continue
        wanted[uri] = replace(asked, source=str(path)).to_json()
        accept(uri)
    return kb.jobs.enqueue(wanted.items())


def work(
    kb: KnowledgeBase,
    jobs: Sequence[Job],
    listeners: Listeners | None = None,
    transcribers: Callable[[Request], Transcriber] = Recogniser,
    workers: int = 1,
) -> tuple[ImportResult, ...]:
    """Do jobs of the queue and return what became of each, in order; waits while another process works."""
    listeners = listeners or Listeners()
    with working(kb.home, listeners.waiting):
        kb.jobs.release()
        batch = _Batch(kb, listeners, transcribers)
        try:
            if workers == 1:
                return tuple(batch.take(job) for job in jobs)
            with ThreadPoolExecutor(workers, "ingest") as pool, batch.stopping():
                return tuple(pool.map(batch.take, jobs))
        finally:
            batch.tidy()
            kb.sync()


@dataclass(frozen=True, slots=True)
class _Taking:
    """A source on its way in, and what is known of it so far; ``said`` is what the options and its sidecar say."""

    job: Job
    asked: IngestOptions
    path: Path
    source: Source
    said: Metadata
    episode: Episode

    @property
    def origin(self) -> str | None:
        """Return who is said to have written the transcript down; a sidecar's word counts before a feed's."""
        return self.said.origin or self.asked.feed.origin


class _Batch:
    """What the sources of one run share; ``take`` may be called from several threads, which write one at a time."""

    def __init__(self, kb: KnowledgeBase, listeners: Listeners, transcribers: Callable[[Request], Transcriber]) -> None:
        self._kb = kb
        self._listeners = listeners
        self._new_transcriber = transcribers
        self._transcribers: dict[Request, Transcriber] = {}
        self._writing = threading.RLock()
        self._stopped = threading.Event()
        self._unchanged: list[str] = []
        #: By a job's address: what its file lacks or leaves in doubt, to be told at once.
        self._notes: dict[str, list[str]] = {}
        #: By a job's address: seconds that were heard of its recording, and how many times as fast as they are spoken.
        self._heard: dict[str, tuple[float, float]] = {}
        self._taken = 0

    def take(self, job: Job) -> ImportResult:
        """Take one source in; an error of the source's is a result and stops nothing."""
        asked = IngestOptions.of(job)
        try:
            episode_id, status = self._take_twice(job, asked)
            result = ImportResult(asked.source, episode_id, status, notes=tuple(self._notes.pop(job.uri, ())))
        except Cancelled:
            result = ImportResult(asked.source, None, "cancelled")
        except VerbatimError as error:
            result = ImportResult(asked.source, None, "failed", str(error))
        except Exception as error:  # a bug of ours or of a library's, which must not cost the rest of the batch
            bug = f"met an unexpected error ({error!r}),"
            problem = SourceError(asked.source, bug, "which is a bug in Verbatim; the others go on.")
            result = ImportResult(asked.source, None, "failed", str(problem))
        with self._writing:
            if result.status == "failed":
                self._kb.jobs.fail(job, result.error or "")
            self._listeners.result(result)
            self._taken += 1
            if self._taken % _SYNC_EVERY == 0:
                self.tidy()
                self._kb.sync()
        return result

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Stop what other threads hear, at its next block, when the block is left by an exception."""
        try:
            yield
        except BaseException:
            self._stopped.set()
            raise

    def tidy(self) -> None:
        """Take what needed no work out of the queue, in one go."""
        self._kb.jobs.finish(self._unchanged)
        self._unchanged.clear()

    def _take_twice(self, job: Job, asked: IngestOptions) -> tuple[str, Status]:
        """Take a source in; one whose reader has to be ended a second time is set aside as failed."""
        with suppress(TooCostly):  # others may have left it too little memory or time
            return self._take(job, asked)
        try:
            return self._take(job, asked)
        except TooCostly as error:
            set_aside = f"{error.remedy} It was tried twice and is set aside until you retry it."
            raise TooCostly(error.path, error.problem, set_aside) from error

    def _take(self, job: Job, asked: IngestOptions) -> tuple[str, Status]:
        path = path_of(job.uri)
        check_source(path)
        return self._recording(job, path, asked) if is_recording(path) else self._transcript(job, path, asked)

    def _transcript(self, job: Job, path: Path, asked: IngestOptions) -> tuple[str, Status]:
        data = read_transcript(path)
        source = Source(path.resolve().as_uri(), hashlib.sha256(data).hexdigest())
        said = asked.said.over(read_sidecar(path)).over(read_front_matter(path, data))
        known = self._kb.find(source)
        episode = describe(path, said, known, asked.feed)
        if known is None and episode.audio is not None:
            # The recording may have come first: what a machine made of it gives way to the publisher's words.
            known = self._machine_made(Path(episode.audio))
            episode = describe(path, said, known, asked.feed)
        taking = _Taking(job, asked, path, source, said, episode)
        transcriber = self._transcriber(asked.request)
        alignable = episode.audio is not None and transcriber.available()
        timed_by_another = asked.new_sound and known is not None and not _is_timed(parse(path, data))
        lacks_times = timed_by_another or (known is not None and alignable and self._kb.is_untimed(known.id))
        if known and self._kb.holds(source) and not lacks_times:
            return self._known(taking)  # nothing to parse; names given to speakers stay
        self._begin(job)
        # What is known and only lacks times keeps the names that its speakers were given.
        again = known is not None and self._kb.holds(source)
        given = (
            self._kb.transcript(known.id) if known and again else with_origin(parse(path, data), data, taking.origin)
        )
        transcript = _renamed(_untimed(given) if timed_by_another else given, asked.renames)
        if episode.audio is not None and alignable and not _is_timed(transcript):
            timed = self._timed(job, transcript, Path(episode.audio), transcriber)
            remarks = tuple(dict.fromkeys((*given.remarks, *timed.transcript.remarks)))
            return self._add(taking, replace(timed, transcript=replace(timed.transcript, remarks=remarks)))
        return self._add(taking, Recognised(transcript))

    def _timed(self, job: Job, transcript: Transcript, recording: Path, transcriber: Transcriber) -> Recognised:
        """Return a publisher's transcript with times from its recording; without them, and a remark, if that fails."""
        try:
            return transcriber.time(recording, transcript, self._listening(job))
        except Cancelled:
            raise
        except VerbatimError as error:
            note = f"The transcript has no times, because its recording could not be heard: {error}"
            return Recognised(replace(transcript, remarks=(Remark("note", None, None, "", note),)))

    def _recording(self, job: Job, path: Path, asked: IngestOptions) -> tuple[str, Status]:
        source = Source(path.resolve().as_uri(), sha256_of(path))
        known = self._kb.find(source) or self._kb.playing(path.resolve())
        said = asked.said.over(read_sidecar(path))
        episode = describe(path, said, known, asked.feed)
        taking = _Taking(job, asked, path, source, said, episode)
        made = self._kb.current(known.id).settings if known else None
        if known and self._kb.holds(source) and not asked.request.wants_other_than(made):
            return self._known(taking)
        self._begin(job)
        transcriber = self._transcriber(asked.request)
        recognised = transcriber.transcribe(path, published_beside(path), self._listening(job))
        self._note_speed(job, transcriber, recognised.transcript)
        transcript = self._as_in_the_show(recognised.transcript, asked.renames, episode.show)
        return self._add(taking, replace(recognised, transcript=transcript))

    def _note_speed(self, job: Job, transcriber: Transcriber, made: Transcript) -> None:
        """Remember how fast this machine was, for the next estimate; a cluster's speed is nobody's."""
        heard, speed = self._heard.pop(job.uri, (0.0, 0.0))
        if speed and isinstance(transcriber, Recogniser) and made.model and made.engine == "faster-whisper":
            Speeds(self._kb.home).note(this_machine(), made.model, heard, speed)

    def _machine_made(self, recording: Path) -> Episode | None:
        """Return the episode that has nothing but a machine's transcript of this recording."""
        found = self._kb.playing(recording)
        return found if found is not None and self._kb.current(found.id).origin == "machine" else None

    def _begin(self, job: Job) -> None:
        if not self._kb.jobs.begin(job):
            raise Cancelled("The job was cancelled.")

    def _listening(self, job: Job) -> Listening:
        source = IngestOptions.of(job).source

        def tell(progress: TranscriptionProgress) -> None:
            with self._writing:
                self._kb.jobs.progress(job, progress.done, progress.total)
                if progress.speed is not None:
                    self._heard[job.uri] = (progress.heard, progress.speed)
                self._listeners.progress(source, progress)

        def cancelled() -> bool:
            return self._stopped.is_set() or not self._kb.jobs.is_wanted(job)

        return Listening(self._kb.catalogue.heard_blocks, tell, cancelled)

    def _known(self, taking: _Taking) -> tuple[str, Status]:
        """Take up what is said anew about an episode whose words are known: metadata, and speakers' names."""
        status: Status
        episode, renames = taking.episode, taking.asked.renames
        with self._writing, self._kb.catalogue.transaction():
            if renames:
                self._kb.catalogue.episodes.name_speakers(episode.show, numbered(renames))
                _, status = self._kb.rename_speakers(episode, renames, taking.source)
            else:
                status = self._kb.describe(episode, taking.source)
            told = None if is_recording(taking.path) else taking.origin
            if told and self._kb.credit(episode.id, told) and status == "unchanged":
                status = "updated"
            self._write_chapters(taking, episode.id)
            self._unchanged.append(taking.job.uri)
        return episode.id, status

    def _write_chapters(self, taking: _Taking, episode_id: str) -> None:
        episodes = self._kb.catalogue.episodes
        chapters = chapters_of(taking.path, taking.said, episodes.chapters(episode_id), taking.asked.feed)
        episodes.set_chapters(episode_id, chapters)

    def _as_in_the_show(self, transcript: Transcript, renames: Mapping[str, str], show: str) -> Transcript:
        """Give unknown speakers the names they were given in the show before, and say so; this call's names win."""
        before = self._kb.catalogue.episodes.speaker_names(show)
        named = _renamed(transcript, {**before, **renames})
        if _renamed(transcript, renames) == named:
            return named
        note = "Speakers are named as in earlier recordings of the show; listen whether they are the same people."
        return replace(named, remarks=(*named.remarks, Remark("note", None, None, "", note)))

    def _add(self, taking: _Taking, recognised: Recognised) -> tuple[str, Status]:
        """Write the episode and take its job out of the queue, in one transaction."""
        notes = tuple(Remark("note", None, None, "", note) for note in taking.asked.notes)
        transcript = replace(recognised.transcript, remarks=recognised.transcript.remarks + notes)
        self._notes[taking.job.uri] = list(recognised.transcript.notes)
        last = max((s.end for s in transcript.segments if s.end is not None), default=None)
        with self._writing, self._kb.catalogue.transaction():
            episode = taking.episode
            beside = None if is_recording(taking.path) else find_sibling(self._kb, taking.path, transcript)
            if beside is not None:
                known = self._kb.find(taking.source)
                if beside.poorer or (known is None and not beside.richer):
                    return self._poorer(taking, beside)
                episode = describe(taking.path, taking.said, known or beside.episode)
            language = episode.language or transcript.language
            duration = None if taking.asked.new_sound else episode.duration
            episode = replace(episode, duration=duration or recognised.duration or last, language=language)
            added = self._kb.add(episode, transcript, taking.source)
            self._write_chapters(taking, added[0])
            self._kb.catalogue.episodes.name_speakers(episode.show, numbered(taking.asked.renames))
            if recognised.key:
                self._kb.catalogue.heard_blocks.forget(recognised.key)
            self._kb.jobs.finish([taking.job.uri])
        return added

    def _poorer(self, taking: _Taking, beside: Siblings) -> tuple[str, Status]:
        """Note that an episode is also found at a file that adds nothing to it."""
        episode_id = beside.episode.id
        self._kb.catalogue.episodes.add_source(episode_id, taking.source)
        self._kb.jobs.finish([taking.job.uri])
        self._notes[taking.job.uri] = [f"has the words of {beside.source.name} and adds nothing to them."]
        return episode_id, "unchanged"

    def _transcriber(self, request: Request) -> Transcriber:
        """Return who hears for a request, and expects the library's names; the same for all recordings."""
        request = replace(request, known=", ".join(self._kb.catalogue.expected_names.all()) or None)
        with self._writing:
            if request not in self._transcribers:
                self._transcribers[request] = self._new_transcriber(request)
            return self._transcribers[request]


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
