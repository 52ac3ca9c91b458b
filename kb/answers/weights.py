"""The weights fitted on questions, read from ``weights.json``, which ``python -m bench.confidence`` writes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ..types import Verdict
from .signs import ANSWER_SIGNS, SENTENCE_SIGNS

__all__ = ["Weights", "shipped"]


@dataclass(frozen=True, slots=True)
class Weights:
    """How features become a score, and scores become a probability and a verdict."""

    #: Of ``SENTENCE_SIGNS``.
    sentence: NDArray[np.float64]
    #: Of ``ANSWER_SIGNS``, and the constant: whether this quote answers.
    answer: NDArray[np.float64]
    constant: float
    #: Of ``ANSWER_SIGNS``: whether anything here answers.
    support: NDArray[np.float64]
    #: The least probability at which quotes are said to answer, and the least support at which they are shown.
    answers: float
    nearest: float

    def probability(self, signs: NDArray[np.float64]) -> float:
        """Return the probability that a quote with these features answers."""
        logit = float(signs @ self.answer) + self.constant
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def supports(self, signs: NDArray[np.float64]) -> float:
        """Return the support for an answer to exist at all, from the features of the best quote."""
        return float(signs @ self.support)

    def verdict(self, signs: NDArray[np.float64]) -> Verdict:
        """Return the verdict on an answer from its best quote's features; a probably right quote is never refused."""
        if self.probability(signs) >= self.answers:
            return "answers"
        return "nearest" if self.supports(signs) >= self.nearest else "none"


@lru_cache
def shipped(reader: bool) -> Weights:
    """Return the weights that come with the program, with the reader or without it."""
    text = resources.files(__package__).joinpath("weights.json").read_text("utf-8")
    told = json.loads(text)["reader" if reader else "no reader"]
    return Weights(
        np.array([told["sentence"][sign] for sign in SENTENCE_SIGNS]),
        np.array([told["answer"][sign] for sign in ANSWER_SIGNS]),
        told["constant"],
        np.array([told["support"][sign] for sign in ANSWER_SIGNS]),
        told["thresholds"]["answers"],
        told["thresholds"]["nearest"],
    )
