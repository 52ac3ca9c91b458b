"""The library's working parts as HTML: adding files, the queue with every job's state, and the feeds."""

from __future__ import annotations

from urllib.parse import quote

from ingest.formats import FORMATS

from ...knowledge_base import KnowledgeBase
from ...types import ImportResult
from ..api.feeds import FeedShape, shown_feed
from ..api.jobs import JobShape, queue
from ..api.naming import name_of, plainly
from ..ask.cards import escape
from ..background.worker import Worker

__all__ = ["add_html", "feeds_html", "work_html"]

#: The names of the transcript formats, for people.
_FORMATS = f"{', '.join(known.name for known in FORMATS[:-1])} or {FORMATS[-1].name}"
_SHOWN = 50
_LATEST = 8
_BECAME = {
    "added": "is in",
    "revised": "is in, as a new version",
    "updated": "was in; what is known of it is up to date",
    "unchanged": "was in already",
    "cancelled": "was cancelled",
}
_FETCHED = {"in": "in", "queued": "waiting", "failed": "failed", "unfetched": "not fetched", "dropped": "dropped"}


def add_html() -> str:
    """Return where files are dropped or chosen; ``uploads.js`` sends them."""
    return (
        '<section class="vb-drop" id="drop" aria-label="Add files"><p class="vb-drop-line">'
        '<label class="vb-button" for="files">Choose files</label>'
        '<input class="vb-live" type="file" id="files" multiple>'
        "<span>or drop transcripts, recordings or a ZIP here</span></p>"
        '<label class="vb-field">Show, if the files do not say it'
        '<input id="upload-show" maxlength="200" autocomplete="off" placeholder="For example: City Desk"></label>'
        '<label class="vb-field">Who wrote the transcripts down<select id="upload-origin">'
        '<option value="">Not known, or the files say it</option><option value="publisher">The publisher</option>'
        '<option value="machine">A speech recogniser</option><option value="person">Somebody typed them</option>'
        "</select></label>"
        '<p class="vb-note">'
        f"{_FORMATS}; sound and video up to 4 GB. A "
        "transcript finds its recording by the name: <code>vote.vtt</code> and <code>vote.mp3</code>, added together."
        "</p>"
        '<ul class="vb-rows" id="sending" hidden></ul><p class="vb-note" id="told" role="status"></p></section>'
    )


def work_html(kb: KnowledgeBase, worker: Worker) -> str:
    """Return what is not in yet, why, and what this server took in last."""
    results = worker.finished()  # before the queue, from which they are gone
    found = queue(kb, _SHOWN)
    more = found.unfinished - len(found.jobs)
    rows = "".join(_job(job, found.working) for job in found.jobs) + (
        f'<li data-key="more">and {more:,} more wait</li>' if more else ""
    )
    latest = [result for result in results if result.status != "failed"][:_LATEST]
    failed = sum(job.state == "failed" for job in found.jobs)
    both = (
        (_call("POST", "jobs/retry", "Retry all") + _call("DELETE", "jobs/failed", "Drop failed")) if failed > 1 else ""
    )
    heading = "Being taken in" if found.working else "Not taken in yet"
    return _embedding(worker) + (
        f'<section class="vb-part" data-live="work" aria-labelledby="work"{"" if rows or latest else " hidden"}>'
        f'<h2 id="work" tabindex="-1">{heading if rows else "Just taken in"}</h2>'
        f'<ul class="vb-rows" data-live="jobs">{rows}</ul><p class="vb-actions" data-live="all">{both}</p>'
        f'<ul class="vb-latest" data-live="latest">{"".join(_latest(result, kb) for result in latest)}</ul></section>'
    )


def _embedding(worker: Worker) -> str:
    progress = worker.embedding.progress
    if progress is None:
        return '<p class="vb-note" data-live="embedding"></p>'
    done, total = progress
    return (
        f'<p class="vb-note" data-live="embedding">{done:,} of {total:,} passages are embedded; the others are '
        "found by their words until then.</p>"
    )


def feeds_html(kb: KnowledgeBase, worker: Worker) -> str:
    """Return the feeds that are followed, and a form to follow another."""
    feeds = [shown_feed(kb, worker, feed) for feed in kb.catalogue.feeds.all()]
    return (
        f'<details class="vb-part vb-feeds"{" open" if feeds else ""}><summary><h2>Feeds</h2></summary>'
        f'<ul class="vb-rows" data-live="feeds">{"".join(map(_feed, feeds))}</ul>'
        '<form class="vb-choose" id="feed"><label class="vb-field vb-grow">Address of a podcast’s feed'
        '<input type="text" inputmode="url" name="url" maxlength="2000" required autocomplete="off" '
        'placeholder="https://example.org/feed.xml"></label>'
        '<button class="vb-button vb-quiet">Look at it</button></form>'
        '<div id="feed-found" role="status"></div></details>'
    )


