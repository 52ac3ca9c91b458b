"""Names of sources for pages, without their paths on the server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from ...catalogue import Job
from ...errors import NotFound
from ...knowledge_base import KnowledgeBase
from ...phrasing import name_of
from ...timing import CHECKING, TIMES_OF
from ...translations import TRANSLATION, TRANSLATION_OF
from ...types import ImportResult

__all__ = ["EpisodeWork", "episode_work", "finished_work", "job_name", "plainly", "plainly_of", "result_name"]


@dataclass(frozen=True, slots=True)
class EpisodeWork:
    """What a job does with an episode that is in: its translation, or a check of its times."""

    what: Literal["translation", "times"]
    episode_id: str


def episode_work(uri: str) -> EpisodeWork | None:
    """Return what the job at an address does with an episode, ``None`` for a source."""
    if uri.startswith(TRANSLATION):
        return EpisodeWork("translation", uri.removeprefix(TRANSLATION))
    return EpisodeWork("times", uri.removeprefix(CHECKING)) if uri.startswith(CHECKING) else None


def finished_work(result: ImportResult) -> EpisodeWork | None:
    """Return what a job did with an episode, ``None`` for a source; a file may be named alike."""
    if result.episode_id is None:
        return None
    if result.source == TRANSLATION_OF + result.episode_id:
        return EpisodeWork("translation", result.episode_id)
    return EpisodeWork("times", result.episode_id) if result.source == TIMES_OF + result.episode_id else None


def job_name(uri: str, kb: KnowledgeBase) -> str:
    """Return a job's name for people: that of its file, or the title of the episode that it is about."""
    work = episode_work(uri)
    return name_of(uri) if work is None else _title(work, kb)


def result_name(result: ImportResult, kb: KnowledgeBase) -> str:
    """Return the same for what a job has done."""
    work = finished_work(result)
    return name_of(result.source) if work is None else _title(work, kb)


def _title(work: EpisodeWork, kb: KnowledgeBase) -> str:
    try:
        return kb.episode(work.episode_id).title
    except NotFound:  # it was removed meanwhile
        return work.episode_id


def plainly_of(about: Job | ImportResult, kb: KnowledgeBase, sentence: str | None = None) -> str:
    """Return why a job failed, or a ``sentence`` of its result, plainly; an episode's work names its recording."""
    if isinstance(about, Job):
        work, source, told = episode_work(about.uri), about.uri, about.reason
    else:
        work, source, told = finished_work(about), about.source, about.error
    if work is not None:
        with suppress(NotFound):  # it was removed meanwhile
            source = kb.episode(work.episode_id).audio or source
    return plainly(sentence or told or "", source, kb.home)


def plainly(sentence: str, source: Path | str, home: Path) -> str:
    """Return a message about a source with its name instead of its path, and without the data folder's path."""
    path = unquote(urlsplit(str(source)).path) if "://" in str(source) else str(source)
    for folder in (Path(path).parent, Path(path).resolve().parent, home, home.resolve()):
        if folder != Path(folder.anchor):
            sentence = sentence.replace(f"{folder}/", "")
    return sentence
