"""A whole transcript as text, subtitles or JSON."""

from __future__ import annotations

from ..errors import UsageError
from ..knowledge_base import KnowledgeBase
from ..outputs import TranscriptFormat
from ..translatable import phrase

__all__ = ["export_transcript"]


def export_transcript(kb: KnowledgeBase, episode_id: str, form: TranscriptFormat) -> str:
    """Return an episode's current transcript; as ``TEXT`` the canonical text that quotes point into.

    Raises ``UsageError`` for subtitles of a transcript most of which has no times to the second: words would be shown
    minutes before or after they are heard.
    """
    from ingest.formats import compose_podcast_json, compose_srt, compose_vtt

    if form is TranscriptFormat.TEXT:
        return kb.text(episode_id)
    found = kb.transcript(episode_id)
    if form is TranscriptFormat.JSON:
        return compose_podcast_json(found)
    timed = sum(len(each.text) for each in found.segments if each.start is not None and each.end is not None)
    some = any(each.start is not None for each in found.segments)
    if some and timed * 2 < sum(len(each.text) for each in found.segments):
        raise UsageError(
            phrase(
                "Most of this transcript has times only minutes apart, and subtitles need them to the second. "
                "Export it as text or json."
            )
        )
    return (compose_vtt if form is TranscriptFormat.VTT else compose_srt)(found.segments)
