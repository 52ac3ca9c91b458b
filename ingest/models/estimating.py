"""How long a model takes on this machine, and which one to recommend: measured here, else from a rough table."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHOICES", "Estimate", "Hardware", "Speeds", "estimate", "propose"]

#: Models offered to a user who has none, the smallest first, with their use; all are multilingual.
CHOICES = {
    "tiny": "for trying things out",
    "base": "for clear studio speech",
    "small": "for everyday work",
    "medium": "for accents and other languages",
    "large-v3-turbo": "nearly the best",
    "large-v3": "the best",
}
#: Seconds of work per second of speech: on one core in int8, and on a GPU; then gigabytes of memory. Rough: base was
#: measured on one core (docs/models.md), the others are computed from the model's size.
_ROUGH = {
    "tiny": (0.035, 0.01, 0.4),
    "base": (0.075, 0.012, 0.6),
    "small": (0.25, 0.02, 1.2),
    "medium": (0.8, 0.04, 2.8),
    "large-v3-turbo": (0.7, 0.025, 2.8),
    "large-v3": (1.6, 0.07, 4.5),
}
#: More cores than this are not used by one recording.
_MOST_CORES = 4
#: The useful share of each further core.
_SHARE = 0.8
#: The smallest first. The others are slower than an equally good one.
_PROPOSED = ("base", "small", "large-v3-turbo")
#: Seconds of waiting that are acceptable for any length.
_SOON = 15 * 60
#: The least seconds of speech for a measured speed; start-up dominates shorter ones.
_WORTH_NOTING = 60.0
_FILE = "speeds.json"


@dataclass(frozen=True, slots=True)
class Hardware:
    """The hardware features that decide speed; ``memory`` in gigabytes, ``None`` if unknown."""

    name: str
    cores: int
    gpu: bool
    memory: float | None

    @classmethod
    def this(cls, gpu: bool) -> Hardware:
        """Return this machine, which has a GPU or not."""
        memory = None
        with suppress(AttributeError, ValueError, OSError):  # not known on this system
            memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
        has_affinity = hasattr(os, "sched_getaffinity")
        cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
        return cls(platform.node(), cores, gpu, memory)

    @property
    def key(self) -> str:
        """Return the key under which this machine's speeds are stored."""
        return f"{self.name}, {'gpu' if self.gpu else 'cpu'}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many seconds a model takes; ``measured``: its speed was measured on this machine."""

    name: str
    seconds: float
    measured: bool


class Speeds:
    """The measured speed of each model on each machine that worked on a data folder; the file may be deleted."""

    def __init__(self, home: Path) -> None:
        self._path = home / _FILE

    def of(self, machine: Hardware) -> Mapping[str, float]:
        """Return the measured seconds of work per second of speech, by model."""
        return self._read().get(machine.key, {})

    def note(self, machine: Hardware, model: str, heard: float, speed: float) -> None:
        """Store that ``model`` transcribed ``heard`` seconds, ``speed`` times as fast as they are spoken."""
        if heard < _WORTH_NOTING or not speed > 0:
            return
        known = self._read()
        seen = known.setdefault(machine.key, {})
        # The newest counts most: it has today's load and libraries.
        seen[model] = round((seen[model] + 1 / speed) / 2 if model in seen else 1 / speed, 4)
        with suppress(OSError):  # only an estimate is lost
            part = self._path.with_name(f".{_FILE}.{os.getpid()}")
            part.write_text(json.dumps(known, indent=1), "utf-8")
            os.replace(part, self._path)

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
            return {
                str(machine): {str(name): float(each) for name, each in seen.items() if 0 < float(each) < 1000}
                for machine, seen in found.items()
            }
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}


def estimate(name: str, length: float, machine: Hardware, seen: Mapping[str, float]) -> Estimate | None:
    """Return how long ``name`` takes for ``length`` seconds of sound; ``None`` for an unknown model.

    If other models were measured, the table is scaled by their measured speed.
    """
    if name in seen:
        return Estimate(name, length * seen[name], measured=True)
    if name not in _ROUGH:
        return None
    ratios = [seen[each] / _rough(each, machine) for each in seen if each in _ROUGH]
    factor = sum(ratios) / len(ratios) if ratios else 1.0
    return Estimate(name, length * _rough(name, machine) * factor, measured=False)


def propose(length: float, machine: Hardware, seen: Mapping[str, float]) -> str:
    """Return the best model that is done soon, or in half of the recordings' length.

    One that takes more than half of the memory is excluded. If all take too long, it is ``base``: the words of a
    smaller one are too unreliable to be quoted.
    """
    best = "base"
    for name in _PROPOSED:
        found = estimate(name, length, machine, seen)
        fits = machine.memory is None or _ROUGH[name][2] <= machine.memory / 2
        if found is not None and fits and found.seconds <= max(_SOON, length / 2):
            best = name
    return best


def _rough(name: str, machine: Hardware) -> float:
    on_core, on_gpu, _ = _ROUGH[name]
    cores = min(machine.cores, _MOST_CORES)
    return on_gpu if machine.gpu else on_core / (1 + (cores - 1) * _SHARE)
