"""``/words/ADDRESS``: the quotes for selected words, for the toolbar at the selection."""

from __future__ import annotations

from fastapi import FastAPI

from ...knowledge_base import KnowledgeBase
from ...phrasing import play_from
from ..ask.cards import quotation
from ..server.languages import translate

__all__ = ["add_marking"]

#: Most turns to copy or save at once.
_MOST = 50


def add_marking(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/words/ADDRESS``."""

    @app.get("/words/{quote_id:path}", include_in_schema=False)
    def words(quote_id: str) -> list[dict[str, object]]:
        """Return each quote, of whole words and of one speaker: its address, its quotation, and its seconds."""
        parts = kb.marked(quote_id)[:_MOST]
        return [
            {
                "id": quote.id,
                "copied": translate(quotation(quote)),
                "start": play_from(quote),
                "end": quote.latest if quote.end is None else quote.end,
            }
            for quote in (kb.quote(str(part)) for part in parts)
        ]
