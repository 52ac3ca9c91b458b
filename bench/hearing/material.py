"""Recordings with reference transcripts, in the folder layouts that people and public corpora use.

Beside each recording lies a file of the same name with its words: ``.txt``, or ``.vtt`` or ``.srt``, which also tell
when they are said. LibriSpeech (``*.trans.txt``) and FLEURS (``LANGUAGE/test.tsv`` with ``LANGUAGE/test/*.wav``) are
read as they are unpacked. Each folder is one set.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.formats import parse_srt, parse_vtt
from ingest.sound.clips import to_flac
from ingest.sound.decoding import Decoder

__all__ = ["Reading", "noisy", "read_sets"]

SOUNDS = frozenset(".flac .wav .mp3 .m4a .ogg .opus".split())
_NOISE_SEED = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """A recording, its words, and cues, each a text with the time at which it begins."""

    sound: Path
    words: str
    cues: tuple[tuple[float, str], ...] = ()


def read_sets(folder: Path) -> dict[str, tuple[Reading, ...]]:
    """Return the recordings with references below ``folder``, by the name of the set that they belong to."""
    found: defaultdict[str, dict[Path, Reading]] = defaultdict(dict)
    for path in sorted(folder.rglob("*")):
        for reading in _readings(path):
            place = path.parent if not path.name.endswith(".trans.txt") else path.parents[2]
            name = place.relative_to(folder).as_posix() if place.is_relative_to(folder) else "."
            found[folder.name if name == "." else name].setdefault(reading.sound, reading)
    return {name: tuple(readings.values()) for name, readings in found.items()}


def _readings(path: Path) -> Iterator[Reading]:
    if path.name.endswith(".trans.txt"):
        for line in path.read_text("utf-8").splitlines():
            name, _, words = line.partition(" ")
            yield from _with_sound(path.with_name(name), words)
    elif path.suffix == ".tsv":  # of FLEURS: number, file, transcription as written, ...
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield from _with_sound(path.with_suffix("") / Path(row[1]).stem, row[2])
    elif path.suffix in (".vtt", ".srt"):
        segments = (parse_vtt if path.suffix == ".vtt" else parse_srt)(path, path.read_bytes()).segments
        cues = tuple((each.start, each.text) for each in segments if each.start is not None)
        words = " ".join(each.text for each in segments)
        yield from (replace(reading, cues=cues) for reading in _with_sound(path.with_suffix(""), words))
    elif path.suffix == ".txt":
        yield from _with_sound(path.with_suffix(""), path.read_text("utf-8"))


def _with_sound(stem: Path, words: str) -> Iterator[Reading]:
    for suffix in sorted(SOUNDS):
        sound = stem.with_name(stem.name + suffix)
        if sound.is_file():
            yield Reading(sound, " ".join(words.split()))
            return


def noisy(reading: Reading, decibels: float, folder: Path) -> Reading:
    """Return a reading with white noise at a signal-to-noise ratio in decibels; the same noise every time."""
    samples = np.concatenate(list(Decoder(reading.sound)))
    noise = np.random.default_rng(_NOISE_SEED).standard_normal(len(samples)).astype(np.float32)
    power = float(np.mean(samples.astype(np.float64) ** 2))
    mixed = samples + noise * np.float32(np.sqrt(power / 10 ** (decibels / 10)))
    target = folder / f"{reading.sound.stem}.flac"
    target.write_bytes(to_flac(mixed / max(1.0, float(np.abs(mixed).max()))))
    return replace(reading, sound=target)
