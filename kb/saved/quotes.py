"""Saved quotes today: their own words, their state in the transcript, and who checked them.

A quote is always shown as it was saved. If its transcript was corrected since, its place in the current revision is
found by its words; if its episode is gone or its transcript is damaged, the words that were saved with it are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..addresses import Address
from ..answers.quoting import read_back
from ..catalogue import Catalogue, HeardAgain, HearingStatus, LedgerEntry
from ..errors import NotFound
from ..revisions import Revisions
from ..text.sentences import split_sentences
from ..transcripts.anchoring import anchor
from ..translatable import phrase
from ..translations import Translation
from ..types import Quote, Segment

__all__ = ["Resolve", "SavedQuote", "Standing", "cues", "standing"]

Resolve = Callable[[str], Quote]


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a quote's words in the transcript.

    ``current``: its revision is the current one. ``unchanged``, ``changed``: ``now`` is its place in the current one.
    ``deleted``: they are no longer in the transcript. ``gone``: the episode was removed from the knowledge base.
    ``damaged``: its transcript, or the current one, does not read as it was stored.
    """

    kind: Literal["current", "unchanged", "changed", "deleted", "gone", "damaged"]
    now: Quote | None = None

    def corrected(self, quote: Quote) -> Quote | None:
        """Return the quote that the corrected transcript has in place of ``quote``, if its words differ."""
        is_other = self.now is not None and (self.kind == "changed" or self.now.speaker != quote.speaker)
        return self.now if is_other else None

    def told(self, quote: Quote) -> str:
        """Return a sentence for a person who wants to use the quote, empty where there is nothing to say."""
        if self.kind == "gone":
            return phrase("The episode is no longer in the knowledge base; these are the words as they were saved.")
        if self.kind == "damaged":
            return phrase(
                "The stored transcript is damaged; these are the words as they were saved. To mend it, restore the "
                "data folder from a backup; or run 'kb check --repair', remove the episode with 'kb episodes remove', "
                "and ingest it again."
            )
        if self.kind == "deleted":
            return phrase("The transcript was corrected since, and these words are no longer in it.")
        if self.now is None:
            return ""
        if self.kind == "changed":
            return phrase(
                "The transcript was corrected since: it now reads “%(words)s” [%(id)s].",
                words=self.now.text,
                id=self.now.id,
            )
        if self.now.speaker != quote.speaker:
            return phrase(
                "The transcript was corrected since: the words are the same, but %(name)s is now named as their "
                "speaker [%(id)s].",
                name=self.now.speaker or phrase("nobody"),
                id=self.now.id,
            )
        return phrase("The transcript was corrected since, and these words are unchanged [%(id)s].", id=self.now.id)


@dataclass(frozen=True, slots=True)
class SavedQuote:
    """A quote with what people know about it; ``history`` has the ledger's entries, oldest first."""

    quote: Quote
    standing: Standing
    note: str = ""
    tags: tuple[str, ...] = ()
    history: tuple[LedgerEntry, ...] = ()
    #: Second transcriptions of its sound, oldest first.
    hearings: tuple[HeardAgain, ...] = ()
    #: Machine translations of the passages that it is part of; they are nobody's words.
    translations: tuple[Translation, ...] = ()

    @property
    def status(self) -> HearingStatus:
        """Return the newest status in the ledger; a quote without an entry is "unheard"."""
        return self.history[-1].status if self.history else "unheard"


def standing(catalogue: Catalogue, quote: Quote) -> Standing:
    """Return the state of a quote's words, if its own revision is undamaged."""
    episodes = catalogue.episodes
    current = episodes.current_revision(quote.episode.id)
    if current == quote.revision:
        return Standing("current")
    old, new = (episodes.sound_text(quote.episode.id, revision) for revision in (quote.revision, current))
    if old is None or new is None:
        return Standing("damaged")
    at = anchor(old, quote.char_start, quote.char_end, new)
    if at.kind == "deleted":
        return Standing("deleted")
    place = Address(quote.episode.id, current, at.char_start, at.char_end)
    now = read_back(catalogue, [place])[place]
    return Standing("unchanged" if at.kind == "same" else "changed", now)


def cues(revisions: Revisions, quote: Quote) -> Iterator[Segment]:
    """Yield a quote sentence by sentence with times, as subtitles show it; without times where it has none."""
    try:
        timings = revisions.canonical(quote.episode.id, quote.revision).timings
    except NotFound:  # the episode is gone: the quote as a whole has its times
        yield Segment(quote.earliest, quote.latest, quote.text, quote.speaker)
        return
    places = [(quote.char_start + start, quote.char_start + end) for start, end in split_sentences(quote.text)]
    times = [(timings.start_at(start), timings.end_at(end)) for start, end in places]
    if any(time is None for pair in times for time in pair):  # its sentences have no times of their own
        yield Segment(quote.earliest, quote.latest, quote.text, quote.speaker)
        return
    for (start, end), (begin, finish) in zip(places, times, strict=True):
        yield Segment(begin, finish, quote.text[start - quote.char_start : end - quote.char_start], quote.speaker)
