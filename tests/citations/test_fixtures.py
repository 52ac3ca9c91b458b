"""Every style against examples of style guides, checked by hand; ``fixtures.toml`` names each one's source."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb.citations import Marked, cite, find_style
from kb.types import Episode, Person, Quote

from .samples import quote_of

DATA = tomllib.loads(Path(__file__).with_name("fixtures.toml").read_text("utf-8"))
CASES: list[dict[str, Any]] = DATA["case"]


def work(name: str) -> Episode:
    table = dict(DATA["works"][name])
    while "like" in table:
        table = DATA["works"][table.pop("like")] | table
    people = tuple(Person(*pair) for pair in table.pop("people", ()))
    return Episode(
        id=name, people=people, **{key: value or None if key != "show" else value for key, value in table.items()}
    )


def quoted(case: dict[str, Any]) -> Quote:
    return quote_of(work(case["of"]), speaker=case.get("speaker"), start=case.get("at"))


def starred(marked: Marked) -> str:
    return "".join(f"*{span.text}*" if span.kind == "italic" else span.text for span in marked)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['style']}-{case['of']}" for case in CASES])
def test_a_style_prints_what_its_guide_shows(case: dict[str, Any]) -> None:
    accessed = date.fromisoformat(case["accessed"]) if "accessed" in case else None
    references = cite([quoted(case)], find_style(case["style"]), accessed)
    if "entry" in case:
        assert list(map(starred, references.entries)) == [case["entry"]]
    if "in_text" in case:
        assert starred(references.citations[0].in_text) == case["in_text"]


def test_every_case_names_its_source() -> None:
    assert len(CASES) >= 56
    for case in CASES:
        assert case["guide"]
        assert ("says" in case) == ("address" in case)
        assert "says" in case or "differs" not in case
    assert {case["style"] for case in CASES} == set(
        "apa mla chicago chicago-author-date harvard ieee vancouver ap".split()
    )
