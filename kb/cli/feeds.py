"""``kb feeds``: follow podcasts, and add their new episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from ..errors import UsageError, VerbatimError
from ..timecode import checked_date
from . import deeds
from .app import app, opened
from .options import AsJson, Device, Engine, Model, NoCheckTimes
from .reporting import Reporter, emit

if TYPE_CHECKING:
    from ingest.podcasts.following import FeedReport, ItemReport, SyncListeners

    from ..catalogue import Followed, Item
    from ..knowledge_base import KnowledgeBase

feeds = typer.Typer(
    help="Follow podcasts: add, list and remove feeds, and add their new episodes to your library.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(feeds, name="feeds")

Since = Annotated[str | None, typer.Option(help="Only episodes of this date or later, e.g. 2019-07-08.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only this many of the newest episodes.")]


_NONE = "No feeds are followed; 'kb feeds add ADDRESS' adds one."


@feeds.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the feeds that you follow."""
    if not context.invoked_subcommand:
        list_feeds(as_json)


@feeds.command("add")
def add_feeds(
    sources: Annotated[list[str], typer.Argument(help="Addresses of feeds, and lists of feeds (OPML files).")],
    show: Annotated[str | None, typer.Option(help="What to call the show, instead of the feed's title.")] = None,
    since: Since = None,
    limit: Limit = None,
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Do not fetch recordings of episodes that have a transcript.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The feed's own host may be in a private network.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="This host, too, may be in a private network; may be repeated.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Its speech recogniser: faster-whisper or whisper.")] = None,
    model: Annotated[str | None, typer.Option(help="The Whisper model for its recordings: a name or a path.")] = None,
    language: Annotated[
        str | None, typer.Option(help="The language of its recordings as a code, e.g. en; else it is detected.")
    ] = None,
    no_check_times: NoCheckTimes = False,
) -> None:
    """Follow feeds; 'kb feeds sync' adds their episodes. Adding a feed again changes its options."""
    from ingest.fetching import Fetcher
    from ingest.models.spoken import checked_spoken
    from ingest.podcasts.following import FeedOptions, find_feeds
    from ingest.transcribing.recordings import Request

    from ..phrasing import counted

    if show and len(sources) > 1:
        raise UsageError("--show goes with a single feed.")
    date = checked_date(since, "--since")
    spoken = checked_spoken(language)
    Request(engine, model, language=spoken)  # refuses an unknown engine
    failed = False
    with opened() as kb:
        for source in sources:
            try:
                found = find_feeds(source, Fetcher(_private(source, allow_private, allow_host)))
            except VerbatimError as error:
                failed = True
                typer.echo(f"failed     {error}", err=True)
                continue
            for note in dict.fromkeys(note for feed in found for note in feed.notes):
                typer.echo(f"note       {source}: {note}", err=True)
            for feed in found:
                private = _private(feed.link.url, allow_private, allow_host)
                options = FeedOptions(
                    show, date, limit, not no_audio, private, engine, model, spoken, not no_check_times
                )
                kept, following = kb.feeds.follow(feed.link.url, feed.link.title, options.to_json())
                count = (
                    f", {counted(feed.episodes, 'episode')}, {feed.transcripts} with a transcript"
                    if feed.episodes
                    else ""
                )
                deeds.note(kb, "followed a feed", [kept.url] if following != "unchanged" else [])
                typer.echo(f"{following:<10} {kept.id}  {kept.title or kept.url}{count}")
    if failed:
        raise typer.Exit(1)


@feeds.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """List the feeds that you follow, how many episodes are in your library, and any problem."""
    from ..catalogue.feeds import counted_by_state
    from .printing import print_json

    with opened() as kb:
        found = [(feed, kb.feeds.items(feed.id)) for feed in kb.feeds.all()]
    if as_json:
        print_json([_feed_json(feed, items) for feed, items in found])
        return
    for feed, items in found:
        told = ", ".join(f"{count} {state}" for state, count in counted_by_state(items).items() if count)
        typer.echo(f"{feed.id:>4}  {feed.title or feed.url}  ({told or 'nothing fetched yet'})")
        if feed.problem:
            typer.echo(f"      {feed.problem}")
    if not found:
        typer.echo(_NONE)


@feeds.command("show")
def show_feed(
    feed: Annotated[str, typer.Argument(help="The feed's number or address.")], as_json: AsJson = False
) -> None:
    """Show a feed's episodes and the state of each."""
    from .printing import print_json

    with opened() as kb:
        found = kb.feeds.get(feed)
        items = kb.feeds.items(found.id)
    if as_json:
        print_json({**_feed_json(found, items), "items": [_item_json(item) for item in items]})
        return
    typer.echo(f"{found.title or 'Not read yet'}\n{found.url}")
    for item in items:
        reason = f": {item.problem}" if item.problem else ""
        day = item.published or (item.published_at or "-")[:10]
        typer.echo(f"{item.state:<10} {day:<10} {item.title}{reason}")
        if item.corrected:
            typer.echo(
                f"           corrected by the publisher, noticed {(item.corrected_at or '')[:10]}: {item.corrected}"
            )


