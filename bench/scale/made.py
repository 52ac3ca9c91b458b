"""Libraries of any size, made from real transcripts: passages of whole turns, shuffled with a seed.

An episode is some forty minutes of passages drawn from all shows. A passage stays whole, with its speakers, so that its
vector need be computed only once however large the library is. A larger library begins with the same episodes as a
smaller one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ingest.formats import parse
from kb.text.sentences import word_count
from kb.transcripts.canonical import canonicalise
from kb.transcripts.chunking import TURN_WORDS, chunk

#: Passages of an episode, as many as the real ones have on average.
_LEAST, _MOST = 40, 136
_EPISODES_A_SHOW, _EPISODES_A_DAY = 20, 5
_FIRST_DAY = date(2015, 1, 1)

#: What a few speakers said one after another: ``(speaker, words)``.
Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The names in the episode of a number; filters use these."""

    number: int

    @property
    def show(self) -> str:
        return f"Show {self.number // _EPISODES_A_SHOW + 1}"

    @property
    def day(self) -> date:
        return _FIRST_DAY + timedelta(days=self.number // _EPISODES_A_DAY)


def passages_of(paths: Sequence[Path], most: int, seed: int) -> list[Said]:
    """Return ``most`` passages of transcripts, each long enough to be cut in the same way wherever it stands."""
    shuffled = sorted(paths)
    random.Random(seed).shuffle(shuffled)
    found: list[Said] = []
    for path in shuffled:
        if len(found) >= most:
            break
        found += _whole(path)
    return found[:most]


def write_episodes(folder: Path, passages: Sequence[Said], start: int, end: int, seed: int) -> list[Path]:
    """Write the transcripts of the episodes from ``start`` up to ``end``, each with its sidecar; return their paths."""
    return [_write(folder, number, passages, seed) for number in range(start, end)]


def _whole(path: Path) -> Iterator[Said]:
    canonical = canonicalise(parse(path, path.read_bytes()))
    for piece in chunk(canonical, "any", 1):
        start, end = piece.char_start, piece.char_end
        said = [
            (turn.speaker or "", canonical.text[max(turn.char_start, start) : min(turn.char_end, end)].strip())
            for turn in canonical.turns
            if turn.char_end > start and turn.char_start < end
        ]
        if word_count(canonical.text[start:end]) >= TURN_WORDS and all(speaker and text for speaker, text in said):
            yield tuple(said)


def _write(folder: Path, number: int, passages: Sequence[Said], seed: int) -> Path:
    chance = random.Random(f"{seed} {number}")
    names = Names(number)
    path = folder / f"{number:06d}.md"
    wanted, lines, before = chance.randint(_LEAST, _MOST), [], ""
    while wanted:
        said = chance.choice(passages)
        if said[0][0] != before:  # otherwise two passages would become one turn, and be cut differently
            lines += [f"**{speaker}:** {text}" for speaker, text in said]
            before = said[-1][0]
            wanted -= 1
    path.write_text("\n\n".join(lines), "utf-8")
    sidecar = f'title = "Episode {number + 1}"\nshow = "{names.show}"\npublished = {names.day}\nlanguage = "en"\n'
    path.with_suffix(".toml").write_text(sidecar, "utf-8")
    return path
