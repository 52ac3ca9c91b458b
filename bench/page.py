"""How quickly the page opens and the first card of an answer appears, over many episodes.

    python -m bench.page HOME [--runs 5] [--limit 120]

``HOME`` is a data folder (``KB_HOME``). A real Chromium opens the page of a real server; times are from pressing Enter,
or from asking for the page, until the element is in the document. What takes longer than ``--limit`` seconds is left
out, and the output says so.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

QUESTIONS = (
    "Who maintains Go modules?",
    "What is open source sustainability?",
    "Why do people like Elixir?",
    "What did they say about WebAssembly?",
    "How do you test a distributed system?",
)
_FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update".split()
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The document itself reports the moment: Playwright polls only now and then (up to half a second apart), and polling
# faster from here would slow down what is measured.
_APPEARED = """([selector, seconds]) => new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`no ${selector} after ${seconds} s`)), 1000 * seconds);
    const look = () => {
        if (!document.querySelector(selector)) return;
        observer.disconnect();
        clearTimeout(late);
        done();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
    look();
})"""
#: Seconds for one page or one card; much longer than a user would wait.
_PATIENCE = 20.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for everything")
    options = parser.parse_args()
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if not (options.home / "catalogue.sqlite3").is_file():
        parser.error(f"{options.home} is no data folder: it holds no catalogue.sqlite3")
    if browser is None:
        parser.error("Chromium is not installed (on Debian: apt-get install chromium)")
    measure(options.home, browser, options.runs, options.limit)


def measure(home: Path, browser: str, runs: int, limit: float) -> None:
    """Print how long ``runs`` pages and cards took; those that do not fit into ``limit`` seconds are left out."""
    begin = time.perf_counter()

    def tell(what: str) -> None:
        print(f"{time.perf_counter() - begin:5.1f} s  {what}", file=sys.stderr, flush=True)

    def timed(name: str, work: Callable[[int], float]) -> list[float]:
        found: list[float] = []
        while len(found) < runs and time.perf_counter() - begin < limit:
            try:
                found.append(work(len(found)))
            except Error as error:
                raise SystemExit(f"{name} {len(found) + 1} of {runs}: {error}") from None
            tell(f"{name} {len(found)} of {runs}: {found[-1] * 1000:,.0f} ms")
        return found

    tell("starting the server")
    with serving(home, limit) as address, sync_playwright() as playwright:
        tell(f"the server is up: {address}")
        chromium = playwright.chromium.launch(executable_path=browser, args=_FLAGS, timeout=1000 * limit)
        page = chromium.new_page()
        page.set_default_timeout(1000 * _PATIENCE)
        first = timed("page", lambda _: opening(page, address))
        cards = timed("card", lambda n: asking(page, address, QUESTIONS[n % len(QUESTIONS)]))
        chromium.close()
    print(f"first page   {told(first, runs)}")
    print(f"first card   {told(cards, runs)}")


@contextmanager
def serving(home: Path, limit: float) -> Iterator[str]:
    """Yield the address of a server over ``home``; ends with a sentence if it is not up within ``limit`` seconds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    command = [sys.executable, "-m", "kb", "--home", str(home), "serve", "--port", "0"]
    server = subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        alarm = threading.Timer(limit, server.kill)
        alarm.start()
        line = server.stdout.readline()
        alarm.cancel()
        match = re.search(r"http://\S+/", line)
        if match is None:
            raise SystemExit(
                f"The server was not up within {limit:.0f} seconds, or failed. Its index may have to be built first: "
                f"kb --home {home} check --repair"
            )
        yield match.group()
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def opening(page: Page, address: str) -> float:
    """Return the seconds until the page shows how many episodes there are."""
    begin = time.perf_counter()
    page.goto(address)
    page.evaluate(_APPEARED, [".vb-welcome", _PATIENCE])
    return time.perf_counter() - begin


def asking(page: Page, address: str, question: str) -> float:
    """Return the seconds from Enter to the first card, or to the abstention.

    Each question is asked on a new page, so that no earlier answer can be mistaken for its own.
    """
    opening(page, address)
    page.fill("#question input, #question textarea", question)
    begin = time.perf_counter()
    page.keyboard.press("Enter")
    page.evaluate(_APPEARED, [".vb-result", _PATIENCE])
    return time.perf_counter() - begin


def told(seconds: Sequence[float], runs: int) -> str:
    """Return the median and the longest in milliseconds, and how many were measured if not all."""
    if not seconds:
        return "not measured: no time was left"
    few = "" if len(seconds) == runs else f" ({len(seconds)} of {runs} runs; no time was left)"
    return f"median {statistics.median(seconds) * 1000:,.0f} ms, longest {max(seconds) * 1000:,.0f} ms{few}"


if __name__ == "__main__":
    main()
