"""Transcripts as software and people write them, each with its speakers, times and words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from ingest.formats import parse
from kb.types import Segment

MATERIAL = Path(__file__).parents[1] / "material/labels"
CASES: dict[str, Any] = json.loads((MATERIAL / "expected.json").read_text(encoding="utf-8"))


def turns(segments: Sequence[Segment]) -> list[tuple[str | None, float | None, str]]:
    found = []
    for speaker, said in groupby(segments, key=lambda segment: segment.speaker):
        own = list(said)
        found.append((speaker, own[0].start, " ".join(segment.text for segment in own)))
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_speakers_times_and_words(name: str) -> None:
    path = MATERIAL / "inputs" / name
    segments = parse(path, path.read_bytes()).segments
    right = CASES[name]["right"]
    if isinstance(right, dict):
        check(right, segments)
        return
    found = turns(segments)
    assert [(speaker, words) for speaker, _, words in found] == [(speaker, words) for speaker, _, words in right]
    for (_, start, words), (_, expected, _) in zip(found, right, strict=True):
        assert expected is None or start == pytest.approx(expected, abs=0.01), words


def check(right: dict[str, Any], segments: Sequence[Segment]) -> None:
    speakers = [segment.speaker for segment in segments]
    text = " ".join(segment.text for segment in segments)
    assert all(words in text for words in right.get("contains", ()))
    assert not set(right.get("not_speakers", ())) & set(speakers)
    assert right.get("distinct_speakers") in (None, len(set(speakers) - {None}))
    if "max_share_of" in right:
        name, share = right["max_share_of"]
        assert speakers.count(name) <= share * len(speakers)


def test_every_input_has_its_answer() -> None:
    assert {path.name for path in (MATERIAL / "inputs").iterdir()} == set(CASES)
