"""Filters that leave nothing to search: it is told why, with the nearest names, and never that nothing answers."""

from __future__ import annotations

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import Filters
from kb.web.ask.cards import answer_html

from .test_collections import take_in

QUESTION = "What did he call it?"


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(speakers=("Alvaro Bedoja",)), "is called “Alvaro Bedoja”. Did you mean “Alvaro Bedoya”?"),
        (Filters(speakers=("Álvaro",)), "is called “Álvaro”. Did you mean “Alvaro Bedoya”?"),
        (Filters(speakers=("Zorro",)), "Nobody in your library is called “Zorro”."),
        (Filters(shows=("All Thing",)), "No show in your library is called “All Thing”. Did you mean “All Things"),
        (Filters(since="2020-01-01", until="2019-01-01"), "2020-01-01 is after 2019-01-01"),
        (Filters(since="2021-01-01"), "Your filter leaves no passage to search; remove it."),
    ],
)
def test_it_is_told_why_nothing_was_searched(corpus_kb: KnowledgeBase, filters: Filters, told: str) -> None:
    answer = corpus_kb.ask(QUESTION, filters=filters)
    assert answer.verdict == "none"
    assert told in (answer.searched.problem or "")
    page = answer_html(answer, {})
    assert "Nothing was searched" in page
    assert "answers this" not in page


def test_names_in_other_letters_are_the_names(corpus_kb: KnowledgeBase) -> None:
    answer = corpus_kb.ask(QUESTION, filters=Filters(speakers=("alvaro bedoya",), shows=("ALL THINGS CONSIDERED",)))
    assert answer.searched.problem is None
    assert answer.searched.passages > 0


def test_a_part_of_a_name_is_offered_whole_and_nothing_else(kb: KnowledgeBase) -> None:
    for n, name in enumerate(("Jerod Santo", "Jeremy Fuksa", "Raphael Landaverde")):
        take_in(kb, f"It rained {n} times.", speaker=name, title=name)
    told = "Nobody in your library is called “Jerod”. Did you mean “Jerod Santo”?"
    assert kb.why_nothing(Filters(speakers=("Jerod",))) == told


def test_an_empty_library_is_called_empty(kb: KnowledgeBase) -> None:
    assert kb.ask(QUESTION, filters=Filters(shows=("Any",))).searched.problem == "Your library is empty."