@feeds.command("remove")
def remove_feeds(
    names: Annotated[list[str], typer.Argument(metavar="FEED...", help="Numbers or addresses of feeds.")],
) -> None:
    """Stop following feeds; their episodes stay."""
    with opened() as kb:
        for feed in [kb.feeds.get(name) for name in names]:
            kb.feeds.unfollow(feed.id)
            deeds.note(kb, "unfollowed a feed", [feed.url])
            typer.echo(f"removed    {feed.id}  {feed.title or feed.url}")


@feeds.command("sync")
def sync_feeds(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="FEED...", help="Numbers or addresses of feeds; all by default.")
    ] = None,
    since: Since = None,
    limit: Limit = None,
    retry: Annotated[bool, typer.Option("--retry", help="Also try again what failed before.")] = False,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Check whether any transcript or recording was replaced.")
    ] = False,
    engine: Engine = None,
    model: Model = None,
    device: Device = "auto",
    no_check_times: NoCheckTimes = False,
    as_json: AsJson = False,
) -> None:
    """Add new episodes: from the publisher's transcript where there is one, else by transcribing the recording."""
    from ingest.podcasts.following import FeedOptions
    from ingest.podcasts.sync import sync
    from ingest.transcribing.recordings import Request

    override = FeedOptions(since=checked_date(since, "--since"), limit=limit) if since or limit else None
    reporter = Reporter(as_json)
    failed = False
    with opened(reporter.bars) as kb:
        request = Request(engine, model, device, check_times=not no_check_times)
        chosen = tuple(map(kb.feeds.get, names)) if names else kb.feeds.all()
        if not chosen and not as_json:
            typer.echo(_NONE)
        for report in sync(kb, chosen, override, request, _listeners(kb, reporter, as_json), retry, recheck):
            failed = failed or report.failed
            _tell(report, as_json)
            corrected = any(item.status == "corrected" for item in report.items)
            deeds.note(kb, "took up a publisher's corrections", [report.feed.url] if corrected else [])
    if failed:
        raise typer.Exit(1)


def _listeners(kb: KnowledgeBase, reporter: Reporter, as_json: bool) -> SyncListeners:
    from ingest.podcasts.following import SyncListeners

    def item(feed: Followed, report: ItemReport) -> None:
        reporter.fetched(report.title)
        reporter.expect_more(report.status == "fetched")
        if as_json:
            emit("item", feed=feed.id, **asdict(report))
        elif report.status == "failed":
            typer.echo(f"failed     {report.title} ({report.published or 'undated'}): {report.reason}", err=True)
        elif report.status == "corrected":
            told = f"the publisher changed {report.reason}; what was cited before still resolves"
            typer.echo(f"corrected  {report.title} ({report.published or 'undated'}): {told}")
        elif report.status == "same recording":
            typer.echo(f"unchanged  {report.title} ({report.published or 'undated'}): the recording is there already")

    return SyncListeners(reporter.fetching, item, deeds.noting(kb, reporter.listeners))


def _tell(report: FeedReport, as_json: bool) -> None:
    from ingest.podcasts.following import ItemStatus

    became = Counter(item.status for item in report.items)
    if as_json:
        counts = {status.replace(" ", "_"): became[status] for status in ItemStatus}
        name = {"id": report.feed.id, "url": report.feed.url, "title": report.feed.title}
        emit("feed", **name, unchanged=report.unchanged, problem=report.problem, notes=list(report.notes), **counts)
        return
    title = report.feed.title or report.feed.url
    if report.problem:
        typer.echo(f"failed     {title}: {report.problem}", err=True)
        return
    for note in report.notes:
        typer.echo(f"note       {title}: {note}", err=True)
    told = ", ".join(f"{became[status]} {status.words}" for status in ItemStatus if became[status])
    typer.echo(f"{'synced':<10} {title}: {told or 'nothing new'}")


def _private(source: str, allow: bool, hosts: Iterable[str] | None) -> tuple[str, ...]:
    """Return the hosts that may have an address in a private network."""
    own = urlsplit(source).hostname if allow and "://" in source else None
    return (*([own] if own else []), *(hosts or ()))


def _feed_json(feed: Followed, items: Iterable[Item]) -> dict[str, object]:
    from ingest.podcasts.following import FeedOptions

    from ..catalogue.feeds import counted_by_state

    kept = asdict(feed)
    del kept["etag"], kept["last_modified"]
    return {**kept, "options": asdict(FeedOptions.of(feed)), "episodes": counted_by_state(items)}


def _item_json(item: Item) -> dict[str, object]:
    keys = (
        *("title", "published", "published_at", "guid", "state", "episode_id", "source", "problem", "again_at"),
        *("corrected", "corrected_at"),
    )
    return {key: getattr(item, key) for key in keys}
