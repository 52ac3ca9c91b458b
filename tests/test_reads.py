"""How often a question reads the database: a few times, however many quotes and passages it gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase
from kb.summary.language_model import Message
from kb.types import Filters

from .doors.library import write_library

#: Names nobody and no date; finds passages of several episodes.
QUESTION = "What happened to the gates of the old harbour in the flood?"
#: Respelt, and searched for within its year first.
NAMING = "What did Ana Petrowa promise about bridges in 2022?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The small library of the doors, asked once, so that what is remembered between questions is known."""
    folder = tmp_path_factory.mktemp("reads")
    write_library(folder)
    with KnowledgeBase(folder / "home") as kb:
        assert len(ingest(kb, find_sources([folder / "library"]))) == 6
        kb.ask(NAMING)
        yield kb


@contextmanager
def reads(kb: KnowledgeBase) -> Iterator[list[str]]:
    """Collect the statements that are run in this thread; what SQLite runs within one of them is left out.

    What was found before is forgotten, as if nobody had asked this question.
    """
    kb._find.cache_clear()
    told: list[str] = []
    connection = kb.catalogue._database._connection()
    connection.set_trace_callback(lambda sql: None if sql.startswith("--") else told.append(sql))
    try:
        yield told
    finally:
        connection.set_trace_callback(None)


def searches(statements: Sequence[str]) -> int:
    """Return how many of the statements search the full-text index."""
    return sum("bm25(" in sql for sql in statements)


@pytest.mark.parametrize(("question", "most", "times"), [(QUESTION, 14, 1), (NAMING, 22, 2)])
def test_a_question_reads_a_few_times_whatever_it_finds(
    library: KnowledgeBase, question: str, most: int, times: int
) -> None:
    counts = []
    for k in (1, 20):
        with reads(library) as told:
            answer = library.ask(question, k)
        assert (searches(told), len(answer.quotes + answer.nearest) >= min(k, 3)) == (times, True)
        counts.append(len(told))
    assert counts[0] == counts[1] <= most
    with reads(library) as told:
        assert len(library.search(question, 10)) > 3
    assert len(told) < most


def test_the_same_question_is_searched_for_again_only_when_somebody_has_written(library: KnowledgeBase) -> None:
    with reads(library) as told:
        first = library.ask(QUESTION)
        assert searches(told) == 1
        assert library.ask(QUESTION) == first
        assert searches(told) == 1
        assert library.search(QUESTION)
        assert searches(told) == 1
        library.catalogue.activity.note("Ann", "did", "something")
        assert library.ask(QUESTION) == first
        assert searches(told) == 2
        shows = [Filters(shows=(show,)) for show in library.catalogue.episodes.shows()]
        assert [library.ask(QUESTION, filters=each).searched.episodes for each in shows] == [
            library.catalogue.passages.count(each)[0] for each in shows
        ]
        assert searches(told) == 2 + len(shows)


def test_quotes_and_their_contexts_are_read_together(library: KnowledgeBase) -> None:
    quotes = library.ask(QUESTION, 20).quotes
    assert len({quote.episode.id for quote in quotes}) > 1
    with reads(library) as told:
        contexts = library.contexts(quotes)
    assert len(told) == 3  # the texts, their turns, and which episodes have translations
    assert {quote.id: library.context(quote) for quote in quotes} == contexts
    assert all(quote.before in context.text_before for quote, context in zip(quotes, contexts.values(), strict=True))


@pytest.mark.slow
def test_the_page_searches_once_for_an_answer_its_timeline_and_its_summary(library: KnowledgeBase) -> None:
    from kb.web.ask.address import AskRequest
    from kb.web.ask.page import answered, summarised

    class Model:
        """A language model that repeats the first quote."""

        name, endpoint = "parrot", "here"

        def __call__(self, messages: Sequence[Message]) -> str:
            quotes = [json.loads(line) for line in messages[-1].content.splitlines() if line.startswith('{"quote"')]
            first.append(quotes[0]["words"].split(".")[0])
            return f"{first[-1]} [1]."

    first: list[str] = []
    asked = AskRequest("What did the flood do to the old harbour?")
    with reads(library) as told:
        answer = list(answered(library, asked))
        summary = list(summarised(library, Model(), asked))
    assert "vb-where" in answer[-1][1]
    assert first[-1] in summary[-1]
    assert searches(told) == 1
    assert len(told) <= 24
    library.catalogue.set_setting("changed", "by anybody")
    with reads(library) as told:
        list(answered(library, asked))
    assert searches(told) == 1
