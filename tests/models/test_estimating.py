"""How long a model takes is told from what was seen on this machine, and which one is proposed follows from that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.models.estimating import CHOICES, Hardware, Speeds, estimate, propose
from ingest.models.finding import offer_of
from ingest.models.spoken import SPOKEN, spoken_code

LAPTOP = Hardware("laptop", cores=4, gpu=False, memory=16.0)
HOUR = 3600.0


def seconds(name: str, hardware: Hardware = LAPTOP, **seen: float) -> float:
    found = estimate(name, HOUR, hardware, seen)
    assert found is not None
    return found.seconds


def test_a_larger_model_takes_longer_and_more_cores_less() -> None:
    times = [seconds(name) for name in ("tiny", "base", "small", "large-v3-turbo", "large-v3")]
    assert times == sorted(times)
    assert seconds("small", replace(LAPTOP, cores=1)) > seconds("small")
    assert seconds("small", replace(LAPTOP, cores=64)) == seconds("small")
    assert seconds("large-v3", replace(LAPTOP, gpu=True)) < seconds("small")
    assert estimate("somebody-s-own", HOUR, LAPTOP, {}) is None


def test_what_was_seen_counts_and_corrects_the_guesses_of_others() -> None:
    found = estimate("base", HOUR, LAPTOP, {"base": 0.5})
    assert found is not None
    assert (found.seconds, found.measured) == (1800.0, True)
    slower = seconds("base", base=0.5) / seconds("base")
    assert seconds("small", base=0.5) == pytest.approx(seconds("small") * slower)
    assert not estimate("small", HOUR, LAPTOP, {"base": 0.5}).measured  # type: ignore[union-attr]


def test_the_best_model_that_time_and_memory_allow_is_proposed() -> None:
    assert propose(HOUR, LAPTOP, {}) == "large-v3-turbo"
    assert propose(HOUR, replace(LAPTOP, memory=4.0), {}) == "small"
    assert propose(HOUR, replace(LAPTOP, memory=None), {}) == "large-v3-turbo"
    assert propose(HOUR, LAPTOP, {"base": 0.2}) == "base"  # an old machine
    assert propose(60.0, LAPTOP, {"base": 0.2}) == "large-v3-turbo"  # a minute is soon done even there
    assert {propose(HOUR, LAPTOP, {"tiny": 5.0})} <= set(CHOICES)
    assert all(offer_of(name, "faster-whisper") for name in CHOICES)


def test_speeds_are_remembered_by_machine_and_the_newest_counts_most(tmp_path: Path) -> None:
    speeds = Speeds(tmp_path)
    speeds.note(LAPTOP, "base", heard=30.0, speed=4.0)
    assert speeds.of(LAPTOP) == {}  # too short to tell
    speeds.note(LAPTOP, "base", heard=600.0, speed=4.0)
    speeds.note(LAPTOP, "base", heard=600.0, speed=2.0)
    speeds.note(replace(LAPTOP, gpu=True), "base", heard=600.0, speed=40.0)
    assert Speeds(tmp_path).of(LAPTOP) == {"base": 0.375}
    assert Speeds(tmp_path).of(replace(LAPTOP, name="other")) == {}


@pytest.mark.parametrize("damaged", ["", "[1]", '{"laptop, cpu": 3}', '{"laptop, cpu": {"base": "fast"}}', "[" * 9999])
def test_a_damaged_file_of_speeds_is_as_none(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "speeds.json").write_text(damaged)
    assert Speeds(tmp_path).of(LAPTOP) == {}
    Speeds(tmp_path).note(LAPTOP, "base", heard=600.0, speed=4.0)
    assert Speeds(tmp_path).of(LAPTOP) == {"base": 0.25}


@pytest.mark.slow  # imports PyTorch
def test_the_languages_are_whispers_own() -> None:
    from whisper.tokenizer import LANGUAGES

    assert SPOKEN.keys() == LANGUAGES.keys()
    assert [spoken_code(each) for each in ("en-GB", "zh_Hant", "xx", None)] == ["en", "zh", None, None]
