"""The figures as a table and as a picture, from what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.scale.engines import Alone
from bench.scale.phases import Asked, TakenIn


@dataclass(frozen=True, slots=True)
class Size:
    """All that was measured of one library."""

    episodes: int
    taken_in: TakenIn
    one_more: TakenIn
    asked: Asked
    alone: Alone
    disk: dict[str, float]

    def median(self, name: str) -> float:
        return float(np.median({**self.asked.times, **self.alone.times}[name]))


def table(sizes: Sequence[Size]) -> str:
    """Return the figures as a Markdown table, one column for each size."""
    first = sizes[0]
    rows: list[tuple[str, Callable[[Size], str]]] = [
        ("passages", lambda size: f"{size.taken_in.passages:,}"),
        ("taken in, without the model", lambda size: _rate(size)),
        ("written to the disk", lambda size: f"{size.taken_in.written:,.0f} MB, {_share(size):.1f} times the folder"),
        ("most memory meanwhile", lambda size: f"{size.taken_in.peak:,.0f} MB"),
        ("one more episode, without the model", lambda size: _one(size)),
        *((f"on the disk: {part}", lambda size, part=part: f"{size.disk[part]:,.0f} MB") for part in first.disk),
        ("open, and the index up", lambda size: f"{size.asked.opened:.1f} s"),
        ("first question", lambda size: f"{size.asked.first:.2f} s"),
        ("first question under a filter, at most", lambda size: f"{size.asked.first_filtered:.2f} s"),
        ("memory of who asks", lambda size: f"{size.asked.memory:,.0f} MB"),
        ("**a question**, warm", lambda size: _spread(size.asked.times["all"])),
        ("the same, cold", lambda size: _spread(size.asked.times["cold"])),
        *((f"under {name}", lambda size, name=name: _filtered(size, name)) for name in first.asked.leaves),
        ("ten askers at once", lambda size: f"{_spread(size.asked.times['ten askers'])}; {size.asked.a_second:.0f}/s"),
        *((name, lambda size, name=name: _beside(size, name)) for name in first.alone.times),
        ("Chroma alone takes up the vectors and texts", lambda size: f"{size.alone.built:,.0f} s"),
    ]
    head = f"| | {' | '.join(f'{size.episodes:,} episodes' for size in sizes)} |\n|{'---|' * (len(sizes) + 1)}"
    return "\n".join([head, *(f"| {name} | {' | '.join(map(tell, sizes))} |" for name, tell in rows)])


def draw(sizes: Sequence[Size], path: Path) -> None:
    """Write an SVG to ``path``: left a question's median under filters, right beside the engines alone."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update(
        {"svg.hashsalt": "verbatim", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    figure, pair = pyplot.subplots(1, 2, figsize=(8, 4), layout="constrained", sharey=True)
    passages = [size.taken_in.passages for size in sizes]
    for axes, names in zip(pair, (sizes[0].asked.leaves, sizes[0].alone.times), strict=True):
        for name in ("all", *names):
            label = "a question" if name == "all" else name
            width = 2.2 if name == "all" else 1.2
            axes.plot(
                passages, [size.median(name) for size in sizes], marker="o", markersize=3, linewidth=width, label=label
            )
        axes.set(xscale="log", yscale="log", xlabel="passages")
        axes.set_xticks(passages, [f"{number:,}" for number in passages])
        axes.set_xticks([], minor=True)
        axes.legend(frameon=False, fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    pair[0].set(ylabel="median, ms")
    pair[0].set_title("Under filters", fontsize=9)
    pair[1].set_title("Beside engines alone", fontsize=9)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _spread(times: Sequence[float]) -> str:
    """Return the 50th, 95th and 99th percentiles."""
    return " / ".join(f"{value:,.0f}" for value in np.percentile(times, [50, 95, 99])) + " ms"


def _filtered(size: Size, name: str) -> str:
    ratio = size.median(name) / size.median("all")
    return f"{_spread(size.asked.times[name])}, {ratio:.2f} times ({size.asked.leaves[name]:,} passages)"


def _beside(size: Size, name: str) -> str:
    mine = size.median("all")
    there = float(np.median(size.alone.times[name]))
    return f"{there:,.1f} ms; a question is {mine / there:,.1f} times that"


def _rate(size: Size) -> str:
    return f"{size.taken_in.seconds:,.0f} s, {size.taken_in.passages / size.taken_in.seconds:,.0f} passages/s"


def _share(size: Size) -> float:
    return size.taken_in.written / (size.disk["catalogue"] + size.disk["index"])


def _one(size: Size) -> str:
    return f"{size.one_more.seconds:.2f} s, {size.one_more.written:.0f} MB written"
