"""Which files are ingested, and their bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from kb.errors import SourceError
from kb.translatable import phrase
from kb.types import Transcript

from ..formats import SUFFIXES
from ..formats.encoding import MAX_BYTES
from ..metadata import AUDIO_SUFFIXES, is_sidecar, recording_stems
from .strangers import parse

__all__ = ["check_source", "find_sources", "is_recording", "path_of", "published_beside", "read_transcript"]

#: A transcript is text; ten hours of speech are under a megabyte, word times under twenty.
LARGEST_TRANSCRIPT = MAX_BYTES
# Files that describe a folder.
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "notice", "copying", "contributing"})
# What yt-dlp writes beside a video.
_NO_TRANSCRIPTS = (".info.json", ".live_chat.json")
_KNOWN = phrase("Known endings are %(endings)s, .zip, and sound and video.", endings=", ".join(sorted(SUFFIXES)))


def find_sources(
    named: Iterable[Path],
    unpack_into: Path | None = None,
    refused: Callable[[Path, str], None] = lambda path, why: None,
) -> Iterator[Path]:
    """Yield the files to ingest: each named file, and in folders (recursively, in order) each transcript and recording.

    Hidden files, links out of the folder, sidecars and the recordings of transcripts are skipped. ZIP archives are
    unpacked under ``unpack_into`` and then taken as folders; ``refused`` is called once for each member that cannot be.
    """
    for path in named:
        found = sorted(_in_folder(path)) if path.is_dir() else [path]
        for source in found:
            if unpack_into is not None and _is_archive(source) and source.is_file():
                yield from _unpacked(source, unpack_into, refused)
            else:
                yield source


def _unpacked(archive: Path, into: Path, refused: Callable[[Path, str], None]) -> Iterator[Path]:
    from .archives import unpack

    try:
        done = unpack(archive, into)
    except SourceError as error:
        refused(archive, str(error))
        return
    for member in done.passed_over:
        if member.lost:
            refused(archive / member.name, f"{archive / member.name}: {member.reason}")
    yield from sorted(_in_folder(done.folder))


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def is_recording(path: Path) -> bool:
    """Return whether a file is named like sound or video."""
    return path.suffix.lower() in AUDIO_SUFFIXES


def path_of(uri: str | None) -> Path:
    """Return the path in a file's address, also one that is not UTF-8."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri or "").path)))


def check_source(path: Path) -> None:
    """Raise a ``SourceError`` for what cannot be a source: a missing file, an empty folder, an unknown ending."""
    try:
        if not path.exists():
            raise SourceError(path, phrase("there is no such file or folder."), phrase("Check the name."))
        if path.is_dir():
            raise SourceError(path, phrase("the folder holds no transcript and no recording."), _KNOWN)
        if is_recording(path) and not _is_text(path.resolve()):
            raise SourceError(
                path, phrase("has a name that is not UTF-8."), phrase("Rename the recording or its folder.")
            )
        if not path.is_file():  # reading a pipe would wait for somebody to write into it
            raise SourceError(
                path, phrase("is a pipe or a device, not a regular file."), phrase("Copy its content into a file.")
            )
    except OSError as error:
        raise _unreadable(path, error) from error
    if path.suffix.lower() not in SUFFIXES | AUDIO_SUFFIXES:
        raise SourceError(
            path, phrase("is of an unknown kind (%(kind)s).", kind=path.suffix or phrase("no ending")), _KNOWN
        )


def read_transcript(path: Path) -> bytes:
    """Return a transcript file's bytes; a ``SourceError`` says why it cannot be taken."""
    check_source(path)
    try:
        if path.stat().st_size > LARGEST_TRANSCRIPT:
            raise SourceError(
                path,
                phrase("is too large for a transcript (over %(most)s MB).", most=LARGEST_TRANSCRIPT // 1024**2),
                phrase("Is it the recording?"),
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def published_beside(recording: Path) -> Transcript | None:
    """Return the transcript beside a recording that names most speakers and times, if there is one to be read."""
    found: list[Transcript] = []
    for beside in sorted(recording.parent.iterdir()):
        if _is_transcript(beside) and {recording.name, recording.stem} & set(recording_stems(beside)):
            try:
                found.append(parse(beside, read_transcript(beside)))
            except SourceError:
                continue  # reported when the transcript itself is ingested
    return max(found, key=_richness, default=None)


def _richness(transcript: Transcript) -> tuple[bool, bool, int]:
    segments = transcript.segments
    named, timed = any(segment.speaker for segment in segments), any(segment.start is not None for segment in segments)
    return named, timed, sum(len(segment.words) for segment in segments)


def _is_transcript(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not is_sidecar(path)


def _is_text(path: Path) -> bool:
    """Return whether a path can be kept as text: a name on Linux may be any bytes."""
    return str(path).encode("utf-8", "replace").decode() == str(path)


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        path,
        phrase("cannot be read (%(reason)s).", reason=str(error.strerror)),
        phrase("Check the name and its permissions."),
    )


def _in_folder(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    found: list[Path] = []
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        about = path.stem.lower() in _ABOUT or path.name.lower().endswith(_NO_TRANSCRIPTS)
        wanted = path.suffix.lower() in SUFFIXES | AUDIO_SUFFIXES or _is_archive(path)
        if hidden or about or not wanted or not path.is_file():
            continue
        if path.resolve().is_relative_to(root) and not is_sidecar(path):
            found.append(path)
    transcripts = [path for path in found if path.suffix.lower() in SUFFIXES]
    stems = {(path.parent, stem) for path in transcripts for stem in recording_stems(path)}
    for path in found:
        with_transcript = path.suffix.lower() in AUDIO_SUFFIXES and {(path.parent, path.name), (path.parent, path.stem)}
        if not with_transcript or stems.isdisjoint(with_transcript):
            yield path
    if not found:
        yield folder  # which is then reported as holding nothing
