"""The library's working parts as HTML: adding files, the queue with every job's state, and the feeds."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.formats import FORMATS, SUFFIXES
from ingest.metadata import AUDIO_SUFFIXES

from ...knowledge_base import KnowledgeBase
from ...phrasing import name_of
from ...types import ImportResult
from ..api.example import has_example
from ..api.feeds import FeedShape, shown_feed
from ..api.jobs import JobShape, QueueShape, queue
from ..api.naming import plainly
from ..background.worker import Worker
from ..server.templating import Markup, render
from .actions import ActionButton
from .speech import HearingChoices, SpeechParts

__all__ = ["add_html", "example_button", "feeds_html", "queue_html"]

#: The names of the transcript formats, for people.
_FORMATS = f"{', '.join(known.name for known in FORMATS[:-1])} or {FORMATS[-1].name}"
_SHOWN = 50
_LATEST = 8
_BECAME = {
    "added": "is in",
    "revised": "is in as a new version",
    "updated": "was in already; its title, date and people are up to date",
    "unchanged": "was in already",
    "cancelled": "was cancelled",
}
_FETCHED = {"in": "in", "queued": "waiting", "failed": "failed", "unfetched": "not fetched", "dropped": "dropped"}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in words; ``percent`` is how far a recording is, ``None`` where that is not known."""

    job: JobShape
    state: str
    percent: int | None
    reason: str
    calls: tuple[ActionButton, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The result for a source in words; ``why`` is its reason."""

    name: str
    episode_id: str | None
    became: str
    why: str


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed in words: its state, how many of its episodes are in, and how recordings are transcribed."""

    feed: FeedShape
    doing: str
    counts: str
    hearing: str
    calls: tuple[ActionButton, ...]


def add_html(parts: SpeechParts, open_: bool) -> Markup:
    """Return the section for adding files and feeds, open from the beginning if ``open_``."""
    return render(
        "library/adding.html",
        formats=_FORMATS,
        open=open_,
        hears=parts.hears,
        speech=parts.bringing,
        hearing=parts.hearing,
        recordings=" ".join(sorted(AUDIO_SUFFIXES)),
        transcripts=" ".join(sorted(SUFFIXES)),
    )


def example_button() -> ActionButton | None:
    """Return the button that adds the example, ``None`` if the installation has none."""
    return ActionButton("POST", "example", "Load the example") if has_example() else None


def queue_html(kb: KnowledgeBase, worker: Worker) -> Markup:
    """Return the unfinished jobs with reasons, and those that this server finished last."""
    results = worker.finished()  # read before the queue, which they have left by then
    found = queue(kb, _SHOWN)
    more = found.unfinished - len(found.jobs)
    failed = sum(job.state == "failed" for job in found.jobs)
    latest = [_done(result, kb) for result in results if result.status != "failed"][:_LATEST]
    both = (ActionButton("POST", "jobs/retry", "Retry all"), ActionButton("DELETE", "jobs/failed", "Drop failed"))
    heading = "Being taken in" if found.working else "Not taken in yet"
    return render(
        "library/queue.html",
        embedding=_embedding(worker),
        heading=heading if found.jobs else "Just taken in",
        told=_told(found, len(latest)),
        open=found.unfinished > failed,
        rows=[_job_row(job, found.working) for job in found.jobs],
        more=f"and {more:,} more wait" if more else "",
        calls=both if failed > 1 else (),
        latest=latest,
    )


def feeds_html(kb: KnowledgeBase, worker: Worker, hearing: HearingChoices) -> Markup:
    """Return the feeds that are followed, and how each is transcribed, of these choices."""
    rows = [_feed_row(shown_feed(kb, worker, feed)) for feed in kb.feeds.all()]
    problems = sum(bool(row.feed.problem or row.feed.failures) for row in rows)
    told = f"{len(rows):,} followed" + (f", {problems:,} with problems" if problems else "")
    return render("library/feeds.html", rows=rows, told=told, hearing=hearing)


def _told(found: QueueShape, latest: int) -> str:
    """Return a summary line: how many wait, failed, and were added."""
    if found.unfinished > len(found.jobs):
        return f"{found.unfinished:,}"  # unlisted jobs are counted together
    failed = sum(job.state == "failed" for job in found.jobs)
    told = [f"{found.unfinished - failed:,} to do"] if found.unfinished > failed else []
    told += [f"{failed:,} failed"] if failed else []
    return ", ".join(told) or (f"{latest:,}" if latest else "")


def _embedding(worker: Worker) -> str:
    progress = worker.embedding.progress
    if progress is None:
        return ""
    done, total = progress
    return f"{done:,} of {total:,} excerpts are found by their meaning so far, the others by their words alone."


def _job_row(job: JobShape, working: bool) -> JobRow:
    is_timed = job.state == "running" and job.total
    idle = job.state in ("failed", "interrupted") or (job.state == "queued" and not working)
    again = ActionButton("POST", f"jobs/{job.id}/retry", "Start" if job.state == "queued" else "Retry", job.name)
    drop = ActionButton("DELETE", f"jobs/{job.id}", "Drop" if job.state == "failed" else "Cancel", job.name)
    reason = (job.reason or "").removeprefix(f"{job.name}: ")
    return JobRow(job, _state(job), _percent(job) if is_timed else None, reason, (again, drop) if idle else (drop,))


def _state(job: JobShape) -> str:
    if job.state == "running":
        return f"Transcribing {_percent(job)} %" if job.total else "Reading"
    return {"queued": "Waiting", "interrupted": "Interrupted", "failed": "Failed"}[job.state]


def _percent(job: JobShape) -> int:
    return min(100, int(100 * (job.done or 0) / job.total)) if job.total else 0


def _done(result: ImportResult, kb: KnowledgeBase) -> Done:
    told = " ".join(filter(None, (result.error, *result.notes)))
    why = plainly(told, result.source, kb.home) if told else ""
    return Done(name_of(result.source), result.episode_id, _BECAME.get(result.status, result.status), why)


def _feed_row(feed: FeedShape) -> FeedRow:
    counts = ", ".join(f"{count:,} {_FETCHED[state]}" for state, count in feed.episodes.items() if count)
    doing = {"idle": "", "waiting": "Waiting its turn", "syncing": f"Now: {feed.doing}"}[feed.state]
    busy = feed.state != "idle"
    act = ActionButton(
        "POST", f"feeds/{feed.id}/{'stop' if busy else 'sync'}", "Stop" if busy else "Look now", feed.title
    )
    leave = ActionButton("DELETE", f"feeds/{feed.id}", "Unfollow", feed.title, "Stop following it? Its episodes stay.")
    return FeedRow(feed, doing, counts or "nothing fetched yet", _heard(feed), (act, leave))


def _heard(feed: FeedShape) -> str:
    from ingest.models.spoken import SPOKEN

    spoken = SPOKEN[feed.language] if feed.language else "language detected"
    return f"Recordings: {feed.model or 'the best model that is here'}, {spoken}"
