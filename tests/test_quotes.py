"""What could be quoted: whole sentences of one speaker, never overlapping, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.answers.finding import unread
from kb.answers.quotes import Candidate, candidates
from kb.answers.signs import ANSWER_SIGNS, SENTENCE_SIGNS, sentence_signs
from kb.answers.weights import Weights, shipped
from kb.embedding import MATCHES, Reading
from kb.questions.query import analyse
from kb.retrieval.passages import Passage, sentences_of
from kb.text.sentences import split_sentences
from kb.transcripts.canonical import Canonical, canonicalise
from kb.transcripts.chunking import chunk
from kb.types import Episode, Hit, Segment, Transcript
from tests.strategies import hostile_transcripts, timed_transcripts

#: As many sentences as a quote may have.
MOST = 3


def weights(**signs: float) -> Weights:
    """Return weights by which these signs of a sentence count, and its score alone says how likely it is right."""
    sentence = np.array([signs.get(sign, 0.0) for sign in SENTENCE_SIGNS])
    score = np.array([float(sign == "score") for sign in ANSWER_SIGNS])
    return Weights(sentence, score, 0.0, score, 0.5, 0.1)


def passages_of(canonical: Canonical, title: str = "", episode: str = "e") -> list[Passage]:
    found = []
    for row, some in enumerate(chunk(canonical, episode, 1)):
        text = canonical.text[some.char_start : some.char_end]
        found.append(
            Passage(
                row, Hit(some, Episode(episode, "A show", title), text, 1.0), sentences_of(some, text, canonical.turns)
            )
        )
    return found


def read(passages: Sequence[Passage], *logits: float) -> list[Reading]:
    """Return readings of the passages with these logits, sentence by sentence."""
    each = iter(logits)
    return [reading_of(np.array([next(each) for _ in p.sentences], np.float32)) for p in passages]


def reading_of(logits: NDArray[np.float32], cosines: NDArray[np.float32] | None = None) -> Reading:
    """Return a reading with these logits, in which no token matches."""
    nothing = np.zeros((len(logits), len(MATCHES)), dtype=np.float32)
    return Reading(logits, np.zeros_like(logits) if cosines is None else cosines, nothing)


def of(*said: tuple[str | None, str]) -> Canonical:
    return canonicalise(Transcript(tuple(Segment(None, None, text, name) for name, text in said)))


def quoted(canonical: Canonical, *logits: float) -> list[tuple[str | None, str]]:
    """Return who could be quoted with which words, if these are the logits of the sentences."""
    passages = passages_of(canonical)
    found = candidates(analyse("what?"), passages, read(passages, *logits), weights(reader=1))
    return [(c.speaker, c.text) for c in found]


@st.composite
def searches(draw: st.DrawFn) -> tuple[Canonical, list[Candidate], frozenset[str]]:
    canonical = canonicalise(draw(hostile_transcripts() | timed_transcripts()))
    words = canonical.text.split()[:200] or ["nothing"]
    asked = draw(st.lists(st.sampled_from(words), min_size=1, max_size=5))
    frame = draw(st.sampled_from(["{}", "What did Bob say about {}?", "how many {}", "who {}", "when {}"]))
    query = analyse(frame.format(" ".join(asked)), ("Bob", "Ann Lee"))
    passages = passages_of(canonical)
    drawn = np.random.default_rng(draw(st.integers(0, 1_000)))
    spread = draw(st.sampled_from([0.0, 1.0, 8.0]))
    readings = [
        reading_of(*(spread * drawn.standard_normal((2, len(p.sentences)))).astype(np.float32)) for p in passages
    ]
    given_ = draw(st.sampled_from([weights(reader=1), shipped(reader=True), shipped(reader=False)]))
    speakers = draw(st.sampled_from([frozenset[str](), frozenset({"bob"}), frozenset({"ann lee", "bob"})]))
    return canonical, candidates(query, passages, readings, given_, speakers), speakers


@given(searches())
def test_a_candidate_is_one_to_three_whole_sentences_of_one_turn(
    search: tuple[Canonical, list[Candidate], frozenset[str]],
) -> None:
    canonical, found, _ = search
    sentences = {
        turn: list(split_sentences(canonical.text, turn.char_start, turn.char_end)) for turn in canonical.turns
    }
    for candidate in found:
        (turn,) = (t for t in canonical.turns if t.char_start <= candidate.char_start < t.char_end)
        inside = [s for s in sentences[turn] if candidate.char_start <= s[0] and s[1] <= candidate.char_end]
        assert 1 <= len(inside) <= MOST
        assert (inside[0][0], inside[-1][1]) == (candidate.char_start, candidate.char_end)
        assert candidate.speaker == turn.speaker
        assert candidate.text == canonical.text[candidate.char_start : candidate.char_end]


@given(searches())
def test_candidates_never_overlap_come_best_first_and_are_of_the_speakers_asked_for(
    search: tuple[Canonical, list[Candidate], frozenset[str]],
) -> None:
    _, found, speakers = search
    spans = sorted((c.char_start, c.char_end) for c in found)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert [c.probability for c in found] == sorted((c.probability for c in found), reverse=True)
    assert all(0 <= c.probability <= 1 for c in found)
    assert not speakers or {(c.speaker or "").casefold() for c in found} <= speakers


@given(hostile_transcripts())
def test_without_a_filter_every_sentence_could_be_quoted(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    passages = passages_of(canonical)
    number = sum(len(p.sentences) for p in passages)
    found = candidates(analyse("what?"), passages, read(passages, *[0.0] * number), weights(reader=1))
    assert sum(len(list(split_sentences(c.text))) for c in found) >= min(number, 200)


def test_a_neighbour_that_answers_nearly_as_well_joins_and_another_speakers_does_not() -> None:
    said = "The bureau asked first. It scanned photographs. It rained."
    assert quoted(of(("Ann", said)), 3.0, 2.5, -5.0) == [
        ("Ann", "The bureau asked first. It scanned photographs."),
        ("Ann", "It rained."),
    ]
    split = of(("Ann", "The bureau asked first."), ("Bob", "It scanned photographs."))
    assert quoted(split, 3.0, 2.5) == [("Ann", "The bureau asked first."), ("Bob", "It scanned photographs.")]


def test_two_turns_of_the_same_unknown_speaker_are_not_joined() -> None:
    split = of((None, "The bureau asked first."), ("Bob", "Oh."), (None, "It scanned photographs."))
    assert quoted(split, 3.0, 3.0, 3.0) == [
        (None, "The bureau asked first."),
        ("Bob", "Oh."),
        (None, "It scanned photographs."),
    ]


def test_a_quote_is_at_most_three_sentences_and_grows_towards_the_better_one() -> None:
    said = "Alpha is here. Beta is here. Gamma is here. Delta is here. Zeta is here."
    found = quoted(of(("Ann", said)), 2.1, 2.2, 3.0, 2.3, 2.4)
    assert found[0] == ("Ann", "Gamma is here. Delta is here. Zeta is here.")
    assert found[1] == ("Ann", "Alpha is here. Beta is here.")


def test_the_same_words_in_two_episodes_are_two_candidates() -> None:
    canonical = of(("Ann", "Thanks for listening to the programme."))
    both = passages_of(canonical, episode="a") + passages_of(canonical, episode="b")
    found = candidates(analyse("thanks"), both, read(both, 1.0, 1.0), weights(reader=1))
    assert [c.address.episode_id for c in found] == ["a", "b"]


# -- the signs


def signs(question: str, canonical: Canonical, sign: str, *logits: float) -> list[float]:
    passages = passages_of(canonical)
    query = analyse(question, {turn.speaker for turn in canonical.turns if turn.speaker})
    readings = read(passages, *logits) if logits else [unread(passage) for passage in passages]
    column = np.concatenate(sentence_signs(query, passages, readings))[:, SENTENCE_SIGNS.index(sign)]
    return [round(float(value), 3) for value in column]


def test_the_share_of_the_questions_words_that_a_sentence_says_counts_where_nothing_was_read() -> None:
    canonical = of(("Ann", "They scan photographs. Police scanned the photos. It rained."))
    assert signs("Did police scan photographs?", canonical, "words") == [0.667, 0.667, 0.0]
    assert signs("Did police scan photographs?", canonical, "words", 1.0, 1.0, 1.0) == [0.0, 0.0, 0.0]
    assert signs("Who?", of(("Ann", "Oh. Who scans them?")), "question") == [0.0, 1.0]
    assert signs("Who?", of(("Ann", "Oh. The police scan them all.")), "short") == [1.0, 0.0]


def test_whose_voice_is_asked_for() -> None:
    canonical = of(("Ann", "Bob worries about privacy."), ("Bob", "I worry about privacy."), (None, "So do I."))
    assert signs("What did Bob say about privacy?", canonical, "voice") == [0.0, 1.0, 0.0]


def test_who_asks_much() -> None:
    canonical = of(("Ann", "Who scans photographs?"), ("Bob", "The police do. They have for years."))
    ann, bob, again = signs("Who scans photographs?", canonical, "asker")
    assert ann > bob == again


def test_an_episode_is_as_good_as_its_three_best_passages_and_a_missing_one_counts_nothing() -> None:
    (passage,) = passages_of(of(("Ann", "It rained.")))
    scored = [replace(passage, row=row, hit=replace(passage.hit, score=score)) for row, score in enumerate((3.0, 1.0))]
    (other,) = passages_of(of(("Ann", "It rained.")), episode="f")
    every = [*scored, replace(other, hit=replace(other.hit, score=2.0))]
    found = np.concatenate(sentence_signs(analyse("rain"), every, read(every, 0.0, 0.0, 0.0)))
    episode = found[:, SENTENCE_SIGNS.index("episode")]
    assert [round(value, 3) for value in episode] == [1.333, 1.333, 0.667]


def test_an_episode_that_does_not_say_the_questions_names_is_told_by_their_share() -> None:
    canonical = of(("Ann", "Bob has worries."), ("Carol", "They are few."))
    assert signs("What worries Bob?", canonical, "unnamed") == [0.0, 0.0]
    assert signs("What worries Carol and Dave?", canonical, "unnamed") == [0.5, 0.5]
    (here,), (there,) = (
        passages_of(of(("Ann", text)), "", text[:1]) for text in ("Bob has worries.", "Dave has none.")
    )
    question, readings = analyse("What worries Dave?"), read([here, there], 3.0, 3.0)
    best, other = candidates(question, [here, there], readings, weights(reader=1, unnamed=-1))
    assert (best.text, other.text) == ("Dave has none.", "Bob has worries.")
    given_ = shipped(reader=True)
    assert given_.supports(other.signs) < given_.supports(best.signs)


def test_what_is_said_around_a_quote_supports_it() -> None:
    passages = passages_of(of(("Ann", "Alpha is here. Beta is here. Gamma is here.")))
    both = [
        candidates(analyse("what?"), passages, read(passages, 3.0, *beside), weights(reader=1))[0]
        for beside in ((-6.0, -6.0), (-1.0, -1.0))
    ]
    assert {candidate.text for candidate in both} == {"Alpha is here."}
    alone, supported = (candidate.signs[ANSWER_SIGNS.index("around")] for candidate in both)
    assert alone < supported
    given_ = shipped(reader=True)
    assert given_.supports(both[0].signs) < given_.supports(both[1].signs)


@pytest.mark.parametrize("reader", [True, False])
def test_a_better_score_is_never_less_likely_and_verdicts_are_in_their_order(reader: bool) -> None:
    given_ = shipped(reader)
    likely, verdicts = [], []
    for score in (-1e9, -5.0, 0.0, 5.0, 1e9):
        row = np.array([score, score, 0.0, score, 0.0, 0.0])
        likely.append(given_.probability(row))
        verdicts.append(["none", "nearest", "answers"].index(given_.verdict(row)))
    assert likely == sorted(likely)
    assert verdicts == sorted(verdicts)
    assert (verdicts[0], verdicts[-1]) == (0, 2)
    assert all(0 <= each <= 1 for each in likely)


def test_where_passages_are_read_no_word_counts_as_such() -> None:
    for sign, weight in zip(SENTENCE_SIGNS, shipped(reader=True).sentence, strict=True):
        assert bool(weight) == (sign not in {"words", "question", "short"})


def test_no_sign_but_a_missing_figure_or_name_speaks_against_an_answer() -> None:
    for reader in (True, False):
        given_ = shipped(reader)
        for weighed in (given_.answer, given_.support):
            by_sign = dict(zip(ANSWER_SIGNS, weighed, strict=True))
            assert by_sign.pop("figure") <= 0
            assert by_sign.pop("unnamed") <= 0
            assert min(by_sign.values()) >= 0
