"""From a question to passages that were read: the one search behind an answer, a list of passages and a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..catalogue import Catalogue
from ..embedding import MATCHES, Reader, Reading, ordinary_words
from ..errors import UsageError
from ..questions.names import names_in
from ..questions.query import Query, analyse
from ..questions.spelling import sound_alikes
from ..retrieval.passages import Passage, heading_of, text_of
from ..retrieval.recall import recall
from ..retrieval.semantic import SemanticIndex
from ..text.terms import Term, terms
from ..translatable import phrase
from ..types import Filters, Hit
from .quotes import Candidate, candidates
from .weights import Weights, shipped

__all__ = ["MOST_PASSAGES", "Found", "find", "read", "unread"]

#: Most passages that are read and returned, if the reader's data was stored at ingestion.
MOST_PASSAGES = 100
#: Most passages without stored reader data that are read now; each takes about 12 ms.
_READ_NOW = 10


@dataclass(frozen=True, slots=True)
class Found:
    """The analysed question, the best passages, and what the reader says of their sentences."""

    query: Query
    filters: Filters | None
    passages: tuple[Passage, ...]
    readings: tuple[Reading, ...]
    #: What could be quoted, best first.
    ranked: tuple[Candidate, ...]
    #: The passages in the order of a search: by their best quotes where they were read.
    hits: tuple[Hit, ...]
    #: The weights for ranking and for the verdict.
    weights: Weights


def find(
    catalogue: Catalogue, store: SemanticIndex, reader: Reader | None, question: str, filters: Filters | None = None
) -> Found:
    """Search once; without a ``reader`` the passages' sentences are not scored."""
    query = _query(catalogue, question)
    recalled = recall(catalogue, store, query, MOST_PASSAGES, filters)
    if reader is None:
        passages, readings = recalled, list(map(unread, recalled))
    else:
        passages, readings = read(reader, store, query.text, recalled)
    speakers = frozenset(name.casefold() for name in filters.speakers) if filters else frozenset[str]()
    ads = filters is not None and filters.ads
    # A question without any word finds nothing.
    weights = shipped(reader is not None)
    ranked = candidates(query, passages, readings, weights, speakers, ads) if query.terms else []
    hits = [passage.hit for passage in recalled]
    if reader is not None and len(passages) == len(recalled):
        best: dict[str, float] = {}
        for candidate in ranked:
            best.setdefault(candidate.passage.hit.chunk.id, round(candidate.probability, 4))
        scored = [
            Hit(hit.chunk, hit.episode, hit.text, best.get(hit.chunk.id, 0.0), hit.lexical_rank, hit.vector_rank)
            for hit in hits
        ]
        hits = sorted(scored, key=lambda hit: -hit.score)
    return Found(query, filters, passages, tuple(readings), tuple(ranked), tuple(hits), weights)


def read(
    reader: Reader, store: SemanticIndex, question: str, passages: Sequence[Passage]
) -> tuple[tuple[Passage, ...], list[Reading]]:
    """Return the passages that are read, with the reader's scores of their sentences for ``question``.

    Data stored at ingestion is used. Of the passages without usable data, the best few are read now.
    """
    stored = store.kept([passage.row for passage in passages]) if store.revision == reader.revision else {}
    texts = {passage.row: text_of(passage, heading_of(passage)) for passage in passages}
    kept = {row: some for row, some in stored.items() if reader.knows(some, texts[row])}
    new = [passage.row for passage in passages if passage.row not in kept][:_READ_NOW]
    kept.update(zip(new, reader.keep([texts[row] for row in new]), strict=True))
    known = tuple(passage for passage in passages if passage.row in kept)
    return known, reader.read(question, [kept[passage.row] for passage in known])


def unread(passage: Passage) -> Reading:
    """Return empty scores, for a passage that was not read."""
    nothing = np.zeros(len(passage.sentences), dtype=np.float32)
    return Reading(nothing, nothing, np.zeros((len(nothing), len(MATCHES)), dtype=np.float32), is_read=False)


def _query(catalogue: Catalogue, question: str) -> Query:
    """Return the analysed question; a name that occurs nowhere is replaced by one that sounds like it."""
    if not question.strip():
        raise UsageError(phrase("The question is empty; ask something such as 'What did Bedoya say about DMVs?'"))
    episodes, passages = catalogue.episodes, catalogue.passages
    known = (episodes.speakers(), episodes.shows(), passages.languages())
    query = analyse(question, *known)
    text, respelt = query.text, []
    for name in reversed(names_in(text)):
        if passages.occurs(name.word):
            continue
        if word := _sounding(catalogue, name.word, known[0], _beside(name, query.text)):
            respelt.append((name.word, word))
            text = text[: name.start] + word + text[name.end :]
    if not respelt:
        return query
    return replace(analyse(text, *known), asked=query.asked or query.text, respelt=tuple(reversed(respelt)))


def _beside(name: Term, text: str) -> set[str]:
    """Return the words right before and after a name of ``text``."""
    found = list(terms(text))
    place = next(n for n, term in enumerate(found) if term.start == name.start)
    return {str(term) for term in found[max(0, place - 1) : place + 2]} - {str(name)}


def _sounding(catalogue: Catalogue, name: str, speakers: Iterable[str], beside: set[str]) -> str | None:
    """Return the library's name that sounds like ``name``, above all of a speaker whose other name stands ``beside``.

    It is never a common word, as "hike" for "Hickey".
    """
    named = [set(map(str, terms(speaker))) for speaker in speakers]
    alike = sound_alikes(name, catalogue.passages.vocabulary(), set().union(*named))
    beginning = set().union(*(parts for parts in named if parts & beside))
    for term in sorted(alike, key=lambda each: each not in beginning):
        forms = catalogue.passages.written(term)
        capital = sum(not form[0].islower() for form in forms)
        # A transcript without capital letters writes names like words.
        if forms and (2 * capital >= len(forms) or forms[0].lower() not in ordinary_words()):
            return max(forms, key=lambda form: not form[0].islower())
    return None
