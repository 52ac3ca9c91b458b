"""``kb hear --collection``: every quote heard again, and both hearings in the collection and in what is exported."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.answers.context import Context
from kb.catalogue import HeardAgain, HeardOtherwise, Source
from kb.citations import cite_today, find_style
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.outputs import USUAL_STYLE
from kb.saved.hearings import first_label, told
from kb.types import Episode, Segment, Transcript
from kb.web.collections.cards import collection_html
from kb.web.collections.choosing import Choice

from .conftest import CORPUS, SEGMENT
from .models.tiny import ct2_folder

pytestmark = pytest.mark.slow

NAME = "The story"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a collection of two quotes; in one of them the transcript has a word that nobody said."""
    folder = tmp_path_factory.mktemp("collection")
    shutil.copytree(CORPUS, folder / "corpus")
    transcript = folder / "corpus" / f"{SEGMENT}.vtt"
    transcript.write_text(transcript.read_text("utf-8").replace("Francisco", "Jose"), "utf-8")
    with KnowledgeBase(folder / "home") as kb:
        ingest(kb, find_sources([folder / "corpus"]))
        text = kb.text(SEGMENT)
        segments = list(kb.segments(SEGMENT))
        place = next(n for n, each in enumerate(segments) if each.text.startswith("San Jose"))
        for segment in segments[place : place + 2]:
            start = text.index(segment.text)
            kb.collections.save(NAME, f"{SEGMENT}@1:{start}-{start + len(segment.text)}")
    return folder / "home"


@pytest.fixture(scope="module")
def hearing(home: Path) -> None:
    """The collection heard again by the tiny model."""
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "hear", "--collection", NAME, "--model", str(ct2_folder()), "--beam-size", "1"])
    assert end.value.code in (0, None)


def said(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), *arguments])
    assert end.value.code in (0, None)
    return capsys.readouterr().out


def test_both_hearings_stand_in_the_collection_and_in_its_exports(
    home: Path, hearing: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = ct2_folder().name
    items: list[dict[str, Any]] = json.loads(said(home, capsys, "saved", "show", NAME, "--json"))["items"]
    (differing,), (agreeing,) = (item["hearings"] for item in items)
    (difference,) = differing["differences"]
    assert (difference["first"], difference["second"]) == ("Jose", "Francisco")
    assert (differing["agrees"], differing["agreed"]) == (False, differing["words"] - 1)
    assert (agreeing["agrees"], agreeing["agreed"], agreeing["differences"]) == (True, agreeing["words"], [])
    assert agreeing["heard"] == items[1]["quote"]["text"]
    assert agreeing["told"] == f"{model} (faster-whisper, en) hears every word as the transcript says it."
    assert f"Heard again: {agreeing['told']}" in said(home, capsys, "saved", "show", NAME)

    package = tmp_path / "evidence.zip"
    said(home, capsys, "export", "--saved", NAME, "--out", str(package))
    with zipfile.ZipFile(package) as archive:
        quotes = json.loads(archive.read("manifest.json"))["quotes"]
        readme = archive.read("README.txt").decode()
    assert [quote["hearings"] for quote in quotes] == [[differing], [agreeing]]
    assert differing["sound"] == quotes[0]["recording"]["sha256"]
    assert f"the transcript says “Jose” and {model} hears “Francisco”" in " ".join(readme.split())
    assert f"{model} hears: {differing['heard']}" in " ".join(readme.split())
    assert "The package is intact." in said(home, capsys, "verify", str(package))
    rows = said(home, capsys, "export", "--saved", NAME, "--format", "csv")
    assert agreeing["told"] in rows


def test_the_page_tells_it_on_the_cards(home: Path, hearing: None) -> None:
    with KnowledgeBase(home) as kb:
        saved = kb.collections.quotes(NAME)
        style = find_style(USUAL_STYLE)
        cited = {each.quote.id: each.in_text for each in cite_today([each.quote for each in saved], style).citations}
        contexts = {each.quote.id: Context((), ()) for each in saved}
        html = collection_html(kb.collections.get(NAME), saved, contexts, cited, style, Choice())
    assert str(html).count("Heard again: ") == 2
    assert "hears every word as the transcript says it." in html


def test_what_was_heard_so_is_not_heard_twice_and_outlives_the_collection(
    home: Path, hearing: None, capsys: pytest.CaptureFixture[str]
) -> None:
    again = said(home, capsys, "hear", "--collection", NAME, "--model", str(ct2_folder()), "--beam-size", "1")
    assert [line.split()[0] for line in again.splitlines()] == ["unchanged", "unchanged"]
    with KnowledgeBase(home) as kb:
        before = kb.collections.quotes(NAME)
        kb.collections.remove(NAME, before[0].quote.id)
        kb.collections.save(NAME, before[0].quote.id)
        kb.collections.change(NAME, before[0].quote.id, place=1)
        assert [each.hearings for each in kb.collections.quotes(NAME)] == [each.hearings for each in before]


def test_a_quote_that_cannot_be_heard_costs_the_others_nothing(
    home: Path, hearing: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lost = tmp_path / "lost.txt"
    lost.write_text("Ann: Nobody timed what I said.\n", "utf-8")
    with KnowledgeBase(home) as kb:
        (result,) = ingest(kb, find_sources([lost]))
        text = kb.text(str(result.episode_id))
        kb.collections.save("mixed", f"{result.episode_id}@1:0-{len(text)}")
        kb.collections.save("mixed", kb.collections.quotes(NAME)[1].quote.id)
    model = ("--model", str(ct2_folder()), "--beam-size", "2", "--json")
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "hear", "--collection", "mixed", *model])
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert end.value.code == 1
    assert [each["agreed"] == each["words"] for each in found["heard"]] == [True]
    assert "has no recording, so it cannot be heard again." in found["failed"][0]["error"]
    assert f"kb: {found['failed'][0]['place']}" in printed.err


