from __future__ import annotations

from pathlib import Path

import pytest

from ingest.metadata import Metadata, read_front_matter
from kb.types import Person


def read(text: str, name: str = "talk.md") -> Metadata:
    return read_front_matter(Path(name), text.encode())


def test_what_front_matter_says_of_an_episode() -> None:
    text = """---
title: "Harbour: a talk"   # as printed
date: 2024-01-05T10:00:00Z
podcast: Sea Lines
speakers: [Ines Falk, 'Paul Brand']
hosts:
  - name: Eva Roth
    role: presenter
  - Tom Lee
episode: 12
url: https://example.org/12
draft: false
---

**Ines Falk:** Hi.
"""
    assert read(text) == Metadata(
        title="Harbour: a talk",
        published="2024-01-05",
        show="Sea Lines",
        number="12",
        url="https://example.org/12",
        people=(
            Person("Ines Falk", "speaker"),
            Person("Paul Brand", "speaker"),
            Person("Eva Roth", "host"),
            Person("Tom Lee", "host"),
        ),
    )


def test_front_matter_as_toml() -> None:
    assert read('+++\ntitle = "Harbour"\ndate = 2024-01-05\n+++\nHi.') == Metadata(
        title="Harbour", published="2024-01-05"
    )


def test_a_long_value_is_wrapped() -> None:
    text = "---\npub_date: '\n\n\n  July 27th, 2023'\ntitle: It happens once\n  a year\nurl: https://example.org/54\n---\nHi."
    assert read(text) == Metadata(title="It happens once a year", url="https://example.org/54")
    assert read("---\ndate: July 27th, 2023\n---\n").published == "2023-07-27"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "**Ann:** Hi.\n\n---\ntitle: no\n---\n",
        "---\n\nHi.\n\n---\n",
        "---\ntitle: never closed",
        "---\ndate: last May\nurl: javascript:alert(1)\ntitle: [\nspeakers: []\n---\nHi.",
        "\xff" * 9,
    ],
)
def test_what_says_nothing(text: str) -> None:
    said = read(text)
    assert (said.published, said.url, said.people) == (None, None, None)


def test_other_files_have_no_front_matter() -> None:
    assert read("---\ntitle: x\n---\n", "talk.txt") == Metadata()


def test_a_hostile_front_matter_is_read_in_linear_time() -> None:
    read("---\n" + "a: [" * 100_000 + "\n---\n")
    read("---\n" + "- name: x\n" * 400 + "---\n")
    read("---\ntitle: " + " #" * 200_000 + "\n---\n")
