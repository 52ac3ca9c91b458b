"""Names spelt otherwise than in the transcripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.knowledge_base import KnowledgeBase
from kb.questions.names import names_in
from kb.questions.spelling import sound_alikes, sounds

from .test_collections import take_in

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
    assert sound_alikes(name, SPOKEN)[:1] == ((found,) if found else ())


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Bedoya tell Aarti Shahani?", ["Bedoya", "Aarti", "Shahani"]),
        ("Shahani reported it. Cornish asked.", []),
        ("what did bedoya say", []),
        ("Is ICE in DC?", ["ICE", "DC"]),
        ("How well does it work on Black women?", []),
        ("Are Black and Indigenous voters asked?", ["Black"]),
        ("What do White drivers of Jack Black fans say?", ["Jack", "Black"]),
        ("Was it Brown who left?", ["Brown"]),
        ("Is it harder for white men, Black Americans and Brown children?", ["Americans"]),
        ("What did Brown discuss?", ["Brown"]),
        ("Tell me what Brown was doing in Texas", ["Brown", "Texas"]),
        ("Who asked what White has, and what Black always says?", ["White", "Black"]),
        ("Jack Black says what?", ["Black"]),
        ("", []),
    ],
)
def test_names_are_capitalised_within_a_sentence(question: str, names: list[str]) -> None:
    assert [term.word for term in names_in(question)] == names


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=5))
def test_any_word_is_borne(name: str, vocabulary: list[str]) -> None:
    found = sound_alikes(name, vocabulary)
    assert set(found) <= {word for word in vocabulary if sounds(word) == sounds(name)}
    names_in(name)


def test_a_misspelt_speaker_is_found_and_the_answer_says_so(corpus_kb: KnowledgeBase) -> None:
    answer = corpus_kb.ask("What did Bedoia say about a flawed algorithm?")
    assert answer.searched.respelt == (("Bedoia", "Bedoya"),)
    assert answer.question == "What did Bedoia say about a flawed algorithm?"
    assert answer.quotes == corpus_kb.ask("What did Bedoya say about a flawed algorithm?").quotes
    assert corpus_kb.ask("What did Cornish say about Bolton?").searched.respelt == ()


@pytest.mark.parametrize("said", ["We hike to every concert. Concerts are loud.", "we hike to every concert"])
def test_a_name_is_never_read_as_a_common_word(kb: KnowledgeBase, said: str) -> None:
    take_in(kb, said, "And Petrova was there.", speaker="Ann Lee")
    asked = "What does Rich Hickey say about Concorde and Petrowa?"
    answer = kb.ask(asked)
    assert answer.question == asked
    assert answer.searched.respelt == (("Petrowa", "Petrova"),)
    assert set(answer.searched.unknown_words) == {"Rich", "Hickey", "Concorde"}


def test_a_transcript_without_capitals_has_names_all_the_same(kb: KnowledgeBase) -> None:
    take_in(kb, "and petrova was there", speaker="Ann Lee")
    assert kb.ask("What about Petrowa?").searched.respelt == (("Petrowa", "petrova"),)


def test_a_misspelt_speaker_is_one_whose_other_name_stands_beside(kb: KnowledgeBase) -> None:
    take_in(kb, "The Maker fair is a tax on Maker time. A lawyer came.", speaker="Heather Meeker")
    answer = kb.ask("What did Heather Meaker say about being a tax lawyer?")
    assert answer.searched.respelt == (("Meaker", "Meeker"),)
    assert answer.searched.unsaid_names == ()
    # Without the first name a speaker's name still comes before an equally near word.
    assert kb.ask("What did Meaker say about a tax?").searched.respelt == (("Meaker", "Meeker"),)
    assert sound_alikes("Meaker", ["maker", "meeker"], {"meeker"}) == ("meeker", "maker")


def test_a_word_that_was_put_in_is_never_called_unsaid(kb: KnowledgeBase) -> None:
    take_in(kb, "The farmers of Kent grow turnips every winter.", speaker="Ann Lee")
    take_in(kb, "And Petrova was there.", speaker="Bob Ray")
    answer = kb.ask("Which farmers grow turnips for Petrowa every winter?", 1)
    assert answer.searched.respelt == (("Petrowa", "Petrova"),)
    assert answer.searched.unsaid_names == ()
