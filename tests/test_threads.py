"""What a follow-up question takes over from the one before, and that other questions are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions.follow_ups import Rewrite, rewrite
from kb.questions.query import telling_terms

SPEAKERS = ("Aarti Shahani", "Alvaro Bedoya", "Audie Cornish")
PHOTOS = "What did Shahani say about DMV photos?"
COMPLEX = "Is Kubernetes too complex for small teams?"


@pytest.mark.parametrize(
    ("before", "question", "read"),
    [
        (PHOTOS, "and what did Washington say?", "What did Washington say about DMV photos?"),
        (PHOTOS, "And Bedoya?", "What did Bedoya say about DMV photos?"),
        (PHOTOS, "What about Bedoya?", "What did Bedoya say about DMV photos?"),
        (PHOTOS, "what about Vermont?", "What did Shahani say about Vermont?"),
        (PHOTOS, "What else did she say about Vermont?", "What else did Shahani say about Vermont?"),
        (PHOTOS, "What is her view of Vermont?", "What is Shahani’s view of Vermont?"),
        (PHOTOS, "Did anyone ask her about Vermont?", "Did anyone ask Shahani about Vermont?"),
        (PHOTOS, "What did they say?", "What did Shahani say about DMV photos?"),
        (
            "Who called it a dragnet?",
            "and what did Washington say?",
            "Who called it a dragnet, and what did Washington say?",
        ),
        ("Who called it a dragnet?", "Why?", "Who called it a dragnet, and why?"),
        ("Which states share photos?", "And in Vermont?", "Which states share photos, and in Vermont?"),
        (COMPLEX, "What about privacy?", "Is Kubernetes too complex for small teams, and what about privacy?"),
        (f"{COMPLEX[:-1]}, and what about privacy?", "How about cost?", f"{COMPLEX[:-1]}, and how about cost?"),
        (COMPLEX, "And Bedoya?", "Is Kubernetes too complex for small teams, and what did Bedoya say?"),
        (PHOTOS, "And what did Bedoya say about them?", "What did Bedoya say about DMV photos?"),
        (
            "What did Shahani say about photos of the DMV?",
            "And Bedoya?",
            "What did Bedoya say about photos of the DMV?",
        ),
    ],
)
def test_a_follow_up_takes_over_what_it_lacks(before: str, question: str, read: str) -> None:
    found = rewrite(question, before, SPEAKERS)
    assert found.text == read
    assert found.inherited


@pytest.mark.parametrize(
    "question",
    [
        "Who called it a dragnet?",
        "What did Bedoya say about face recognition?",
        "And what did Bedoya say about face recognition?",
        "Which city outlawed police use of face recognition?",
        "How accurate is the software?",
        "Then why was it debunked?",
        "Or is working from home better?",
    ],
)
def test_a_whole_question_is_left_alone(question: str) -> None:
    assert rewrite(question, PHOTOS, SPEAKERS) == Rewrite(question)


def test_a_pronoun_for_nobody_named_takes_no_other_topic_over() -> None:
    asked = "What did they say about WebAssembly?"
    assert rewrite(asked, "Why do people like Elixir?", SPEAKERS) == Rewrite(asked)


@pytest.mark.parametrize("owner", ["Mat's", "Mat’s"])
def test_somebodys_wife_is_not_called_as_he_is(owner: str) -> None:
    asked = "What is her name?"
    assert rewrite(asked, f"What does {owner} wife think?", ("Mat Ryer",)) == Rewrite(asked)


@pytest.mark.parametrize("question", ["and what did Washington say?", "Why?", "What did she say?"])
def test_nothing_is_taken_from_nothing(question: str) -> None:
    assert rewrite(question, "", SPEAKERS) == Rewrite(question)
    assert rewrite(question, " who? ", SPEAKERS) == Rewrite(question)


@given(st.text(max_size=200), st.text(max_size=200))
def test_only_words_of_the_two_questions_are_read(question: str, before: str) -> None:
    found = rewrite(question, before, SPEAKERS)
    given_words = {term.word for text in (question, before) for term in telling_terms(" ".join(text.split()))}
    assert {term.word for term in telling_terms(found.text)} <= given_words | {
        w for w in found.text.split() if w[:1].isupper()
    }
    assert rewrite(question, before, SPEAKERS) == found