HEARD = HeardAgain("base", "faster-whisper", "small", "en", "{}", "0" * 64, 36.0, 39.0, "a b", 2, 2)


@pytest.mark.parametrize(
    ("hearing", "sentence"),
    [
        (HEARD, "Two recognisers agree on every word: base and small (faster-whisper, en)."),
        (
            HeardAgain("small", "whisper", "small", None, "{}", "", 0.0, 1.0, "a", 1, 1),
            "small (whisper) hears every word as before.",
        ),
        (
            HeardAgain("the corrected transcript", "whisper", "small", "de", "{}", "", 0.0, 1.0, "a", 1, 1),
            "small (whisper, de) hears every word as the corrected transcript says it.",
        ),
        (
            HeardAgain("base", "whisper", "small", "de", "{}", "", 0.0, 1.0, "a", 2, 1,
                       (HeardOtherwise(36.4, 37.0, "unheard", "entgärtlich", ""),)),
            "small (whisper, de) hears 1 of 2 words as base hears them; "
            "at 0:36 base hears “entgärtlich” and small hears nothing.",
        ),
    ],
)  # fmt: skip
def test_agreement_is_told_of_two_recognisers_alone(hearing: HeardAgain, sentence: str) -> None:
    assert told(hearing) == sentence


def test_words_that_a_person_corrected_are_no_recognisers(kb: KnowledgeBase) -> None:
    heard = Transcript((Segment(0.0, 2.0, "He said so."),), source="machine", engine="faster-whisper", model="base")
    kb.add(Episode("e", "Show", "Title"), heard, Source("file:///e.json", "0" * 64))
    assert first_label(kb.revisions, kb.current("e")) == "base"
    kb.corrections.correct("e", 1, 0, "He said sow.", "Eve")
    assert first_label(kb.revisions, kb.current("e")) == "the corrected transcript"
    assert first_label(kb.revisions, kb.revisions.get("e", 1)) == "base"
