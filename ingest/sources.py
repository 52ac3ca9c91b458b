"""Which files are taken in, and their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kb.errors import SourceError
from kb.types import Transcript

from .formats import SUFFIXES, parse
from .formats.encoding import MAX_BYTES
from .metadata import AUDIO_SUFFIXES, is_sidecar

__all__ = ["check_source", "find_sources", "is_recording", "published_beside", "read_transcript"]

#: A transcript is text; ten hours of speech are under a megabyte, word times under twenty.
LARGEST_TRANSCRIPT = MAX_BYTES
# Files about a folder rather than in it.
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "notice", "copying", "contributing"})
_KNOWN = f"Known endings are {', '.join(sorted(SUFFIXES))}, .zip, and sound and video."


def find_sources(
    named: Iterable[Path],
    unpack_into: Path | None = None,
    refused: Callable[[Path, str], None] = lambda path, why: None,
) -> Iterator[Path]:
    """Yield the files to ingest: each named file, and in folders (recursively, in order) each transcript and recording.

    Hidden files, links out of the folder, sidecars and the recordings of transcripts are passed over. ZIP archives are
    unpacked under ``unpack_into`` and then taken as folders; ``refused`` is told, once each, of what cannot be.
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


def check_source(path: Path) -> None:
    """Raise a ``SourceError`` for what can be no source: nothing there, an empty folder, an unknown ending."""
    try:
        if not path.exists():
            raise SourceError(path, "there is no such file or folder.", "Check the name.")
        if path.is_dir():
            raise SourceError(path, "the folder holds no transcript and no recording.", _KNOWN)
    except OSError as error:
        raise _unreadable(path, error) from error
    if path.suffix.lower() not in SUFFIXES | AUDIO_SUFFIXES:
        raise SourceError(path, f"is of an unknown kind ({path.suffix or 'no ending'}).", _KNOWN)


def read_transcript(path: Path) -> bytes:
    """Return a transcript file's bytes; a ``SourceError`` says why it cannot be taken."""
    check_source(path)
    try:
        if path.stat().st_size > LARGEST_TRANSCRIPT:
            raise SourceError(
                path,
                f"is too large for a transcript (over {LARGEST_TRANSCRIPT // 1024**2} MB).",
                "Is it the recording?",
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def published_beside(recording: Path) -> Transcript | None:
    """Return the publisher's transcript beside a recording, if there is one that can be read."""
    for suffix in sorted(SUFFIXES):
        beside = recording.with_suffix(suffix)
        if beside.is_file():
            try:
                return parse(beside, read_transcript(beside))
            except SourceError:
                continue  # it is told when the transcript itself is ingested
    return None


def _is_transcript(path: Path) -> bool:
    return path.is_file() and not is_sidecar(path)


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(path, f"cannot be read ({error.strerror}).", "Check the name and its permissions.")


def _in_folder(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    found = False
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        about = path.stem.lower() in _ABOUT
        suffix = path.suffix.lower()
        wanted = suffix in SUFFIXES | AUDIO_SUFFIXES or _is_archive(path)
        if hidden or about or not wanted or not path.is_file():
            continue
        if suffix in AUDIO_SUFFIXES and any(_is_transcript(path.with_suffix(other)) for other in SUFFIXES):
            continue  # it belongs to that transcript
        if path.resolve().is_relative_to(root) and not is_sidecar(path):
            found = True
            yield path
    if not found:
        yield folder  # which is then reported as holding nothing
