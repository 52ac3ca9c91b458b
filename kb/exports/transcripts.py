"""A whole transcript as text, subtitles or JSON."""

from __future__ import annotations

from ..knowledge_base import KnowledgeBase
from ..outputs import TranscriptFormat

__all__ = ["export_transcript"]


def export_transcript(kb: KnowledgeBase, episode_id: str, form: TranscriptFormat) -> str:
    """Return an episode's current transcript; as ``TEXT`` the canonical text that quotes point into."""
    from ingest.formats import compose_podcast_json, compose_srt, compose_vtt

    if form is TranscriptFormat.TEXT:
        return kb.text(episode_id)
    found = kb.transcript(episode_id)
    if form is TranscriptFormat.JSON:
        return compose_podcast_json(found)
    return (compose_vtt if form is TranscriptFormat.VTT else compose_srt)(found.segments)
