"""Files that a publisher has replaced: when to ask, what the server has now, and where it is stored.

The old file is kept under a number, because nothing that was cited is deleted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

from kb.catalogue import Item, Source
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase
from kb.translatable import phrase

from ..feeds import Enclosure, bare_address
from ..fetching import Fetcher, Validators
from ..files.sources import is_recording, path_of
from ..files.strangers import parse
from ..formats import SUFFIXES
from ..sound.decoding import sha256_of
from .acquiring import fetch_recording, read_transcript_at, transcript_path, write_transcript
from .told import Told, Versions

__all__ = ["Cause", "NewFile", "Replacing", "path_of", "same_address"]

#: Why a file is requested: it was never here; the feed has changed it; it may have changed by now.
Cause = Literal["missing", "told", "time"]


@dataclass(frozen=True, slots=True)
class NewFile:
    """The result: the file to ingest, ``None`` if it is the known one, and its server's version."""

    version: Validators
    path: Path | None = None
    sha256: str | None = None
    #: The file that it replaces, if that had another name.
    instead_of: Path | None = None
    notes: tuple[str, ...] = field(default=())


class Replacing:
    """The files of one item whose episode is in the library; ``stem`` is their path without suffixes."""

    def __init__(
        self,
        kb: KnowledgeBase,
        fetcher: Fetcher,
        stem: Path,
        known: Item,
        progress: Callable[[int, int | None], None],
    ) -> None:
        self._kb = kb
        self._fetcher = fetcher
        self._stem = stem
        self._known = known
        self._progress = progress
        self._source = path_of(known.source)
        self._episode_id = str(known.episode_id)

    @property
    def transcript(self) -> Path | None:
        """Return the ingested transcript, ``None`` if there is only a recording."""
        if not is_recording(self._source):
            return self._source
        beside = (self._stem.with_name(self._stem.name + suffix) for suffix in sorted(SUFFIXES))
        return next((path for path in beside if self._kb.intake.find(_source(path)) is not None), None)

    def transcript_cause(self, now: Told, before: Told) -> Cause | None:
        """Return why to request the transcript, ``None`` if it should not be."""
        if now.transcript is None:
            return None
        if self.transcript is None:
            return "missing"
        told = before.transcript is None or not same_address(now.transcript.url, before.transcript.url)
        return "told" if told else "time"

    def recording_cause(self, now: Told, before: Told, audio: bool) -> Cause | None:
        """Return why to request the recording; ``audio``: also if there is a transcript."""
        if now.enclosure is None or not (audio or self.transcript is None):
            return None
        if self._known.sha256 is None:
            return "missing" if self._known.again_at or before.enclosure is None else None
        return "told" if before.enclosure is None or _differ(now.enclosure, before.enclosure) else "time"

    def find_transcript(self, cause: Cause, now: Told, before: Told, versions: Versions) -> NewFile | None:
        """Request the transcript, write it if it differs from the ingested one, and return the result."""
        assert now.transcript is not None
        path = transcript_path(now.transcript, self._stem)
        page = read_transcript_at(now.transcript, path, self._fetcher, versions.transcript if cause == "time" else None)
        if page is None:
            return None
        found = _source(path, hashlib.sha256(page.data).hexdigest())
        if self._kb.intake.holds(found) or self._says_the_same(path, page.data):
            return NewFile(page.version)
        old = self.transcript
        if old is not None:
            _set_aside(old, unless=found.sha256, moving=old != path)
        write_transcript(path, page.data)
        notes = () if cause == "missing" else (self._corrected(),)
        return NewFile(page.version, path, found.sha256, old if old != path else None, notes)

    def find_recording(self, cause: Cause, now: Told, before: Told, versions: Versions) -> NewFile | None:
        """Request the recording, fetch it if it differs from the one here, and return the result."""
        assert now.enclosure is not None
        if cause == "missing":
            got = fetch_recording(now.enclosure, self._stem, self._fetcher, self._progress)
            return NewFile(got.version, got.path, got.sha256)
        old = self._recording()
        size = old.stat().st_size if old is not None else None
        if before.enclosure is None or not same_address(now.enclosure.url, before.enclosure.url):
            heading = self._fetcher.heading(now.enclosure.url)
            if heading is None or heading.length == size:  # it has only moved
                return NewFile(heading.version if heading else Validators())
        elif not self._is_another(now.enclosure, _differ(now.enclosure, before.enclosure), versions.recording, size):
            return None
        aside = self._stem.with_name(f"{self._stem.name}.new")
        for left in aside.parent.glob(f"{aside.name}.*"):
            if ".part" not in left.suffixes:  # complete, but perhaps not what the server has now
                left.unlink()
        got = fetch_recording(now.enclosure, aside, self._fetcher, self._progress)
        if got.sha256 == self._known.sha256:
            got.path.unlink()
            return NewFile(got.version)
        path = self._stem.with_name(self._stem.name + got.path.suffix)
        kept = _set_aside(old, unless=got.sha256, moving=old != path) if old else None
        os.replace(got.path, path)
        note = phrase("The publisher replaced the recording, so times in earlier revisions belong to the old one.")
        if kept:
            note = phrase(
                "The publisher replaced the recording, so times in earlier revisions belong to the old one, "
                "which is kept as %(file)s.",
                file=kept.name,
            )
        return NewFile(got.version, path, got.sha256, old if old != path else None, (note,))

    def _is_another(self, enclosure: Enclosure, told: bool, known: Validators, size: int | None) -> bool:
        """Return whether a server reliably has another recording than the ``known`` one at its address.

        Hosts that insert advertisements into each download send other bytes every time. So a server counts only if
        it recognises its own version in a second request or, if it names none, if the feed has ``told`` the
        same length.
        """
        if known == Validators() and not told:
            return False
        heading = self._fetcher.heading(enclosure.url, known)
        if heading is None or heading.version == known != Validators():
            return False
        if heading.version != Validators():
            return self._fetcher.heading(enclosure.url, heading.version) is None
        return told and heading.length == enclosure.length != size

    def _recording(self) -> Path | None:
        """Return the path of the recording here."""
        audio = self._kb.episode(self._episode_id).audio
        path = Path(audio) if audio else self._source
        mine = path.parent == self._stem.resolve().parent and path.name.startswith(f"{self._stem.name}.")
        return path if mine and is_recording(path) and path.is_file() else None

    def _says_the_same(self, path: Path, data: bytes) -> bool:
        """Return whether a changed file has the same words, speakers and times as the ingested one."""
        try:
            old = path.read_bytes()
            is_in = self._kb.intake.holds(_source(path, hashlib.sha256(old).hexdigest()))
            return is_in and parse(path, old) == parse(path, data)
        except (OSError, SourceError):
            return False

    def _corrected(self) -> str:
        revisions = self._kb.revisions
        number, by = str(revisions.latest(self._episode_id)), revisions.corrected_by(self._episode_id)
        if by:
            return phrase(
                "The publisher corrected this transcript; revision %(number)s has the earlier words, "
                "as %(person)s had corrected them.",
                number=number,
                person=by,
            )
        return phrase(
            "The publisher corrected this transcript; revision %(number)s has the earlier words.", number=number
        )


