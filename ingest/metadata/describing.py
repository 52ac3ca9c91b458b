"""Merges all metadata of an episode; of several sources, the first one that has a value counts."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from kb.errors import MetadataError
from kb.translatable import phrase
from kb.types import Chapter, Episode

from .names import from_name, recording_stems
from .sidecars import is_sidecar
from .tags import read_tags
from .values import AUDIO_SUFFIXES, Metadata, plain

__all__ = ["AUDIO_SUFFIXES", "are_published", "chapters_of", "describe"]

_SILENT = Metadata()
#: The fields of an episode that sources give under the same name; the path of its recording is handled apart.
_OF_EPISODES = {field.name for field in fields(Episode)} - {"audio"}
_SHARED = tuple(field.name for field in fields(Metadata) if field.name in _OF_EPISODES)
#: Those of them that are free text.
_TEXTS = tuple(name for name in _SHARED if name not in ("published", "medium", "people"))


def describe(
    transcript: Path,
    said: Metadata,
    existing: Episode | None = None,
    feed: Metadata = _SILENT,
    before: Metadata = _SILENT,
) -> Episode:
    """Return the episode with the values in ``said`` (options before the sidecar).

    Missing values come from ``existing``, then the ``feed``, the recording's tags, the file's name and its
    folder. An ``existing`` value that came from the feed (``before``) is updated from the feed. An audio file is taken
    only from the transcript's own folder, because every user of the web page can play it.
    Raises ``MetadataError`` where the audio that is named is not there.
    """
    audio = _audio(transcript, said.audio)
    tags = read_tags(audio) if audio else _SILENT
    feed = _plainly(feed)
    known = _without(_known(existing), _plainly(before), feed.given)
    told = _plainly(said).over(known).over(feed).over(tags).over(from_name(transcript))
    base = existing or Episode(id="", show="", title="")
    values = {name: getattr(told, name) for name in _SHARED} | {
        "show": told.show or "Unknown show",
        "title": told.title or "Untitled",
        "medium": "radio" if told.medium == "radio" else "podcast",
        "audio": str(audio) if audio else base.audio,
        "people": told.people or (),
    }
    return replace(base, **values)


def chapters_of(
    transcript: Path, said: Metadata, existing: tuple[Chapter, ...] = (), feed: Metadata = _SILENT
) -> tuple[Chapter, ...]:
    """Return an episode's chapters, with the precedence of ``describe``; ``existing`` ones stay if no source has any.

    Raises ``MetadataError`` where the audio that is named is not there.
    """
    if said.chapters is not None:
        return said.chapters
    if existing or feed.chapters:
        return existing or feed.chapters or ()
    audio = _audio(transcript, said.audio)
    return (read_tags(audio).chapters if audio else None) or ()


def are_published(said: Metadata, existing: tuple[Chapter, ...] = (), feed: Metadata = _SILENT) -> bool:
    """Return whether ``chapters_of`` returns what a sidecar or a feed has, on the clock of the publisher's transcript.

    Those of the recording's tags, and existing ones that have moved, are on the recording's clock.
    """
    return said.chapters is not None or (existing in ((), feed.chapters) and bool(feed.chapters))


def _without(known: Metadata, before: Metadata, names: Collection[str]) -> Metadata:
    """Return the known metadata without the given fields that still have the feed's earlier value."""
    same = {name: None for name in names if getattr(known, name) == getattr(before, name)}
    return replace(known, **same)


def _known(episode: Episode | None) -> Metadata:
    """Return what the knowledge base knows of an episode."""
    if episode is None:
        return _SILENT
    return Metadata(**{name: getattr(episode, name) for name in _SHARED} | {"people": episode.people or None})


def _plainly(said: Metadata) -> Metadata:
    """Return ``said`` without empty texts, cleaned: on the command line, bytes that are not text arrive as lone
    surrogates, which cannot be stored.
    """
    texts: dict[str, Any] = {name: plain(getattr(said, name) or "") or None for name in _TEXTS}
    return replace(said, **texts, published=said.published or None, medium=said.medium or None)


def _audio(transcript: Path, named: str | None) -> Path | None:
    """Return the recording beside a transcript: the one that its sidecar names, or the one that it is named after."""
    folder = transcript.parent.resolve()
    if named is not None:
        path = _resolved(folder / named)
        json = transcript.with_suffix(".json")
        sidecar = json if is_sidecar(json) and json != transcript else transcript.with_suffix(".toml")
        if path is None or not _is_sound_in(folder, path):
            raise MetadataError(
                sidecar,
                phrase("names the audio %(named)s.", named=repr(named[:200])),
                phrase("Expected an audio file in the same folder."),
            )
        if not os.path.isfile(path):
            raise MetadataError(
                sidecar,
                phrase("names the audio %(named)s, which is not there.", named=repr(named[:200])),
                phrase("Put it beside the sidecar."),
            )
        return _named_in_text(path)
    if transcript.suffix.lower() in AUDIO_SUFFIXES:
        return transcript.resolve()
    # Recorders write .WAV and .MP3 in capitals.
    endings = (ending for suffix in sorted(AUDIO_SUFFIXES) for ending in (suffix, suffix.upper()))
    stems = recording_stems(transcript)
    names = [
        *(stem for stem in stems if Path(stem).suffix),
        *(f"{stem}{ending}" for ending in endings for stem in stems),
    ]
    there = (path.resolve() for path in map(transcript.with_name, names) if os.path.isfile(path))
    return next((_named_in_text(path) for path in there if _is_sound_in(folder, path)), None)


def _named_in_text(path: Path) -> Path:
    """Return a recording's path; raises ``MetadataError`` for a name that is not text, as the catalogue needs."""
    try:
        str(path).encode()
    except UnicodeError as error:
        raise MetadataError(
            path, phrase("has a name that is not UTF-8."), phrase("Rename the recording or its folder.")
        ) from error
    return path


def _resolved(path: Path) -> Path | None:
    """Return ``path`` with its links followed, ``None`` if it is not a valid name or its links form a loop."""
    try:
        return path.resolve()
    except (ValueError, RuntimeError, OSError):
        return None


def _is_sound_in(folder: Path, path: Path) -> bool:
    """Return whether ``path``, with its links followed, is named like sound and lies in ``folder``."""
    return path.is_relative_to(folder) and path.suffix.lower() in AUDIO_SUFFIXES
