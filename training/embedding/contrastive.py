"""Contrastive training: a text's vector is the sum of its words', and the right passage must come nearest.

InfoNCE with in-batch negatives in both directions (van den Oord et al. 2018, arXiv:1807.03748), at several lengths of
the vector at once (Matryoshka: Kusupati et al. 2022, arXiv:2205.13147).

What is learnt is one linear map of the initial vectors and a weight for each word.
Learning every word's vector freely does worse: the rare words, which are most words, remember the few passages
that they stood in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from .examples import Batch

__all__ = ["Settings", "train"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the rates are the highest of each part's learning rate."""

    steps: int = 1200
    map_rate: float = 0.002
    weight_rate: float = 0.01
    #: The inverse temperature of the softmax over the batch.
    scale: float = 20.0
    #: Lengths of the vector that must work by themselves; the last is the whole.
    dimensions: tuple[int, ...] = (64, 256)


def train(
    directions: Floats,
    weights: Floats,
    batches: Iterator[Batch],
    settings: Settings,
    tell: Callable[[str], None] = print,
) -> Floats:
    """Return a vector for each row, shape ``(rows, dimensions[-1])``.

    ``directions``, shape ``(rows, any)``, are unit vectors; ``weights``, shape ``(rows,)``, their initial weights.
    """
    model = _Model(directions, weights, settings)
    began, average = time.perf_counter(), 0.0
    for step in range(settings.steps):
        loss = model.learn(next(batches), _slope(step / settings.steps))
        average = loss if step == 0 else 0.98 * average + 0.02 * loss
        if (step + 1) % 100 == 0:
            tell(f"step {step + 1}: loss {average:.3f}, {time.perf_counter() - began:.0f} s")
    return model.vectors()


def _slope(done: float) -> float:
    """Rise over the first tenth, fall to nearly nothing over the rest."""
    return min(done / 0.1 + 0.01, max(0.02, (1 - done) / 0.9))


class _Model:
    def __init__(self, directions: Floats, weights: Floats, settings: Settings) -> None:
        self._settings = settings
        self._directions = torch.from_numpy(directions)
        self._map = torch.eye(directions.shape[1], settings.dimensions[-1]).requires_grad_()
        self._weights = torch.from_numpy(np.log(np.maximum(weights, 1e-3))).requires_grad_()
        self._optimiser = torch.optim.Adam([{"params": [self._map]}, {"params": [self._weights]}])

    def learn(self, batch: Batch, slope: float) -> float:
        """Take one step and return the loss."""
        used, places = np.unique(np.concatenate([batch.queries.rows, batch.passages.rows]), return_inverse=True)
        rows = torch.from_numpy(used)
        loss = self._loss(rows, torch.from_numpy(places), batch)
        for group, rate in zip(
            self._optimiser.param_groups, (self._settings.map_rate, self._settings.weight_rate), strict=True
        ):
            group["lr"] = rate * slope
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        return loss.item()

    def vectors(self) -> Floats:
        """Return what has been learnt as one vector a row."""
        with torch.no_grad():
            found = (self._directions @ self._map) * self._weights.exp()[:, None]
        return np.asarray(found.numpy())

    def _loss(self, rows: torch.Tensor, places: torch.Tensor, batch: Batch) -> torch.Tensor:
        lengths = np.concatenate([batch.queries.lengths, batch.passages.lengths])
        starts = torch.from_numpy(np.cumsum(lengths) - lengths)
        weights = self._weights[rows].exp()[:, None]
        sums = embedding_bag(places, self._directions[rows] * weights, starts, mode="sum") @ self._map
        queries, passages = sums.chunk(2)
        right = torch.arange(len(queries))
        losses = []
        for dimension in self._settings.dimensions:
            likeness = self._settings.scale * normalize(queries[:, :dimension]) @ normalize(passages[:, :dimension]).T
            losses += [cross_entropy(likeness, right), cross_entropy(likeness.T, right)]
        return torch.stack(losses).mean()
