"""Which of the candidates become quotes: several voices first, and what was broadcast twice only once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

from .quotes import Candidate
from .types import Episode

__all__ = ["Chosen", "choose"]

#: So many quotes of one episode, show or speaker before others have had their turn.
_AT_FIRST = 2
#: Texts this alike (per cent, by letters) are the same words broadcast again.
_ALIKE = 92


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate, and the same words elsewhere."""

    candidate: Candidate
    elsewhere: tuple[Candidate, ...] = ()


def choose(
    candidates: Sequence[Candidate], texts: Sequence[str], episodes: Mapping[str, Episode], most: int
) -> tuple[Chosen, ...]:
    """Return up to ``most`` of the candidates, which come best first with their texts; ``episodes`` by id."""
    distinct: list[tuple[Candidate, str, list[Candidate]]] = []
    for candidate, text in zip(candidates, texts, strict=True):
        plain = utils.default_process(text)
        twin = next((others for _, known, others in distinct if _same(known, plain)), None)
        if twin is not None:
            twin.append(candidate)
        elif len(distinct) < 4 * most:
            distinct.append((candidate, plain, []))
    seen: Counter[tuple[str, str]] = Counter()
    first: list[Chosen] = []
    later: list[Chosen] = []
    for candidate, _, others in distinct:
        episode = episodes[candidate.chunk.episode_id]
        sources = {("episode", episode.id), ("show", episode.show)}
        if candidate.speaker:
            sources.add(("speaker", candidate.speaker))
        crowded = any(seen[source] >= _AT_FIRST for source in sources)
        (later if crowded else first).append(Chosen(candidate, tuple(others)))
        seen.update(sources)
    return tuple((first + later)[:most])


def _same(one: str, other: str) -> bool:
    longer = max(len(one), len(other))
    return bool(longer) and abs(len(one) - len(other)) <= 0.15 * longer and fuzz.ratio(one, other) >= _ALIKE
