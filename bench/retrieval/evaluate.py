"""Asks every question of every system and judges what comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kb.knowledge_base import KnowledgeBase
from kb.types import Answer, Chunk, Filters

from .data import Question, Span
from .metrics import Scores, scored
from .systems import Asked

__all__ = ["Judged", "System", "ask", "chunks_of", "judge", "not_verbatim"]

#: Returns passages or quotes, best first.
System = Callable[[Asked], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A system's scores, one a question; ``embedding`` names the model where several are compared."""

    system: str
    scores: tuple[Scores, ...]
    embedding: str = ""

    @property
    def title(self) -> str:
        """What its row is called."""
        return f"{self.system} ({self.embedding})" if self.embedding else self.system


def chunks_of(kb: KnowledgeBase) -> dict[int, Chunk]:
    """Return every passage by its row."""
    passages = kb.catalogue.passages
    rows = (passages.select(Filters(episodes=(episode.id,))).tolist() for episode in kb.catalogue.episodes.all())
    return {row: chunk for some in rows for row, (chunk, _) in passages.read(some).items()}


def ask(kb: KnowledgeBase, questions: Sequence[Question], chunks: Mapping[int, Chunk], within: bool) -> list[Asked]:
    """Return the questions ready for the systems: each within its episode, or over the whole base."""
    return [Asked(kb, question.text, question.episode if within else None, chunks) for question in questions]


def judge(questions: Sequence[Question], asked: Sequence[Asked], systems: Mapping[str, System]) -> Iterator[Judged]:
    """Yield each system's scores. A passage or quote is relevant when it shares a character with the gold."""
    passages: defaultdict[str, list[Span]] = defaultdict(list)
    for chunk in asked[0].chunks.values() if asked else ():
        passages[chunk.episode_id].append(Span(chunk.episode_id, chunk.char_start, chunk.char_end))
    relevant = [
        sum(
            _overlaps(span, question.gold)
            for episode in {gold.episode for gold in question.gold}
            for span in passages[episode]
        )
        for question in questions
    ]
    for name, system in systems.items():
        scores = []
        for question, one, count in zip(questions, asked, relevant, strict=True):
            scores.append(scored([_overlaps(span, question.gold) for span in system(one)], count))
        yield Judged(name, tuple(scores))


def not_verbatim(kb: KnowledgeBase, answers: Sequence[Answer]) -> tuple[int, int]:
    """Return how many quotes the answers show, and how many of them differ from the transcript."""
    quotes = [quote for answer in answers for quote in (*answer.quotes, *answer.nearest)]
    wrong = sum(kb.text(quote.episode.id)[quote.char_start : quote.char_end] != quote.text for quote in quotes)
    return len(quotes), wrong


def _overlaps(span: Span, gold: Sequence[Span]) -> bool:
    return any(span.episode == one.episode and span.start < one.end and one.start < span.end for one in gold)
