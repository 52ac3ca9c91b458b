"""From a question to an answer on real parts: three verdicts, what is shown of each, and where reading happens."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answers.answering import answer, least_shown
from kb.answers.finding import read
from kb.answers.weights import Weights, shipped
from kb.catalogue import Source
from kb.cli.printing import print_answer
from kb.embedding import Reader
from kb.knowledge_base import KnowledgeBase
from kb.phrasing import unknown_words
from kb.questions.query import analyse
from kb.retrieval.passages import Passage
from kb.retrieval.recall import recall
from kb.text.sentences import split_sentences
from kb.types import Answer, Episode, Filters, Segment, Transcript, Verdict
from kb.web.ask.cards import answer_html

#: What three episodes say; no two speak of the same.
SAID = {
    "The garden": [
        ("Ann Lee", "The farmers of Kent grow turnips every winter. Nobody else wanted the land."),
        ("Bob Ray", "My grandfather sold potatoes at the market in Dover."),
    ],
    "The river": [
        ("Ann Lee", "The old bridge over the river was closed for repairs on Monday. Cars wait there for hours."),
        (None, "Somebody painted the railing green."),
    ],
    "The court": [
        ("Cy Dow", "The judge sentenced the banker to nine years in prison. His lawyers said that they would appeal."),
    ],
}
#: Questions in the words of a sentence, with that sentence.
CLEAR = {
    "Which farmers grow turnips every winter?": "The farmers of Kent grow turnips every winter.",
    "When was the old bridge over the river closed for repairs?": (
        "The old bridge over the river was closed for repairs on Monday."
    ),
    "Who sentenced the banker to nine years in prison?": "The judge sentenced the banker to nine years in prison.",
}
QUESTION = next(iter(CLEAR))
OFF = "Which quantum gates does a superconducting qubit implement?"


def take_in(kb: KnowledgeBase, title: str, *said: tuple[str | None, str], **more: str) -> str:
    """Take in an episode in which these speakers say these texts."""
    told = Transcript(tuple(Segment(None, None, text, speaker) for speaker, text in said))
    episode_id, _ = kb.add(Episode("", "The Kitchen", title, **more), told, Source(title, title))  # type: ignore[arg-type]
    return episode_id


def fill(kb: KnowledgeBase) -> KnowledgeBase:
    for title, said in SAID.items():
        take_in(kb, title, *said)
    kb.sync()
    return kb


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The three episodes; not to be changed."""
    with KnowledgeBase(tmp_path_factory.mktemp("library") / "home") as kb:
        yield fill(kb)


def test_all_that_somebody_said_comes_before_what_others_say_of_them(tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "home") as kb:
        said = (("Ann Lee", "Bob Stone spoke to us about the bridge."), ("Bob Stone", "It rained all day."))
        segments = tuple(Segment(None, None, text, name) for name, text in said)
        kb.add(Episode("one", "Rivers", "One"), Transcript(segments, "en"), Source("one", "x"))
        kb.sync()
        assert kb.ask("What did Bob Stone say?").quotes[0].speaker == "Bob Stone"


def test_a_question_is_answered_while_what_answers_it_is_corrected(tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "home") as kb:
        fill(kb)
        (question, sentence), *_ = CLEAR.items()
        episode = kb.ask(question).quotes[0].episode.id

        def write() -> None:
            number = kb.catalogue.episodes.current_revision(episode)
            kb.corrections.correct(episode, number, 0, f"{sentence} {'Again' if number % 2 else 'Once more'}.", "Eva")

        answers = []
        with ThreadPoolExecutor(1) as other:
            for _ in range(40):
                writing = other.submit(write)
                answers.append(kb.ask(question))
                writing.result()
        assert all(sentence in answer.quotes[0].text for answer in answers)


# -- the verdicts


def told(kb: KnowledgeBase, question: str, verdict: Verdict, k: int = 5) -> Answer:
    """Answer a question as if its best quote were surely, perhaps or hardly right."""
    given_ = shipped(reader=True)
    limits = {"answers": (0.0, -1e9), "nearest": (2.0, -1e9), "none": (2.0, 1e9)}[verdict]
    thresholds = Weights(given_.sentence, given_.answer, given_.constant, given_.support, *limits)
    return answer(kb.catalogue, replace(kb.reading(question), weights=thresholds), k)


