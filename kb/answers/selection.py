"""Which candidates become quotes: words that were broadcast several times become one quote. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

from .quotes import Candidate

__all__ = ["Chosen", "choose"]

#: Texts this alike (per cent, by letters) are the same words broadcast again.
_ALIKE = 92


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate, and the same words elsewhere."""

    candidate: Candidate
    elsewhere: tuple[Candidate, ...] = ()


def choose(candidates: Iterable[Candidate], most: int) -> tuple[Chosen, ...]:
    """Return the first ``most`` candidates (given best first), each with those that have the same words."""
    distinct: list[tuple[Candidate, str, list[Candidate]]] = []
    for candidate in candidates:
        plain = utils.default_process(candidate.text)
        twin = next((others for _, known, others in distinct if _same(known, plain)), None)
        if twin is not None:
            twin.append(candidate)
        elif len(distinct) < most:
            distinct.append((candidate, plain, []))
    return tuple(Chosen(candidate, tuple(others)) for candidate, _, others in distinct)


def _same(one: str, other: str) -> bool:
    longer = max(len(one), len(other))
    if not longer or abs(len(one) - len(other)) > 0.15 * longer:
        return False
    return fuzz.ratio(one, other, score_cutoff=_ALIKE) > 0  # it gives 0 below the cut-off
