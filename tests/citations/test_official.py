"""The official styles as they are and as we correct them, against what the reference processor prints.

``official.json`` holds what citeproc-js 1.4.63 prints for the official styles of February 2026 (apa,
modern-language-association, chicago-notes-bibliography, chicago-author-date): the entry, and the citation at 2:15. The
official Harvard, IEEE and Vancouver styles have no form for broadcasts; our corrections follow guides
(``fixtures.toml``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kb.citations import STYLES, Citable, Marked, Style, cite, find_style
from kb.citations.styles import StyleCorrection
from kb.types import Episode, Person

from .samples import quote_of
from .test_fixtures import CASES, quoted, starred

OFFICIAL = json.loads(Path(__file__).with_name("official.json").read_text("utf-8"))
PEOPLE = {
    "nobody": (),
    "host": (Person("Mary Louise Kelly", "host"),),
    "two hosts": (Person("Mary Louise Kelly", "host"), Person("Ari Shapiro", "host")),
    "reporter": (Person("Aarti Shahani", "reporter"),),
    "host and reporter": (Person("Audie Cornish", "host"), Person("Aarti Shahani", "reporter")),
}
GUESTS = (Person("Ann Lee", "guest"), Person("Bob May", "host"))
#: What no guide's example has: a season, guests, no address, no series.
MORE: list[Citable] = [
    quote_of(Episode("m1", "A Show", "A title", "2025-11-03", people=GUESTS, number="2", season="1")),
    quote_of(Episode("m2", "A Show", "A title", "2025-11-03", people=GUESTS[:1], medium="radio")),
    quote_of(Episode("m3", "", "A title", "2025-11-03")),
    quote_of(Episode("m4", "A Show", "A title", url="https://example.org/a", people=(Person("Bob May", "reporter"),))),
]
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


def printed(style: Style, case: str) -> tuple[str, str]:
    references = cite([quote_of(episode(case), speaker=None, start=135)], style)
    return starred(references.entries[0]), starred(references.citations[0].in_text)


@pytest.mark.parametrize("style", OFFICIAL)
def test_an_uncorrected_style_prints_what_the_reference_processor_prints(style: str) -> None:
    official = replace(find_style(style), corrections=())
    assert len(OFFICIAL[style]) == 30
    for case, (entry, in_text) in OFFICIAL[style].items():
        if style == "mla":  # the style has since taken this correction over
            in_text = re.sub(r",(”?) 2:15", r"\1 2:15", in_text)
        assert printed(official, case) == (entry, in_text), case


@pytest.mark.parametrize("style", OFFICIAL)
def test_ours_is_the_official_style_with_the_corrections_named_here(style: str) -> None:
    for case, (entry, in_text) in OFFICIAL[style].items():
        expected = corrected(style, case, entry), corrected(style, case, in_text)
        assert printed(find_style(style), case) == expected, case


CORRECTIONS = [(style, n) for style in STYLES for n in range(len(style.corrections))]


@pytest.mark.parametrize(("style", "n"), CORRECTIONS, ids=[f"{style.name}-{n}" for style, n in CORRECTIONS])
def test_a_correction_names_its_rule_and_changes_what_a_guide_shows(style: Style, n: int) -> None:
    assert style.corrections[n].rule.endswith((".", "'", "..."))
    without = replace(style, corrections=style.corrections[:n] + style.corrections[n + 1 :])
    sources: list[Citable] = [quoted(case) for case in CASES if case["style"] == style.name]

    def all_printed(style: Style) -> list[tuple[Marked, ...]]:
        made = [cite([source], style, date(2026, 1, 5)) for source in sources + MORE]
        made += [cite([source], style) for source in MORE]
        return [(*each.entries, *(cited.in_text for cited in each.citations)) for each in made]

    expected = all_printed(style)
    try:
        printed_without = all_printed(without)
    except LookupError:
        return  # another correction builds on this one
    assert printed_without != expected


def test_a_correction_that_finds_nothing_to_correct_is_an_error() -> None:
    wrong = StyleCorrection("Whatever a newer official style has renamed.", "//c:macro[@name='gone']", "")
    with pytest.raises(LookupError, match="gone"):
        cite([quote_of(episode("podcast, host"))], replace(find_style("apa"), corrections=(wrong,)))
