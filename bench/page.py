"""How quickly the page opens and an answer's first card stands there, over many episodes.

    python -m bench.page HOME [--runs 5]

``HOME`` is a data folder (``KB_HOME``). A real Chromium opens the page of a real server; times are from pressing Enter,
or from asking for the page, until the element is in the document.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

QUESTIONS = (
    "Who maintains Go modules?",
    "What is open source sustainability?",
    "Why do people like Elixir?",
    "What did they say about WebAssembly?",
    "How do you test a distributed system?",
)
_FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update".split()
_READ = "document.querySelector('.vb-result')?.dataset.read ?? ''"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "kb", "serve", "--port", "0"],
        env={**os.environ, "KB_HOME": str(options.home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        match = re.search(r"http://\S+/", server.stdout.readline())
        assert match
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
            page = browser.new_page()
            first = [opening(page, match.group()) for _ in range(options.runs)]
            cards = [asking(page, QUESTIONS[n % len(QUESTIONS)]) for n in range(options.runs)]
            browser.close()
    finally:
        server.terminate()
    print(f"first page   {told(first)}")
    print(f"first card   {told(cards)}")


def opening(page: Page, address: str) -> float:
    """Return the seconds until the page says how much there is to ask."""
    begin = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".vb-welcome")
    return time.perf_counter() - begin


def asking(page: Page, question: str) -> float:
    """Return the seconds from Enter to the first card, or to the abstention, of this very question."""
    page.fill("#question input, #question textarea", question)
    before = page.evaluate(_READ)
    begin = time.perf_counter()
    page.keyboard.press("Enter")
    while page.evaluate(_READ) in ("", before):
        time.sleep(0.005)
    return time.perf_counter() - begin


def told(seconds: Sequence[float]) -> str:
    """Return the median and the longest in milliseconds."""
    return f"median {statistics.median(seconds) * 1000:,.0f} ms, longest {max(seconds) * 1000:,.0f} ms"


if __name__ == "__main__":
    main()
