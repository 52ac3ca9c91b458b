"""From hits to an answer: quotes that were read back and compared, or an abstention that says what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from ..addresses import Address
from ..catalogue import Catalogue
from ..embedding import MATCHES, Reader, Reading
from ..questions.query import Query
from ..retrieval.passages import Passage, heading_of, text_of
from ..text.terms import matching_spans
from ..types import Answer, Filters, Quote, Searched
from .cautions import cautions, speaker_cautions
from .context import around
from .empty_filters import why_nothing
from .quotes import Candidate, candidates
from .selection import choose
from .weights import Weights, shipped

__all__ = ["Kept", "answer", "build_quote", "is_verbatim", "read", "unread"]

#: Of passages that were not read when they were taken in, so many are read now; each takes some 12 ms.
_READ_NOW = 10
#: Misses that an abstention shows.
_NEAREST = 3
#: Quotes this much less likely right than the best one are left out.
_RELATIVE = 0.02
#: Words that the recogniser gave less than this probability are marked.
DOUBTFUL = 0.5


class Kept(Protocol):
    """What reading asks of the vectors' store."""

    @property
    def revision(self) -> str:
        """The revision of the model that kept it."""

    def kept(self, rows: Sequence[int]) -> dict[int, bytes]:
        """Return what the model kept of these passages for the reader."""


def read(
    reader: Reader, store: Kept, question: str, passages: Sequence[Passage]
) -> tuple[tuple[Passage, ...], list[Reading]]:
    """Return the passages that are read, with what their sentences say to ``question``.

    What was kept when a passage was taken in is enough. Of those of which nothing sound was, the best few are read now.
    """
    stored = store.kept([passage.row for passage in passages]) if store.revision == reader.revision else {}
    texts = {passage.row: text_of(passage, heading_of(passage)) for passage in passages}
    kept = {row: some for row, some in stored.items() if reader.knows(some, texts[row])}
    new = [passage.row for passage in passages if passage.row not in kept][:_READ_NOW]
    kept.update(zip(new, reader.keep([texts[row] for row in new]), strict=True))
    known = tuple(passage for passage in passages if passage.row in kept)
    return known, reader.read(question, [kept[passage.row] for passage in known])


def unread(passage: Passage) -> Reading:
    """Return what is known of a passage's sentences without reading it: nothing."""
    nothing = np.zeros(len(passage.sentences), dtype=np.float32)
    return Reading(nothing, nothing, np.zeros((len(nothing), len(MATCHES)), dtype=np.float32), is_read=False)


def answer(
    catalogue: Catalogue,
    query: Query,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    k: int,
    filters: Filters | None = None,
    weights: Weights | None = None,
) -> Answer:
    """Return up to ``k`` quotes out of ``passages``, or an answer that abstains with the nearest misses."""
    weights = weights or shipped(reader=True)
    speakers = frozenset(name.casefold() for name in filters.speakers) if filters else frozenset[str]()
    # A question without a word asks for nothing.
    found = candidates(query, passages, readings, weights, speakers) if query.terms else []
    # Shows and dates that are named, and the words of those whose words are asked for, come first if they may answer.
    wanted = [(query.spoken and c.speaker in query.speakers) or c.passage.named for c in found]
    named = [candidate for candidate, first in zip(found, wanted, strict=True) if first]
    best = found[0] if found else None
    sure = best.probability if best else 0.0
    if named and named[0].probability >= _RELATIVE * sure:
        found = [*named, *(candidate for candidate, first in zip(found, wanted, strict=True) if not first)]
    verdict = weights.verdict(best.signs) if best else "none"
    shown = [candidate for candidate in found if candidate.probability >= _RELATIVE * sure]
    quotes = _verbatim_quotes(catalogue, query, shown, k if verdict != "none" else _NEAREST)
    episodes, searched = catalogue.passages.count(filters)
    return Answer(
        question=query.text,
        quotes=() if verdict == "none" else quotes,
        answered=verdict == "answers" and bool(quotes),
        searched=Searched(
            episodes,
            searched,
            catalogue.passages.unknown(query.terms),
            query.respelt,
            why_nothing(catalogue, filters) if filters and not searched else None,
        ),
        # A miss that shares no word with the question is none but noise.
        nearest=tuple(quote for quote in quotes if quote.highlights) if verdict == "none" else (),
    )


def build_quote(catalogue: Catalogue, address: Address, query: Query | None = None, score: float = 0.0) -> Quote:
    """Return the quote at ``address`` with its speaker, times and context; ``NotFound`` if it does not resolve."""
    episode_id, revision, start, end = address
    episode = catalogue.episodes.get(episode_id)
    known = catalogue.episodes.revision(episode_id, revision)
    turns = catalogue.episodes.turns(episode_id, revision, start, end)
    timings = catalogue.episodes.timings(episode_id, revision)
    text = catalogue.episodes.text(episode_id, revision, start, end)
    speakers = {turn.speaker for turn in turns}
    when = timings.when(start, end)
    context = around(catalogue, address)
    return Quote(
        id=str(address),
        episode=episode,
        revision=revision,
        text=text,
        char_start=start,
        char_end=end,
        speaker=speakers.pop() if len(speakers) == 1 else None,
        start=when.start,
        end=when.end,
        confidence=timings.probability(start, end),
        score=score,
        before=context.text_before,
        after=context.text_after,
        origin=known.origin,
        engine=known.engine,
        highlights=matching_spans(text, query.terms, episode.language) if query else (),
        remarks=catalogue.episodes.remarks(episode_id, revision, when.start, when.end)
        if when.start is not None
        else (),
        earliest=when.earliest,
        latest=when.latest,
        cautions=(*speaker_cautions(turns, start), *cautions(text)),
        doubtful=tuple(
            (span.char_start - start, span.char_end - start, span.probability)
            for span in timings.within(start, end)
            if span.probability is not None and span.probability < DOUBTFUL
        ),
    )


def is_verbatim(catalogue: Catalogue, quote: Quote) -> bool:
    """Return whether the transcript is unchanged since it was stored and holds exactly these words there."""
    text = catalogue.episodes.sound_text(quote.episode.id, quote.revision)
    return bool(quote.text) and text is not None and text[quote.char_start : quote.char_end] == quote.text


def _verbatim_quotes(catalogue: Catalogue, query: Query, found: Sequence[Candidate], k: int) -> tuple[Quote, ...]:
    """Build up to ``k`` quotes; one whose words differ from what was searched is never shown."""
    quotes: list[Quote] = []
    for pick in choose(found, 2 * k):
        quote = build_quote(catalogue, pick.candidate.address, query, round(pick.candidate.probability, 4))
        if quote.text == pick.candidate.text and is_verbatim(catalogue, quote):
            elsewhere = tuple(str(other.address) for other in pick.elsewhere)
            quotes.append(replace(quote, speaker=pick.candidate.speaker, elsewhere=elsewhere))
        if len(quotes) == k:
            break
    return tuple(quotes)