def _job(job: JobShape, working: bool) -> str:
    state = _state(job)
    bar = ""
    if job.state == "running" and job.total:
        bar = f'<progress max="100" value="{_percent(job)}" aria-label="{escape(job.name)}"></progress>'
    idle = job.state in ("failed", "interrupted") or (job.state == "queued" and not working)
    name = "Start" if job.state == "queued" else "Retry"
    again = _call("POST", f"jobs/{job.id}/retry", name, job.name) if idle else ""
    drop = _call("DELETE", f"jobs/{job.id}", "Drop" if job.state == "failed" else "Cancel", job.name)
    reason = (job.reason or "").removeprefix(f"{job.name}: ")
    why = f'<p class="vb-why" dir="auto">{escape(reason)}</p>' if reason else ""
    return (
        f'<li data-key="job-{job.id}" class="vb-job vb-is-{job.state}"><div><span class="vb-row-title" dir="auto">'
        f'{escape(job.name)}</span> <span class="vb-state">{state}</span>{bar}{why}</div>'
        f'<div class="vb-actions">{again}{drop}</div></li>'
    )


def _state(job: JobShape) -> str:
    if job.state == "running":
        return f"Transcribing {_percent(job)} %" if job.total else "Reading"
    return {"queued": "Waiting", "interrupted": "Interrupted", "failed": "Failed"}[job.state]


def _percent(job: JobShape) -> int:
    return min(100, int(100 * (job.done or 0) / job.total)) if job.total else 0


def _latest(result: ImportResult, kb: KnowledgeBase) -> str:
    name = escape(name_of(result.source))
    if result.episode_id is not None:
        name = f'<a class="vb-inline" href="/episode/{quote(result.episode_id, safe="")}">{name}</a>'
    told = " ".join(filter(None, (result.error, *result.notes)))
    why = f": {escape(plainly(told, result.source, kb.home))}" if told else ""
    return f"<li>{name} {_BECAME.get(result.status, escape(result.status))}{why}</li>"


def _feed(feed: FeedShape) -> str:
    counts = ", ".join(f"{count:,} {_FETCHED[state]}" for state, count in feed.episodes.items() if count)
    doing = {"idle": "", "waiting": "Waiting its turn", "syncing": f"Now: {feed.doing}"}[feed.state]
    failures = "".join(f"<li>{escape(failure)}</li>" for failure in feed.failures)
    corrected = "".join(
        f'<li>Corrected by the publisher ({escape(found.what)}), noticed {found.noticed}: <a class="vb-inline" '
        f'href="/episode/{quote(found.episode_id, safe="")}">{escape(found.title)}</a></li>'
        for found in feed.corrections
    )
    busy = feed.state != "idle"
    act = _call("POST", f"feeds/{feed.id}/{'stop' if busy else 'sync'}", "Stop" if busy else "Look now", feed.title)
    leave = _call("DELETE", f"feeds/{feed.id}", "Unfollow", feed.title, "Follow it no longer? Its episodes stay.")
    return (
        f'<li data-key="feed-{feed.id}" class="vb-job"><div><span class="vb-row-title" dir="auto">{escape(feed.title)}'
        f'</span> <span class="vb-state">{escape(doing)}</span>'
        f'<p class="vb-told"><span>{counts or "nothing fetched yet"}</span></p>'
        + (f'<p class="vb-why">{escape(feed.problem)}</p>' if feed.problem else "")
        + (f'<ul class="vb-why">{failures}</ul>' if failures else "")
        + (f'<ul class="vb-latest">{corrected}</ul>' if corrected else "")
        + f'</div><div class="vb-actions">{act}{leave}</div></li>'
    )


def _call(method: str, path: str, name: str, of: str = "", ask: str = "") -> str:
    """Return a button that calls the interface; ``of`` says to a screen reader what it is about."""
    label = f' aria-label="{name}: {escape(of)}"' if of else ""
    first = f' data-ask="{escape(ask)}"' if ask else ""
    return (
        f'<button type="button" class="vb-button vb-quiet vb-small" data-method="{method}" data-call="/api/{path}"'
        f"{label}{first}>{name}</button>"
    )
