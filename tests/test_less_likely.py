"""Under a sure answer, what is less likely than an answer has to be is not passed off as one."""

from __future__ import annotations

import lxml.html
import pytest
from fastapi.testclient import TestClient

from kb.answers.weights import shipped
from kb.cli.printing import print_answer
from kb.knowledge_base import KnowledgeBase
from kb.web.ask.cards import answer_html

from .conftest import SEGMENT
from .web.test_collections import app_of

ASKED = "Who called it a dragnet?"
LESS = "Less likely to answer"


def test_what_is_less_likely_stands_below(corpus_kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    found = corpus_kb.ask(ASKED, 5)
    assert found.verdict == "answers"
    assert found.likely
    assert found.likely < len(found.quotes)
    least = shipped(reader=True).answers
    assert (found.quotes[found.likely - 1].score or 0) >= least
    assert all((quote.score or 0) < least for quote in found.quotes[found.likely :])
    contexts = {quote.id: corpus_kb.context(quote) for quote in found.quotes}
    shown = lxml.html.fromstring(str(answer_html(found, contexts)))
    assert [each.text for each in shown.iterfind(".//h3")] == [LESS]
    before, _, after = shown.text_content().partition(LESS)
    assert found.quotes[found.likely - 1].text in before
    assert found.quotes[found.likely].text in after
    by_speaker = lxml.html.fromstring(str(answer_html(found, contexts, group="speaker")))
    assert LESS not in by_speaker.text_content()
    print_answer(found)
    before, _, after = capsys.readouterr().out.partition(f"{LESS}:")
    assert found.quotes[found.likely - 1].text in before
    assert found.quotes[found.likely].text in after


@pytest.mark.parametrize("question", ["What did Alvaro Bedoya say?", "What recipe is best for sourdough bread?"])
def test_where_all_answer_or_none_does_nothing_is_less_likely(corpus_kb: KnowledgeBase, question: str) -> None:
    assert corpus_kb.ask(question, 5).likely is None


def test_the_page_of_a_citation_says_what_to_mind(corpus_kb: KnowledgeBase) -> None:
    start = corpus_kb.text(SEGMENT).index("dragnet")
    page = TestClient(app_of(corpus_kb)).get(f"/cite/{SEGMENT}@1:{start + 2}-{start + 7}").text
    assert "The quote begins or ends inside a word." in page
