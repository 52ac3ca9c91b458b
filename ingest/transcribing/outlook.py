"""The models for this machine: installed ones, ones to fetch, and how long each takes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..models.estimating import CHOICES, Estimate, Hardware, Speeds, estimate, propose
from ..models.finding import Engine, ModelFile, Offer, list_models, offer_of
from .engines import has_gpu

__all__ = ["ModelChoice", "best_installed", "choices", "estimated", "installed", "smallest_installed", "this_machine"]

#: From best to smallest for a machine without a GPU, then those too slow for it; the first
#: installed one is used.
_PREFERRED = (
    "large-v3-turbo distil-large-v3.5 distil-large-v3 medium small base tiny large-v3 large-v2 large-v1".split()
)
#: Those that hear every language, the smallest first.
_MULTILINGUAL = "tiny base small medium large-v3-turbo large-v3 large-v2 large-v1".split()


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be fetched, how long it takes, and whether it is recommended."""

    offer: Offer
    good_for: str
    estimate: Estimate
    proposed: bool


@functools.cache
def this_machine() -> Hardware:
    """Return the features of this machine that decide speed."""
    return Hardware.this(has_gpu("faster-whisper"))


def installed() -> tuple[ModelFile, ...]:
    """Return the models on this machine that can be used, each engine and name once."""
    usable = (model for model in list_models() if model.path is not None and model.problem is None)
    return tuple({(model.engine, model.name): model for model in usable}.values())


def best_installed(engine: Engine | None = None, among: Sequence[ModelFile] | None = None) -> ModelFile | None:
    """Return the default model, of any engine or of ``engine``; ``None`` if none is installed."""
    known = [
        model
        for model in (installed() if among is None else among)
        if model.name in _PREFERRED and engine in (None, model.engine)
    ]
    ranked = sorted(known, key=lambda model: (_PREFERRED.index(model.name), model.engine != "faster-whisper"))
    return ranked[0] if ranked else None


def smallest_installed(engine: Engine | None = None, among: Sequence[ModelFile] | None = None) -> ModelFile | None:
    """Return the smallest model that hears every language, of any engine or of ``engine``; else the default one."""
    here = installed() if among is None else among
    known = [model for model in here if model.name in _MULTILINGUAL and engine in (None, model.engine)]
    ranked = sorted(known, key=lambda model: (_MULTILINGUAL.index(model.name), model.engine != "faster-whisper"))
    return ranked[0] if ranked else best_installed(engine, here)


def choices(length: float, home: Path) -> tuple[ModelChoice, ...]:
    """Return the models to fetch for recordings of ``length`` seconds, the smallest first.

    ``home`` is the data folder, with the measured speeds.
    """
    machine = this_machine()
    seen = Speeds(home).of(machine)
    best = propose(length, machine, seen)
    found = []
    for name, good_for in CHOICES.items():
        offer, guess = offer_of(name, "faster-whisper"), estimate(name, length, machine, seen)
        if offer is not None and guess is not None:
            found.append(ModelChoice(offer, good_for, guess, name == best))
    return tuple(found)


def estimated(name: str, length: float, home: Path) -> Estimate | None:
    """Return how long a model takes for so many seconds of sound here; ``None`` if unknown."""
    machine = this_machine()
    return estimate(name, length, machine, Speeds(home).of(machine))
