"""Our styles against the official ones in the reference processor, and every difference between them.

``official.json`` holds what citeproc-js 1.4.63 prints for the official styles of February 2026 (apa,
modern-language-association, chicago-notes-bibliography, chicago-author-date): the entry, and the citation at 2:15. The
official Harvard, IEEE and Vancouver styles have no form for broadcasts; ours follow guides (``fixtures.toml``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import citeproc
import pytest
from lxml import etree

from kb.citations import cite, find_style
from kb.types import Episode, Person

from .samples import quote_of
from .test_fixtures import starred

OFFICIAL = json.loads(Path(__file__).with_name("official.json").read_text("utf-8"))
STYLE_FILES = sorted((Path(__file__).parents[2] / "kb/citations/styles").glob("*.csl"))
PEOPLE = {
    "nobody": (),
    "host": (Person("Mary Louise Kelly", "host"),),
    "two hosts": (Person("Mary Louise Kelly", "host"), Person("Ari Shapiro", "host")),
    "reporter": (Person("Aarti Shahani", "reporter"),),
    "host and reporter": (Person("Audie Cornish", "host"), Person("Aarti Shahani", "reporter")),
}
TITLE = "“ICE Is Using DMV Photos for Facial Recognition"
SHORT = {"host": "Kelly", "two hosts": "Kelly and Shapiro"}


def corrected(style: str, case: str, text: str) -> str:
    """Return what the official style prints, with our corrections and no others."""
    medium, who, *rest = case.split(", ")
    for why, pattern, replacement in corrections(style, medium, who, "number" in rest, "no address" not in rest):
        assert why
        text = re.sub(pattern, replacement, text)
    return text


def corrections(style: str, medium: str, who: str, numbered: bool, address: bool) -> Iterator[tuple[str, str, str]]:
    if style == "apa":
        yield "nothing was retrieved on a day that nobody gave", r"Retrieved (https)", r"\1"
        if who == "nobody":
            yield "the description belongs to the title", r"^([^(]+)\. (\(.*?\)\.) (\[.*?\])\.", r"\1 \3. \2"
        if who == "host and reporter":
            yield "the host is in the reference too", r"In \*", "In A. Cornish (Host), *"
        yield "number, then description", r"\(Audio Podcast Episode No. 12\)", "(No. 12) [Audio podcast episode]"
        yield "number, then description", r"\(Radio Broadcast No. 12\)", "(No. 12) [Radio broadcast]"
    if style == "mla":
        if who in SHORT:
            yield "the host is named in the text", rf"^\({TITLE},”", f"({SHORT[who]}"
        yield "no comma before a time", r",(”?) 2:15", r"\1 2:15"
        yield "an episode has a number, a kind of work has none", r"(Podcast episode|Radio broadcast) 12", "episode 12"
    if style.startswith("chicago"):
        if medium == "podcast":
            yield "a podcast was not aired", r"[Aa]ired (.*?), on NPR", r"NPR, \1"
        elif address:
            yield "what was aired was aired, wherever it is heard", r"\bNPR, (November 3(, 2025)?)", r"aired \1, on NPR"
            yield "a sentence begins with a capital", r"(\.”?) aired", r"\1 Aired"
        yield "without a date, nothing was aired", r"n\.d\., on NPR(\.?)", "NPR, n.d."
        yield "without a date, nothing was aired", r"\. on NPR", ". NPR"
        if medium == "radio":
            yield "an episode has a number, a kind of work has none", r"radio broadcast 12", "episode 12"
            yield "an episode has a number, a kind of work has none", r"Radio broadcast 12", "Episode 12"


def episode(case: str) -> Episode:
    medium, who, *rest = case.split(", ")
    return Episode(
        id="e",
        show="Consider This" if medium == "podcast" else "All Things Considered",
        title="ICE is using DMV photos for facial recognition",
        published=None if "no date" in rest else "2025-11-03",
        url=None if "no address" in rest else "https://www.npr.org/x",
        publisher="NPR",
        people=PEOPLE[who],
        medium=medium,  # type: ignore[arg-type]
        language="en",
        number="12" if "number" in rest else None,
    )


@pytest.mark.parametrize("style", OFFICIAL)
def test_ours_is_the_official_style_with_the_corrections_named_here(style: str) -> None:
    assert len(OFFICIAL[style]) == 30
    for case, (entry, in_text) in OFFICIAL[style].items():
        references = cite([quote_of(episode(case), speaker=None, start=135)], find_style(style))
        assert starred(references.entries[0]) == corrected(style, case, entry), case
        assert starred(references.citations[0].in_text) == corrected(style, case, in_text), case


@pytest.mark.parametrize("path", STYLE_FILES, ids=lambda path: path.stem)
def test_a_style_is_valid_csl_under_the_official_licence(path: Path) -> None:
    schema = etree.RelaxNG(etree.parse(citeproc.SCHEMA_PATH))
    style = etree.parse(path)
    assert schema.validate(style), schema.error_log
    space = {"c": "http://purl.org/net/xbiblio/csl"}
    assert style.find(".//c:rights", space).get("license") == "http://creativecommons.org/licenses/by-sa/3.0/"
    assert style.find(".//c:link[@rel='template']", space).get("href").startswith("http://www.zotero.org/styles/")
