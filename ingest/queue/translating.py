"""The translation of an episode that is in, as a job of the queue: paragraph by paragraph, each kept at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from threading import RLock

from kb.catalogue import Job
from kb.errors import NotFound, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.translatable import phrase
from kb.translations import TRANSLATION, TRANSLATION_OF

from ..transcribing.recordings import Listening, Request, Transcriber
from ..transcribing.transcription import Cancelled, TranscriptionProgress
from ..transcribing.translating import PieceTranslation
from .options import IngestOptions

__all__ = ["TranslationResult", "queue_translation", "translate_episode", "translation_job"]

_NEEDED = "and a translation is made from the sound"


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """Whether paragraphs were translated now, and a sentence for a person."""

    changed: bool
    told: str


def queue_translation(kb: KnowledgeBase, episode_id: str, request: Request, again: bool = False) -> Job:
    """Queue the translation of an episode into English, as ``request`` says; ``again``: also what has one already.

    The same wish again goes on with a job that is not finished. Raises ``NotFound`` for an episode without a recording,
    and ``UsageError`` for one without times.
    """
    kb.recording(episode_id, _NEEDED)
    if not kb.translations.timed(episode_id):
        raise UsageError(
            phrase(
                "The transcript of %(episode)s has no times, so its recording cannot be translated.", episode=episode_id
            )
        )
    asked = IngestOptions(
        TRANSLATION_OF + episode_id,
        request=replace(request, translate=True),
        translate=episode_id,
        again=again,
        after=kb.translations.newest(episode_id) if again else 0,
    )
    uri = TRANSLATION + episode_id
    earlier = next((IngestOptions.of(job) for job in kb.jobs.all() if job.uri == uri), asked)
    if replace(earlier, after=asked.after) == asked:
        asked = earlier
    return kb.jobs.enqueue([(uri, asked.to_json())])[0]


def translation_job(kb: KnowledgeBase, episode_id: str, request: Request) -> Job | None:
    """Queue the translation of an episode if ``request`` asks for one and something lacks it."""
    if not request.translate or kb.episode(episode_id).audio is None or not kb.translations.missing(episode_id):
        return None
    return queue_translation(kb, episode_id, request)


def translate_episode(
    kb: KnowledgeBase, asked: IngestOptions, transcriber: Transcriber, listening: Listening, writing: RLock
) -> TranslationResult:
    """Translate the paragraphs that lack a translation, or all where ``asked.again``.

    Each is stored when it is made, so that the same job goes on after a kill. What is corrected meanwhile is translated
    too; an episode that is removed meanwhile ends it. Raises ``Cancelled``.
    """
    try:
        found = tuple(_translated(kb, asked, transcriber, listening, writing))
    except NotFound:
        if kb.revisions.latest(asked.translate):  # it is the recording that is gone
            raise
        return TranslationResult(
            False,
            phrase("%(episode)s was removed from the library, so its translation ended.", episode=asked.translate),
        )
    if not found:
        return TranslationResult(False, phrase("Everything is translated already."))
    count = sum(bool(piece.text) for piece in found)
    return TranslationResult(count > 0, _told(count, found[0].model))


def _told(count: int, model: str) -> str:
    """Return how many paragraphs a model translated."""
    if count == 1:
        return phrase("1 paragraph was translated into English by %(model)s.", model=model)
    if count:
        return phrase(
            "%(number)s paragraphs were translated into English by %(model)s.", number=str(count), model=model
        )
    return phrase(
        "No paragraphs were translated into English by %(model)s; English is spoken, or nothing was recognised.",
        model=model,
    )


def _translated(
    kb: KnowledgeBase, asked: IngestOptions, transcriber: Transcriber, listening: Listening, writing: RLock
) -> Iterator[PieceTranslation]:
    """Yield the translations of all paragraphs that lack one, each when it is stored, until none is new."""
    episode_id = asked.translate
    episode, audio = kb.episode(episode_id), kb.recording(episode_id, _NEEDED)
    tried: set[tuple[str, float | None]] = set()
    while wanted := [
        each for each in kb.translations.missing(episode_id, asked.after) if (each.words, each.start) not in tried
    ]:
        tried.update((each.words, each.start) for each in wanted)
        spans = [(each.start or 0.0, each.end or 0.0) for each in wanted]
        for paragraph, piece in zip(wanted, transcriber.translate(audio, spans, episode.language), strict=True):
            with writing, kb.transaction():  # so that nobody removes the episode between the question and the writing
                kb.episode(episode_id)
                if listening.cancelled is not None and listening.cancelled():
                    raise Cancelled(
                        phrase(
                            "The translation of %(episode)s was stopped; start it again to go on from there.",
                            episode=episode_id,
                        )
                    )
                kb.translations.keep(episode_id, paragraph, **asdict(piece))
            if listening.progress is not None:
                listening.progress(TranscriptionProgress(paragraph.end or 0.0, episode.duration))
            yield piece
