"""Publishers' corrections to an episode in the library: its metadata, its transcript, its recording.

A change in the feed is handled at once. A file that was replaced at its old address is found by
asking its server from time to time, less often for older episodes, and with a limit per sync of a feed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from kb.catalogue import Item
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase
from kb.timecode import now
from kb.translatable import phrase
from kb.types import Chapter, Episode

from ..fetching import Fetcher
from ..files.strangers import read_sidecar
from ..metadata import Metadata, describe
from .acquiring import fetch_chapters
from .postponing import again_at
from .replacing import Cause, NewFile, Replacing, path_of, same_address
from .told import FileKind, Told, Versions, as_known

__all__ = ["CorrectionFinder", "ItemCorrection", "is_due"]

#: Per sync of a feed: requests about files that may have changed, and seconds after which none is begun.
_MOST_QUESTIONS = 50
_MOST_SECONDS = 120.0
#: More new recordings than this in one sync mean that a host moves, or inserts advertisements.
_MOST_RECORDINGS = 3
_SOONEST, _LATEST = timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ItemCorrection:
    """The result for a known item: ``item`` as it is to be stored, and the consequences.

    ``changed`` names what the publisher corrected, ``refused`` what stays as it was set here. ``episode`` and
    ``chapters`` are written, and ``again`` is the file to ingest again, ``None`` if there is none.
    """

    item: Item
    changed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    episode: Episode | None = None
    chapters: tuple[Chapter, ...] | None = None
    again: Path | None = None
    new_sound: bool = False
    notes: tuple[str, ...] = ()
    #: Files that were moved away from their names.
    set_aside: tuple[Path, ...] = ()


class CorrectionFinder:
    """Finds corrections during one sync of one feed; ``thorough`` asks about every file, without limits.

    ``notes`` are for the report. ``put_off``: there was no time for some change in the feed.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        media: Path,
        fetcher: Fetcher,
        audio: bool,
        thorough: bool,
        tell: Callable[[str], Callable[[int, int | None], None]],
    ) -> None:
        self._kb = kb
        self._media = media
        self._fetcher = fetcher
        self._audio = audio
        self._thorough = thorough
        self._tell = tell
        self._questions = self._recordings = 0
        self._until = time.monotonic() + _MOST_SECONDS
        self.notes: list[str] = []
        self.put_off = False

    def find(self, known: Item, says: Told | None, retry: bool = False) -> ItemCorrection | None:
        """Return the correction of an item whose episode is in the library, ``None`` if there is nothing to store.

        ``says`` is what the feed says of it, ``None`` if the feed was not read.
        """
        kept = Told.of(known.told)
        says = says or kept
        if known.episode_id is None or known.stem is None or says is None:
            return None
        if says == kept and not (known.again_at and (retry or is_due(known))) and not self.wanting(known):
            return None
        episode = self._kb.episode(known.episode_id)
        before = kept or as_known(episode, self._kb.corrections.edited(episode.id), says)
        news = self._news(says, before)
        found = self._described(known, episode, news, before)
        if kept is None:  # the feed's earlier content is unknown: a difference may not be a correction
            found = replace(found, changed=(), refused=())
        found = self._files(found, says, before, retry or is_due(known), urgent=bool(found.changed or found.refused))
        if found.changed or found.refused:
            words = ", ".join(
                (*found.changed, *(phrase("%(what)s (kept as it is here)", what=name) for name in found.refused))
            )
            found = replace(found, item=replace(found.item, corrected=words, corrected_at=now()))
        return None if found == ItemCorrection(known) else found

    def wanting(self, known: Item) -> bool:
        """Return whether it is time to ask the servers whether an item's files have changed."""
        return known.state == "in" and known.stem is not None and (self._thorough or _is_time(known))

    def _news(self, says: Told, before: Told) -> Metadata:
        """Return the feed's changed metadata, with chapters if their file has another address."""
        news = says.news(before)
        if says.chapters_url and not (before.chapters_url and same_address(says.chapters_url, before.chapters_url)):
            news = replace(news, chapters=fetch_chapters(says.chapters_url, self._fetcher) or news.chapters)
        return news

    def _described(self, known: Item, episode: Episode, news: Metadata, before: Told) -> ItemCorrection:
        """Return the episode's new metadata: a person's edits, and a sidecar, have priority over the feed."""
        if not news.given:
            return ItemCorrection(known)
        path = path_of(known.source)
        sidecar = read_sidecar(path)
        told = describe(path, sidecar, episode, news, before.said)
        told = replace(told, audio=episode.audio)
        names = [name for name in news.given if name != "chapters"]
        as_the_feed = describe(path, Metadata(), None, news)
        changed = [name for name in names if getattr(told, name) != getattr(episode, name)]
        refused = [name for name in names if getattr(told, name) != getattr(as_the_feed, name)]
        chapters = news.chapters if sidecar.chapters is None else None
        return ItemCorrection(
            known,
            tuple(_WORDS.get(name, name) for name in [*changed, *(["chapters"] if chapters else [])]),
            tuple(_WORDS.get(name, name) for name in refused),
            told if told != episode else None,
            chapters,
        )

    def _files(self, found: ItemCorrection, says: Told, before: Told, due: bool, urgent: bool) -> ItemCorrection:
        """Look for another transcript and another recording, if the feed, the time or ``urgent`` give a reason.

        What could not be fetched is skipped unless it is ``due``.
        """
        known = found.item
        files = Replacing(self._kb, self._fetcher, self._media / str(known.stem), known, self._tell(known.title))
        asking = urgent or self.wanting(known)
        versions = Versions.of(known.versions)
        item = replace(known, again_at=None) if due else known
        versions = replace(versions, refused=()) if due else versions
        new: dict[FileKind, NewFile] = {}
        kinds: tuple[tuple[FileKind, Cause | None, Callable[..., NewFile | None]], ...] = (
            ("transcript", files.transcript_cause(says, before), files.find_transcript),
            ("recording", files.recording_cause(says, before, self._audio), files.find_recording),
        )
        settled, unasked = says, False
        for name, cause, find in kinds:
            if cause is None or (cause == "time" and not asking):
                continue
            url = str(getattr(says.transcript if name == "transcript" else says.enclosure, "url", ""))
            if versions.refuses(url) or not self._may_ask(name, known.title, cause):
                unasked = True
                if cause == "told" and (versions.refuses(url) or self.put_off):
                    settled = _with_file(settled, before, name)
                continue
            try:
                file = find(cause, says, before, versions)
            except SourceError as error:
                if cause != "time":  # an old address that no longer works is not reported
                    settled, item = _with_file(settled, before, name), replace(item, again_at=again_at(error))
                    versions = versions.refusing(url)
                if cause == "told":
                    told = phrase(
                        "“%(title)s”: its new %(what)s could not be fetched: %(problem)s",
                        title=known.title,
                        what=name,
                        problem=error.sentence,
                    )
                    self.notes.append(told)
                continue
            if file is not None:
                versions = versions.having(name, file.version)
                new |= {name: file} if file.path else {}
        if asking and not unasked:
            item = replace(item, asked_at=now())
        item = replace(item, versions=versions.to_json() if versions != Versions() else None, told=settled.to_json())
        return self._with_new(replace(found, item=item), new, files)

    def _with_new(self, found: ItemCorrection, new: dict[FileKind, NewFile], files: Replacing) -> ItemCorrection:
        """Return a correction with the files to ingest."""
        transcript, recording = new.get("transcript"), new.get("recording")
        item, was = found.item, path_of(found.item.source)
        if recording is not None:
            item = replace(item, sha256=recording.sha256)
        for file in new.values():
            if file.path is not None and file.instead_of is not None and file.instead_of == was:
                item = replace(item, source=file.path.resolve().as_uri())
        again = transcript.path if transcript else files.transcript or recording.path if recording else None
        return replace(
            found,
            item=item,
            changed=found.changed + tuple(name for name, file in new.items() if file.notes),
            again=again,
            new_sound=recording is not None and bool(recording.notes),
            notes=tuple(note for file in new.values() for note in file.notes),
            set_aside=tuple(file.instead_of for file in new.values() if file.instead_of),
        )

    def _may_ask(self, name: FileKind, title: str, cause: Cause) -> bool:
        """Return whether one more request is within the limits, and count it."""
        if self._thorough or cause == "missing":
            return True
        if self._questions >= _MOST_QUESTIONS or time.monotonic() > self._until:
            self.put_off = self.put_off or cause == "told"
            return False
        self._questions += 1
        if (name, cause) != ("recording", "told"):
            return True
        self._recordings += 1
        if self._recordings == _MOST_RECORDINGS + 1:
            self.notes.append(
                phrase(
                    "More than %(count)s recordings have another address or length at once, as when a show "
                    "moves. From “%(title)s” on, the recordings here are kept; '--recheck' checks them all.",
                    count=_MOST_RECORDINGS,
                    title=title,
                )
            )
        return self._recordings <= _MOST_RECORDINGS


#: What may change, in words that a page can translate.
_WORDS: dict[str, str] = {
    "title": phrase("title"),
    "published": phrase("date"),
    "url": phrase("link"),
    "season": phrase("season"),
    "number": phrase("number"),
    "people": phrase("people"),
    "chapters": phrase("chapters"),
    "transcript": phrase("transcript"),
    "recording": phrase("recording"),
}


def is_due(item: Item) -> bool:
    """Return whether it is time to try something again."""
    return (item.again_at or "") <= now()


def _is_time(known: Item) -> bool:
    """Return whether a tenth of an episode's age has passed since its servers were asked, within a day and a month."""
    if known.asked_at is None:
        return True
    asked = datetime.fromisoformat(known.asked_at)
    published = datetime.fromisoformat(f"{(known.published_at or '1970-01-01')[:10]}T00:00:00+00:00")
    pause = min(_LATEST, max(_SOONEST, (asked - published) / 10))
    return known.asked_at <= now(-pause)


def _with_file(says: Told, before: Told, name: FileKind) -> Told:
    """Return ``says``, but with the earlier state of a file that was not handled yet."""
    if name == "transcript":
        return replace(says, transcript=before.transcript)
    return replace(says, enclosure=before.enclosure)
