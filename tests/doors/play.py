"""Plays the script at every door, in this process, and writes down what is said."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi.testclient import TestClient
from mcp import Client

from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.mcp_server import build_assistant
from kb.web.api import build_api
from kb.web.background.worker import Worker

from ..feeds.show import Show
from ..feeds.site import Site, plain, serving
from ..web.conftest import run_async
from .library import write_library
from .script import CALLS, COMMANDS, REQUESTS

__all__ = ["SAID", "assistant", "command", "play", "rest"]

#: What was said when it was last looked at by a person; ``python -m tests.doors`` writes it anew.
SAID = Path(__file__).parent / "said"
#: What is read in an evidence package and in a Word document.
_TEXTS = (".txt", "manifest.json", "quotes.html", "word/document.xml", "word/footnotes.xml")


def play(folder: Path) -> dict[str, str]:
    """Play the whole script in an empty folder and return what each door said, by the name of its file."""
    days = {date.today(), datetime.now(UTC).date()}
    write_library(folder)
    (folder / "out").mkdir()
    home = folder / "home"
    said = {"commands": _commands(folder, home)}
    with KnowledgeBase(home) as kb:
        client = rest(kb)
        said["requests"] = "".join(_request(client, *request) for request in REQUESTS)
        said["calls"] = "".join(_call(call, answer) for call, answer in zip(CALLS, assistant(kb, CALLS), strict=True))
    days |= {date.today(), datetime.now(UTC).date()}
    return {name: _settled(text, folder, days) for name, text in said.items()}


def command(home: Path, *arguments: str) -> tuple[int, bytes, str]:
    """Run ``kb`` and return its exit code, what it printed, and its errors."""
    nobodys = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    with _captured() as (out, err), patch.dict(os.environ, nobodys, clear=True):
        try:
            main(["--home", str(home), *arguments])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue().decode("utf-8")


def rest(kb: KnowledgeBase) -> TestClient:
    """Return a client of the REST interface over ``kb``."""
    return TestClient(build_api(kb, Worker(kb)), "http://localhost")


def assistant(kb: KnowledgeBase, calls: tuple[tuple[str, dict[str, Any]], ...]) -> list[Any]:
    """Return what each call of a tool gives: its value, or the sentence of its error."""

    async def session() -> list[Any]:
        async with Client(build_assistant(kb)) as client:
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
        return [result.content[0].text if result.is_error else result.structured_content for result in results]  # type: ignore[union-attr]

    return run_async(session())


def _commands(folder: Path, home: Path) -> str:
    places = {
        "library": folder / "library",
        "later": folder / "later.vtt",
        "broken": folder / "broken.srt",
        "nowhere": folder / "nowhere.vtt",
        "questions": folder / "questions.jsonl",
        "out": folder / "out",
    }
    with serving(Site()) as site:
        show = Show(site)
        site.pages["/a.vtt"] = plain(b"WEBVTT\n\n00:00.000 --> 00:04.000\n<v Ann>The budget was passed on Monday.\n")
        show.episode("The budget", transcript="/a.vtt")
        feed = show.url
        told = []
        for line in COMMANDS:
            code, out, err = command(home, *(part.format(**places, feed=feed) for part in line))
            told.append(_told("kb " + " ".join(line), f"exit {code}", _text(out), err))
    told += [_told(path.name, _text(path.read_bytes())) for path in sorted((folder / "out").iterdir())]
    return "".join(told)


def _request(client: TestClient, method: str, path: str, more: dict[str, Any]) -> str:
    answer = client.request(method, path, **more)
    told = json.dumps(answer.json(), ensure_ascii=False, indent=2) if _is_json(answer) else answer.text
    heading = f"{method} {path} {json.dumps(more, ensure_ascii=False) if more else ''}".rstrip()
    return _told(heading, f"{answer.status_code} {answer.headers.get('content-type', '')}", told)


def _call(call: tuple[str, dict[str, Any]], answer: Any) -> str:
    told = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=2)
    return _told(f"{call[0]} {json.dumps(call[1], ensure_ascii=False)}", told)


def _is_json(answer: Any) -> bool:
    return bool(answer.content) and answer.headers["content-type"].startswith("application/json")


def _told(heading: str, *parts: str) -> str:
    return "\n".join([f"=== {heading}", *(part.rstrip("\n") for part in parts if part)]) + "\n\n"


def _text(content: bytes) -> str:
    """Return what was written as text; of an archive, its members and the texts in it."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8").replace("\r\n", "\n")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(_TEXTS)]
        return "\n".join([*sorted(archive.namelist()), *(re.sub(r"(<[^>]+>\s*)+", "|", text) for text in texts)])


def _settled(text: str, folder: Path, days: set[date]) -> str:
    """Return what was said without what differs from run to run: places, today, and the hashes that they go into."""
    text = text.replace(str(folder.resolve()), "FOLDER").replace(str(folder), "FOLDER")
    text = re.sub(r"127\.0\.0\.1:(?!7860)\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", "MOMENT", text)
    for day in days:
        text = text.replace(day.isoformat(), "TODAY").replace(f"{day:%B} {day.day}, {day.year}", "TODAY")
        text = text.replace(f"{day.day} {day:%B} {day.year}", "TODAY").replace(
            f"{day.day} {day:%b}. {day.year}", "TODAY"
        )
    return re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)


@contextmanager
def _captured() -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Catch what is printed, bytes as they are."""
    out, err = io.BytesIO(), io.BytesIO()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (io.TextIOWrapper(file, "utf-8", newline="", write_through=True) for file in (out, err))
    caught = sys.stdout, sys.stderr
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr = before
        for file in caught:
            file.detach()
