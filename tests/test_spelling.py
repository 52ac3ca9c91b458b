"""Names spelt otherwise than in the transcripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.knowledge_base import KnowledgeBase
from kb.questions.names import names_in
from kb.questions.spelling import sounds, sounds_like

SPOKEN = ["petrova", "bedoya", "shahani", "boston", "marian", "clinton", "kolbert", "georg", "nakashima"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Bedoia", "bedoya"), ("Shahanee", "shahani"), ("Shahany", "shahani"), ("Marion", "marian"),
        ("Colbert", "kolbert"), ("Klinton", "clinton"), ("Nakasheema", "nakashima"), ("Petrowa", "petrova"),
        ("Bolton", None), ("Houston", None), ("Clifton", None), ("Bob", None), ("", None), ("Ω", None),
    ],
)  # fmt: skip
def test_a_name_is_found_by_its_sound(name: str, found: str | None) -> None:
    assert sounds_like(name, SPOKEN) == found


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Bedoya tell Aarti Shahani?", ["Bedoya", "Aarti", "Shahani"]),
        ("Shahani reported it. Cornish asked.", []),
        ("what did bedoya say", []),
        ("Is ICE in DC?", ["ICE", "DC"]),
        ("", []),
    ],
)
def test_names_are_capitalised_within_a_sentence(question: str, names: list[str]) -> None:
    assert [term.word for term in names_in(question)] == names


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=5))
def test_any_word_is_borne(name: str, vocabulary: list[str]) -> None:
    found = sounds_like(name, vocabulary)
    assert found is None or (found in vocabulary and sounds(found) == sounds(name))
    names_in(name)


def test_a_misspelt_speaker_is_found_and_the_answer_says_so(corpus_kb: KnowledgeBase) -> None:
    answer = corpus_kb.ask("What did Bedoia say about a flawed algorithm?")
    assert answer.searched.respelt == (("Bedoia", "Bedoya"),)
    assert answer.quotes == corpus_kb.ask("What did Bedoya say about a flawed algorithm?").quotes
    assert corpus_kb.ask("What did Cornish say about Bolton?").searched.respelt == ()