def test_only_the_verdict_answers_is_called_answered(library: KnowledgeBase) -> None:
    for verdict in ("answers", "nearest", "none"):
        found = told(library, QUESTION, verdict)
        assert (found.verdict, found.answered) == (verdict, verdict == "answers")
        assert bool(found.quotes) == (verdict != "none")
        assert bool(found.nearest) == (verdict == "none")
        assert (found.searched.episodes, found.searched.passages) == (3, 3)
        shown = found.quotes + found.nearest
        assert shown[0].text == CLEAR[QUESTION]
        assert all(library.quote(quote.id).text == quote.text for quote in shown)


def test_a_miss_shows_few_whatever_is_asked_for(library: KnowledgeBase) -> None:
    assert len(told(library, QUESTION, "none", k=50).nearest) <= 3
    assert len(told(library, QUESTION, "nearest", k=1).quotes) == 1


@pytest.mark.parametrize(
    ("verdict", "heading", "receipt"),
    [
        ("answers", "", False),
        ("nearest", "These quotes come nearest; judge for yourself", True),
        ("none", "Nothing in your library answers this", True),
    ],
)
def test_each_verdict_is_told_on_the_page_and_in_a_terminal(
    library: KnowledgeBase, capsys: pytest.CaptureFixture[str], verdict: Verdict, heading: str, receipt: bool
) -> None:
    found = told(library, "Which farmers grow turnips in Xerbedoya, xylographically?", verdict)
    page = answer_html(found, {quote.id: library.context(quote) for quote in found.quotes + found.nearest})
    print_answer(found)
    printed = capsys.readouterr().out
    if heading:
        assert f"{heading}.\n" in printed
        assert f"<h2>{heading}</h2>" in page
    assert ("judge for yourself" in printed) == ("judge for yourself" in page) == (verdict == "nearest")
    assert ("answers this" in printed) == ("answers this" in page) == (verdict == "none")
    for text in (page, printed):
        assert "grow turnips" in text
        assert "3 episodes" in text or not receipt
        assert "Xerbedoya" in text  # also over a sure answer, which may be somebody else's
        assert ("xylographically" in text) == receipt


@pytest.mark.parametrize("question", CLEAR)
def test_a_clear_question_is_answered_with_its_sentence(library: KnowledgeBase, question: str) -> None:
    found = library.ask(question)
    assert found.verdict == "answers"
    assert CLEAR[question] in found.quotes[0].text


def test_what_nobody_spoke_of_is_not_answered_and_its_words_are_told(library: KnowledgeBase) -> None:
    found = library.ask(OFF)
    assert not found.answered
    assert {"quantum", "superconducting", "qubit"} <= set(found.searched.unknown_words)


@pytest.mark.parametrize(
    ("question", "unsaid"),
    [
        ("Do the farmers of Dover grow turnips every winter?", ()),  # said by another speaker of that episode
        ("Which farmers grow turnips for Ann Lee every winter?", ()),  # a speaker
        ("Which farmers grow turnips in The Garden every winter?", ()),  # the title
        ("Which farmers grow turnips for Cy every winter?", ("Cy",)),
        ("Which farmers of Kent grow turnips for Zanzibar?", ()),  # said nowhere, which is told otherwise
    ],
)
def test_a_name_that_no_episode_quoted_says_is_told(
    library: KnowledgeBase, question: str, unsaid: tuple[str, ...]
) -> None:
    found = library.ask(question, 1)
    assert found.quotes[0].episode.title == "The garden"
    assert found.searched.unsaid_names == unsaid
    sentence = f"Not said in these episodes: {', '.join(unsaid)}."
    assert (sentence in unknown_words(found.searched)) is bool(unsaid)


@pytest.mark.parametrize("question", ["?!", "...", "“”"])
def test_a_question_without_a_word_finds_nothing(library: KnowledgeBase, question: str) -> None:
    found = library.ask(question)
    assert (found.verdict, found.quotes, found.nearest) == ("none", (), ())


def test_an_empty_library_answers_nothing(kb: KnowledgeBase) -> None:
    found = kb.ask(QUESTION)
    assert (found.verdict, found.nearest, found.searched.passages) == ("none", (), 0)
    assert kb.search(QUESTION) == ()


# -- the quotes of any question


