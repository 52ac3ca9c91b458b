"""Which of the sentences found are an answer's quotes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kb.quotes import candidates
from kb.rarity import rarities
from kb.search import search

from kb.answers.answering import ANSWER_THRESHOLD, CONVINCING, LEAST_COVERAGE, answer
from kb.catalogue import Source
from kb.embedding import StaticEmbedder
from kb.embedding.protocol import Vectors
from kb.knowledge_base import KnowledgeBase
from kb.questions import analyse
from kb.semantic import SemanticIndex
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
    found = answer(muddle.catalogue, query, passages, 100, muddle.semantic.words)
    assert found.answered == any(c.known >= ANSWER_THRESHOLD and c.coverage >= CONVINCING for c in scored)
    assert bool(found.quotes) == found.answered
    for quote in found.quotes:
        assert coverage[quote.episode.id, quote.char_start, quote.char_end] >= LEAST_COVERAGE
        assert known[quote.episode.id] >= ANSWER_THRESHOLD
    for quote in found.nearest:
        covered = coverage[quote.episode.id, quote.char_start, quote.char_end]
        assert covered > 0
        assert covered < CONVINCING or known[quote.episode.id] < ANSWER_THRESHOLD
        assert quote.score <= 0.5  # a miss never looks as good as the best answers


class Slow:
    """A model for the passages that counts the texts it embeds, as a transformer's costs do."""

    name, revision, floor = "slow", "1", 0.0

    def __init__(self, trust: float) -> None:
        self.trust = trust
        self.embedded = 0
        self._model = StaticEmbedder()
        self.dimension = self._model.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return self._model.embed_passages(texts)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def test_a_question_costs_the_passages_model_one_vector(kb: KnowledgeBase) -> None:
    model = Slow(1.0)
    kb.semantic = SemanticIndex(kb.catalogue, model, kb.home / "slow")
    take_in(kb, "One", ("Ann Lee", "Turnips are grown in Kent. They ring the bells there. Nobody eats cabbage."))
    model.embedded = 0
    assert kb.ask("Who grows turnips in Kent?").answered
    assert model.embedded == 1


def test_the_more_a_model_is_trusted_the_more_its_cosines_count(kb: KnowledgeBase) -> None:
    scores = []
    take_in(kb, "One", ("Ann Lee", "Turnips are grown in Kent."))
    for trust in (0.0, 1.0, 2.0):
        kb.semantic = SemanticIndex(kb.catalogue, Slow(trust), kb.home / "slow")
        kb.semantic.embed_pending()
        scores.append(kb.search("Who grows turnips in Kent?")[0].score)
        kb.semantic.close()
    assert scores[0] < scores[1] < scores[2]
    assert scores[2] - scores[1] == pytest.approx(scores[1] - scores[0], abs=1e-3)
