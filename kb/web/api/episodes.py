"""``/api/episodes``: what is there, and its transcripts."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response

from ...catalogue import Sort
from ...exports.transcripts import export_transcript
from ...knowledge_base import KnowledgeBase
from ...outputs import TranscriptFormat
from ...types import Episode
from ...wire import episode_json
from .shapes import EpisodePage, EpisodeShape

__all__ = ["routes"]

_MOST = 200
_TYPES = {
    TranscriptFormat.TEXT: "text/plain",
    TranscriptFormat.VTT: "text/vtt",
    TranscriptFormat.SRT: "application/x-subrip",
    TranscriptFormat.JSON: "application/json",
}


def routes(kb: KnowledgeBase) -> APIRouter:
    """Return the routes over ``kb``."""
    router = APIRouter(prefix="/episodes", tags=["Episodes"])

    @router.get("", response_model=EpisodePage)
    def episodes(
        q: Annotated[str, Query(max_length=200, description="Words of titles, shows and people.")] = "",
        show: Annotated[str | None, Query(description="Only this show.")] = None,
        sort: Sort = "newest",
        page: Annotated[int, Query(ge=1, le=100_000, description="Counted from 1.")] = 1,
        size: Annotated[int, Query(ge=1, le=_MOST)] = 50,
    ) -> dict[str, Any]:
        """List a page of the episodes."""
        found = kb.listing.page(q, show, sort, (page - 1) * size, size)
        listed = [_shown(one.episode) for one in found.listed]
        return {"total": found.total, "page": page, "size": size, "episodes": listed}

    @router.get("/{episode_id}", response_model=EpisodeShape)
    def episode(episode_id: str) -> dict[str, Any]:
        """Return what is known of one episode."""
        return _shown(kb.episode(episode_id))

    @router.get(
        "/{episode_id}/transcript",
        response_class=PlainTextResponse,
        responses={200: {"content": {kind: {} for kind in _TYPES.values()}}},
    )
    def transcript(episode_id: str, format: Annotated[TranscriptFormat, Query()] = TranscriptFormat.TEXT) -> Response:
        """Return an episode's current transcript; ``text`` is the text that quotes point into, byte for byte."""
        return Response(export_transcript(kb, episode_id, format), media_type=f"{_TYPES[format]}; charset=utf-8")

    return router


def _shown(episode: Episode) -> dict[str, Any]:
    """Return an episode as the command line prints it, but with an address of its sound instead of a file's name."""
    return {**episode_json(episode), "audio": f"/audio/{quote(episode.id, safe='')}" if episode.audio else None}
