"""Which of the sentences found are an answer's quotes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answering import ANSWER_THRESHOLD, CONVINCING, LEAST_COVERAGE, answer
from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.questions import analyse
from kb.quotes import candidates
from kb.rarity import rarities
from kb.search import search
from kb.types import Episode, Segment, Transcript

#: Words of which some are like others, so that sentences say a question by halves.
WORDS = """doctor physician nurse hospital lawyer attorney judge court police officer arrest car truck road price salary
    wages money turnip cabbage potato farmer winter summer Kent Monday Tuesday city town river sea ship""".split()
ABSENT = "volcano saxophone parliament enzyme Xerbedoya".split()


def take_in(kb: KnowledgeBase, title: str, *said: tuple[str, str]) -> None:
    """Take in an episode in which these speakers say these texts."""
    told = Transcript(tuple(Segment(None, None, text, speaker) for speaker, text in said))
    kb.add(Episode("", "The Kitchen", title), told, Source(title, title))
    kb.sync()


def quoted(kb: KnowledgeBase, question: str) -> set[str]:
    return {quote.text for quote in kb.ask(question, k=20).quotes}


@pytest.mark.parametrize("question", ["turnips", "Did anybody mention turnips?", "Who grows turnips?"])
def test_where_the_word_itself_is_said_one_like_it_is_no_quote(kb: KnowledgeBase, question: str) -> None:
    cabbages, turnips = (f"The farmers of Kent grow {plants} every winter." for plants in ("cabbages", "turnips"))
    take_in(kb, "Two", ("Bob Ray", cabbages))
    assert quoted(kb, question) == {cabbages}  # by itself it is near enough
    take_in(kb, "One", ("Ann Lee", turnips))
    assert quoted(kb, question) == {turnips}


def test_who_says_a_part_of_it_in_the_very_words_stays(kb: KnowledgeBase) -> None:
    both, part = "Turnips are grown in Kent.", "In Kent they ring the bells."
    take_in(kb, "One", ("Ann Lee", both), ("Bob Ray", part))
    assert quoted(kb, "turnips Kent") == {both, part}


@pytest.fixture(scope="module")
def muddle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base of a hundred sentences of these words at random, the same each time."""
    drawn = random.Random(1)
    with KnowledgeBase(tmp_path_factory.mktemp("muddle") / "home") as kb:
        for number in range(12):
            said = [(f"Voice {n % 3}", f"The {' '.join(drawn.sample(WORDS, 4))} came.") for n in range(8)]
            take_in(kb, f"{drawn.choice(WORDS)} {number}", *said)
        yield kb


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.sampled_from(ABSENT), min_size=1, max_size=6, unique=True).map(" ".join))
def test_an_answers_quotes_cover_enough_of_the_question(muddle: KnowledgeBase, question: str) -> None:
    query = analyse(question)
    passages = search(muddle.catalogue, muddle.semantic, query, 30)
    scored = candidates(query, passages, rarities(muddle.catalogue, query))
    coverage = {(c.chunk.episode_id, c.char_start, c.char_end): c.coverage for c in scored}
    known = {c.chunk.episode_id: c.known for c in scored}
    found = answer(muddle.catalogue, query, passages, 100)
    assert found.answered == any(c.known >= ANSWER_THRESHOLD and c.coverage >= CONVINCING for c in scored)
    assert bool(found.quotes) == found.answered
    for quote in found.quotes:
        assert coverage[quote.episode.id, quote.char_start, quote.char_end] >= LEAST_COVERAGE
        assert known[quote.episode.id] >= ANSWER_THRESHOLD
    for quote in found.nearest:
        covered = coverage[quote.episode.id, quote.char_start, quote.char_end]
        assert covered > 0
        assert covered < CONVINCING or known[quote.episode.id] < ANSWER_THRESHOLD
