"""Machine translations beside a transcript: which paragraphs have one, and whether it still fits their words.

A translation is never part of a transcript, of a quote or of what is searched.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .catalogue import Catalogue, Translated
from .revisions import Revisions
from .transcripts.canonical import Canonical
from .transcripts.paragraphs import TimedParagraph, paragraphs, words_hash
from .translatable import phrase
from .types import Quote

__all__ = ["TRANSLATION", "TRANSLATION_OF", "Translation", "Translations"]

#: The addresses of the jobs that translate an episode begin with it; the episode's id follows.
TRANSLATION = "translate:"
#: What such a job calls its source; the episode's id follows.
TRANSLATION_OF = "translation of "
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

    def missing(self, episode_id: str, after: int = 0) -> tuple[TimedParagraph, ...]:
        """Return the current transcript's paragraphs that have times and no translation of their words; with ``after``,
        none that was made after the one of this number.
        """
        timed = self.timed(episode_id)
        known = _Known(self._kept.of(episode_id, after), timed)
        return tuple(each for each in timed if known.same(each) is None)

    def newest(self, episode_id: str) -> int:
        """Return the number of an episode's newest translation, 0 without any."""
        return self._kept.newest(episode_id)

    def timed(self, episode_id: str) -> tuple[TimedParagraph, ...]:
        """Return the current transcript's paragraphs that have times."""
        return tuple(each for each in paragraphs(self._revisions.canonical(episode_id)) if _is_timed(each))

    def keep(
        self,
        episode_id: str,
        paragraph: TimedParagraph,
        text: str,
        language: str,
        *,
        engine: str,
        model: str,
        doubtful: bool = False,
    ) -> None:
        """Keep the translation of a paragraph in which ``language`` is spoken; ``text`` is empty if that is English."""
        words, start, end = words_hash(paragraph.words), paragraph.start or 0.0, paragraph.end or 0.0
        self._kept.keep(episode_id, Translated(words, start, end, language, text, doubtful, engine, model))

    def of(
        self, episode_id: str, revision: int | None = None, text: Canonical | None = None
    ) -> tuple[Translation, ...]:
        """Return the translations that stand beside a revision's paragraphs, in its order; ``text`` is that revision,
        where it was read already.
        """
        kept = self._kept.of(episode_id)
        if not kept:
            return ()
        some = tuple(paragraphs(text or self._revisions.canonical(episode_id, revision)))
        return tuple(_beside(some, _Known(kept, some)))

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
    """The translations of one episode beside the paragraphs of a transcript: of the same words, or of the same time.

    Times may move, by as much as advertisements are long, so the same words are known without them. Words that are said
    several times share out their translations in order, each to the place that is nearest.
    """

    def __init__(self, kept: Sequence[Translated], some: Sequence[TimedParagraph]) -> None:
        alike: dict[str, list[Translated]] = {}
        for each in kept:
            alike.setdefault(each.words, []).append(each)
        said: dict[str, set[float]] = {}
        for paragraph in some:
            said.setdefault(paragraph.words, set()).update([paragraph.start or 0.0] if _is_timed(paragraph) else [])
        #: By a paragraph's words and start.
        self._same: dict[tuple[str, float], Translated] = {}
        for words, starts in said.items():
            # What stands beside its own words, or could, is no older translation of others.
            made = alike.pop(words_hash(words), [])
            self._same.update(((words, start), each) for start, each in _paired(starts, made))
        self._left = [each for each in kept if each.words in alike]

    def same(self, paragraph: TimedParagraph) -> Translated | None:
        """Return the translation of these words."""
        return self._same.get((paragraph.words, paragraph.start or 0.0))

    def other(self, paragraph: TimedParagraph) -> Translated | None:
        """Return the newest translation of words that stood at this time, and are nowhere in the transcript now."""
        start, end = paragraph.start or 0.0, paragraph.end or 0.0
        least = _COVERED * (end - start)
        shared = [each for each in self._left if min(end, each.end) - max(start, each.start) > least]
        return shared[-1] if shared else None


def _paired(starts: Collection[float], made: Sequence[Translated]) -> Iterator[tuple[float, Translated]]:
    """Yield the times at which the same words are said with a translation each, as many as there are."""
    said, by_start = sorted(starts), sorted(made, key=lambda each: each.start)
    times = [each.start for each in by_start]
    if len(said) <= len(times):
        yield from zip(said, (by_start[n] for n in _nearest(said, times)), strict=True)
    else:
        yield from zip((said[n] for n in _nearest(times, said)), by_start, strict=True)


def _nearest(few: Sequence[float], many: Sequence[float]) -> Iterator[int]:
    """Yield for each of a few times, in order, the place of one near it in ``many``, none twice; both are sorted."""
    first = 0
    for number, time in enumerate(few):
        last = len(many) - len(few) + number  # the following ones need one each
        at = bisect_left(many, time, first, last)  # ``last`` is near enough where all before it are earlier
        chosen = at - 1 if at > first and time - many[at - 1] < abs(many[at] - time) else at
        yield chosen
        first = chosen + 1


def _beside(some: Sequence[TimedParagraph], known: _Known) -> Iterator[Translation]:
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
