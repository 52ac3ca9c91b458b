"""From search results to an answer: quotes read back from the catalogue, or an abstention with what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import Catalogue
from ..questions.foreign import foreign_to
from ..questions.names import unsaid
from ..questions.query import Query
from ..retrieval.passages import heading_of
from ..retrieval.recall import has_phrases
from ..text.stemming import fold_word
from ..text.stop_words import stop_words
from ..text.terms import Term
from ..translatable import phrase
from ..types import Answer, Filters, Quote, Searched
from .empty_filters import why_nothing
from .finding import Found
from .notes import notes_on, unmet_period
from .quotes import Candidate
from .quoting import read_back
from .selection import choose

__all__ = ["answer", "least_shown"]

#: Number of nearest misses that an abstention shows.
_NEAREST = 3
#: Quotes less likely than this share of the best one are left out. Chosen with the weights, since each reader spreads
#: its probabilities in another way; ``bench.confidence`` prints how many right quotes it costs.
_RELATIVE = 0.005


def answer(catalogue: Catalogue, found: Found, k: int) -> Answer:
    """Return up to ``k`` quotes of the search results, or an answer that abstains and shows the nearest misses."""
    query, filters = found.query, found.filters
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
    if verdict == "answers" and unmet_period(catalogue, found):
        verdict = "nearest"  # it is of another time than was asked for
    shown = [candidate for candidate in ranked if candidate.probability >= least]
    quotes = _verbatim_quotes(catalogue, query, shown, k if verdict != "none" else _NEAREST)
    # A miss that shares no word with the question is noise.
    nearest = tuple(quote for quote in quotes if quote.highlights) if verdict == "none" else ()
    quotes = () if verdict == "none" else quotes
    episodes, searched = catalogue.passages.count(filters)
    unknown = _unknown(catalogue, query)
    return Answer(
        question=query.asked or query.text,
        quotes=quotes,
        answered=verdict == "answers" and bool(quotes),
        searched=Searched(
            episodes,
            searched,
            unknown,
            tuple(name for name in _unsaid(catalogue, found, quotes or nearest) if name not in unknown),
            query.respelt,
            _problem(catalogue, found, searched),
            notes_on(catalogue, found),
        ),
        nearest=nearest,
    )


def least_shown(query: Query, best: float) -> float:
    """Return the least probability at which a quote is shown, after a ``best`` one."""
    # "What did Bedoya say?" has no other topic, so anything that Bedoya said answers it.
    return _RELATIVE * best if query.has_topic else 0.0


def _problem(catalogue: Catalogue, found: Found, searched: int) -> str | None:
    """Return why nothing was searched; ``None`` where something was."""
    if found.filters and not searched:
        return why_nothing(catalogue, found.filters)
    return None if found.query.terms else phrase("Your question has no word to search for.")


def _unknown(catalogue: Catalogue, query: Query) -> tuple[str, ...]:
    """Return the question's words that occur nowhere, without the common words of a foreign language."""
    foreign = foreign_to(query.text, catalogue.passages.languages())
    common = stop_words(foreign) if foreign else ()
    told = (term for term in query.terms if not _has_sign(term, query) and fold_word(term.word) not in common)
    return catalogue.passages.unknown(told)


def _has_sign(term: Term, query: Query) -> bool:
    """Return whether a sign belongs to the word, as in "F#": the index knows only "F"."""
    return query.text.startswith(("#", "+"), term.end)


def _unsaid(catalogue: Catalogue, found: Found, quotes: Sequence[Quote]) -> tuple[str, ...]:
    """Return the question's names that no quoted episode has in its words, title or speakers."""
    episodes = {quote.episode.id for quote in quotes}
    passages = [passage for passage in found.passages if passage.hit.episode.id in episodes]
    # Most occur in the passages that were found; only the others need a search.
    respelt = {spelling for _, spelling in found.query.respelt}
    names = [name for name in found.query.names if name.word not in respelt and not _has_sign(name, found.query)]
    rest = unsaid(names, "\n".join(f"{heading_of(passage)} {passage.hit.text}" for passage in passages))
    within = Filters(episodes=tuple(sorted(episodes)))
    return tuple(name.word for name in rest if episodes and not catalogue.passages.says(name.expression, within))


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
