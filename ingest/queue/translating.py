"""The translation of an episode that is in, as a job of the queue: paragraph by paragraph, each kept at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import RLock

from kb.catalogue import Job, Translated
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase

from ..transcribing.recordings import Listening, Request, Transcriber
from ..transcribing.transcription import Cancelled, TranscriptionProgress
from .options import IngestOptions

__all__ = ["TRANSLATION", "TranslationResult", "queue_translation", "translate_episode", "translation_job"]

#: The addresses of these jobs begin with it; the episode's id follows.
TRANSLATION = "translate:"
_NEEDED = "and a translation is made from the sound"


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """Whether paragraphs were translated now, and a sentence for a person."""

    changed: bool
    told: str


def queue_translation(kb: KnowledgeBase, episode_id: str, request: Request, again: bool = False) -> Job:
    """Queue the translation of an episode into English, as ``request`` says; ``again``: also what has one already.

    Raises ``NotFound`` for an episode without a recording, and ``UsageError`` for one without times.
    """
    kb.recording(episode_id, _NEEDED)
    if not kb.translations.timed(episode_id):
        raise UsageError(f"The transcript of {episode_id} has no times, so its recording cannot be translated.")
    asked = IngestOptions(
        f"translation of {episode_id}", request=replace(request, translate=True), translate=episode_id, again=again
    )
    return kb.jobs.enqueue([(TRANSLATION + episode_id, asked.to_json())])[0]


def translation_job(kb: KnowledgeBase, episode_id: str, request: Request) -> Job | None:
    """Queue the translation of an episode if ``request`` asks for one and something lacks it."""
    if not request.translate or kb.episode(episode_id).audio is None or not kb.translations.missing(episode_id):
        return None
    return queue_translation(kb, episode_id, request)


def translate_episode(
    kb: KnowledgeBase, asked: IngestOptions, transcriber: Transcriber, listening: Listening, writing: RLock
) -> TranslationResult:
    """Translate the paragraphs that lack a translation, or all where ``asked.again``.

    Each is stored when it is made, so that the same job goes on after a kill. Raises ``Cancelled``.
    """
    episode_id = asked.translate
    episode, audio = kb.episode(episode_id), kb.recording(episode_id, _NEEDED)
    wanted = kb.translations.timed(episode_id) if asked.again else kb.translations.missing(episode_id)
    if not wanted:
        return TranslationResult(False, "Everything is translated already.")
    made = transcriber.translate(audio, [(each.start or 0.0, each.end or 0.0) for each in wanted], episode.language)
    found = []
    for paragraph, piece in zip(wanted, made, strict=True):
        if listening.cancelled is not None and listening.cancelled():
            raise Cancelled(f"The translation of {episode_id} was stopped; start it again to go on from there.")
        with writing:
            kb.translations.keep(
                episode_id,
                paragraph,
                Translated("", 0.0, 0.0, piece.language, piece.text, piece.doubtful, piece.engine, piece.model),
            )
        if listening.progress is not None:
            listening.progress(TranscriptionProgress(paragraph.end or 0.0, episode.duration))
        found.append(piece)
    count = sum(bool(piece.text) for piece in found)
    paragraphs = "1 paragraph was" if count == 1 else f"{count or 'No'} paragraphs were"
    why = "" if count else "; English is spoken, or nothing was recognised"
    return TranslationResult(count > 0, f"{paragraphs} translated into English by {found[0].model}{why}.")
