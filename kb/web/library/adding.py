"""The library's working parts as HTML: adding files, the queue with every job's state, and the feeds."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.formats import FORMATS, SUFFIXES
from ingest.metadata import AUDIO_SUFFIXES

from ...knowledge_base import KnowledgeBase
from ...translatable import joined, phrase, phrases
from ...types import ImportResult
from ..api.example import has_example
from ..api.feeds import FeedShape, shown_feed
from ..api.jobs import JobShape, QueueShape, queue
from ..api.naming import finished_work, plainly_of, result_name
from ..background.worker import Worker
from ..server.languages import spoken_names
from ..server.templating import Markup, render
from .actions import ActionButton
from .speech import HearingChoices, SpeechParts

__all__ = ["add_html", "example_button", "feeds_html", "queue_html"]

#: The names of the transcript formats, for people.
_FORMATS = phrase(
    "%(formats)s or %(last)s", formats=", ".join(known.name for known in FORMATS[:-1]), last=FORMATS[-1].name
)
_SHOWN = 50
_LATEST = 8
_BECAME = {
    "added": phrase("is in"),
    "revised": phrase("is in as a new version"),
    "updated": phrase("was in already; its title, date and people are up to date"),
    "unchanged": phrase("was in already"),
    "cancelled": phrase("was cancelled"),
}
#: The same for a translation of an episode.
_TRANSLATED = {
    "updated": phrase("is translated into English"),
    "unchanged": phrase("was translated already"),
    "cancelled": phrase("was cancelled"),
}
#: The same for a check of an episode's times.
_CHECKED = {
    "revised": phrase("has other times now"),
    "unchanged": phrase("keeps its times"),
    "cancelled": phrase("was cancelled"),
}
_STATES = {"queued": phrase("Waiting"), "interrupted": phrase("Interrupted"), "failed": phrase("Failed")}
_TRANSLATION_STATES = {
    "queued": phrase("Translation waits"),
    "interrupted": phrase("Translation interrupted"),
    "failed": phrase("Translation failed"),
}
_TIMES_STATES = {
    "queued": phrase("Check of times waits"),
    "interrupted": phrase("Check of times interrupted"),
    "failed": phrase("Check of times failed"),
}


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
    """The result for a source in words; ``why`` are sentences about it, as they are stored."""

    name: str
    episode_id: str | None
    became: str
    why: tuple[str, ...]


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
    return ActionButton("POST", "example", phrase("Load the example")) if has_example() else None


def queue_html(kb: KnowledgeBase, worker: Worker) -> Markup:
    """Return the unfinished jobs with reasons, and those that this server finished last."""
    results = worker.finished()  # read before the queue, which they have left by then
    found = queue(kb, _SHOWN)
    more = found.unfinished - len(found.jobs)
    failed = sum(job.state == "failed" for job in found.jobs)
    latest = [_done(result, kb) for result in results if result.status != "failed"][:_LATEST]
    both = (
        ActionButton("POST", "jobs/retry", phrase("Retry all")),
        ActionButton("DELETE", "jobs/failed", phrase("Drop failed")),
    )
    heading = phrase("Being taken in") if found.working else phrase("Not taken in yet")
    return render(
        "library/queue.html",
        embedding=_embedding(worker),
        heading=heading if found.jobs else phrase("Just taken in"),
        told=_told(found, len(latest)),
        open=found.unfinished > failed,
        rows=[_job_row(job, found.working) for job in found.jobs],
        more=phrases("and %(count)s more waits", "and %(count)s more wait", count=more) if more else "",
        calls=both if failed > 1 else (),
        latest=latest,
    )


def feeds_html(kb: KnowledgeBase, worker: Worker, hearing: HearingChoices) -> Markup:
    """Return the feeds that are followed, and how each is transcribed, of these choices."""
    rows = [_feed_row(shown_feed(kb, worker, feed), worker.feeds.state(feed.id)[1]) for feed in kb.feeds.all()]
    problems = sum(bool(row.feed.problem or row.feed.failures) for row in rows)
    told = [phrase("%(feeds)s followed", feeds=len(rows))]
    told += [phrase("%(feeds)s with problems", feeds=problems)] if problems else []
    return render("library/feeds.html", rows=rows, told=joined(", ", told), hearing=hearing)


def _told(found: QueueShape, latest: int) -> str:
    """Return a summary line: how many wait, failed, and were added."""
    if found.unfinished > len(found.jobs):
        return f"{found.unfinished:,}"  # unlisted jobs are counted together
    failed = sum(job.state == "failed" for job in found.jobs)
    told = [phrase("%(jobs)s to do", jobs=found.unfinished - failed)] if found.unfinished > failed else []
    told += [phrase("%(jobs)s failed", jobs=failed)] if failed else []
    return joined(", ", told) or (f"{latest:,}" if latest else "")


def _embedding(worker: Worker) -> str:
    progress = worker.embedding.progress
    if progress is None:
        return ""
    done, total = progress
    return phrase(
        "%(done)s of %(total)s excerpts are found by their meaning so far, the others by their words alone.",
        done=done,
        total=total,
    )


def _job_row(job: JobShape, working: bool) -> JobRow:
    is_timed = job.state == "running" and job.total
    idle = job.state in ("failed", "interrupted") or (job.state == "queued" and not working)
    start = phrase("Start") if job.state == "queued" else phrase("Retry")
    again = ActionButton("POST", f"jobs/{job.id}/retry", start, job.name)
    end = phrase("Drop") if job.state == "failed" else phrase("Cancel")
    drop = ActionButton("DELETE", f"jobs/{job.id}", end, job.name)
    reason = (job.reason or "").removeprefix(f"{job.name}: ")
    return JobRow(job, _state(job), _percent(job) if is_timed else None, reason, (again, drop) if idle else (drop,))


def _state(job: JobShape) -> str:
    if job.translation:
        running = phrase("Translating %(percent)s %%", percent=_percent(job))
        return running if job.state == "running" else _TRANSLATION_STATES[job.state]
    if job.times:
        running = phrase("Checking times %(percent)s %%", percent=_percent(job))
        return running if job.state == "running" else _TIMES_STATES[job.state]
    if job.state == "running":
        return phrase("Transcribing %(percent)s %%", percent=_percent(job)) if job.total else phrase("Reading")
    return _STATES[job.state]


def _percent(job: JobShape) -> int:
    return min(100, int(100 * (job.done or 0) / job.total)) if job.total else 0


def _done(result: ImportResult, kb: KnowledgeBase) -> Done:
    told = filter(None, (result.error, *result.notes))
    why = tuple(plainly_of(result, kb, sentence) for sentence in told)
    name, work = result_name(result, kb), finished_work(result)
    if work is None:
        return Done(name, result.episode_id, _BECAME.get(result.status, result.status), why)
    became = _TRANSLATED if work.what == "translation" else _CHECKED
    gone = not kb.revisions.latest(work.episode_id)  # it was removed meanwhile
    status = "cancelled" if gone and result.status == "unchanged" else result.status
    return Done(name, None if gone else work.episode_id, became.get(status, status), why)


def _feed_row(feed: FeedShape, doing_now: str) -> FeedRow:
    """Return a feed in words; what is done with it comes from the worker, since shapes are English."""
    counts = joined(", ", [_fetched(state, count) for state, count in feed.episodes.items() if count])
    doing = {
        "idle": "",
        "waiting": phrase("Waiting its turn"),
        "syncing": phrase("Now: %(doing)s", doing=doing_now),
    }[feed.state]
    busy = feed.state != "idle"
    name = phrase("Stop") if busy else phrase("Look now")
    act = ActionButton("POST", f"feeds/{feed.id}/{'stop' if busy else 'sync'}", name, feed.title)
    sure = phrase("Stop following it? Its episodes stay.")
    leave = ActionButton("DELETE", f"feeds/{feed.id}", phrase("Unfollow"), feed.title, sure)
    return FeedRow(feed, doing, counts or phrase("nothing fetched yet"), _heard(feed), (act, leave))


def _heard(feed: FeedShape) -> str:
    from ingest.models.spoken import SPOKEN

    model = feed.model or phrase("the best model that is here")
    if not feed.language:
        return phrase("Recordings: %(model)s, language detected", model=model)
    spoken = dict(spoken_names(SPOKEN))[feed.language]
    return phrase("Recordings: %(model)s, %(language)s", model=model, language=spoken)


def _fetched(state: str, count: int) -> str:
    """Return how many episodes of a feed are in a state."""
    return {
        "in": phrase("%(episodes)s in", episodes=count),
        "queued": phrase("%(episodes)s waiting", episodes=count),
        "failed": phrase("%(episodes)s failed", episodes=count),
        "unfetched": phrase("%(episodes)s not fetched", episodes=count),
        "dropped": phrase("%(episodes)s dropped", episodes=count),
    }[state]