WORDS = sorted({word.strip(".") for said in SAID.values() for _, text in said for word in text.split()})


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([*WORDS, "volcano", "Xerbedoya", "?"]), min_size=1, max_size=7).map(" ".join),
    st.integers(1, 8),
    st.sampled_from([Filters(), Filters(speakers=("ann lee",)), Filters(speakers=("Cy Dow", "Bob Ray"))]),
)
def test_quotes_are_whole_sentences_of_one_speaker_that_never_overlap(
    library: KnowledgeBase, question: str, k: int, filters: Filters
) -> None:
    found = library.ask(question, k, filters)
    assert len(found.quotes) <= k
    assert found.answered == (found.verdict == "answers")
    shown = found.quotes + found.nearest
    for quote in shown:
        canonical = library.canonical(quote.episode.id)
        turns = [t for t in canonical.turns if t.char_start < quote.char_end and quote.char_start < t.char_end]
        assert [turn.speaker for turn in turns] == [quote.speaker]
        assert canonical.text[quote.char_start : quote.char_end] == quote.text
        sentences = list(split_sentences(canonical.text, turns[0].char_start, turns[0].char_end))
        assert quote.char_start in {start for start, _ in sentences}
        assert quote.char_end in {end for _, end in sentences}
        assert not filters or (quote.speaker or "").casefold() in {name.casefold() for name in filters.speakers}
    spans = sorted((quote.episode.id, quote.char_start, quote.char_end) for quote in shown)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(spans))


@pytest.mark.parametrize("words", [(QUESTION, "turnips"), ("market in Dover", "potatoes")])
@pytest.mark.parametrize("reader", [True, False])
def test_hits_are_in_the_order_of_their_scores(
    library: KnowledgeBase, words: Sequence[str], reader: bool, tmp_path: Path
) -> None:
    with KnowledgeBase(library.home, reader=reader) as kb:
        for question in words:
            hits = kb.search(question)
            assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
            assert hits[0].episode.title == "The garden"
            assert not reader or all(0 <= hit.score <= 1 for hit in hits)
            assert all(hit.lexical_rank or hit.vector_rank for hit in hits)


def test_a_phrase_is_wanted_exactly(library: KnowledgeBase) -> None:
    found = library.ask("Who said “wanted the land”?")
    assert all("land" in hit.text for hit in library.search("“wanted the land” grow"))
    assert {quote.episode.title for quote in found.quotes + found.nearest} == {"The garden"}
    assert library.ask("Which surgeon in Lisbon painted the railing?").verdict == "none"
    railing = library.ask("Which surgeon in Lisbon said “painted the railing”?")
    assert (railing.verdict, railing.quotes[0].text) == ("nearest", "Somebody painted the railing green.")
    market = library.ask("Which farmers grow turnips “at the market in Dover”?")
    assert market.quotes[0].text == "My grandfather sold potatoes at the market in Dover."
    nobody = library.ask("Who said “the land wanted” in winter?")
    assert (nobody.quotes, nobody.nearest) == ((), ())
    assert library.search("“the land wanted”") == ()


# -- where a passage is read


def test_it_is_the_same_whether_a_passage_was_read_when_it_was_taken_in_or_now(library: KnowledgeBase) -> None:
    class Nothing:
        """A store that kept nothing."""

        revision = library.semantic.revision

        def kept(self, rows: Sequence[int]) -> dict[int, bytes]:
            return {}

    reader, store = Reader(), library.semantic
    for question in CLEAR:
        found = recall(library.catalogue, store, analyse(question), 100)
        assert set(store.kept([p.row for p in found])) == {p.row for p in found}
        before, now = read(reader, store, question, found), read(reader, Nothing(), question, found)
        assert before[0] == now[0]
        for one, other in zip(before[1], now[1], strict=True):
            assert np.allclose(one.logits, other.logits, atol=1.0)  # int8 is rounded by the company of a batch


def test_a_model_that_keeps_nothing_gives_the_same_quotes(tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "home", "static") as kb:
        fill(kb)
        assert kb.semantic.kept(range(1, 4)) == {}
        for question, sentence in CLEAR.items():
            found = kb.ask(question)
            assert (found.verdict, sentence in found.quotes[0].text) == ("answers", True)
        assert not kb.ask(OFF).answered


def test_without_the_reader_words_choose_the_quotes(tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "home", "static", reader=False) as kb:
        fill(kb)
        for question, sentence in CLEAR.items():
            found = kb.ask(question)
            assert sentence in found.quotes[0].text
            assert all(kb.quote(quote.id).text == quote.text for quote in found.quotes)
        assert not kb.ask(OFF).answered


