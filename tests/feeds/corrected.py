"""An episode whose publisher corrects it: how it is served, published again and looked at."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ingest.podcasts.following import FeedReport
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode

from .show import Show, look
from .site import Answer, plain


def served(body: bytes, content_type: str = "text/vtt") -> Answer:
    """Serve a document as a server does that knows its versions."""
    return plain(body, content_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def republish(show: Show, name: str = "a", **change: object) -> None:
    show.items.clear()
    show.episode(name, **change)  # type: ignore[arg-type]


def later(kb: KnowledgeBase, feed: Followed) -> list[FeedReport]:
    """Look again after so long that every server is asked about its files."""
    for item in kb.catalogue.feeds.items(feed.id):
        kb.catalogue.feeds.keep(replace(item, asked_at="2019-08-01T00:00:00+00:00"))
    return look(kb)


def only(kb: KnowledgeBase) -> Episode:
    [episode] = kb.catalogue.episodes.all()
    return episode


def notes(kb: KnowledgeBase) -> str:
    episode = only(kb).id
    return str(kb.catalogue.episodes.remarks(episode, kb.current(episode).number))
