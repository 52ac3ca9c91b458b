"""Transcripts as recognisers, subtitle editors and old computers write them, each with what is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.formats import compose_srt, compose_vtt, parse
from kb.types import Segment

from .test_label_cases import check, turns

MATERIAL = Path(__file__).parents[1] / "material/recognisers"
CASES: dict[str, Any] = json.loads((MATERIAL / "expected.json").read_text(encoding="utf-8"))


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


@pytest.mark.parametrize(
    "name", [name for name in CASES if name.startswith(("bad-", "one-bad")) and "inline" not in name]
)
def test_what_is_bad_is_counted_and_told(name: str) -> None:
    path = MATERIAL / "inputs" / name
    (remark,) = parse(path, path.read_bytes()).remarks
    assert remark.note.startswith(("1 of 3 cues", "2 of 4 segments"))


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT",
        "00:00:01.000 --> 00:00:02.000",
        "00:00:01.000 -> 00:00:02.000",
        "1:00 → 2:00",
        "{\\an8}",
        "<x-y>",
        "[SPEAKER_00]: so",
        "NOTE",
    ],
)
@pytest.mark.parametrize("compose", [compose_vtt, compose_srt])
def test_words_that_look_like_marks_are_read_back_as_words(compose: Callable[..., str], text: str) -> None:
    said = (Segment(0.0, 1.0, text), Segment(1.0, 2.0, "So.", "SPEAKER_01"), Segment(2.0, 3.0, text, "Ann"))
    back = parse(Path("talk.txt"), compose(said).encode()).segments
    assert [(part.start, part.speaker, part.text) for part in back] == [
        (part.start, part.speaker, part.text) for part in said
    ]


def test_every_input_has_its_answer() -> None:
    assert {path.name for path in (MATERIAL / "inputs").iterdir()} == set(CASES)