def same_address(one: str, other: str) -> bool:
    """Return whether two addresses are the same apart from parameters that identify the listener."""
    return bare_address(one) == bare_address(other)


def _differ(one: Enclosure, other: Enclosure) -> bool:
    lengths = one.length and other.length and one.length != other.length
    return bool(lengths) or not same_address(one.url, other.url)


def _source(path: Path, sha256: str = "") -> Source:
    return Source(path.resolve().as_uri(), sha256)


def _set_aside(path: Path, unless: str, moving: bool) -> Path | None:
    """Keep a file under a numbered name, and return it; ``None`` if it is missing or has the hash ``unless``.

    It stays under its own name too, unless it is ``moving``: the new file then replaces it atomically.
    """
    try:
        if not path.is_file() or sha256_of(path) == unless:
            return None
        names = (path.with_name(f"{path.stem}.{number}{path.suffix}") for number in count(1))
        free = next(name for name in names if not name.exists())
        if moving:
            path.rename(free)
        else:
            try:
                os.link(path, free)
            except OSError:  # a file system without hard links
                shutil.copy2(path, free)
        return free
    except OSError as error:
        raise SourceError(
            path,
            phrase("cannot be set aside (%(reason)s).", reason=str(error.strerror)),
            phrase("Check the folder's permissions."),
        ) from error
