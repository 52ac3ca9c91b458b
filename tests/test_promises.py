"""The promises of the knowledge base, on real parts: SQLite, Chroma and the files of the corpus."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.catalogue import Source
from kb.errors import CatalogueError, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Filters, Segment, Transcript

from .conftest import CORPUS, ROOT, SEGMENT, environment

DRAGNET = "Who described the collaboration as a dragnet?"
CITY = "Which city outlawed police use of face recognition?"
RECIPE = "What recipe is best for sourdough bread?"
QUESTIONS = [
    DRAGNET,
    CITY,
    "What did Bedoya say about a flawed face recognition algorithm?",
    "How well does it identify darker-skinned women?",
    "Which three states handed over documents?",
    "When did the requests happen?",
]

# Text as hostile as files are: any characters at all, and the marks that parsers and pages trip over.
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
sentences = st.lists(words | st.sampled_from(["ICE", "U.S.", "a", "<b>", "${x}", "no."]), min_size=1, max_size=30).map(
    " ".join
)
speakers = st.sampled_from([None, "Audie Cornish", "Aarti Shahani", "<script>", "O'Regan"])
transcripts = st.lists(
    st.builds(lambda text, speaker: Segment(None, None, text + ".", speaker), sentences, speakers),
    min_size=1,
    max_size=12,
).map(lambda segments: Transcript(tuple(segments)))


def episode(title: str = "A title", **more: object) -> Episode:
    return Episode(id="", show="A show", title=title, **more)  # type: ignore[arg-type]


def said(*texts: str, speaker: str | None = None) -> Transcript:
    return Transcript(tuple(Segment(None, None, text, speaker) for text in texts))


# -- verbatim


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_is_a_slice_of_the_canonical_text(corpus_kb: KnowledgeBase, question: str) -> None:
    text = corpus_kb.text(SEGMENT)
    answer = corpus_kb.ask(question)
    assert answer.answered
    for quote in answer.quotes:
        assert text[quote.char_start : quote.char_end] == quote.text
        assert quote.id == f"{SEGMENT}@1:{quote.char_start}-{quote.char_end}"
        assert corpus_kb.quote(quote.id).text == quote.text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transcript=transcripts, question=sentences)
def test_every_passage_and_quote_of_any_transcript_is_verbatim(
    kb: KnowledgeBase, transcript: Transcript, question: str
) -> None:
    uri = f"file:///{time.monotonic_ns()}.txt"
    episode_id, _ = kb.add(episode(), transcript, Source(uri, uri))
    kb.sync()
    text = kb.text(episode_id)
    for chunk, stored in kb.catalogue.passages.of_episode(episode_id):
        assert text[chunk.char_start : chunk.char_end] == stored
    if question.strip():
        answer = kb.ask(question)
        for quote in answer.quotes + answer.nearest:
            assert kb.text(quote.episode.id)[quote.char_start : quote.char_end] == quote.text
    assert all(finding.ok for finding in kb.check() if finding.name in ("verbatim", "transcripts"))


def test_a_transcript_changed_behind_our_back_is_never_quoted(corpus_kb: KnowledgeBase) -> None:
    quote = corpus_kb.ask(DRAGNET).quotes[0]
    with sqlite3.connect(corpus_kb.home / "catalogue.sqlite3") as sql:
        sql.execute("UPDATE revisions SET text = replace(text, 'a dragnet', 'a circus!')")
    answer = corpus_kb.ask(DRAGNET)
    assert not answer.quotes
    assert not answer.nearest
    with pytest.raises(CatalogueError, match="damaged"):
        corpus_kb.quote(quote.id)
    assert next(finding.name for finding in corpus_kb.check() if not finding.ok) == "transcripts"


# -- cited or silent


def test_the_dragnet_is_quoted_with_speaker_and_time(corpus_kb: KnowledgeBase) -> None:
    quote = corpus_kb.ask(DRAGNET).quotes[0]
    assert quote.text == "Alvaro Bedoya one of the Georgetown lawyers - he called the ICE-DMV tag-teaming a dragnet."
    assert quote.speaker == "Aarti Shahani"
    assert quote.start is not None
    assert quote.end is not None
    assert 195 < quote.start < quote.end < 215
    assert quote.episode.role_of(quote.speaker) == "reporter"


def test_the_city_is_san_francisco(corpus_kb: KnowledgeBase) -> None:
    assert corpus_kb.ask(CITY).quotes[0].text.startswith("San Francisco recently banned the use of facial recognition")


def test_a_named_speaker_is_quoted_himself(corpus_kb: KnowledgeBase) -> None:
    quote = corpus_kb.ask("What did Bedoya say about a flawed face recognition algorithm?").quotes[0]
    assert quote.speaker == "Alvaro Bedoya"
    assert quote.text.startswith("The question that people need to ask themselves")


@pytest.mark.parametrize("question", [RECIPE, "Who won the 1998 World Cup?", "How do I prune roses in winter?", "?!"])
def test_what_nobody_said_is_not_answered(corpus_kb: KnowledgeBase, question: str) -> None:
    answer = corpus_kb.ask(question)
    assert not answer.answered
    assert answer.verdict in ("nearest", "none")
    assert answer.searched.episodes == 1
    assert answer.searched.passages == len(corpus_kb.catalogue.passages.of_episode(SEGMENT))


def test_the_receipt_names_the_words_that_occur_nowhere(corpus_kb: KnowledgeBase) -> None:
    assert corpus_kb.ask(RECIPE).searched.unknown_words == ("recipe", "best", "sourdough", "bread")
    assert corpus_kb.ask("Does Cornish mention zebras?").searched.unknown_words == ("zebras",)


def test_filters_are_exact(corpus_kb: KnowledgeBase) -> None:
    assert corpus_kb.ask(DRAGNET, filters=Filters(shows=("all things considered",))).answered
    assert {q.speaker for q in corpus_kb.ask(DRAGNET, filters=Filters(speakers=("Audie Cornish",))).quotes} <= {
        "Audie Cornish"
    }
    for nothing in (Filters(shows=("Serial",)), Filters(since="2020-01-01"), Filters(until="2019-07-07")):
        answer = corpus_kb.ask(DRAGNET, filters=nothing)
        assert not answer.answered
        assert answer.searched.passages == 0


# -- nothing is lost


def test_the_same_input_twice_changes_nothing(corpus_kb: KnowledgeBase) -> None:
    before = (corpus_kb.home / "catalogue.sqlite3").read_bytes()
    results = ingest(corpus_kb, find_sources([CORPUS]))
    assert [result.status for result in results] == ["unchanged"]
    assert (corpus_kb.home / "catalogue.sqlite3").read_bytes() == before


def test_changed_words_make_a_revision_and_old_quotes_still_resolve(kb: KnowledgeBase) -> None:
    first, second = Source("file:///a.txt", "1"), Source("file:///a.txt", "2")
    episode_id, _ = kb.add(episode(), said("The sky is green today."), first)
    kb.sync()
    old = kb.ask("What colour is the sky?").quotes[0]
    assert kb.add(episode(), said("The sky is blue today."), second) == (episode_id, "revised")
    kb.sync()
    assert kb.ask("What colour is the sky?").quotes[0].text == "The sky is blue today."
    assert kb.quote(old.id).text == "The sky is green today."


def test_corrected_metadata_changes_no_words(kb: KnowledgeBase) -> None:
    source = Source("file:///a.txt", "1")
    episode_id, _ = kb.add(episode("Old title"), said("Rhubarb is a vegetable."), source)
    assert kb.add(episode("New heading"), said("Rhubarb is a vegetable."), source) == (episode_id, "updated")
    kb.sync()
    assert kb.catalogue.episodes.current_revision(episode_id) == 1
    assert kb.search("heading")[0].episode.title == "New heading"
    assert kb.check()[3].ok


def test_equal_words_of_two_episodes_are_both_kept(kb: KnowledgeBase) -> None:
    goodbye = said("Thanks for listening.")
    first, _ = kb.add(episode("One"), goodbye, Source("file:///one.txt", "same"))
    second, status = kb.add(episode("Two"), goodbye, Source("file:///two.txt", "same"))
    assert status == "added"
    assert first != second
    copy, status = kb.add(episode("One"), goodbye, Source("file:///copy/one.txt", "same"))
    assert (copy, status) == (first, "unchanged")


def test_a_removed_episode_is_gone_everywhere(corpus_kb: KnowledgeBase) -> None:
    quote = corpus_kb.ask(DRAGNET).quotes[0]
    corpus_kb.remove(SEGMENT)
    assert not corpus_kb.ask(DRAGNET).answered
    assert corpus_kb.search(DRAGNET) == ()
    with pytest.raises(NotFound):
        corpus_kb.quote(quote.id)
    assert all(finding.ok for finding in corpus_kb.check())


# -- one transaction per episode


def test_an_episode_that_fails_half_way_leaves_nothing(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    from kb.catalogue import passages

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(passages, "index", fail)
        with pytest.raises(RuntimeError, match="disk"):
            kb.add(episode(), said("One sentence."), Source("file:///a.txt", "1"))
    assert kb.catalogue.episodes.count() == 0
    assert kb.catalogue.passages.count() == (0, 0)
    assert kb.add(replace(episode(), id="kept"), said("One sentence."), Source("file:///a.txt", "1"))[1] == "added"


# -- private and honest


@pytest.mark.slow
def test_nothing_asks_the_network(tmp_path: Path) -> None:
    """Every socket call raises; taking in, asking, checking and transcribing without a model work all the same."""
    code = """
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        raise AssertionError(f"{event} {arguments}")

