"""Batch ingestion: sources in, one result each; a source that fails never stops the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kb.catalogue import Source
from kb.errors import SourceError, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.types import ImportResult, Transcript

from .formats import SUFFIXES, parse
from .metadata import Metadata, describe, read_sidecar

__all__ = ["find_sources", "ingest"]

#: A transcript is text; ten hours of speech are under a megabyte, word times under twenty.
LARGEST_TRANSCRIPT = 64 * 1024 * 1024
#: Passages are embedded and indexed after so many episodes, so that a killed batch is searchable thus far.
_SYNC_EVERY = 100
# Files about a folder rather than in it.
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "notice", "copying", "contributing"})


def find_sources(named: Iterable[Path]) -> Iterator[Path]:
    """Yield the files to ingest: each named file, and in folders (recursively, in order) each transcript.

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
    on_result: Callable[[ImportResult], None] = lambda _: None,
) -> tuple[ImportResult, ...]:
    """Take every source in and return what became of each, in order; ``on_result`` is told at once.

    ``said`` overrides sidecars, ``renames`` gives speakers their names. Afterwards everything is embedded
    and indexed.
    """
    results = []
    for number, path in enumerate(sources, start=1):
        result = _ingest_one(kb, path, said or Metadata(), renames or {})
        results.append(result)
        on_result(result)
        if number % _SYNC_EVERY == 0:
            kb.sync()
    kb.sync()
    return tuple(results)


def _ingest_one(kb: KnowledgeBase, path: Path, said: Metadata, renames: Mapping[str, str]) -> ImportResult:
    try:
        data = _read(path)
        source = Source(path.resolve().as_uri(), hashlib.sha256(data).hexdigest())
        known = kb.find(source)
        episode = describe(path, said.over(read_sidecar(path)), known)
        if known and kb.holds(source) and not renames:  # nothing to parse; names given to speakers stay
            return ImportResult(str(path), known.id, kb.describe(episode, source))
        transcript = _renamed(parse(path, data), renames)
        last = max((s.end for s in transcript.segments if s.end is not None), default=None)
        episode = replace(episode, duration=episode.duration or last, language=episode.language or transcript.language)
        episode_id, status = kb.add(episode, transcript, source)
        return ImportResult(str(path), episode_id, status)
    except VerbatimError as error:
        return ImportResult(str(path), None, "failed", str(error))


def _read(path: Path) -> bytes:
    """Return a transcript file's bytes; a ``SourceError`` says why it cannot be taken."""
    try:
        if not path.exists():
            raise SourceError(path, "there is no such file or folder.", "Check the name.")
        if path.is_dir():
            raise SourceError(
                path, "the folder holds no transcript.", f"Known endings are {', '.join(sorted(SUFFIXES))}."
            )
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(
                path,
                f"is of an unknown kind ({path.suffix or 'no ending'}).",
                f"Known are {', '.join(sorted(SUFFIXES))}.",
            )
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
        if hidden or about or path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        if path.resolve().is_relative_to(root):
            found = True
            yield path
    if not found:
        yield folder  # which is then reported as holding nothing
