"""Speak with flite, which prints when each phone ends; words are found by aligning their phones.

flite prints the phones of a sentence without saying where words begin, so each word is pronounced alone and
the sentence's phones are aligned with those by edit distance (Levenshtein).
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from training.sound import read_wav
from training.utterance import SpeakerMissing, SpeechFailed, Utterance, trim

__all__ = ["Flite"]

_Phone = tuple[str, float, float]


def _flite(*arguments: str) -> list[str]:
    program = shutil.which("flite")
    if program is None:
        raise SpeakerMissing("flite", "flite")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise SpeechFailed(f"flite failed: {done.stderr.strip()[:200] or f'exit code {done.returncode}'}.")
    return done.stdout.split()


@cache
def _pronounce(word: str) -> tuple[str, ...]:
    phones = _flite("-voice", "kal16", "-ps", "-t", word, "-o", "/dev/null")
    return tuple(phone for phone in phones if phone != "pau")


@dataclass(frozen=True, slots=True)
class Flite:
    """A flite voice (``slt``, ``rms``, ``awb``, ``kal16``); a larger ``stretch`` speaks more slowly."""

    name: str
    stretch: float = 1.0

    def speak(self, sentences: Sequence[str]) -> list[Utterance]:
        """Return one utterance a sentence; raises ``SpeakerMissing`` or ``SpeechFailed``."""
        return [self._speak(sentence) for sentence in sentences]

    def _speak(self, sentence: str) -> Utterance:
        setting = f"duration_stretch={self.stretch:g}"
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder, "spoken.wav")
            printed = _flite("-voice", self.name, "--setf", setting, "-psdur", "-t", sentence, "-o", str(wav))
            sound = read_wav(wav)
        words = sentence.split()
        return trim(sound, words, *_align(words, _phones(printed)))


def _phones(printed: Sequence[str]) -> list[_Phone]:
    """Return ``(phone, start, end)`` without pauses, from flite's ``phone:end`` list."""
    phones, start = [], 0.0
    for item in printed:
        phone, _, end = item.rpartition(":")
        phones.append((phone, start, float(end)))
        start = float(end)
    return [phone for phone in phones if phone[0] != "pau"]


def _align(words: Sequence[str], phones: Sequence[_Phone]) -> tuple[list[float | None], list[float | None]]:
    """Return each word's start and end: those of its first and last aligned phone, ``None`` where none is."""
    expected = [(index, phone) for index, word in enumerate(words) for phone in _pronounce(word)]
    rows, columns = len(expected), len(phones)
    cost = np.zeros((rows + 1, columns + 1), int)
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(columns + 1)
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            change = cost[row - 1, column - 1] + (expected[row - 1][1] != phones[column - 1][0])
            cost[row, column] = min(change, cost[row - 1, column] + 1, cost[row, column - 1] + 1)
    starts: list[float | None] = [None] * len(words)
    ends: list[float | None] = [None] * len(words)
    row, column = rows, columns
    while row and column:
        index, phone = expected[row - 1]
        heard, start, end = phones[column - 1]
        if cost[row, column] == cost[row - 1, column - 1] + (phone != heard):
            starts[index] = start
            ends[index] = end if ends[index] is None else ends[index]
            row, column = row - 1, column - 1
        elif cost[row, column] == cost[row - 1, column] + 1:
            row -= 1
        else:
            column -= 1
    return starts, ends
