"""What a question wants to see, which sentence shows it, and that a figure asked for is not answered without one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.catalogue import Source
from kb.cli.printing import print_answer
from kb.evidence import PROOF, Evidence, proof_wanted, shows, wanted
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
from kb.web.cards import answer_html


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did Basecamp pay for its drives?", "money"),
        ("What salary does Emma earn?", "money"),
        ("What did fast storage cost in 2012?", "money"),
        ("How many millions did Block pay?", "money"),
        ("How long did it take?", "duration"),
        ("How many years was she there?", "duration"),
        ("How many photos can they search?", "number"),
        ("What share of them failed?", "number"),
        ("How much effort was it?", "amount"),
        ("When was it founded?", "time"),
        ("Which year was that?", "time"),
        ("Who called it a dragnet?", "person"),
        ("Why did they leave?", None),
        ("What is the yearly budget of the foundation?", "money"),
        ("What did Bedoya say about the cost of it?", None),
        ("What did Bedoya say about the price of eggs?", None),
    ],
)
def test_what_a_question_wants(question: str, kind: Evidence | None) -> None:
    assert wanted(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "shown"),
    [
        ("money", "It was like 30k a year.", True),
        ("money", "They paid $12.", True),
        ("money", "It cost a million.", True),
        ("money", "It was 12 years ago.", False),
        ("number", "We have 215 flags.", True),
        ("number", "Dozens of them.", True),
        ("number", "There was one before.", False),  # which counts nothing
        ("duration", "It took a full year.", True),
        ("duration", "Every hour.", True),
        ("duration", "It took for ever.", False),
        ("time", "It was in 2014.", True),
        ("person", "It was Ann Lee who said so.", True),
        ("person", "Nobody did.", False),
        ("person", "I sow them in March.", False),
    ],
)
def test_which_sentence_shows_it(kind: Evidence, sentence: str, shown: bool) -> None:
    assert shows(kind, sentence) == shown


@given(st.text(max_size=300))
def test_any_text_can_be_a_question_and_a_sentence(text: str) -> None:
    kind = wanted(text)
    for each in (*PROOF, kind or "person"):
        assert shows(each, text) in (True, False)


def test_a_figure_that_is_asked_for_and_not_said_is_not_answered_and_told(
    kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    def take_in(title: str, *said: str) -> None:
        told = Transcript(tuple(Segment(None, None, text, "Ann Lee") for text in said))
        kb.add(Episode("", "The Show", title), told, Source(title, title))
        kb.sync()

    vague = "Daniel keeps adding flags to curl because people want flags."
    take_in("First", vague)
    asked = kb.ask("How many flags does curl have?")
    assert not asked.answered
    assert "A number that counts such things is asked for, and a quote without one is no answer." in answer_html(
        asked, {quote.id: kb.context(quote) for quote in asked.nearest}
    )
    print_answer(asked)
    assert (
        "A number that counts such things is asked for, and a quote without one is no answer.\n"
        in capsys.readouterr().out
    )
    assert asked.nearest[0].text == vague
    assert kb.ask("Why does Daniel keep adding flags to curl?").answered
    figure = "By now curl has 215 flags."
    take_in("Second", figure)
    answered = kb.ask("How many flags does curl have?")
    assert answered.quotes[0].text == figure
    assert proof_wanted("Why does Daniel keep adding flags?") == ""
