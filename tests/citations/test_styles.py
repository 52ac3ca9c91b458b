"""Styles by name, from the official ones, and from files of a user's own, which may be anything."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest

from kb.citations import cite, find_style, find_style_or_file, print_references, to_text
from kb.citations.styles.official import official_names, official_xml
from kb.errors import UsageError

from .samples import SEED, quote_of

STYLE = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0" default-locale="en-US">
  <info>
    <title>The Journal of Tests</title>
    <id>https://example.org/tests</id>
    <category citation-format="author-date"/>
    <updated>2026-01-01T00:00:00+00:00</updated>
  </info>
  {macros}
  <citation>
    <layout prefix="&lt;" suffix="&gt;" delimiter="; "><group delimiter=" ">{cited}</group></layout>
  </citation>
  <bibliography>
    <layout suffix="!"><group delimiter=" / ">{listed}</group></layout>
  </bibliography>
</style>
"""
AUTHOR = '<names variable="author"><name form="short"/></names>'
LISTED = '<names variable="author"/><text variable="title" quotes="true"/><text variable="container-title"/>'


def file_of(folder: Path, text: str | bytes = "", macros: str = "", cited: str = AUTHOR, listed: str = LISTED) -> str:
    path = folder / "Journal of Tests.csl"
    text = text or STYLE.format(macros=macros, cited=cited, listed=listed)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_file_of_ones_own_is_a_style(tmp_path: Path) -> None:
    style = find_style_or_file(file_of(tmp_path, cited=f'{AUTHOR}<text variable="locator"/>'))
    references = cite([quote_of(SEED)], style)
    assert style.label == "The Journal of Tests"
    assert to_text(references.entries[0]).startswith("Aarti Shahani / “ICE Turned To DMV")
    assert to_text(references.entries[0]).endswith("/ All Things Considered!")
    assert to_text(references.citations[0].in_text) == "<Shahani 2:41>"
    assert to_text(references.citations[0].running) == ("Alvaro Bedoya said, “He called it a dragnet” <Shahani 2:41>.")


@pytest.mark.parametrize(
    ("name", "listed", "cited"),
    [
        ("nature", r"^1\. Shahani, A\. ICE Turned To DMV", r"^1$"),
        ("american-medical-association", r"^1\. Shahani A\. ICE", r"^1\(2:41\)$"),
        ("the-journal-of-cell-biology", r"^Shahani, A\. 2019\. ICE", r"Shahani, 2019"),  # follows another's style
        ("aaa", r"^Shahani, Aarti 2019 ICE", r"Shahani 2019"),  # has another name now
        ("chicago-notes-no-url", None, r"^Aarti Shahani, “ICE .*at 2:41\.$"),  # has no list
        ("modern-language-association-8th-edition", r"^Shahani, Aarti\. “ICE", r"Shahani"),
    ],
)
def test_official_styles_go_by_their_names(name: str, listed: str | None, cited: str) -> None:
    references = cite([quote_of(SEED)], find_style(name), date(2026, 1, 5))
    if listed:
        assert re.search(listed, to_text(references.entries[0]))
    assert bool(references.entries) == bool(listed)
    assert re.search(cited, to_text(references.citations[0].in_text))
    assert "2:41" in print_references(references) or references.style.system == "number"


def test_there_are_thousands_of_official_styles() -> None:
    assert len(official_names()) > 10_000
    assert {"nature", "apa", "the-lancet"} <= set(official_names())


def test_a_twentieth_of_the_independent_styles_can_be_set_or_is_refused_with_the_reason() -> None:
    independent = [name for name in official_names() if len(official_xml_or_nothing(name)) > 0][::60]
    refused = {}
    for name in independent:
        try:
            style = find_style(name)
        except UsageError as error:
            refused[name] = str(error)
            continue
        page = print_references(cite([quote_of(SEED)], style))
        assert "Bedoya said" in page, name
        assert "\ue002" not in page, name
    assert len(independent) > 40
    assert len(refused) <= len(independent) // 10, refused
    assert all("cannot be used: " in reason for reason in refused.values())


def official_xml_or_nothing(name: str) -> bytes:
    try:
        return official_xml(name)
    except FileNotFoundError:
        return b""  # it follows another style


BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
DOUBLING = "".join(
    f'<macro name="m{n}"><group><text macro="m{n + 1}"/><text macro="m{n + 1}"/></group></macro>' for n in range(50)
)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": "x" * 1_000_001}, "larger than 1,000,000 bytes"),
        ({"text": f'<!DOCTYPE style [<!ENTITY e0 "ha">{BOMB}]><style>&e9;</style>'}, "declares a document type"),
        ({"text": STYLE.encode("utf-16")}, "not in UTF-8"),
        ({"text": "<style"}, "not XML"),
        ({"text": "<html><p>404</p></html>"}, "not a CSL style"),
        ({"text": "<a>" * 100_000}, "not XML"),
        ({"listed": "<song/>"}, r"line \d+ is not valid CSL"),
        ({"listed": '<text macro="none"/>'}, "the macro 'none', which it does not have"),
        ({"macros": '<macro name="m"><text macro="m"/></macro>', "listed": '<text macro="m"/>'}, "calls itself"),
        (
            {"macros": f'{DOUBLING}<macro name="m50"><text value="x"/></macro>', "listed": '<text macro="m0"/>'},
            "expand into more",
        ),
        ({"cited": '<text variable="DOI"/>'}, "prints nothing where a text cites"),
        (
            {"text": STYLE.format(macros="", cited=AUTHOR, listed=LISTED).replace('"author-date"', '"label"')},
            "cites by label, which citeproc-py cannot do",
        ),
    ],
)
def test_a_file_that_is_no_usable_style_is_refused_with_the_reason(
    given: dict[str, str], reason: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(UsageError, match=reason) as refused:
        find_style_or_file(file_of(tmp_path, **given))
    assert "'Journal of Tests.csl' cannot be used" in str(refused.value)
    assert time.monotonic() - began < 5


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csl", tmp_path):
        with pytest.raises(UsageError, match=r"cannot be read|no citation style"):
            find_style_or_file(str(path))


def test_a_name_is_never_a_path(tmp_path: Path) -> None:
    for name in (file_of(tmp_path), "../styles/apa", "/etc/passwd", "dependent/nature", "a" * 1000, "\x00", ""):
        with pytest.raises(UsageError, match="There is no citation style"):
            find_style(name)


def test_a_style_is_read_once(tmp_path: Path) -> None:
    assert find_style("nature") is find_style("nature")
    began = time.monotonic()
    for n in range(200):
        cite([quote_of(SEED, char_start=n)], find_style("chicago"))
    assert time.monotonic() - began < 10  # unkept, Chicago takes 15 ms a citation
