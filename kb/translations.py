"""Machine translations beside a transcript: which paragraphs have one, and whether it still fits their words.

A translation is never part of a transcript, of a quote or of what is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .catalogue import Catalogue, Translated
from .revisions import Revisions
from .transcripts.canonical import Canonical
from .transcripts.paragraphs import TimedParagraph, paragraphs, words_hash
from .translatable import phrase
from .types import Quote

__all__ = ["Translation", "Translations"]

#: Seconds by which a paragraph's time may move without becoming another one.
_SAME = 1.0
#: The part of a paragraph's time that the translation of other words must cover to be shown as out of date.
_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Translation:
    """A machine translation into English, and the paragraph it stands beside.

    ``is_current``: the paragraph still has the words that were translated.
    """

    paragraph: TimedParagraph
    text: str
    language: str
    engine: str
    model: str
    doubtful: bool
    is_current: bool

    @property
    def label(self) -> str:
        """Return what it is, in one line, to be shown before it."""
        if self.doubtful and not self.is_current:
            return phrase(
                "Machine translation by %(model)s (the model was unsure; out of date: the words were corrected since)",
                model=self.model,
            )
        if self.doubtful:
            return phrase("Machine translation by %(model)s (the model was unsure)", model=self.model)
        if not self.is_current:
            return phrase(
                "Machine translation by %(model)s (out of date: the words were corrected since)", model=self.model
            )
        return phrase("Machine translation by %(model)s", model=self.model)


class Translations:
    """Reads translations, and keeps new ones."""

    def __init__(self, catalogue: Catalogue, revisions: Revisions) -> None:
        self._kept = catalogue.translations
        self._revisions = revisions

    def missing(self, episode_id: str) -> tuple[TimedParagraph, ...]:
        """Return the current transcript's paragraphs that have times and no translation of their words."""
        known = _Known(self._kept.of(episode_id))
        timed = (each for each in paragraphs(self._revisions.canonical(episode_id)) if _is_timed(each))
        return tuple(each for each in timed if known.same(each) is None)

    def timed(self, episode_id: str) -> tuple[TimedParagraph, ...]:
        """Return the current transcript's paragraphs that have times."""
        return tuple(each for each in paragraphs(self._revisions.canonical(episode_id)) if _is_timed(each))

    def keep(self, episode_id: str, paragraph: TimedParagraph, made: Translated) -> None:
        """Keep the translation of a paragraph; ``made`` gets the mark of the paragraph's words, and its times."""
        start, end = paragraph.start or 0.0, paragraph.end or 0.0
        self._kept.keep(episode_id, replace(made, words=words_hash(paragraph.words), start=start, end=end))

    def of(
        self, episode_id: str, revision: int | None = None, text: Canonical | None = None
    ) -> tuple[Translation, ...]:
        """Return the translations that stand beside a revision's paragraphs, in its order; ``text`` is that revision,
        where it was read already.
        """
        known = _Known(self._kept.of(episode_id))
        if not known:
            return ()
        return tuple(_beside(paragraphs(text or self._revisions.canonical(episode_id, revision)), known))

    def beside(self, quotes: Sequence[Quote]) -> dict[str, tuple[Translation, ...]]:
        """Return the translations of the paragraphs that each quote lies in, by the quote's id.

        Quotes without any are left out, and so are translations that are out of date.
        """
        some = self._kept.among(quote.episode.id for quote in quotes)
        read: dict[tuple[str, int], tuple[Translation, ...]] = {}
        found = {}
        for quote in quotes:
            key = (quote.episode.id, quote.revision)
            if quote.episode.id not in some:
                continue
            if key not in read:
                sound = self._revisions.sound_text(*key) is not None  # a damaged one has no places
                read[key] = self.of(*key) if sound else ()
            mine = tuple(each for each in read[key] if each.is_current and _touches(each.paragraph, quote))
            if mine:
                found[quote.id] = mine
        return found


class _Known:
    """The translations of one episode, found by words or by time."""

    def __init__(self, kept: Sequence[Translated]) -> None:
        self._kept = kept
        self._by_words: dict[str, list[Translated]] = {}
        for each in kept:
            self._by_words.setdefault(each.words, []).append(each)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def same(self, paragraph: TimedParagraph) -> Translated | None:
        """Return the translation of these words at this time."""
        alike = self._by_words.get(words_hash(paragraph.words), ())
        near = [each for each in alike if abs(each.start - (paragraph.start or 0.0)) <= _SAME]
        return near[-1] if near else None

    def other(self, paragraph: TimedParagraph) -> Translated | None:
        """Return the newest translation of other words that were said at the same time."""
        start, end = paragraph.start or 0.0, paragraph.end or 0.0
        least = _COVERED * (end - start)
        shared = [each for each in self._kept if min(end, each.end) - max(start, each.start) > least]
        return shared[-1] if shared else None


def _beside(some: Iterable[TimedParagraph], known: _Known) -> Iterator[Translation]:
    for paragraph in some:
        if not _is_timed(paragraph):
            continue
        same = known.same(paragraph)
        found = same or known.other(paragraph)
        if found is not None and found.text:
            said: dict[str, Any] = {
                name: getattr(found, name) for name in ("text", "language", "engine", "model", "doubtful")
            }
            yield Translation(paragraph, **said, is_current=same is not None)


def _is_timed(paragraph: TimedParagraph) -> bool:
    return paragraph.start is not None and paragraph.end is not None and paragraph.start < paragraph.end


def _touches(paragraph: TimedParagraph, quote: Quote) -> bool:
    return paragraph.char_start < quote.char_end and quote.char_start < paragraph.char_end
