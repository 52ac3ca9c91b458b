"""The soak's short form, and that it notices what it is there to notice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kb.knowledge_base import KnowledgeBase

from . import faults
from .__main__ import soak, table
from .trial import Place, acknowledged, kb, told

pytestmark = pytest.mark.slow  # programs


def test_a_full_disk_and_two_writers_lose_nothing() -> None:
    """Kills, damaged pages, read-only disks and bursts have tests of their own, with more tries."""
    outcomes = soak(["full-disk", "two-writers"], 1, seed=1)
    assert [outcome.lost for outcome in outcomes] == [[], []]
    if "mounted" in outcomes[0].remark:
        pytest.skip(outcomes[0].remark)
    assert outcomes[0].remark.startswith("1 of them became full")
    assert "| full disk while taking in | 1 | 1 | 0 |" in table(outcomes)


def test_a_folder_of_somebody_else_is_asked_and_stays_as_it_is() -> None:
    """As a person without the right to write, also where root runs the tests."""
    (outcome,) = soak(["read-only-rights"], 1, seed=1)
    assert outcome.lost == []
    assert "| folder that may be read and not written | 1 | 1 | 0 | as " in table([outcome])


def test_what_is_lost_is_noticed(tmp_path: Path) -> None:
    home, shows = tmp_path / "home", Place(tmp_path, random.Random(1)).transcripts("shows", 3)
    said = acknowledged(kb(home, "ingest", shows, "--json").stdout)
    expected = told(home)
    assert said == faults._episodes(home)
    assert len(said) == 3
    assert faults._differences(expected, home) == []
    lost = min(said)
    with KnowledgeBase(home, "static", reader=False) as opened:
        opened.remove(lost)
    assert said - faults._episodes(home) == {lost}
    assert "home: other episodes than undisturbed" in faults._differences(expected, home)
