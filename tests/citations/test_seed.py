"""The seed episode from end to end: the knowledge base, the command line, and the page of a quote."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rispy
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.citations import STYLES, cite, find_style, to_text
from kb.knowledge_base import KnowledgeBase
from kb.types import Quote
from kb.web.access.people import asked_here
from kb.web.quotes.routes import add_routes

from ..conftest import ROOT, SEGMENT, Run, environment
from .test_fixtures import starred

ALGORITHM = "What did Bedoya say about a flawed algorithm?"


@pytest.fixture(scope="module")
def bedoya(corpus_home: Path) -> Quote:
    with KnowledgeBase(corpus_home) as kb:
        return kb.ask(ALGORITHM).quotes[0]


def test_a_quote_cites_as_npr_with_everybody_in_their_role(bedoya: Quote) -> None:
    assert bedoya.speaker == "Alvaro Bedoya"
    assert bedoya.start is not None
    time = f"{int(bedoya.start) // 60}:{int(bedoya.start) % 60:02}"
    apa = cite([bedoya], find_style("apa"))
    assert starred(apa.entries[0]) == (
        "Shahani, A. (2019, July 8). ICE Turned To DMV Driver's License Databases For Help With Facial Recognition "
        "[Radio broadcast]. In A. Cornish (Host), *All Things Considered*. NPR."
    )
    assert to_text(apa.citations[0].running).startswith("Alvaro Bedoya said, “The question that people need to ask")
    assert to_text(apa.citations[0].running).endswith(f"who is undocumented?” (Shahani, 2019, {time}).")
    for style in STYLES:
        references = cite([bedoya], style)
        printed = " ".join(
            map(to_text, [*references.entries, references.citations[0].in_text, references.citations[0].running])
        )
        for expected in ("Bedoya", "NPR", "All Things Considered", "2019"):
            assert expected in printed, style.name
        assert re.search(r"8 July|July 8|Jul 8|8 Jul", printed), style.name
        if style.system != "credit":
            assert re.search(
                r"Cornish \(Host\)|hosted by (Audie|A\.) Cornish|Cornish, Host|Cornish A, host", printed
            ), style.name
            assert "Shahani" in printed
            assert time in printed


def test_the_command_prints_a_list_and_each_quote(run: Run, corpus_home: Path, bedoya: Quote) -> None:
    done = run("cite", bedoya.id, SEGMENT, "--style", "mla", home=corpus_home)
    assert (done.returncode, done.stderr) == (0, "")
    heading, entry, quotes, in_text, sentence, address = [line for line in done.stdout.splitlines() if line]
    assert (heading, quotes, address) == ("Works Cited", "Quotes", f"[{bedoya.id}]")
    assert entry.startswith(
        "Shahani, Aarti. “ICE Turned to DMV Driver's License Databases for Help with Facial Recognition.”"
    )
    assert in_text.startswith("(Shahani 3:")
    assert sentence.startswith("Alvaro Bedoya said, “The question")


@pytest.mark.parametrize(("form", "begins"), [("markdown", "## References\n\nShahani"), ("html", "<h2>References</h2>\n<p>Shahani"), ("csl-json", "[\n  {"), ("ris", "TY  - SOUND"), ("bibtex", "@misc{shahani2019,"), ("biblatex", "@misc{shahani2019,"), ("zotero-rdf", "<?xml version")])  # fmt: skip
def test_the_command_writes_every_format(run: Run, corpus_home: Path, bedoya: Quote, form: str, begins: str) -> None:
    done = run("cite", bedoya.id, "--format", form, home=corpus_home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(begins)
    assert "Bedoya" in done.stdout


def test_a_day_of_access_belongs_to_an_address(run: Run, corpus_home: Path) -> None:
    done = run("cite", SEGMENT, "--format", "csl-json", "--accessed", "2026-01-05", home=corpus_home)
    assert "accessed" not in json.loads(done.stdout)[0]  # the seed has no address to look at
    wrong = run("cite", SEGMENT, "--accessed", "yesterday", home=corpus_home)
    assert (wrong.returncode, wrong.stderr) == (2, "kb: --accessed: 'yesterday' is not a date such as 2019-07-08.\n")


def test_what_cannot_be_cited_is_told_and_the_rest_is_cited(run: Run, corpus_home: Path, bedoya: Quote) -> None:
    done = run("cite", "nope", f"{SEGMENT}@9:1-2", bedoya.id, "--format", "ris", home=corpus_home)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "kb: There is no episode 'nope'; 'kb episodes' lists them."
    assert len(done.stderr.splitlines()) == 2
    assert rispy.loads(done.stdout)[0]["authors"] == ["Shahani, Aarti"]
    unknown = run("cite", bedoya.id, "--style", "mlaa", home=corpus_home)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("kb: There is no citation style 'mlaa'. Did you mean mla")
    assert len(unknown.stderr.splitlines()) == 1


@pytest.mark.slow
def test_citing_waits_for_no_heavy_library(corpus_home: Path, bedoya: Quote) -> None:
    code = f"import sys\nfrom kb.cli import main\ntry: main(['cite', '{bedoya.id}'])\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment(corpus_home)
    )
    loaded = set(done.stdout.split())
    assert "citeproc" in loaded
    assert not loaded & set("chromadb torch gradio sentence_transformers whisper fastapi".split())


def test_a_quotes_page_carries_its_tags(corpus_kb: KnowledgeBase, bedoya: Quote) -> None:
    app = FastAPI()
    add_routes(app, corpus_kb, asked_here(corpus_kb, False))
    with TestClient(app) as client:
        page = client.get(bedoya.link).text
    head, body = page.split("</head>")
    assert '<meta name="z:itemType" content="radioBroadcast">' in head
    assert '<meta name="citation_author" content="Shahani, Aarti">' in head
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', head)[1])  # type: ignore[index]
    assert data["creator"]["name"] == "Alvaro Bedoya"
    assert data["isPartOf"]["startOffset"] == pytest.approx(bedoya.start)
    assert '<span class="Z3988" title="ctx_ver=Z39.88-2004' in body
