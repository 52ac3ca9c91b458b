"""A real server in a process of its own, and a real Chromium that may talk to nobody else."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from ..conftest import ROOT, environment

if TYPE_CHECKING:  # half a second that the fast tests have no use for
    from playwright.sync_api import Browser, Page

T = TypeVar("T")

#: Milliseconds that a page may take on a machine that has other work; how fast it is, ``bench.page`` tells.
_PATIENCE = 30_000
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()


@dataclass
class Visit:
    """A page in the browser, with what it asked for and complained about."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        self.page.fill("#question input, #question textarea", question)
        self.page.keyboard.press("Enter")


def told(page: Page) -> dict[str, list[str]]:
    """Return what the page's address asks for."""
    return parse_qs(urlsplit(page.url).query)


def wait_for(page: Page, condition: str, seconds: float = 30) -> None:
    """Wait until a JavaScript condition holds; asked from outside, since a page's policy may forbid ``eval`` in it."""
    from playwright.sync_api import Error

    deadline = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(condition):
                return
        except Error as error:  # a link was pressed, and the page is being left
            if "context was destroyed" not in str(error):
                raise
        assert time.monotonic() < deadline, f"never came true: {condition}"
        page.wait_for_timeout(50)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own, for Playwright's loop may be at home in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[..., str]]:
    """Start ``kb serve`` on a data folder, with more options and variables, and return its address.

    All are stopped at the end.
    """
    servers: list[subprocess.Popen[str]] = []

    def start(home: Path, *options: str, **variables: str) -> str:
        command = [sys.executable, "-m", "kb", "serve", "--port", "0", *options]
        variables = {**environment(home), **variables}
        server = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        servers.append(server)
        assert server.stdout is not None
        told = server.stdout.readline()
        match = re.search(r"http://\S+/", told)
        assert match, told + server.stdout.read()
        return match.group()

    yield start
    for server in servers:
        server.terminate()
    for server in servers:
        server.communicate(timeout=120)  # which closes its pipe too


@pytest.fixture(scope="session")
def corpus_address(serving: Callable[[Path], str], corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server over the corpus."""
    return serving(Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("served") / "home")))


@pytest.fixture(scope="session")
def gardens(serving: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server over three shows and three years."""
    folder = tmp_path_factory.mktemp("asked")
    for show, year, speaker, words in (
        ("Garden Hour", 2019, "Ann Field", "Parsnips want deep soil. I sow them in March."),
        ("Garden Hour", 2021, "Bo Marsh", "Parsnips are sweeter after frost. Nobody believes me."),
        ("Kitchen Talk", 2022, "Cy Stone", "Roast parsnips with honey. Carrots may join the parsnips."),
        ("Kitchen Talk", 2022, "Ann Field", "My carrots failed in the drought. The soil was dust."),
    ):
        stem = f"{show} {speaker} {year}".replace(" ", "-").lower()
        (folder / f"{stem}.vtt").write_text(f"WEBVTT\n\n00:01.000 --> 00:09.000\n<v {speaker}>{words}\n")
        (folder / f"{stem}.toml").write_text(f'show = "{show}"\ntitle = "{stem}"\npublished = {year}-05-04\n')
    home = tmp_path_factory.mktemp("asked-home") / "home"
    command = [sys.executable, "-m", "kb", "ingest", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment(home), check=True, capture_output=True, timeout=120)
    return serving(home)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; where it is missing, that is said (and fails in CI)."""
    from playwright.sync_api import expect, sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open an address in a fresh context; afterwards, nothing outside may have been asked for."""
    visits: list[Visit] = []

    def open_page(address: str, path: str = "", **context: object) -> Visit:
        page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(_PATIENCE)
        found = Visit(page, address)
        visits.append(found)
        inside = (address, "data:", "blob:")
        page.on("request", lambda request: request.url.startswith(inside) or found.outside.append(request.url))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.goto(address + path)
        return found

    yield open_page
    for each in visits:
        each.page.context.close()
        assert each.outside == []
        assert each.complaints == []
