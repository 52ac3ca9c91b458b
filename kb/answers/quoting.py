"""From addresses to quotes, read back from the catalogue and compared just before they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..addresses import Address
from ..catalogue import Catalogue, StoredRevision
from ..questions.query import Query
from ..text.terms import matching_spans
from ..transcripts.timings import When
from ..types import Episode, Quote, Remark, Turn
from .cautions import advert_cautions, cautions, reading_cautions, speaker_cautions
from .context import context_of, widened

__all__ = ["DOUBTFUL", "read_back"]

#: Words that the recogniser gave less than this probability are marked.
DOUBTFUL = 0.5


def read_back(
    catalogue: Catalogue,
    addresses: Iterable[Address],
    query: Query | None = None,
    episodes: Mapping[str, Episode] | None = None,
) -> dict[Address, Quote]:
    """Return the quotes at some addresses, each a slice of a transcript that still has its checksum.

    Quotes that are removed, damaged or beyond their transcript's end are left out. ``query`` says which words to mark,
    ``episodes`` are those already loaded. Four queries for any number of addresses, two where ``episodes`` are given.
    """
    wanted = tuple(dict.fromkeys(addresses))
    if episodes is None:
        episodes = catalogue.episodes.get_many([address.episode_id for address in wanted])
    stored = catalogue.spans.revisions((address.episode_id, address.revision) for address in wanted)
    found = [
        (address, revision)
        for address in wanted
        if (revision := stored.get((address.episode_id, address.revision)))
        and address.episode_id in episodes
        and len(revision.text or "") >= address.char_end
    ]
    turns = catalogue.spans.turns([widened(address) for address, _ in found])
    times = [revision.timings.when(address.char_start, address.char_end) for address, revision in found]
    stretches = [(a.episode_id, a.revision, when.start, when.end) for (a, _), when in zip(found, times, strict=True)]
    remarks = catalogue.spans.remarks(stretches)
    return {
        address: _quote(episodes[address.episode_id], revision, address, some, when, remarkable, query)
        for (address, revision), some, when, remarkable in zip(found, turns, times, remarks, strict=True)
    }


def _quote(
    episode: Episode,
    revision: StoredRevision,
    address: Address,
    turns: tuple[Turn, ...],
    when: When,
    remarks: tuple[Remark, ...],
    query: Query | None,
) -> Quote:
    _, number, start, end = address
    whole = revision.text or ""
    text = whole[start:end]
    within = [turn for turn in turns if turn.char_end > start and turn.char_start < end]
    speakers = {turn.speaker for turn in within}
    bounds = (within[0].char_start, within[-1].char_end) if within else (start, end)
    context = context_of(whole, turns, address)
    return Quote(
        id=str(address),
        episode=episode,
        revision=number,
        text=text,
        char_start=start,
        char_end=end,
        speaker=speakers.pop() if len(speakers) == 1 else None,
        start=when.start,
        end=when.end,
        confidence=revision.timings.probability(start, end),
        before=context.text_before,
        after=context.text_after,
        origin=revision.origin,
        engine=revision.engine,
        highlights=matching_spans(text, query.terms, episode.language) if query else (),
        remarks=remarks,
        earliest=when.earliest,
        latest=when.latest,
        cautions=(
            *advert_cautions(within),
            *speaker_cautions(within, start),
            *reading_cautions(within, start, end),
            *cautions(whole, start, end, bounds),
        ),
        doubtful=tuple(
            (span.char_start - start, span.char_end - start, span.probability)
            for span in revision.timings.within(start, end)
            if span.probability is not None and span.probability < DOUBTFUL
        ),
    )
