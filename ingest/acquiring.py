"""An episode's files: the publisher's transcript if it can be read, and the recording, fetched to where they stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from kb.errors import FetchError, FormatError, SourceError
from kb.types import Chapter

from .audio import sha256_of
from .feeds import LARGEST_CHAPTERS, Enclosure, FeedItem, TranscriptLink, is_foreign, parse_chapters, suffix_of
from .fetching import Fetcher
from .formats import in_utf8, parse
from .metadata import AUDIO_SUFFIXES
from .sources import LARGEST_TRANSCRIPT

__all__ = ["Acquired", "acquire", "fetch_chapters", "fetch_recording", "fetch_transcript", "recording_suffix"]

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

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Acquired:
    """The files of an episode; ``source`` is the one to take in, ``notes`` tell what could not be had."""

    source: Path
    notes: tuple[str, ...]
    recording: Path | None = None
    #: Of the recording.
    sha256: str | None = None
    #: Why there is no recording.
    missing: SourceError | None = None


def acquire(
    item: FeedItem,
    language: str | None,
    stem: Path,
    fetcher: Fetcher,
    audio: bool = True,
    progress: Progress | None = None,
) -> Acquired:
    """Fetch an item's best readable transcript in ``language`` and its recording to ``stem`` plus their suffixes.

    Without a transcript, the recording is what is taken in. Without ``audio``, that of an item with a transcript is
    not fetched. Raises ``FetchError`` and ``SourceError`` if there is nothing to take in.
    """
    transcript, problems = _best_transcript(item, language, stem, fetcher)
    notes = [f"The publisher's transcript was not taken: {problem}" for problem in problems]
    if transcript is not None and (item.enclosure is None or not audio):
        return Acquired(transcript, tuple(notes))
    if item.enclosure is None:
        assert problems, "an item has a recording, a transcript or both"
        raise problems[0]
    try:
        recording, sha256 = fetch_recording(item.enclosure, stem, fetcher, progress)
    except SourceError as error:
        if transcript is None:
            raise
        notes.append(f"The recording could not be fetched: {error}")
        return Acquired(transcript, tuple(notes), missing=error)
    return Acquired(transcript or recording, tuple(notes), recording, sha256)


def fetch_transcript(link: TranscriptLink, stem: Path, fetcher: Fetcher) -> Path:
    """Fetch one transcript to ``stem`` plus its format's suffix; one that is there already is left as it is.

    Raises ``FetchError``, and ``FormatError`` for what is no transcript, such as a web page that says so.
    """
    suffix = suffix_of(link.url, link.type)
    if suffix is None:
        raise FetchError(link.url, "is of a kind that is no transcript.", "Known are JSON, WebVTT, SubRip, HTML, text.")
    path = stem.with_name(stem.name + suffix)
    if path.exists():
        return path
    page = fetcher.page(link.url, LARGEST_TRANSCRIPT)
    assert page is not None, "it was asked for unconditionally"
    data = in_utf8(page.data, _charset(page.content_type))  # a file has no header to say it
    try:
        parse(path, data)
    except FormatError as error:
        raise FormatError(link.url, error.problem, error.remedy, error.line) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise SourceError(path, f"cannot be written ({error.strerror}).", "Check the folder's permissions.") from error
    return path


def fetch_recording(
    enclosure: Enclosure, stem: Path, fetcher: Fetcher, progress: Progress | None = None
) -> tuple[Path, str]:
    """Fetch a recording to ``stem`` plus its suffix, and return it with its SHA-256.

    Raises ``FetchError`` and ``SourceError``.
    """
    path = stem.with_name(stem.name + recording_suffix(enclosure.url, enclosure.type))
    if path.exists():  # a run before this one was ended between fetching and taking in
        return path, sha256_of(path)
    got = fetcher.download(enclosure.url, path, progress)
    return got.path, got.sha256


def fetch_chapters(item: FeedItem, fetcher: Fetcher) -> tuple[Chapter, ...] | None:
    """Return an item's chapters, ``None`` if it has none or they cannot be had: no episode waits for its chapters."""
    if item.chapters or item.chapters_url is None:
        return item.chapters or None
    try:
        page = fetcher.page(item.chapters_url, LARGEST_CHAPTERS)
        return parse_chapters(page.data, item.chapters_url) or None if page else None
    except SourceError:
        return None


def recording_suffix(url: str, type_: str | None) -> str:
    """Return the suffix of a recording by its address, or else its type; ``.mp3``, which most are, if neither tells."""
    ending = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if ending in AUDIO_SUFFIXES:
        return ending
    return _SUFFIXES.get((type_ or "").partition(";")[0].strip().lower(), ".mp3")


def _charset(content_type: str | None) -> str | None:
    """Return the encoding that a server declares: ``text/html; charset=windows-1251``."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def _best_transcript(
    item: FeedItem, language: str | None, stem: Path, fetcher: Fetcher
) -> tuple[Path | None, list[SourceError]]:
    problems: list[SourceError] = []
    for link in item.transcripts:
        try:
            if is_foreign(link, language):
                remedy = "A translation holds nobody's own words."
                raise FetchError(link.url, f"is in another language ({link.language}) than the feed.", remedy)
            return fetch_transcript(link, stem, fetcher), problems
        except SourceError as error:
            problems.append(error)
    return None, problems
