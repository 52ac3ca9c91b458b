"""The assistant's tools, called by the protocol's own client, over both of its ways in."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from kb.knowledge_base import KnowledgeBase

from .conftest import ROOT, SEGMENT, environment
from .web.conftest import run_async, serving

__all__ = ["serving"]  # a fixture

pytestmark = pytest.mark.slow

DRAGNET = "Who called it a dragnet?"


@pytest.fixture(scope="module", params=["stdio", "http"])
def way_in(
    request: pytest.FixtureRequest,
    serving: Callable[[Path], str],
    corpus_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[StdioServerParameters | str, str]:
    """Return what a client connects to, and the address that links begin with."""
    home = Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("assistant") / "home"))
    if request.param == "http":
        address = serving(home)
        return f"{address}mcp", address
    shown = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "assistants.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    entry = json.loads(shown[1])["mcpServers"]["verbatim"]
    assert entry["command"] == "kb"
    arguments = ["-m", "kb", *entry["args"]]
    server = StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT, env=environment(home))
    return server, "http://localhost:7860/"


def call(server: StdioServerParameters | str, *calls: tuple[str, dict[str, object]]) -> list[Any]:
    """Return what each call gives: its value, or the sentence of its error."""

    async def session() -> list[Any]:
        async with Client(server) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {"ask", "search", "quote"}
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
        return [result.content[0].text if result.is_error else result.structured_content for result in results]  # type: ignore[union-attr]

    return run_async(session())


def test_an_assistant_asks_searches_and_cites(
    way_in: tuple[StdioServerParameters | str, str], corpus_kb: KnowledgeBase
) -> None:
    server, address = way_in
    expected = corpus_kb.ask(DRAGNET).quotes[0]
    asked, abstained, found, looked_up = call(
        server,
        ("ask", {"question": DRAGNET, "speakers": ["Aarti Shahani"], "since": "2019-07-08"}),
        ("ask", {"question": "What is the best recipe for sourdough bread?"}),
        ("search", {"query": "dragnet", "k": 1}),
        ("quote", {"id": expected.id, "style": "mla"}),
    )
    assert (asked["answered"], asked["verdict"]) == (True, "answers")
    quote = asked["quotes"][0]
    assert (quote["id"], quote["text"], quote["speaker"]) == (expected.id, expected.text, "Aarti Shahani")
    assert (quote["show"], quote["date"], quote["time"]) == ("All Things Considered", "2019-07-08", "3:22")
    assert quote["link"] == f"{address}quote/{expected.id}"
    assert quote["citation"].startswith("Shahani, A. (2019, July 8).")
    assert quote["in_text"] == "(Shahani, 2019, 3:22)"
    assert "synthetic" in quote["audio_note"]
    assert not abstained["answered"]
    assert abstained["verdict"] == ("nearest" if abstained["quotes"] else "none")
    assert "sourdough" in abstained["searched"]
    (passage,) = found["result"]
    assert expected.text in passage["text"]
    assert corpus_kb.quote(passage["id"]).text == passage["text"]
    assert passage["speaker"] is None
    assert "\n\n".join(turn["text"] for turn in passage["turns"]) == passage["text"]
    assert {turn["speaker"] for turn in passage["turns"]} == set(passage["speakers"])
    assert set(passage["speakers"]) == set(corpus_kb.search("dragnet", 1)[0].chunk.speakers)
    assert looked_up["citation"].startswith("Shahani, Aarti.")


def test_an_error_reaches_the_assistant_as_a_sentence(way_in: tuple[StdioServerParameters | str, str]) -> None:
    told = call(
        way_in[0],
        ("quote", {"id": "nobody@1:0-3"}),
        ("quote", {"id": f"{SEGMENT}@1:0-99999999"}),
        ("quote", {"id": f"{SEGMENT}@1:0-2000"}),
        ("ask", {"question": " "}),
        ("ask", {"question": "x", "since": "never"}),
        ("ask", {"question": "x", "style": "comic"}),
        ("ask", {"question": "x", "k": 1000}),
    )
    expected = [
        "There is no episode",
        "beyond the end",
        "quote each by itself",
        "is empty",
        "'never' is not a date",
        "'comic'",
        "50",
    ]
    for sentence, part in zip(told, expected, strict=True):
        assert part in sentence
        assert "Traceback" not in sentence
