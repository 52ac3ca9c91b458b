"""Advertisements that a source names: marked, kept in search, and quoted only where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.files.sources import find_sources
from ingest.formats import parse
from ingest.metadata.adverts import is_advert_label, is_advert_title, with_adverts
from ingest.queue.batch import ingest
from kb.cli.main import main
from kb.exports.transcripts import export_transcript
from kb.knowledge_base import KnowledgeBase
from kb.outputs import TranscriptFormat
from kb.transcripts.canonical import canonicalise
from kb.types import Chapter, Filters, Segment, Transcript
from kb.web.api.application import build_api
from kb.web.ask.address import parse_asked
from kb.web.ask.filters import filters_html
from kb.web.background.worker import Worker
from kb.web.reader.page import reader_html

TALK = """WEBVTT

00:00.000 --> 00:09.000
<v Ann>Rivers in the north carry more salt than they did a century ago.

00:09.000 --> 00:19.000
<v Sponsor>Acme mattresses are made of the softest wool and cost half the usual price.

00:19.000 --> 00:29.000
<v Ann>The salt comes from roads, and nobody measures it in winter.
"""
ASKED = "What are Acme mattresses made of?"


@pytest.mark.parametrize(
    "label", ["Sponsor", "AD", "Ad 2", "Break", "Ad break", "Advertisement 2", "Commercial", "Werbung:"]
)
def test_labels_that_name_an_advertisement(label: str) -> None:
    assert is_advert_label(label)


@pytest.mark.parametrize(
    "label", ["Ad", "ad", "Ada", "Adam Break", "Ad Astra", "Sponsor Manager", "Host", "Commerce", "", "A" * 9_999]
)
def test_labels_of_people_are_none(label: str) -> None:
    assert not is_advert_label(label)


@pytest.mark.parametrize(
    "title",
    [
        *("Sponsor: Fastly", "Ad", "Sponsored by Acme", "Ad Break 2", "A word from our sponsors", "Anzeige"),
        *("Ad break – Acme", "Ad read: Acme", "Sponsor 2 - Acme"),
    ],
)
def test_titles_that_name_an_advertisement(title: str) -> None:
    assert is_advert_title(title)


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Break",
            "Sponsoring open source",
            "Ad blockers and you",
            "How ads work",
            "Sponsors and their money",
            "Intro",
        ),
        *("Advertising: a short history", "Commercials - why they work", "Sponsors: who pays for science?"),
        *("Ad: the Melkert years", "Ad – Acme"),
    ],
)
def test_titles_about_advertising_are_none(title: str) -> None:
    assert not is_advert_title(title)


def test_a_chapter_marks_what_is_said_in_it_and_no_word_more() -> None:
    segments = tuple(Segment(n * 10.0, n * 10.0 + 9, f"Sentence {n} is here.", "Ann") for n in range(6))
    chapters = [Chapter(40.0, "Rivers again"), Chapter(0.0, "Rivers"), Chapter(19.5, "Sponsor: Acme")]
    marked = with_adverts(Transcript(segments), chapters)
    reason = "Its chapter is titled “Sponsor: Acme”."
    assert [segment.advert for segment in marked.segments] == [None, None, reason, reason, None, None]
    turns = canonicalise(marked).turns
    assert [(turn.speaker, turn.advert) for turn in turns] == [("Ann", None), ("Ann", reason), ("Ann", None)]
    plain = Transcript(segments)
    assert with_adverts(plain, [Chapter(0.0, "Rivers")]) is plain
    assert with_adverts(plain) is plain


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adverts")
    (folder / "talk.vtt").write_text(TALK, "utf-8")
    with KnowledgeBase(folder / "home") as kb:
        assert [result.status for result in ingest(kb, find_sources([folder / "talk.vtt"]))] == ["added"]
        assert [result.status for result in ingest(kb, find_sources([folder / "talk.vtt"]))] == ["unchanged"]
    return folder / "home"


@pytest.fixture
def talk(home: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(home) as kb:
        yield kb


def test_an_advertisement_is_no_answer_unless_asked_for(talk: KnowledgeBase) -> None:
    without = talk.ask(ASKED)
    assert not any("Acme" in quote.text for quote in (*without.quotes, *without.nearest))
    quote = talk.ask(ASKED, filters=Filters(ads=True)).quotes[0]
    assert quote.text.startswith("Acme mattresses are made of the softest wool")
    assert quote.cautions[0] == "Advertisement: The transcript names its speaker “Sponsor”."


def test_search_finds_it_and_says_what_it_is(talk: KnowledgeBase) -> None:
    hit = talk.search(ASKED)[0]
    assert "Acme mattresses" in hit.text
    assert hit.chunk.advert == "The transcript names its speaker “Sponsor”."


def test_the_command_quotes_it_with_ads(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for more in ([], ["--with-ads"]):
        with pytest.raises(SystemExit) as end:
            main(["--home", str(home), "ask", ASKED, "--json", *more])
        assert end.value.code in (0, None)
        answer = json.loads(capsys.readouterr().out)
        found.append([quote["text"] for quote in answer["quotes"] + answer["nearest"] if "Acme" in quote["text"]])
    assert found[0] == []
    assert len(found[1]) == 1


def test_rest_and_the_page_quote_it_with_ads(talk: KnowledgeBase) -> None:
    app = FastAPI()
    app.mount("/api", build_api(talk, Worker(talk)))
    with TestClient(app) as client:
        without = client.get("/api/ask", params={"q": ASKED}).json()
        with_ads = client.get("/api/ask", params={"q": ASKED, "ads": "true"}).json()
        (hit, *_) = client.get("/api/search", params={"q": ASKED}).json()
    assert not any("Acme" in quote["text"] for quote in without["quotes"] + without["nearest"])
    assert "Acme" in with_ads["quotes"][0]["text"]
    assert hit["advert"] == "The transcript names its speaker “Sponsor”."
    asked = parse_asked("?q=Acme&ads=true")
    assert asked.filters == Filters(ads=True)
    assert asked.address == "/?q=Acme&ads=true"
    assert [(chip.text, chip.without) for chip in asked.chips()] == [("with advertisements", "/?q=Acme")]
    assert parse_asked("?q=Acme").filters is None
    assert 'data-add="ads"' in str(filters_html(talk))


def test_the_transcript_and_exports_name_it(talk: KnowledgeBase) -> None:
    page = str(reader_html(talk, "talk"))
    assert page.count(">Advertisement</span>") == 1
    vtt = export_transcript(talk, "talk", TranscriptFormat.VTT)
    assert vtt.count("NOTE Advertisement: The transcript names its speaker “Sponsor”.") == 1
    told = export_transcript(talk, "talk", TranscriptFormat.JSON)
    assert [segment.get("advertisement") is not None for segment in json.loads(told)["segments"]] == [
        False,
        True,
        False,
    ]
    again = parse(Path("talk.json"), told.encode())
    assert [segment.advert for segment in again.segments] == [s.advert for s in talk.transcript("talk").segments]
    assert [s.text for s in parse(Path("talk.vtt"), vtt.encode()).segments] == [s.text for s in again.segments]


def test_a_corrected_advertisement_stays_one(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_text(TALK, "utf-8")
    with KnowledgeBase(tmp_path / "home") as kb:
        ingest(kb, find_sources([tmp_path / "talk.vtt"]))
        assert kb.corrections.correct("talk", 1, 1, "Acme mattresses are made of wool.", "Eve") == 2
        assert [turn.advert is not None for turn in kb.canonical("talk").turns] == [False, True, False]