sys.addaudithook(forbid)
from kb.cli import main

for arguments in (["ingest", "corpus"], ["ask", "Who called it a dragnet?"], ["check"], ["models", "list"], ["jobs"]):
    try:
        main(arguments)
    except SystemExit as done:
        assert not done.code, arguments
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "a dragnet" in done.stdout


def test_an_unknown_speaker_is_called_unknown(kb: KnowledgeBase) -> None:
    from kb.cli.printing import attribution
    from kb.web.ask.cards import answer_html

    kb.add(episode(), said("Turnips are never purple."), Source("file:///a.txt", "1"))
    kb.sync()
    answer = kb.ask("Are turnips purple?")
    assert answer.quotes[0].speaker is None
    assert attribution(answer.quotes[0]).startswith("Unknown speaker")
    assert "Unknown speaker" in answer_html(answer, {q.id: kb.context(q) for q in answer.quotes})


def test_a_machine_transcript_is_told_from_a_publishers(kb: KnowledgeBase) -> None:
    from kb.web.ask.cards import answer_html

    spoken = replace(said("Turnips are never purple."), source="machine", engine="faster-whisper", model="tiny")
    kb.add(episode("Heard"), spoken, Source("file:///a.wav", "1"))
    printed = replace(said("Parsnips are never purple."), source="publisher")
    kb.add(episode("Read"), printed, Source("file:///b.txt", "2"))
    kb.sync()
    heard, read = kb.ask("Are turnips purple?"), kb.ask("Are parsnips purple?")
    assert (heard.quotes[0].origin, read.quotes[0].origin) == ("machine", "publisher")
    assert "Machine transcript" in answer_html(heard, {q.id: kb.context(q) for q in heard.quotes + heard.nearest})
    assert "Publisher&#x27;s transcript" in answer_html(read, {q.id: kb.context(q) for q in read.quotes + read.nearest})


# -- what the question names


def test_a_named_show_date_or_phrase_is_looked_at_first(kb: KnowledgeBase) -> None:
    talks = [
        ("Morning News", "2018-03-01", "Ann"),
        ("Evening Talk", "2020-05-02", "Bob"),
        ("Evening Talk", "2021-06-03", "Cy"),
    ]
    for n, (show, day, who) in enumerate(talks):
        text = f"The budget for parsnips was raised, {who} {'firmly ' * n}said in the plenary."
        kb.add(
            replace(episode(f"Talk {n}"), show=show, published=day),
            said(text, speaker=who),
            Source(f"file:///{n}", str(n)),
        )
    kb.sync()

    def first(question: str) -> str | None:
        return kb.ask(question).quotes[0].speaker

    assert first("What was said about the parsnips budget on Evening Talk?") in ("Bob", "Cy")
    assert first("What was said about the parsnips budget on Morning News?") == "Ann"
    assert first("What was said about the parsnips budget in June 2021?") == "Cy"
    assert first("What was said about the parsnips budget before 2019?") == "Ann"
    assert first("What about “firmly firmly said” and the parsnips budget?") == "Cy"
    assert not kb.ask("What about “firmly and said” and the parsnips budget?").answered
