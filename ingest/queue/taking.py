"""One source of the queue, from its file to its episode: parsed or transcribed, merged with what is known, and stored.

Its job leaves the queue in the transaction that adds its episode.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.catalogue import Job, Source
from kb.knowledge_base import KnowledgeBase, Status
from kb.timing import FoundTimes
from kb.transcripts.canonical import canonicalise
from kb.translatable import phrase
from kb.types import Chapter, Episode, Remark, Transcript

from ..files.origins import with_origin
from ..files.siblings import Siblings, find_sibling
from ..files.sources import check_source, is_recording, path_of, published_beside, read_transcript
from ..files.strangers import parse, read_front_matter, read_sidecar
from ..metadata import Metadata, are_published, chapters_of, describe, numbered, with_adverts
from ..sound.decoding import sha256_of
from ..transcribing.moved_chapters import moved_chapters
from ..transcribing.recordings import Listening, Recognised, Request, Transcriber
from ..transcribing.transcription import Cancelled
from .checking import check_episode
from .one_clock import ChaptersFound, is_timed, on_one_clock
from .options import IngestOptions
from .translating import translate_episode, translation_job

__all__ = ["Taken", "Taker"]

_CHANGED_HERE = phrase(
    "The times were checked from those of the earlier recording, because words or single speakers were changed here."
)


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
        if asked.check:
            return self._times(job, asked)
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

    def _times(self, job: Job, asked: IngestOptions) -> Taken:
        self._begin(job)
        transcriber = self._transcriber(asked.request)
        made = check_episode(self._kb, asked, transcriber, self._listening(job), self._writing)
        with self._writing:
            self._kb.jobs.finish([job.uri])
        return Taken(asked.check, "revised" if made.changed else "unchanged", (made.told,))

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
        timed_by_another = asked.new_sound and known is not None and not is_timed(parse(path, data))
        lacks_times = timed_by_another or (known is not None and alignable and self._kb.intake.is_untimed(known.id))
        # Times that the file has are checked again with another recording.
        lacks_times = lacks_times or (asked.new_sound and alignable)
        if known and self._kb.intake.holds(source) and not lacks_times:
            return self._known(taking)  # already parsed; names given to speakers stay
        self._begin(job)
        # A known transcript that only lacks times keeps the names given to its speakers.
        again = known is not None and self._kb.intake.holds(source)
        given = self._given(taking, parse(path, data), data, known if again else None)
        listener = transcriber if alignable else None
        audio = None if episode.audio is None else Path(episode.audio)
        clock = on_one_clock(
            given, audio, self._chapters(taking), listener, self._listening(job), timed_by_another=timed_by_another
        )
        transcript = _renamed(clock.made.transcript, asked.renames)
        return self._add(taking, replace(clock.made, transcript=transcript), clock.chapters, clock.check)

    def _given(self, taking: _Taking, read: Transcript, data: bytes, known: Episode | None) -> Transcript:
        """Return the transcript of a file, if it is ``known`` with the names and corrections that it has here."""
        read = with_origin(read, data, taking.origin)
        if known is None:
            return read
        kept = self._kb.transcript(known.id)
        if not (taking.asked.new_sound and is_timed(read)):
            return kept
        # The kept times may be those of an earlier recording; the file has the publisher's.
        names = self._names_given(read, known)
        if names is not None:
            return _renamed(read, names)
        return replace(kept, remarks=(*kept.remarks, Remark("note", None, None, "", _CHANGED_HERE)))

    def _names_given(self, read: Transcript, known: Episode) -> dict[str, str | None] | None:
        """Return the names of a file's speakers in the library; ``None`` where more than names was changed."""
        old, new = (canonicalise(_unmarked(each)) for each in (read, self._kb.transcript(known.id)))
        if old.text != new.text or len(old.turns) != len(new.turns):
            return None
        names: dict[str, str | None] = {}
        for was, now in zip(old.turns, new.turns, strict=True):
            if names.setdefault(was.speaker or "", now.speaker) != now.speaker:
                return None
        return names

    def _chapters(self, taking: _Taking) -> ChaptersFound:
        """Return the chapters of a source, which are read once."""
        existing = self._kb.chapters.of(taking.episode.id) if taking.episode.id else ()
        said, feed = taking.said, taking.asked.feed
        found = chapters_of(taking.path, said, existing, feed)
        published = are_published(said, existing, feed)
        # With another recording, chapters that are here move from the times that are here.
        clock = taking.asked.new_sound and not published and bool(existing)
        kept = self._kb.transcript(taking.episode.id).segments if clock else ()
        return ChaptersFound(found, published, kept)

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
        return self._add(taking, replace(recognised, transcript=transcript), self._chapters(taking).found)

    def _machine_made(self, recording: Path) -> Episode | None:
        """Return the episode that has only a machine transcript of this recording."""
        found = self._kb.intake.playing(recording)
        return found if found is not None and self._kb.current(found.id).origin == "machine" else None

    def _begin(self, job: Job) -> None:
        if not self._kb.jobs.begin(job):
            raise Cancelled(phrase("The job was cancelled."))

    def _known(self, taking: _Taking) -> Taken:
        """Update the metadata and speakers' names of an episode whose words are known."""
        status: Status
        episode, renames = taking.episode, taking.asked.renames
        chapters = self._chapters(taking).found
        if taking.said.chapters and not is_recording(taking.path):  # on the file's clock; its words have moved
            kept = self._kb.transcript(episode.id).segments
            chapters = moved_chapters(chapters, parse(taking.path, read_transcript(taking.path)).segments, kept)
        with self._writing, self._kb.transaction():
            if renames:
                self._kb.intake.speaker_names.remember(episode.show, numbered(renames))
                _, status = self._kb.intake.rename_speakers(episode, renames, taking.source)
            else:
                status = self._kb.intake.describe(episode, taking.source)
            told = None if is_recording(taking.path) else taking.origin
            if told and self._kb.intake.credit(episode.id, told) and status == "unchanged":
                status = "updated"
            self._kb.chapters.write(episode.id, chapters)
            then = translation_job(self._kb, episode.id, taking.asked.request)
        return Taken(episode.id, status, queued=True, then=then)

    def _as_in_the_show(self, transcript: Transcript, renames: Mapping[str, str], show: str) -> Transcript:
        """Give unknown speakers the names they were given in the show before, with a remark; ``renames`` win."""
        before = self._kb.intake.speaker_names.of(show)
        named = _renamed(transcript, {**before, **renames})
        if _renamed(transcript, renames) == named:
            return named
        note = phrase(
            "Speakers are named as in earlier recordings of the show; listen to check that they are the same people."
        )
        return replace(named, remarks=(*named.remarks, Remark("note", None, None, "", note)))

    def _add(
        self, taking: _Taking, recognised: Recognised, chapters: Sequence[Chapter], check: FoundTimes | None = None
    ) -> Taken:
        """Write the episode and take its job out of the queue, in one transaction."""
        transcript = _remarked(recognised.transcript, taking.asked.notes)
        ends = [segment.end for segment in transcript.segments]
        # Without the final words' end nobody knows how long the recording goes on.
        last = max((end for end in ends if end is not None), default=None) if ends and ends[-1] is not None else None
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
            lost = self._without_corrections(taking, transcript)
            episode_id, status = self._kb.intake.add(episode, _remarked(transcript, lost), taking.source)
            # An episode that was found only now keeps the chapters that it has.
            if episode_id == taking.episode.id or taking.said.chapters or not self._kb.chapters.of(episode_id):
                self._kb.chapters.write(episode_id, chapters)
            if check is not None:
                self._kb.timing.note(episode_id, check)
            self._kb.intake.speaker_names.remember(episode.show, numbered(taking.asked.renames))
            if recognised.key:
                self._kb.intake.heard_blocks.forget(recognised.key)
            self._kb.jobs.finish([taking.job.uri])
            then = translation_job(self._kb, episode_id, taking.asked.request)
        notes = (*recognised.transcript.notes, *(lost if status == "revised" else ()))
        return Taken(episode_id, status, notes, then=then)

    def _without_corrections(self, taking: _Taking, transcript: Transcript) -> tuple[str, ...]:
        """Return a sentence if a revision of this transcript would not have what a person corrected."""
        known = self._kb.intake.find(taking.source)
        by = self._kb.revisions.corrected_by(known.id) if known else None
        if known is None or by is None or taking.asked.notes:  # a feed says so itself
            return ()
        now, new = self._kb.canonical(known.id), canonicalise(transcript)
        if now.text == new.text and [turn.speaker for turn in now.turns] == [turn.speaker for turn in new.turns]:
            return ()  # only its times are other ones
        number = str(self._kb.revisions.latest(known.id))
        return (
            phrase(
                "What %(person)s had corrected is in revision %(number)s and not in this new transcript.",
                person=by,
                number=number,
            ),
        )

    def _poorer(self, taking: _Taking, beside: Siblings) -> Taken:
        """Store that a file has the same episode and adds nothing to it."""
        episode_id = beside.episode.id
        self._kb.intake.sources.add(episode_id, taking.source)
        self._kb.jobs.finish([taking.job.uri])
        return Taken(
            episode_id,
            "unchanged",
            (phrase("has the same words as %(file)s and adds nothing.", file=beside.source.name),),
        )


def _remarked(transcript: Transcript, notes: Iterable[str]) -> Transcript:
    return replace(transcript, remarks=(*transcript.remarks, *(Remark("note", None, None, "", note) for note in notes)))


def _unmarked(transcript: Transcript) -> Transcript:
    return replace(transcript, segments=tuple(replace(s, advert=None) for s in transcript.segments))


def _renamed(transcript: Transcript, renames: Mapping[str, str | None]) -> Transcript:
    if not renames:
        return transcript
    segments = tuple(replace(s, speaker=renames.get(s.speaker or "", s.speaker)) for s in transcript.segments)
    return replace(transcript, segments=segments)
