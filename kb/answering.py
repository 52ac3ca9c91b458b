"""From hits to an answer: quotes that were read back and compared, or an abstention that says what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .addresses import Address
from .catalogue import Catalogue
from .cautions import cautions
from .context import around
from .counting import Vectors, counted_in, counts
from .evidence import PROOF, shows
from .questions import Query
from .quotes import Candidate, Passage, candidates
from .rarity import rarities
from .selection import choose
from .terms import terms
from .types import Answer, Episode, Filters, Hit, Quote, Searched

__all__ = ["ANSWER_THRESHOLD", "CONVINCING", "LEAST_COVERAGE", "answer", "build_quote", "is_verbatim"]

#: An episode that says less of the question than this anywhere, by rarity, is not about it, and its quotes are near
#: misses. Set on ``dev`` of ``bench/questions``.
ANSWER_THRESHOLD = 0.785
#: What one of an answer's quotes covers at least of the question, by rarity, with its context.
CONVINCING = 0.3
#: What each of an answer's quotes covers at least.
LEAST_COVERAGE = 0.1
#: Shares this great are all of the question, and as good as nothing of it.
_ALL, _SLIGHT = 0.999, 0.001
#: Among so many of the best quotes there has to be a figure, where one is asked for.
_PROVING = 5
#: What is left of the score of a nearest miss.
_MISSED = 0.5
#: Quotes much worse than the best one are left out.
_RELATIVE = 0.8
_NEAREST = 3
#: Words that the recogniser gave less than this probability are marked.
DOUBTFUL = 0.5


def answer(
    catalogue: Catalogue,
    query: Query,
    passages: Sequence[Passage],
    k: int,
    vectors: Vectors,
    filters: Filters | None = None,
) -> Answer:
    """Return up to ``k`` quotes out of ``passages``, or an answer that abstains with the nearest misses.

    ``vectors`` gives words' unit vectors, shape ``(len(words), any)``.
    """
    hits = [passage.hit for passage in passages]
    episodes_of = {hit.episode.id: hit.episode for hit in hits}
    found = candidates(query, passages, rarities(catalogue, query))
    if filters and filters.speakers:
        allowed = {name.casefold() for name in filters.speakers}
        found = [c for c in found if (c.speaker or "").casefold() in allowed]
    # What the question names - a show, a time - is looked at first; where it holds no answer, others may.
    found.sort(key=lambda candidate: not _fits(query, episodes_of[candidate.chunk.episode_id]))
    near = [c for c in found if c.coverage > 0]  # one that shares no telling word is no miss but noise
    floor = _RELATIVE * max((c.score for c in found), default=0.0)
    answering = [c for c in found if c.known >= ANSWER_THRESHOLD and c.coverage >= LEAST_COVERAGE]
    answered = any(c.coverage >= CONVINCING for c in answering)
    chosen = [c for c in answering if c.score >= floor] if answered else []
    if any(c.verbatim > _ALL for c in chosen):  # next to the very words asked for, mere likeness is noise
        chosen = [c for c in chosen if c.verbatim and c.alike < _SLIGHT]
    if not _proven(query, chosen, hits, vectors):
        chosen = []
    # A miss never looks as good as an answer, however many of the words it shares.
    near = [replace(c, score=round(_MISSED * c.score, 4)) for c in near]
    episodes, searched = catalogue.passages.count(filters)
    return Answer(
        question=query.text,
        quotes=_verbatim_quotes(catalogue, query, chosen, hits, k),
        answered=bool(chosen),
        searched=Searched(episodes, searched, _unknown_words(catalogue, query), query.respelt),
        nearest=() if chosen else _verbatim_quotes(catalogue, query, near, hits, _NEAREST),
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
        highlights=_highlights(text, query) if query else (),
        remarks=catalogue.episodes.remarks(episode_id, revision, when.start, when.end)
        if when.start is not None
        else (),
        earliest=when.earliest,
        latest=when.latest,
        cautions=cautions(text),
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


def _proven(query: Query, chosen: Sequence[Candidate], hits: Sequence[Hit], vectors: Vectors) -> bool:
    """Return whether a figure is among the best quotes, where one is asked for."""
    if query.wants not in PROOF:
        return True
    found = {hit.chunk.id: hit for hit in hits}
    best = [_searched_text(candidate, found[candidate.chunk.id].text) for candidate in chosen[:_PROVING]]
    if query.wants == "number":
        things = counted_in(query.text)
        return any(counts(text, things, vectors) for text in best)
    return any(shows(query.wants, text) for text in best)


def _fits(query: Query, episode: Episode) -> bool:
    """Return whether an episode is of the show and time that the question names, if it names any."""
    return (not query.shows or episode.show in query.shows) and (
        query.period is None or query.period.holds(episode.published)
    )


def _verbatim_quotes(
    catalogue: Catalogue, query: Query, chosen: Sequence[Candidate], hits: Sequence[Hit], k: int
) -> tuple[Quote, ...]:
    """Build up to ``k`` quotes; one whose words differ from what was searched is never shown."""
    found = {hit.chunk.id: hit for hit in hits}
    searched = [_searched_text(candidate, found[candidate.chunk.id].text) for candidate in chosen]
    texts = dict(zip(chosen, searched, strict=True))
    quotes: list[Quote] = []
    for pick in choose(chosen, searched, {hit.episode.id: hit.episode for hit in hits}, 2 * k):
        quote = build_quote(catalogue, _address(pick.candidate), query, pick.candidate.score)
        if quote.text == texts[pick.candidate] and is_verbatim(catalogue, quote):
            elsewhere = tuple(str(_address(other)) for other in pick.elsewhere)
            quotes.append(replace(quote, speaker=pick.candidate.speaker, elsewhere=elsewhere))
        if len(quotes) == k:
            break
    return tuple(quotes)


def _address(candidate: Candidate) -> Address:
    chunk = candidate.chunk
    return Address(chunk.episode_id, chunk.revision, candidate.char_start, candidate.char_end)


def _searched_text(candidate: Candidate, passage: str) -> str:
    start = candidate.chunk.char_start
    return passage[candidate.char_start - start : candidate.char_end - start]


def _highlights(text: str, query: Query) -> tuple[tuple[int, int], ...]:
    wanted = set(map(str, query.terms))
    return tuple((term.start, term.end) for term in terms(text) if str(term) in wanted)


def _unknown_words(catalogue: Catalogue, query: Query) -> tuple[str, ...]:
    """Return the question's words that occur in no passage, speaker's name or title."""
    return tuple(term.word for term in query.terms if not catalogue.passages.occurs(term.word))
