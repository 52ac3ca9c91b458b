"""What could be quoted: whole sentences of one speaker, never overlapping, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kb.matching import word_matches
from kb.quotes import MAX_SENTENCES, Candidate, Passage, candidates, sentences_of, shares_of
from numpy.typing import NDArray

from ingest.formats import parse
from kb.canonical import Canonical, canonicalise
from kb.chunking import chunk
from kb.questions import Query, analyse
from kb.sentences import split_sentences
from kb.types import Episode, Hit, Segment, Transcript
from tests.conftest import CORPUS
from tests.strategies import hostile_transcripts, prose, timed_transcripts

VTT = CORPUS / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"


def meaningless(words: Sequence[str]) -> NDArray[np.float32]:
    """Return vectors by which no word is like another."""
    return np.zeros((len(words), 1), np.float32)


def passages_of(query: Query, canonical: Canonical, title: str = "", episode: str = "e") -> list[Passage]:
    found = []
    for passage in chunk(canonical, episode, 1):
        text = canonical.text[passage.char_start : passage.char_end]
        sentences = sentences_of(passage, text, canonical.turns)
        hit = Hit(passage, Episode(episode, "A show", title), text, 1.0)
        said = word_matches(query.terms, [sentence.text for sentence in sentences], meaningless)
        matches = tuple(map(tuple, said.tolist()))
        shares = shares_of([1.0] * len(query.terms))
        heard = tuple(float(any(column)) for column in zip(*matches, strict=True)) or (0.0,) * len(query.terms)
        found.append(Passage(hit, sentences, matches, shares, heard))
    return found


def of(*said: tuple[str | None, str]) -> Canonical:
    return canonicalise(Transcript(tuple(Segment(None, None, text, name) for name, text in said)))


def found_in(canonical: Canonical, question: str, title: str = "") -> list[tuple[str | None, str]]:
    query = analyse(question, {t.speaker for t in canonical.turns if t.speaker})
    found = candidates(query, passages_of(query, canonical, title), dict.fromkeys(query.terms, 1.0))
    return [(c.speaker, canonical.text[c.char_start : c.char_end]) for c in found]


@st.composite
def searches(draw: st.DrawFn) -> tuple[Canonical, Query, list[Candidate]]:
    canonical = canonicalise(draw(hostile_transcripts() | timed_transcripts()))
    words = canonical.text.split()[:200] or ["nothing"]
    asked = draw(st.lists(st.sampled_from(words), min_size=1, max_size=5))
    frame = draw(st.sampled_from(["{}", "What did Bob say about {}?", "how many {}", "who {}", "when {}"]))
    query = analyse(frame.format(" ".join(asked)), ("Bob", "Ann Lee"))
    passages = [
        Passage(
            replace(p.hit, episode=replace(p.hit.episode, title=draw(prose))),
            p.sentences,
            p.matches,
            shares_of([draw(st.floats(0, 12)) for _ in query.terms]),
            tuple(float(draw(st.booleans())) for _ in query.terms),
        )
        for p in passages_of(query, canonical)
    ]
    rarity = {term: draw(st.floats(0, 12)) for term in query.terms if draw(st.booleans())}
    return canonical, query, candidates(query, passages, rarity)


@given(searches())
def test_a_candidate_is_one_to_three_whole_sentences_of_one_turn(
    search: tuple[Canonical, Query, list[Candidate]],
) -> None:
    canonical, _, found = search
    sentences = {
        turn: list(split_sentences(canonical.text, turn.char_start, turn.char_end)) for turn in canonical.turns
    }
    for candidate in found:
        (turn,) = (t for t in canonical.turns if t.char_start <= candidate.char_start < t.char_end)
        inside = [s for s in sentences[turn] if candidate.char_start <= s[0] and s[1] <= candidate.char_end]
        assert 1 <= len(inside) <= MAX_SENTENCES
        assert (inside[0][0], inside[-1][1]) == (candidate.char_start, candidate.char_end)
        assert candidate.speaker == turn.speaker


@given(searches())
def test_candidates_never_overlap_and_come_best_first(search: tuple[Canonical, Query, list[Candidate]]) -> None:
    _, _, found = search
    spans = sorted((c.char_start, c.char_end) for c in found)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert all(0 < c.score <= 1 and 0 <= c.coverage <= 1 for c in found)
    assert all(c.chunk.char_start <= c.char_start and c.char_end <= c.chunk.char_end for c in found)


@given(hostile_transcripts())
def test_a_question_without_a_telling_word_finds_nothing(transcript: Transcript) -> None:
    query = analyse("the of and")
    assert candidates(query, passages_of(query, canonicalise(transcript)), {}) == []


def test_the_sentence_that_covers_more_of_the_question_comes_first() -> None:
    canonical = of(
        ("Ann", "The agency has photographs. Police scanned license photographs of drivers. It rained all day.")
    )
    found = found_in(canonical, "Who scanned license photographs?")
    assert found[0] == ("Ann", "Police scanned license photographs of drivers.")
    assert ("Ann", "The agency has photographs.") in found[1:]


def test_a_neighbour_that_completes_the_answer_joins_and_another_speakers_does_not() -> None:
    said = "The bureau asked first. It scanned photographs."
    assert found_in(of(("Ann", said)), "bureau photographs") == [("Ann", said)]
    split = of(("Ann", "The bureau asked first."), ("Bob", "It scanned photographs."))
    assert {speaker for speaker, _ in found_in(split, "bureau photographs")} == {"Ann", "Bob"}


def test_two_turns_of_the_same_unknown_speaker_are_not_joined() -> None:
    split = of((None, "The bureau asked first."), ("Bob", "Oh."), (None, "It scanned photographs."))
    found = [text for _, text in found_in(split, "bureau photographs")]
    assert found[:2] == ["The bureau asked first.", "It scanned photographs."]


def test_a_quote_is_at_most_three_sentences() -> None:
    canonical = of(
        ("Ann", "The alpha is here. The beta is here. The gamma is here. The delta is here. The zeta is here.")
    )
    first = found_in(canonical, "alpha beta gamma delta zeta")[0][1]
    assert len(list(split_sentences(first))) == MAX_SENTENCES


def test_an_answer_goes_before_a_question_with_the_same_words() -> None:
    canonical = of(
        ("Ann", "Did police scan the photographs there?"), ("Bob", "Yes, police did scan the photographs there.")
    )
    assert [speaker for speaker, _ in found_in(canonical, "police scan photographs")] == ["Bob", "Ann"]


def test_asked_for_what_somebody_said_their_own_words_come_first() -> None:
    canonical = of(("Ann", "Bob worries about privacy every day."), ("Bob", "I worry about privacy every single day."))
    assert found_in(canonical, "What did Bob say about privacy?")[0][0] == "Bob"


def test_a_number_goes_first_where_one_is_asked_for() -> None:
    canonical = of(
        ("Ann", "They searched a great deal of photographs."), ("Bob", "They searched 641 million of the photographs.")
    )
    assert found_in(canonical, "How many photographs were searched?")[0][0] == "Bob"


def test_the_title_and_the_sentence_before_give_part_credit() -> None:
    canonical = of(("Ann", "The bureau was there. It scanned faces of drivers."))
    query = analyse("license bureau faces")
    weights = dict.fromkeys(query.terms, 1.0)
    (bare,) = candidates(query, passages_of(query, of(("Ann", "It scanned faces of drivers."))), weights)
    (titled,) = candidates(
        query, passages_of(query, of(("Ann", "It scanned faces of drivers.")), "License news"), weights
    )
    assert 0 < bare.coverage < titled.coverage < 2 / 3
    assert canonical.text  # both sentences together cover more than either
    assert max(c.coverage for c in candidates(query, passages_of(query, canonical), weights)) == pytest.approx(2 / 3)


def test_a_passage_that_says_nothing_of_the_question_is_not_quoted() -> None:
    canonical = of(("Ann", "They scanned faces of drivers."))
    query = analyse("photography")
    assert not candidates(query, passages_of(query, canonical), dict.fromkeys(query.terms, 1.0))


def test_the_same_words_in_two_episodes_are_two_candidates() -> None:
    canonical = of(("Ann", "Thanks for listening to the programme."))
    query = analyse("thanks listening")
    both = passages_of(query, canonical, episode="a") + passages_of(query, canonical, episode="b")
    found = candidates(query, both, dict.fromkeys(query.terms, 1.0))
    assert [c.chunk.episode_id for c in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("question", "speaker", "words"),
    [
        ("What did Bedoya say about the algorithm?", "Alvaro Bedoya", "algorithm"),
        ("How did the team at Georgetown unearth the collaboration?", "Audie Cornish", "Georgetown"),
    ],
)
def test_the_example_episode(question: str, speaker: str, words: str) -> None:
    canonical = canonicalise(parse(VTT, VTT.read_bytes()))
    found_speaker, text = found_in(canonical, question)[0]
    assert found_speaker == speaker
    assert words in text


def test_a_quotes_time_in_the_example_episode_is_the_files_own() -> None:
    canonical = canonicalise(parse(VTT, VTT.read_bytes()))
    query = analyse("collaboration unearthed by a team at Georgetown University")
    best = candidates(query, passages_of(query, canonical), dict.fromkeys(query.terms, 1.0))[0]
    assert canonical.text[best.char_start : best.char_end].startswith("Now this collaboration was unearthed by a team")
    assert (canonical.timings.start_at(best.char_start), canonical.timings.end_at(best.char_end)) == (15.041, 21.38)
