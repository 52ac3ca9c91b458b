"""A quote's address resolves for ever, and nothing else is taken for one."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.addresses import Address, parse_address, slug
from kb.errors import UsageError
from tests.strategies import hostile_text

_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(lambda s: not re.search(r"[@:/\s]", s))


@given(_names, st.integers(0, 10**9 - 1), st.integers(0, 10**11), st.integers(1, 10**11))
def test_an_address_comes_back_from_its_text(name: str, revision: int, start: int, length: int) -> None:
    address = Address(name, revision, start, start + length)
    assert parse_address(str(address)) == address
    assert parse_address(f"  {address}\n") == address


@pytest.mark.parametrize(
    "text",
    ["", "e", "e@1", "e@1:2", "e@1:2-", "e@1:5-5", "e@1:6-5", "@1:2-3", "e@x:2-3", "e@1:-2-3", "e e@1:2-3", "e/f@1:2-3", "e@1:2-3x",
     "e@1@1:2-3", "e@１:2-3", "e@1:2–3", "x" * 201 + "@1:2-3", "e@1:2-" + "9" * 13, "e@" + "9" * 10 + ":2-3"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="EPISODE@REVISION:START-END"):
        parse_address(text)


@given(hostile_text | st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert str(parse_address(text)).replace("0", "") == text.strip().replace("0", "")


def test_the_message_about_a_long_text_is_short() -> None:
    with pytest.raises(UsageError) as caught:
        parse_address("x" * 1_000_000)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All Things Considered", "all-things-considered"),
        ("ICE Turned To DMV Driver's License", "ice-turned-to-dmv-drivers-license"),
        ("Señor  Ångström — «Ça va?»", "senor-angstrom-ca-va"),
        ("snake_case", "snake_case"),
        ("_-_", ""),
        ("新闻 2019", "新闻-2019"),
        ("../../etc/passwd", "etc-passwd"),
        ("ﬁne ①", "fine-1"),
        ("", ""),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


@given(hostile_text | st.text(), st.integers(1, 90))
@example("İ", 80)
@example("a" * 79 + "-b", 80)
def test_a_slug_is_safe_in_an_address_and_stays_the_same(text: str, longest: int) -> None:
    made = slug(text, longest)
    assert len(made) <= longest
    assert re.fullmatch(r"[\w-]*", made)
    assert not made.startswith(("-", "_"))
    assert not made.endswith(("-", "_"))
    made.encode("utf-8")
    if made:
        assert parse_address(f"{made}@1:2-3").episode_id == made
