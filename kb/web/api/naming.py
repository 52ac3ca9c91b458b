"""Names of sources for pages, without their paths on the server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...errors import NotFound
from ...knowledge_base import KnowledgeBase
from ...phrasing import name_of
from ...translations import TRANSLATION

__all__ = ["job_name", "plainly", "translated_episode"]


def translated_episode(uri: str) -> str | None:
    """Return the id of the episode that a job translates, ``None`` for a source."""
    return uri.removeprefix(TRANSLATION) if uri.startswith(TRANSLATION) else None


def job_name(uri: str, kb: KnowledgeBase) -> str:
    """Return a job's name for people: that of its file, or the title of the episode that it translates."""
    episode_id = translated_episode(uri)
    if episode_id is None:
        return name_of(uri)
    try:
        return kb.episode(episode_id).title
    except NotFound:  # it was removed meanwhile
        return episode_id


def plainly(sentence: str, source: Path | str, home: Path) -> str:
    """Return a message about a source with its name instead of its path, and without the data folder's path."""
    path = unquote(urlsplit(str(source)).path) if "://" in str(source) else str(source)
    for folder in (Path(path).parent, Path(path).resolve().parent, home, home.resolve()):
        if folder != Path(folder.anchor):
            sentence = sentence.replace(f"{folder}/", "")
    return sentence
