"""Batch ingestion: sources in, one result each; a source that fails never stops the others."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb.catalogue import Job, Source
from kb.errors import SourceError, VerbatimError
from kb.knowledge_base import KnowledgeBase, Status
from kb.types import Episode, ImportResult, Person, Remark, Transcript

from .audio import sha256_of
from .formats import SUFFIXES, parse
from .metadata import AUDIO_SUFFIXES, Metadata, describe, read_sidecar
from .recordings import Recogniser, Request
from .transcription import Progress, Transcription

__all__ = ["find_sources", "ingest", "retry"]

#: A transcript is text; ten hours of speech are under a megabyte, word times under twenty.
LARGEST_TRANSCRIPT = 64 * 1024 * 1024
#: Passages are embedded and indexed after so many episodes, so that a killed batch is searchable thus far.
_SYNC_EVERY = 100
# What we, and diarizers, call somebody whose name nobody told.
_NUMBERED = re.compile(r"(?:speaker|voice)[ _]?\d{1,3}", re.IGNORECASE)
# Files about a folder rather than in it.
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "notice", "copying", "contributing"})


def find_sources(named: Iterable[Path]) -> Iterator[Path]:
    """Yield the files to ingest: each named file, and in folders (recursively, in order) each transcript and recording.

    Hidden files, links out of the folder, sidecars and the recordings of transcripts are passed over.
    """
    for path in named:
        if path.is_dir():
            yield from sorted(_in_folder(path))
        else:
            yield path


def ingest(
    kb: KnowledgeBase,
    sources: Iterable[Path],
    said: Metadata | None = None,
    renames: Mapping[str, str] | None = None,
    request: Request | None = None,
    on_result: Callable[[ImportResult], None] = lambda _: None,
    on_progress: Callable[[Path, Progress], None] | None = None,
) -> tuple[ImportResult, ...]:
    """Take every source in and return what became of each, in order; ``on_result`` is told at once.

    ``said`` overrides sidecars, ``renames`` gives speakers their names, ``request`` tells how recordings are
    transcribed, ``on_progress`` hears how far. Afterwards everything is embedded and indexed.
    """
    batch = _Batch(kb, said or Metadata(), dict(renames or {}), Recogniser(request or Request()), on_progress)
    results = []
    for number, path in enumerate(sources, start=1):
        result = batch.take(path)
        results.append(result)
        on_result(result)
        if number % _SYNC_EVERY == 0:
            kb.sync()
    kb.sync()
    return tuple(results)


def retry(
    kb: KnowledgeBase,
    job: Job,
    on_result: Callable[[ImportResult], None] = lambda _: None,
    on_progress: Callable[[Path, Progress], None] | None = None,
) -> tuple[ImportResult, ...]:
    """Do unfinished work again, with the options it was begun with; finished blocks are not heard again."""
    asked = json.loads(job.request)
    people = asked["said"].pop("people")
    said = Metadata(**asked["said"], people=None if people is None else tuple(Person(**p) for p in people))
    path = Path(unquote(urlsplit(job.uri).path))
    return ingest(kb, [path], said, asked["renames"], Request(**asked["request"]), on_result, on_progress)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all sources of one call share."""

    kb: KnowledgeBase
    said: Metadata
    renames: dict[str, str]
    recogniser: Recogniser
    on_progress: Callable[[Path, Progress], None] | None

    def take(self, path: Path) -> ImportResult:
        """Take one source in; an error of the source's is a result and stops nothing."""
        try:
            recording = path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()
            episode_id, status = self._recording(path) if recording else self._transcript(path)
            return ImportResult(str(path), episode_id, status)
        except VerbatimError as error:
            return ImportResult(str(path), None, "failed", str(error))
        except Exception as error:  # a bug of ours or of a library's, which must not cost the rest of the batch
            problem = f"{path}: an unexpected error ({error!r}), which is a bug in Verbatim; the other files go on."
            return ImportResult(str(path), None, "failed", problem)

    def _transcript(self, path: Path) -> tuple[str, Status]:
        data = _read(path)
        source = Source(path.resolve().as_uri(), hashlib.sha256(data).hexdigest())
        known = self.kb.find(source)
        episode = describe(path, self.said.over(read_sidecar(path)), known)
        alignable = episode.audio is not None and self.recogniser.available()
        if known and self.kb.holds(source) and not (alignable and self.kb.is_untimed(known.id)):
            return self._known(episode, source)  # nothing to parse; names given to speakers stay
        # What is known and only lacks times keeps the names that its speakers were given.
        given = self.kb.transcript(known.id) if known and self.kb.holds(source) else parse(path, data)
        transcript = _renamed(given, self.renames)
        if episode.audio is not None and alignable and not _is_timed(transcript):
            transcript = self._timed(transcript, Path(episode.audio))
        return self._add(episode, transcript, source)

    def _timed(self, transcript: Transcript, recording: Path) -> Transcript:
        """Return a publisher's transcript with times from its recording; without them, and a remark, if that fails."""
        try:
            heard = self._hear(recording)
        except VerbatimError as error:
            note = f"The transcript has no times, because its recording could not be heard: {error}"
            return replace(transcript, remarks=(Remark("note", None, None, "", note),))
        aligned = self.recogniser.aligned(transcript, heard)
        self.kb.catalogue.heard_blocks.forget(heard.key)
        return aligned

    def _recording(self, path: Path) -> tuple[str, Status]:
        source = Source(path.resolve().as_uri(), sha256_of(path))
        known = self.kb.find(source) or self.kb.playing(path.resolve())
        episode = describe(path, self.said.over(read_sidecar(path)), known)
        request = self.recogniser.request
        if known and self.kb.holds(source) and not request.wants_other_than(self.kb.current(known.id).settings):
            return self._known(episode, source)
        with self._job(source.uri):
            heard = self._hear(path)
            transcript = self.recogniser.transcript(path, heard, _published(path))
            result = self._add(episode, self._as_in_the_show(transcript, episode.show), source)
            self.kb.catalogue.heard_blocks.forget(heard.key)
            return result

    def _known(self, episode: Episode, source: Source) -> tuple[str, Status]:
        """Take up what is said anew about an episode whose words are known: metadata, and speakers' names."""
        if not self.renames:
            return episode.id, self.kb.describe(episode, source)
        self.kb.catalogue.episodes.name_speakers(episode.show, _labels(self.renames))
        return self.kb.rename_speakers(episode, self.renames, source)

    def _as_in_the_show(self, transcript: Transcript, show: str) -> Transcript:
        """Give unknown speakers the names they were given in the show before, and say so; this call's names win."""
        before = self.kb.catalogue.episodes.speaker_names(show)
        named = _renamed(transcript, {**before, **self.renames})
        if _renamed(transcript, self.renames) == named:
            return named
        note = "Speakers are named as in earlier recordings of the show; listen whether they are the same people."
        return replace(named, remarks=(*named.remarks, Remark("note", None, None, "", note)))

    def _add(self, episode: Episode, transcript: Transcript, source: Source) -> tuple[str, Status]:
        last = max((s.end for s in transcript.segments if s.end is not None), default=None)
        language = episode.language or transcript.language
        added = self.kb.add(replace(episode, duration=episode.duration or last, language=language), transcript, source)
        self.kb.catalogue.episodes.name_speakers(episode.show, _labels(self.renames))
        return added

    def _hear(self, path: Path) -> Transcription:
        tell = self.on_progress
        return self.recogniser.hear(
            path, self.kb.catalogue.heard_blocks, None if tell is None else lambda progress: tell(path, progress)
        )

    @contextmanager
    def _job(self, uri: str) -> Iterator[None]:
        """Remember the work from its begin to its end; after a kill it is still there as running."""
        request = json.dumps(
            {"request": asdict(self.recogniser.request), "said": asdict(self.said), "renames": self.renames}
        )
        self.kb.catalogue.jobs.begin(uri, request)
        try:
            yield
        except VerbatimError as error:
            self.kb.catalogue.jobs.fail(uri, str(error), request)
            raise
        self.kb.catalogue.jobs.finish(uri)


