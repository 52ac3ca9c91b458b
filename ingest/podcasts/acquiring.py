"""An episode's files: the publisher's transcript if it is readable, and the recording, fetched to the media folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from kb.errors import FetchError, FormatError, SourceError
from kb.home import replacing
from kb.translatable import phrase
from kb.types import Chapter

from ..feeds import LARGEST_CHAPTERS, Enclosure, FeedItem, TranscriptLink, is_foreign, suffix_of
from ..fetching import Fetcher, Page, Validators
from ..files.sources import LARGEST_TRANSCRIPT
from ..files.strangers import parse, parse_chapters
from ..formats import in_utf8
from ..metadata import AUDIO_SUFFIXES
from ..sound.decoding import sha256_of

__all__ = [
    "Acquired",
    "Fetched",
    "acquire",
    "content_type_of",
    "fetch_chapters",
    "fetch_recording",
    "fetch_transcript",
    "read_transcript_at",
    "recording_suffix",
    "told_suffix",
    "transcript_path",
    "write_transcript",
]

_SUFFIXES = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/m4a": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/webm": ".webm",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
}


ByteProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched; its ``version`` is empty if its server names none, or if it was here before."""

    path: Path
    sha256: str
    version: Validators = field(default_factory=Validators)


@dataclass(frozen=True, slots=True)
class Acquired:
    """The files of an episode, one at least; ``notes`` say what could not be fetched."""

    transcript: Fetched | None
    recording: Fetched | None
    notes: tuple[str, ...]
    #: Why there is no recording.
    missing: SourceError | None = None

    @property
    def source(self) -> Path:
        """Return the file to ingest."""
        file = self.transcript or self.recording
        assert file is not None, "nothing was acquired"
        return file.path


def acquire(
    item: FeedItem,
    language: str | None,
    stem: Path,
    fetcher: Fetcher,
    audio: bool = True,
    progress: ByteProgress | None = None,
) -> Acquired:
    """Fetch an item's best readable transcript in ``language`` and its recording to ``stem`` plus their suffixes.

    Without a transcript, the recording is ingested. Without ``audio``, the recording of an item with a transcript is
    not fetched. Raises ``FetchError`` and ``SourceError`` if there is nothing to ingest.
    """
    transcript, problems = _best_transcript(item, language, stem, fetcher)
    notes = [
        phrase("The publisher's transcript was not taken: %(problem)s", problem=problem.sentence)
        for problem in problems
    ]
    if transcript is not None and (item.enclosure is None or not audio):
        return Acquired(transcript, None, tuple(notes))
    if item.enclosure is None:
        assert problems, "an item has a recording, a transcript or both"
        raise problems[0]
    try:
        recording = fetch_recording(item.enclosure, stem, fetcher, progress)
    except SourceError as error:
        if transcript is None:
            raise
        notes.append(phrase("The recording could not be fetched: %(problem)s", problem=error.sentence))
        return Acquired(transcript, None, tuple(notes), error)
    return Acquired(transcript, recording, tuple(notes))


def fetch_transcript(link: TranscriptLink, stem: Path, fetcher: Fetcher) -> Fetched:
    """Fetch one transcript to ``stem`` plus its format's suffix; one that is there already is left as it is.

    Raises as ``read_transcript_at``, and ``SourceError`` where the disk is at fault.
    """
    path = transcript_path(link, stem)
    if path.exists():
        return Fetched(path, sha256_of(path))
    page = read_transcript_at(link, path, fetcher)
    assert page is not None, "it was asked for unconditionally"
    write_transcript(path, page.data)
    return Fetched(path, hashlib.sha256(page.data).hexdigest(), page.version)


def transcript_path(link: TranscriptLink, stem: Path) -> Path:
    """Return ``stem`` plus the suffix of a transcript's format; ``FetchError`` for other types."""
    suffix = suffix_of(link.url, link.type)
    if suffix is None:
        raise FetchError(
            link.url,
            phrase("is not a known kind of transcript."),
            phrase("Known are JSON, WebVTT, SubRip, HTML, text."),
        )
    return stem.with_name(stem.name + suffix)


