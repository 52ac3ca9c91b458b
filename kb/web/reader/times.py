"""What a transcript's page says of its times: whether they can be checked, are being checked, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from ...catalogue import TimeCheck
from ...knowledge_base import KnowledgeBase
from ...phrasing import long_date
from ...timing import CHECKING
from ...translatable import phrase
from ...types import Episode
from ..api.naming import plainly_of
from ..server.stored import as_stored

__all__ = ["ShownTimes", "shown_times"]


@dataclass(frozen=True, slots=True)
class ShownTimes:
    """What is told of a check of times, what its button says (empty: no button), and a revision that may be undone."""

    told: str = ""
    button: str = ""
    undo: int | None = None


def shown_times(kb: KnowledgeBase, episode: Episode) -> ShownTimes | None:
    """Return what an episode's page says; ``None`` where nothing was checked, nor can be."""
    from ingest.queue.lock import who_works

    job = kb.jobs.at(CHECKING + episode.id)
    if job is not None and job.state != "failed":
        if job.state != "running" or not who_works(kb.home):
            return ShownTimes(phrase("A check of times waits in the queue. Load this page again to see the result."))
        share = f"{job.done / job.total:.0%}" if job.done and job.total else "0%"
        sentence = phrase("Times are being checked (%(share)s). Load this page again to see the result.", share=share)
        return ShownTimes(sentence)
    button = _button(kb, episode)
    if job is not None:
        reason = as_stored(plainly_of(job, kb))
        return ShownTimes(phrase("The check of times failed: %(reason)s", reason=reason), button)
    check = kb.timing.checked(episode.id)
    if check is None:
        return ShownTimes(button=button) if button else None
    # A check of another recording than the one that is here says nothing any more.
    if button and not _is_here(episode, check):
        return ShownTimes(button=button)
    day, found = long_date(check.checked_at[:10]), as_stored(check.told)
    told = phrase("Times were checked on %(day)s: %(found)s", day=day, found=found)
    again = button if check.result == "unknown" else ""
    # Times that were moved as they were taken in have no earlier ones.
    made = kb.timing.undoable(episode.id)
    return ShownTimes(told, again, made if made == check.revision else None)


def _button(kb: KnowledgeBase, episode: Episode) -> str:
    from ingest.queue.checking import why_not
    from ingest.transcribing.recordings import Recogniser, Request

    if why_not(kb, episode, can_hear=True) or not Recogniser(Request()).available():
        return ""
    return phrase("Check times against the recording")


def _is_here(episode: Episode, check: TimeCheck) -> bool:
    from ingest.queue.checking import recording_there

    there = recording_there(episode)
    return there is not None and there.st_size == check.recording.size