def damage(kb: KnowledgeBase, blob: bytes) -> None:
    kb.close()
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:
        sql.execute("UPDATE passages_read SET kept = ?", (blob,))
    sql.close()


@pytest.mark.parametrize("blob", [b"", b"\x00\x00", b"\xff" * 999, b"\x02\x00" + bytes(10)])
def test_damage_to_what_was_kept_costs_no_answer(kb: KnowledgeBase, blob: bytes) -> None:
    fill(kb)
    damage(kb, blob)
    with KnowledgeBase(kb.home) as again:
        assert again.ask(QUESTION).quotes[0].text == CLEAR[QUESTION]


# -- while passages wait to be embedded


class Killed(Exception):
    """Stands for a kill between two batches."""


def stop_after(batches: int) -> Callable[[str, int, int], None]:
    """Return a progress that raises when so many batches are written."""
    left = [batches]

    def step(*_: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    return step


def test_embedding_goes_on_where_it_was_stopped_and_words_find_what_waits(kb: KnowledgeBase) -> None:
    for number in range(70):
        take_in(kb, f"Filler {number}", ("Bob Ray", f"Number {number} says nothing of note about the weather."))
    for title, said in SAID.items():
        take_in(kb, title, *said)
    assert kb.semantic.pending() == 73
    assert kb.ask(QUESTION).quotes[0].text == CLEAR[QUESTION]  # nothing is embedded yet: full text and reading alone
    with pytest.raises(Killed):
        kb.semantic.embed_pending(stop_after(1))
    assert kb.semantic.pending() == 73 - 64
    assert kb.ask(QUESTION).quotes[0].text == CLEAR[QUESTION]
    assert kb.semantic.embed_pending() == 73 - 64  # and nothing twice
    assert kb.semantic.pending() == 0
    assert len(kb.semantic.kept(range(1, 74))) == 73
    kb.semantic.refresh()
    assert kb.ask(QUESTION).quotes[0].text == CLEAR[QUESTION]


@pytest.mark.parametrize("former", ["verbatim-static", "hashing"])
def test_an_old_library_is_embedded_anew(tmp_path: Path, former: str) -> None:
    home = tmp_path / "home"
    with KnowledgeBase(home, "static") as kb:
        fill(kb)
        kb.catalogue.set_setting("embedding", former)
    with sqlite3.connect(home / "catalogue.sqlite3") as sql:
        sql.execute("UPDATE models SET name = ?", (former,))
    sql.close()
    with KnowledgeBase(home) as kb:
        assert kb.semantic.embedder.name == kb.catalogue.setting("embedding") == "verbatim-reader"
        assert kb.semantic.pending() == 0
        assert len(kb.semantic.kept(range(1, 4))) == 3
        assert kb.ask(QUESTION).answered
        assert all(finding.ok for finding in kb.check())
    with sqlite3.connect(home / "catalogue.sqlite3") as sql:
        assert sql.execute("SELECT name FROM models").fetchall() == [("verbatim-reader",)]
    sql.close()


def test_sentences_that_are_cut_otherwise_than_when_they_were_kept_are_read_anew(library: KnowledgeBase) -> None:
    found = recall(library.catalogue, library.semantic, analyse(QUESTION), 100)
    fewer: list[Passage] = [replace(passage, sentences=passage.sentences[1:]) for passage in found]
    passages, readings = read(Reader(), library.semantic, QUESTION, fewer)
    assert list(passages) == fewer
    assert [len(reading.logits) for reading in readings] == [len(passage.sentences) for passage in fewer]


def test_quotes_far_less_likely_than_the_best_one_are_left_out(library: KnowledgeBase) -> None:
    found = library.reading(QUESTION)
    best, *others = (candidate for candidate in found.ranked if candidate.probability > 0)
    least = least_shown(found.query, best.probability)
    assert 0 < least < best.probability
    for share, shown in ((1.01, True), (0.99, False)):
        likely = tuple(replace(other, probability=share * least) for other in others)
        quotes = answer(library.catalogue, replace(found, ranked=(best, *likely)), 20).quotes
        assert quotes[0].text == best.text
        assert (len(quotes) > 1) is shown
    # "What did Ann Lee say?" has no topic by which her quotes could be less likely.
    assert least_shown(library.reading("What did Ann Lee say?").query, best.probability) == 0
