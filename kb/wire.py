"""The types as JSON, with the keys that scripts rely on (the command line's and the REST interface's)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .summary.synthesis import Synthesis
from .types import Answer, Episode, Hit, ImportResult, Quote

if TYPE_CHECKING:  # they open databases, and 'kb --help' waits for nothing
    from .catalogue import Collection
    from .saved.quotes import SavedQuote

__all__ = [
    "answer_json",
    "collection_json",
    "episode_json",
    "hit_json",
    "quote_json",
    "result_json",
    "saved_json",
    "synthesis_json",
]


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as ``kb ask --json`` prints it."""
    return {
        "question": answer.question,
        "answered": answer.answered,
        "verdict": answer.verdict,
        "quotes": [quote_json(quote) for quote in answer.quotes],
        "searched": {
            "episodes": answer.searched.episodes,
            "passages": answer.searched.passages,
            "unknown_words": list(answer.searched.unknown_words),
            "respelt": [list(pair) for pair in answer.searched.respelt],
            "problem": answer.searched.problem,
        },
        "nearest": [quote_json(quote) for quote in answer.nearest],
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    """Return a quote; times in seconds, offsets in code points of its revision's text."""
    return {
        "id": quote.id,
        "text": quote.text,
        "speaker": quote.speaker,
        "start": quote.start,
        "end": quote.end,
        "earliest": quote.earliest,
        "latest": quote.latest,
        "char_start": quote.char_start,
        "char_end": quote.char_end,
        "revision": quote.revision,
        "score": quote.score,
        "confidence": quote.confidence,
        "before": quote.before,
        "after": quote.after,
        "link": quote.link,
        "origin": quote.origin,
        "engine": quote.engine,
        "remarks": [asdict(remark) for remark in quote.remarks],
        "elsewhere": list(quote.elsewhere),
        "cautions": list(quote.cautions),
        "episode": {
            "id": quote.episode.id,
            "title": quote.episode.title,
            "show": quote.episode.show,
            "published": quote.episode.published,
            "url": quote.episode.url,
            "audio_note": quote.episode.audio_note,
        },
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return a passage as ``kb search --json`` prints it."""
    return {
        "id": hit.chunk.id,
        "text": hit.text,
        "speakers": list(hit.chunk.speakers),
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "earliest": hit.chunk.earliest,
        "latest": hit.chunk.latest,
        "char_start": hit.chunk.char_start,
        "char_end": hit.chunk.char_end,
        "revision": hit.chunk.revision,
        "score": hit.score,
        "lexical_rank": hit.lexical_rank,
        "vector_rank": hit.vector_rank,
        "episode": {"id": hit.episode.id, "title": hit.episode.title, "show": hit.episode.show},
    }


def episode_json(episode: Episode) -> dict[str, Any]:
    """Return an episode as ``kb episodes --json`` prints it."""
    return {
        "id": episode.id,
        "show": episode.show,
        "title": episode.title,
        "published": episode.published,
        "url": episode.url,
        "audio": episode.audio,
        "people": [{"name": person.name, "role": person.role} for person in episode.people],
        "duration": episode.duration,
        "language": episode.language,
        "publisher": episode.publisher,
        "medium": episode.medium,
        "audio_note": episode.audio_note,
        "season": episode.season,
        "number": episode.number,
    }


def result_json(result: ImportResult) -> dict[str, Any]:
    """Return what became of one source."""
    return {
        "source": result.source,
        "episode_id": result.episode_id,
        "status": result.status,
        "error": result.error,
        "notes": list(result.notes),
    }


def synthesis_json(synthesis: Synthesis) -> dict[str, Any]:
    """Return a checked synthesis; quotes are numbered from 1."""
    return {
        "sentences": [{"text": each.text, "quotes": list(each.quotes)} for each in synthesis.sentences],
        "dropped": [{"text": each.text, "reason": each.reason} for each in synthesis.dropped],
        "model": synthesis.model,
        "endpoint": synthesis.endpoint,
    }


def collection_json(collection: Collection) -> dict[str, Any]:
    """Return a collection as ``kb saved --json`` lists it."""
    return {"name": collection.name, "quotes": collection.quotes, "added_at": collection.added_at}


def saved_json(saved: SavedQuote) -> dict[str, Any]:
    """Return a saved quote; ``now`` is its place in the current revision where that is another one."""
    now = saved.standing.now
    return {
        "quote": quote_json(saved.quote),
        "note": saved.note,
        "tags": list(saved.tags),
        "status": saved.status,
        "history": [asdict(entry) for entry in saved.history],
        "standing": saved.standing.kind,
        "told": saved.standing.told(saved.quote),
        "now": {"id": now.id, "text": now.text, "speaker": now.speaker} if now else None,
    }
