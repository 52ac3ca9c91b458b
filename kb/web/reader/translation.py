"""What a transcript's page says of its translation into English: whether it can be made, is being made, or failed."""

from __future__ import annotations

from dataclasses import dataclass

from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ...translations import TRANSLATION
from ...types import OTHER_LANGUAGE, Episode
from ..api.naming import plainly_of

__all__ = ["ShownTranslating", "shown_translating"]


@dataclass(frozen=True, slots=True)
class ShownTranslating:
    """What is told of a translation that is being made or failed, and what its button says; empty: no button."""

    told: str
    button: str


def shown_translating(kb: KnowledgeBase, episode: Episode, is_translated: bool) -> ShownTranslating | None:
    """Return what an episode's page says; ``None`` without a recording, or where all of it is in English."""
    from ingest.queue.lock import who_works

    if episode.audio is None or not (is_translated or _may_be_foreign(kb, episode)):
        return None
    job = kb.jobs.at(TRANSLATION + episode.id)
    if job is not None and job.state == "failed":
        told = phrase("The translation failed: %(reason)s", reason=plainly_of(job, kb))
        return ShownTranslating(told, phrase("Translate to English again"))
    if job is not None:
        share = f"{job.done / job.total:.0%}" if job.done and job.total else "0%"
        if job.state == "running" and who_works(kb.home):
            told = phrase("A translation is being made (%(share)s). Load this page again to see it.", share=share)
        else:
            told = phrase("A translation waits in the queue. Load this page again to see it.")
        return ShownTranslating(told, "")
    if not kb.translations.missing(episode.id):
        return ShownTranslating("", "")
    button = phrase("Translate the rest to English") if is_translated else phrase("Translate to English")
    return ShownTranslating("", button)


def _may_be_foreign(kb: KnowledgeBase, episode: Episode) -> bool:
    """Return whether another language than English is known to be spoken, or no language is known."""
    if episode.language is None or not episode.language.casefold().startswith("en"):
        return True
    remarks = kb.revisions.remarks(episode.id, kb.revisions.latest(episode.id))
    return any(remark.note.startswith(OTHER_LANGUAGE) for remark in remarks)
