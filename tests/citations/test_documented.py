"""``docs/citations.md`` shows what each style really prints, and every name there is."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kb.citations import FORMATS, STYLES, Style, cite, to_markdown
from kb.types import Episode, Person, Quote

from ..conftest import ROOT
from .samples import SEED, quote_of

PAGE = (ROOT / "docs/citations.md").read_text("utf-8")
RADIO = quote_of(SEED, speaker="Alvaro Bedoya", start=214.0)
PODCAST = quote_of(
    Episode(
        id="alibi",
        show="Serial",
        title="The Alibi",
        published="2014-10-03",
        publisher="WBEZ Chicago",
        medium="podcast",
        number="1",
        url="https://serialpodcast.org/season-one/1/the-alibi",
        people=(Person("Sarah Koenig", "host"),),
    ),
    speaker="Sarah Koenig",
    start=683.0,
)


def row(style: Style, quote: Quote) -> str:
    """Return a style's line of the table."""
    references = cite([quote], style, date(2026, 1, 5) if style.accessed else None)
    entry = " ".join(map(to_markdown, references.entries)) or "(no list)"
    return f"| `{style.name}` | {entry} | {to_markdown(references.citations[0].in_text)} |"


@pytest.mark.parametrize("quote", [RADIO, PODCAST], ids=["radio", "podcast"])
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_the_table_shows_what_the_style_prints(style: Style, quote: Quote) -> None:
    assert row(style, quote) in PAGE.splitlines()


def test_every_style_and_format_is_named() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \| (?!`)", PAGE, re.MULTILINE)) >= {style.name for style in STYLES}
    for name in FORMATS:
        assert f"`{name}`" in PAGE
