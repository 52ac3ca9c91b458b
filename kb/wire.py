"""The types as JSON, with stable keys for scripts (of the command line and the REST interface).

A type whose JSON has all its fields needs no list here: a new field is in its JSON automatically.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from .summary.synthesis import Synthesis
from .types import Answer, Episode, Hit, ImportResult, Quote

if TYPE_CHECKING:  # they open databases, and 'kb --help' waits for nothing
    from .catalogue import Collection, HeardAgain
    from .saved.quotes import SavedQuote

__all__ = [
    "HIT_EPISODE",
    "HIT_KEYS",
    "QUOTED_EPISODE",
    "QUOTE_KEYS",
    "answer_json",
    "collection_json",
    "episode_json",
    "hearing_json",
    "hit_json",
    "quote_json",
    "result_json",
    "saved_json",
    "some",
    "synthesis_json",
]

#: The keys of a quote (times in seconds, offsets in code points of its revision's text), and of its episode.
QUOTE_KEYS = (
    "id text speaker start end earliest latest char_start char_end revision score confidence before after link "
    "origin engine remarks elsewhere cautions"
).split()
QUOTED_EPISODE = "id title show published url audio_note".split()
#: The keys of a passage, and of its episode.
HIT_KEYS = (
    "id text speakers turns start end earliest latest char_start char_end revision "
    "score lexical_rank vector_rank advert"
).split()
HIT_EPISODE = "id title show".split()


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as ``kb ask --json`` prints it."""
    return {
        "question": answer.question,
        "answered": answer.answered,
        "verdict": answer.verdict,
        "quotes": [quote_json(quote) for quote in answer.quotes],
        "searched": some(answer.searched),
        "nearest": [quote_json(quote) for quote in answer.nearest],
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    """Return a quote."""
    return {**some(quote, QUOTE_KEYS), "episode": some(quote.episode, QUOTED_EPISODE)}


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return a passage as ``kb search --json`` prints it."""
    found = {key: _plain(getattr(hit if hasattr(hit, key) else hit.chunk, key)) for key in HIT_KEYS}
    return {**found, "episode": some(hit.episode, HIT_EPISODE)}


def episode_json(episode: Episode) -> dict[str, Any]:
    """Return an episode as ``kb episodes --json`` prints it."""
    return some(episode)


def result_json(result: ImportResult) -> dict[str, Any]:
    """Return the result of one source."""
    return some(result)


def synthesis_json(synthesis: Synthesis) -> dict[str, Any]:
    """Return a checked synthesis; quotes are numbered from 1."""
    return some(synthesis, ("sentences", "dropped", "model", "endpoint"))


def collection_json(collection: Collection) -> dict[str, Any]:
    """Return a collection as ``kb saved --json`` lists it."""
    return some(collection, ("name", "quotes", "added_at"))


def saved_json(saved: SavedQuote) -> dict[str, Any]:
    """Return a saved quote; ``now`` is its place in the current revision where that is another one."""
    now = saved.standing.now
    return {
        "quote": quote_json(saved.quote),
        **some(saved, ("note", "tags", "status", "history")),
        "hearings": [hearing_json(each) for each in saved.hearings],
        "standing": saved.standing.kind,
        "told": saved.standing.told(saved.quote),
        "now": some(now, ("id", "text", "speaker")) if now else None,
    }


def hearing_json(hearing: HeardAgain) -> dict[str, Any]:
    """Return a second transcription of a quote, and the same in a sentence."""
    from .saved.hearings import told

    found = some(hearing)
    return {**found, "settings": json.loads(hearing.settings), "agrees": hearing.agrees, "told": told(hearing)}


def some(value: Any, keys: Sequence[str] = ()) -> dict[str, Any]:
    """Return some of a value's fields as JSON, or all of a dataclass's."""
    return {key: _plain(getattr(value, key)) for key in keys or [field.name for field in fields(value)]}


def _plain(value: Any) -> Any:
    """Return dataclasses as objects and tuples as arrays, all the way down."""
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return some(value) if is_dataclass(value) else value
