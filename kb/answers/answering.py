"""From search results to an answer: quotes read back from the catalogue, or an abstention with what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import Catalogue
from ..questions.query import Query
from ..retrieval.recall import has_phrases
from ..types import Answer, Quote
from .finding import Found
from .quotes import Candidate
from .quoting import read_back
from .searched import searched_of, unmet_period
from .selection import choose

__all__ = ["answer", "least_shown"]

#: Number of nearest misses that an abstention shows.
_NEAREST = 3
#: Quotes less likely than this share of the best one are left out. Chosen with the weights, since each reader spreads
#: its probabilities in another way; ``bench.confidence`` prints how many right quotes it costs.
_RELATIVE = 0.005


def answer(catalogue: Catalogue, found: Found, k: int) -> Answer:
    """Return up to ``k`` quotes of the search results, or an answer that abstains and shows the nearest misses."""
    query = found.query
    ranked = list(found.ranked)
    # Quotes of the shows, dates and speakers that the question names come first if they may answer it.
    wanted = [(query.spoken and c.speaker in query.speakers) or c.passage.named for c in ranked]
    named = [candidate for candidate, first in zip(ranked, wanted, strict=True) if first]
    best = ranked[0] if ranked else None
    sure = best.probability if best else 0.0
    least = least_shown(query, sure)
    if named and named[0].probability >= least:
        ranked = [*named, *(candidate for candidate, first in zip(ranked, wanted, strict=True) if not first)]
    verdict = found.weights.verdict(best.signs) if best else "none"
    if query.phrases and ranked:
        # What was asked for word by word is there, whatever a model makes of the question around it.
        verdict = "nearest" if verdict == "none" else verdict
        ranked.sort(key=lambda candidate: not has_phrases(candidate.text, query))
    unmet = unmet_period(catalogue, found)
    if verdict == "answers" and unmet:
        verdict = "nearest"  # it is of another time than was asked for
    shown = [candidate for candidate in ranked if candidate.probability >= least]
    quotes = _verbatim_quotes(catalogue, query, shown, k if verdict != "none" else _NEAREST)
    # A miss that shares no word with the question is noise.
    nearest = tuple(quote for quote in quotes if quote.highlights) if verdict == "none" else ()
    quotes = () if verdict == "none" else quotes
    return Answer(
        question=query.asked or query.text,
        quotes=quotes,
        answered=verdict == "answers" and bool(quotes),
        searched=searched_of(catalogue, found, quotes or nearest, unmet),
        nearest=nearest,
        likely=_likely(quotes, found.weights.answers) if verdict == "answers" and query.has_topic else None,
    )


def _likely(quotes: Sequence[Quote], least: float) -> int | None:
    """Return after how many quotes none has a probability of ``least`` any more; ``None`` if not even one has."""
    return max((number for number, quote in enumerate(quotes, 1) if (quote.score or 0.0) >= least), default=None)


def least_shown(query: Query, best: float) -> float:
    """Return the least probability at which a quote is shown, after a ``best`` one."""
    # "What did Bedoya say?" has no other topic, so anything that Bedoya said answers it.
    return _RELATIVE * best if query.has_topic else 0.0


def _verbatim_quotes(catalogue: Catalogue, query: Query, found: Sequence[Candidate], k: int) -> tuple[Quote, ...]:
    """Return up to ``k`` quotes; one whose words differ from the searched text is never shown."""
    picks = choose(found, 2 * k)
    episodes = {pick.candidate.episode.id: pick.candidate.episode for pick in picks}
    quotes: list[Quote] = []
    for start in range(0, len(picks), k):  # again only if some differ from the searched text
        some = picks[start : start + k]
        back = read_back(catalogue, [pick.candidate.address for pick in some], query, episodes)
        for pick in some:
            quote = back.get(pick.candidate.address)
            if quote is not None and quote.text == pick.candidate.text:
                elsewhere = tuple(str(other.address) for other in pick.elsewhere)
                score = round(pick.candidate.probability, 4)
                quotes.append(replace(quote, score=score, speaker=pick.candidate.speaker, elsewhere=elsewhere))
        if len(quotes) >= k:
            break
    return tuple(quotes[:k])
