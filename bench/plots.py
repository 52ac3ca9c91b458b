"""The figures of docs/retrieval.md: a reliability diagram, and risk over coverage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_confidence"]

_BINS = np.linspace(0, 1, 11)
_INK = "#1f4e79"

#: For each set, how likely its first quotes were said to be right and whether they were.
Judged = Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]


def draw_confidence(judged: Judged, path: Path) -> None:
    """Write an SVG to ``path``: left a reliability diagram over all sets, right each set's risk-coverage curve."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update({"svg.hashsalt": "verbatim", "font.size": 9, "axes.spines.top": False})
    figure, (left, right_side) = pyplot.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    sure = np.concatenate([pair[0] for pair in judged.values()])
    right = np.concatenate([pair[1] for pair in judged.values()])
    place = np.clip(np.digitize(sure, _BINS) - 1, 0, len(_BINS) - 2)
    filled = [number for number in range(len(_BINS) - 1) if (place == number).any()]
    means = [sure[place == number].mean() for number in filled]
    shares = [right[place == number].mean() for number in filled]
    counts = np.array([(place == number).sum() for number in filled])
    spread = [1.96 * np.sqrt(max(share * (1 - share), 0.01) / n) for share, n in zip(shares, counts, strict=True)]
    left.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    left.errorbar(means, shares, yerr=spread, color=_INK, marker="o", markersize=4, linewidth=1, capsize=2)
    left.set(xlabel="said to be right with", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1))
    left.set_title("Reliability (bars: 95 % of what chance gives)", fontsize=9)
    for name, (likely, correct) in judged.items():
        order = np.argsort(-likely, kind="stable")
        wrong = 1 - np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
        coverage = np.arange(1, len(order) + 1) / len(order)
        right_side.plot(coverage[4:], wrong[4:], label=name, linewidth=1.4)  # a share of under five says little
    right_side.set(xlabel="share of questions answered, the surest first", ylabel="share of them wrong")
    right_side.set(xlim=(0, 1), ylim=(0, 1))
    right_side.set_title("Risk and coverage", fontsize=9)
    right_side.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
