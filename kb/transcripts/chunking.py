"""From a canonical text to the passages that are embedded and searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..addresses import Address
from ..text.sentences import split_sentences, word_count
from ..types import Chunk
from .canonical import Canonical

__all__ = ["TARGET_WORDS", "chunk"]

#: A passage is closed once it has this many words: long enough for context, short enough for one idea.
TARGET_WORDS = 120
#: A passage at least this long is closed when the speaker changes, so that turns stay whole where they can.
TURN_WORDS = 80


@dataclass(frozen=True, slots=True)
class _Sentence:
    char_start: int
    char_end: int
    words: int
    turn: int


def chunk(canonical: Canonical, episode_id: str, revision: int) -> tuple[Chunk, ...]:
    """Pack whole sentences into passages of about ``TARGET_WORDS`` words.

    Every visible character of the text lies in exactly one passage. A passage that crosses from one
    speaker to another records both, in order of appearance; an unknown speaker records none.
    """
    return tuple(
        _chunk(canonical, sentences, episode_id, revision, position)
        for position, sentences in enumerate(_packs(canonical))
    )


def _packs(canonical: Canonical) -> Iterator[list[_Sentence]]:
    pack: list[_Sentence] = []
    words = 0
    for sentence in _sentences(canonical):
        turned = bool(pack) and sentence.turn != pack[-1].turn
        overfull = words + sentence.words > TARGET_WORDS * 1.25
        if pack and (words >= TARGET_WORDS or overfull or (turned and words >= TURN_WORDS)):
            yield pack
            pack, words = [], 0
        pack.append(sentence)
        words += sentence.words
    if pack:
        yield pack


def _sentences(canonical: Canonical) -> Iterator[_Sentence]:
    for index, turn in enumerate(canonical.turns):
        for start, end in split_sentences(canonical.text, turn.char_start, turn.char_end):
            yield _Sentence(start, end, word_count(canonical.text[start:end]), index)


def _chunk(canonical: Canonical, pack: list[_Sentence], episode_id: str, revision: int, position: int) -> Chunk:
    start, end = pack[0].char_start, pack[-1].char_end
    names = (canonical.turns[sentence.turn].speaker for sentence in pack)
    return Chunk(
        id=str(Address(episode_id, revision, start, end)),
        episode_id=episode_id,
        revision=revision,
        position=position,
        start=canonical.timings.start_at(start),
        end=canonical.timings.end_at(end),
        char_start=start,
        char_end=end,
        speakers=tuple(dict.fromkeys(name for name in names if name)),
    )