def _published(recording: Path) -> Transcript | None:
    """Return the publisher's transcript beside a recording, if there is one that can be read."""
    for suffix in sorted(SUFFIXES):
        beside = recording.with_suffix(suffix)
        if beside.is_file():
            try:
                return parse(beside, _read(beside))
            except SourceError:
                continue  # it is told when the transcript itself is ingested
    return None


def _labels(renames: Mapping[str, str]) -> dict[str, str]:
    """Return the names that were given to labels which say nothing but a number."""
    return {label: name for label, name in renames.items() if _NUMBERED.fullmatch(label)}


def _is_timed(transcript: Transcript) -> bool:
    return any(segment.start is not None for segment in transcript.segments)


def _read(path: Path) -> bytes:
    """Return a transcript file's bytes; a ``SourceError`` says why it cannot be taken."""
    known = f"Known endings are {', '.join(sorted(SUFFIXES))}, and sound and video."
    try:
        if not path.exists():
            raise SourceError(path, "there is no such file or folder.", "Check the name.")
        if path.is_dir():
            raise SourceError(path, "the folder holds no transcript and no recording.", known)
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(path, f"is of an unknown kind ({path.suffix or 'no ending'}).", known)
        if path.stat().st_size > LARGEST_TRANSCRIPT:
            raise SourceError(path, "is too large for a transcript (over 64 MB).", "Is it the recording?")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror}).", "Check the name and its permissions.") from error


def _renamed(transcript: Transcript, renames: Mapping[str, str]) -> Transcript:
    if not renames:
        return transcript
    segments = tuple(replace(s, speaker=renames.get(s.speaker or "", s.speaker)) for s in transcript.segments)
    return replace(transcript, segments=segments)


def _in_folder(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    found = False
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        about = path.stem.lower() in _ABOUT
        suffix = path.suffix.lower()
        if hidden or about or suffix not in SUFFIXES | AUDIO_SUFFIXES or not path.is_file():
            continue
        if suffix in AUDIO_SUFFIXES and any(path.with_suffix(other).is_file() for other in SUFFIXES):
            continue  # it belongs to that transcript
        if path.resolve().is_relative_to(root):
            found = True
            yield path
    if not found:
        yield folder  # which is then reported as holding nothing
