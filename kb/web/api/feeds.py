"""``/api/feeds``: podcasts that are followed; addresses are fetched as carefully as on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from ...catalogue import Followed
from ...catalogue.feeds import counted_by_state
from ...errors import UsageError
from ...knowledge_base import KnowledgeBase
from ...timecode import checked_date
from ...translatable import phrase
from ..access.deeds import did
from ..background.feeds import FeedState
from ..background.worker import Worker
from .naming import plainly
from .shapes import DoneShape, FoundFeedShape, Shape

__all__ = ["FeedShape", "routes", "shown_feed"]

_MOST_FAILURES = 20
_MOST_CORRECTIONS = 10


class FeedCorrectionShape(Shape):
    """What a publisher corrected of an episode that is in."""

    episode_id: str
    title: str
    what: str = Field(description="In words, such as “title, transcript”.")
    noticed: str = Field(description="The day on which it was noticed.")


class FeedShape(Shape):
    """A feed that is followed."""

    id: int
    url: str
    title: str
    state: FeedState
    doing: str = Field(description="What is done with it just now, in words.")
    checked_at: str | None
    problem: str | None
    episodes: dict[str, int] = Field(description="Its episodes, counted by what became of them.")
    failures: list[str] = Field(description="A sentence for each of its episodes that failed; the first 20.")
    corrections: list[FeedCorrectionShape] = Field(description="What its publisher corrected last, the newest first.")


class Asked(BaseModel):
    """A feed to follow."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=2_000, description="The address of a feed.")
    since: str | None = Field(None, max_length=40, description="Only episodes of this date or later.")
    limit: int | None = Field(None, ge=1, le=100_000, description="Only this number of the newest episodes.")


def routes(kb: KnowledgeBase, worker: Worker, private: Sequence[str]) -> APIRouter:
    """Return the routes over ``kb``; feeds may be on ``private`` hosts, and else only on public ones."""
    router = APIRouter(prefix="/feeds", tags=["Taking in"])

    @router.get("", response_model=list[FeedShape])
    def feeds() -> list[FeedShape]:
        """List the feeds that are followed."""
        return [shown_feed(kb, worker, feed) for feed in kb.feeds.all()]

    @router.post("/find", response_model=list[FoundFeedShape])
    def find(url: Annotated[str, Body(embed=True, max_length=2_000)]) -> list[dict[str, Any]]:
        """Read the feed at an address, or a list of feeds (OPML), and tell what it holds; nothing is followed yet."""
        return [
            {
                "url": found.link.url,
                "title": found.link.title,
                "episodes": found.episodes,
                "transcripts": found.transcripts,
            }
            for found in _find(url)
        ]

    @router.post("", response_model=list[FeedShape], status_code=201)
    def follow(asked: Asked) -> list[FeedShape]:
        """Follow a feed and take its episodes in; following it again changes what is wanted of it."""
        from ingest.podcasts.following import FeedOptions

        since = checked_date(asked.since, "since")
        options = FeedOptions(since=since, limit=asked.limit, private=tuple(private)).to_json()
        kept = [kb.feeds.follow(found.link.url, found.link.title, options) for found in _find(asked.url)]
        for feed, _ in kept:
            worker.feeds.want(feed.id)
        changed = [feed.url for feed, following in kept if following != "unchanged"]
        did(bool(changed), " ".join(changed))
        return [shown_feed(kb, worker, feed) for feed, _ in kept]

    @router.post("/{feed_id}/sync", response_model=DoneShape)
    def sync(feed_id: int) -> dict[str, int]:
        """Take in what is new in a feed, and try again what failed."""
        feed = kb.feeds.get(str(feed_id))
        worker.feeds.want(feed.id)
        did(True, feed.url)
        return {"done": 1}

    @router.post("/{feed_id}/stop", response_model=DoneShape)
    def stop(feed_id: int) -> dict[str, int]:
        """Stop looking at a feed; what was fetched is kept, and the next look goes on from there."""
        feed = kb.feeds.get(str(feed_id))
        worker.feeds.break_off(feed.id)
        did(True, feed.url)
        return {"done": 1}

    @router.delete("/{feed_id}", response_model=DoneShape)
    def unfollow(feed_id: int) -> dict[str, int]:
        """Follow a feed no longer; its episodes stay."""
        feed = kb.feeds.get(str(feed_id))
        worker.feeds.break_off(feed.id)
        kb.feeds.unfollow(feed.id)
        did(True, feed.url)
        return {"done": 1}

    def _find(url: str) -> Sequence[Any]:
        from ingest.feeds import feed_address
        from ingest.fetching import Fetcher
        from ingest.podcasts.following import find_feeds

        if feed_address(url) is None:  # which would be treated as a file's name
            raise UsageError(
                phrase(
                    "%(url)s is not the address of a feed, which begins with https:// or http://.", url=repr(url[:200])
                )
            )
        return find_feeds(url, Fetcher(private))

    return router


def shown_feed(kb: KnowledgeBase, worker: Worker, feed: Followed) -> FeedShape:
    """Return a feed as it is now."""
    items = kb.feeds.items(feed.id)
    failures = [
        f"{item.title}: {plainly(item.problem, item.source or '', kb.home)}"
        for item in items
        if item.problem and item.state in ("failed", "unfetched")
    ]
    corrected = sorted(
        (item for item in items if item.corrected and item.episode_id), key=lambda item: item.corrected_at or ""
    )
    corrections = [
        FeedCorrectionShape(
            episode_id=str(item.episode_id),
            title=item.title,
            what=str(item.corrected),
            noticed=(item.corrected_at or "")[:10],
        )
        for item in reversed(corrected[-_MOST_CORRECTIONS:])
    ]
    state, doing = worker.feeds.state(feed.id)
    return FeedShape(
        id=feed.id,
        url=feed.url,
        title=feed.title or feed.url,
        state=state,
        doing=doing,
        checked_at=feed.checked_at,
        problem=feed.problem,
        episodes=counted_by_state(items),
        failures=failures[:_MOST_FAILURES],
        corrections=corrections,
    )