def read_transcript_at(
    link: TranscriptLink, path: Path, fetcher: Fetcher, known: Validators | None = None
) -> Page | None:
    """Return the transcript to be written to ``path``, ``None`` if it is still the ``known`` version.

    Raises ``FetchError``, and ``FormatError`` for anything else, such as a web page with an error message.
    """
    page = fetcher.page(link.url, LARGEST_TRANSCRIPT, known)
    if page is not None:  # a file has no HTTP header with its encoding
        page = replace(page, data=in_utf8(page.data, page.charset))
    try:
        if page is not None:
            parse(path, page.data)
    except FormatError as error:
        raise FormatError(link.url, error.problem, error.remedy, error.line) from error
    return page


def write_transcript(path: Path, data: bytes) -> None:
    """Write a transcript's file atomically."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise SourceError(
            path,
            phrase("cannot be written (%(reason)s).", reason=str(error.strerror)),
            phrase("Check the folder's permissions."),
        ) from error


def fetch_recording(
    enclosure: Enclosure, stem: Path, fetcher: Fetcher, progress: ByteProgress | None = None
) -> Fetched:
    """Fetch a recording to ``stem`` plus its suffix; one that is there already is left as it is.

    Raises ``FetchError`` and ``SourceError``.
    """
    type_ = enclosure.type
    if told_suffix(enclosure.url, type_) is None:  # the feed does not state the type, so the server is asked
        type_ = content_type_of(enclosure.url, fetcher)
        if (type_ or "").lower().startswith(("text/", "image/", "application/pdf")):
            raise FetchError(
                enclosure.url,
                phrase("is not a recording (%(kind)s).", kind=str(type_)[:80]),
                phrase("Tell the publisher."),
            )
    path = stem.with_name(stem.name + recording_suffix(enclosure.url, type_))
    if path.exists():  # an earlier run was stopped between fetching and ingesting
        return Fetched(path, sha256_of(path))
    got = fetcher.download(enclosure.url, path, progress)
    return Fetched(got.path, got.sha256, got.version)


def content_type_of(url: str, fetcher: Fetcher) -> str | None:
    """Return a document's content type by its server. Raises ``FetchError``."""
    heading = fetcher.heading(url)
    return heading.content_type if heading else None


def fetch_chapters(url: str | None, fetcher: Fetcher) -> tuple[Chapter, ...] | None:
    """Return the chapters at an address, ``None`` if they cannot be fetched: the episode is added without them."""
    if url is None:
        return None
    try:
        page = fetcher.page(url, LARGEST_CHAPTERS)
        return parse_chapters(page.data, url) or None if page else None
    except SourceError:
        return None


def recording_suffix(url: str, type_: str | None) -> str:
    """Return the suffix of a recording by its address, or else its type; ``.mp3``, the usual one, if neither tells."""
    return told_suffix(url, type_) or ".mp3"


def told_suffix(url: str, type_: str | None) -> str | None:
    """Return the suffix of a recording that its address or its type tells, ``None`` if neither does."""
    ending = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if ending in AUDIO_SUFFIXES:
        return ending
    return _SUFFIXES.get((type_ or "").partition(";")[0].strip().lower())


def _best_transcript(
    item: FeedItem, language: str | None, stem: Path, fetcher: Fetcher
) -> tuple[Fetched | None, list[SourceError]]:
    problems: list[SourceError] = []
    for link in item.transcripts:
        try:
            if is_foreign(link, language):
                remedy = phrase("A translation does not have the speakers' own words.")
                raise FetchError(
                    link.url,
                    phrase("is in another language (%(language)s) than the feed.", language=str(link.language)),
                    remedy,
                )
            return fetch_transcript(link, stem, fetcher), problems
        except SourceError as error:
            problems.append(error)
    return None, problems
