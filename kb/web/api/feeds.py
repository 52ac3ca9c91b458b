"""``/api/feeds``: podcasts that are followed; addresses are fetched as carefully as on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from .hearing import chosen_model
from .naming import plainly
from .shapes import DoneShape, FoundFeedShape, Shape

if TYPE_CHECKING:
    from ingest.podcasts.following import FeedOptions

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
    engine: str | None = Field(description="What transcribes its later recordings; null: the best that is there then.")
    model: str | None
    language: str | None = Field(description="What its recordings are in, as a code; null: detected in each.")


class HowHeard(BaseModel):
    """How later recordings of a feed are transcribed."""

    model_config = ConfigDict(extra="forbid")
    engine: str | None = Field(None, max_length=40, description="The model's engine, as GET /api/models says it.")
    model: str | None = Field(None, max_length=200, description="A model that GET /api/models says is here.")
    language: str | None = Field(None, max_length=40, description="A code such as en; none: detected.")


class Asked(HowHeard):
    """A feed to follow."""

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

        since, private_hosts = checked_date(asked.since, "since"), tuple(private)
        options = _heard(FeedOptions(since=since, limit=asked.limit, private=private_hosts), asked).to_json()
        kept = [kb.feeds.follow(found.link.url, found.link.title, options) for found in _find(asked.url)]
        for feed, _ in kept:
            worker.feeds.want(feed.id)
        changed = [feed.url for feed, following in kept if following != "unchanged"]
        did(bool(changed), " ".join(changed))
        return [shown_feed(kb, worker, feed) for feed, _ in kept]

    @router.put("/{feed_id}", response_model=FeedShape)
    def hear(feed_id: int, asked: HowHeard) -> FeedShape:
        """Choose the model and the language of a feed's later recordings; earlier transcripts stay as they are."""
        from ingest.podcasts.following import FeedOptions

        feed = kb.feeds.get(str(feed_id))
        options = _heard(FeedOptions.of(feed), asked).to_json()
        if options != feed.options:
            kb.feeds.set_options(feed.id, options)
        did(options != feed.options, feed.url)
        return shown_feed(kb, worker, kb.feeds.get(str(feed_id)))

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


def _heard(options: FeedOptions, asked: HowHeard) -> FeedOptions:
    """Return a feed's options with the chosen model and language; one that it has may be gone from this machine."""
    from ingest.models.spoken import checked_spoken

    language = checked_spoken(asked.language)
    if asked.model and asked.model == _named(options.model) and asked.engine in (None, "", options.engine):
        return replace(options, language=language)
    chosen = chosen_model(asked.model, asked.engine)
    return replace(options, engine=chosen.engine, model=chosen.model, language=language)


def _named(model: str | None) -> str | None:
    """Return a model's name; the command line may have given a path, which pages do not show."""
    return Path(model).name if model else None


def shown_feed(kb: KnowledgeBase, worker: Worker, feed: Followed) -> FeedShape:
    """Return a feed as it is now."""
    from ingest.podcasts.following import FeedOptions

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
    options = FeedOptions.of(feed)
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
        engine=options.engine,
        model=_named(options.model),
        language=options.language,
    )
