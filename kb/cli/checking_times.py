"""``kb episodes check-times``: whether a publisher's times fit the recording, for episodes that are in already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError, VerbatimError
from .app import opened
from .deeds import machine_user, note
from .library import episodes
from .options import AsJson, BeamSize, Device, Engine, Model, Spoken
from .reporting import Reporter

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Request

    from ..knowledge_base import KnowledgeBase
    from ..types import Episode, ImportResult


@dataclass(frozen=True, slots=True)
class EpisodeChecked:
    """What became of an episode: unchanged, moved, unknown, skipped, undone, cancelled or failed, and a sentence."""

    episode: str
    result: str
    told: str
    revision: int


@episodes.command("check-times")
def check_times(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Episodes, as 'kb episodes' lists.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every episode of your library.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also those that were checked before.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Put the times back that a check has moved.")] = False,
    model: Model = None,
    engine: Engine = None,
    language: Spoken = None,
    beam_size: BeamSize = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Check publishers' times against the recordings, and move them where they are off.

    A few places are heard. After a kill, the same command goes on with what is left.
    """
    from ingest.transcribing.recordings import Request

    from .printing import print_json

    if bool(ids) == everything:
        raise UsageError("Name the episodes to check ('kb episodes' lists them), or --all.")
    if undo and everything:
        raise UsageError("Name the episodes whose times are put back.")
    request = Request(engine, model, device, language, beam_size=beam_size)
    reporter = Reporter(as_json)
    with opened(reporter.bars) as kb:
        chosen = kb.episodes() if everything else [kb.episode(each) for each in dict.fromkeys(ids or ())]
        told = _Told(as_json)
        if undo:
            moves = {episode.id: kb.timing.newest_move(episode.id) for episode in chosen}  # all, or nothing is undone
            try:
                for episode_id, number in moves.items():
                    _undo(kb, episode_id, number, told)
            finally:
                kb.sync()
        else:
            _check(kb, _wanted(kb, chosen, request, again, told), request, reporter, told)
    if as_json:
        print_json([asdict(each) for each in told.found])
    if any(each.result == "failed" for each in told.found):
        raise typer.Exit(1)


class _Told:
    """What became of each episode, printed at once; for scripts at the end."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.found: list[EpisodeChecked] = []

    def __call__(self, kb: KnowledgeBase, episode_id: str, result: str, told: str) -> None:
        self.found.append(EpisodeChecked(episode_id, result, told, kb.revisions.latest(episode_id)))
        if not self.as_json:
            word = "cannot tell" if result == "unknown" else result
            typer.echo(f"{word:<11} {episode_id}: {told}", err=result == "failed")


def _wanted(kb: KnowledgeBase, chosen: Iterable[Episode], request: Request, again: bool, told: _Told) -> list[str]:
    """Return the ids of the episodes to check; what becomes of the others is told."""
    from ingest.queue.checking import checked_before, why_not
    from ingest.transcribing.recordings import Recogniser

    can_hear = Recogniser(request).available()
    wanted = []
    for episode in chosen:
        try:
            before = None if again else checked_before(kb, episode)
        except VerbatimError as error:  # one recording that cannot be read does not stop the others
            told(kb, episode.id, "failed", str(error))
            continue
        if before is not None:
            when = f"on {before.checked_at[:10]}: {before.told}"
            told(kb, episode.id, "skipped", f"It was checked {when} --again checks it again.")
        elif why := why_not(kb, episode, can_hear):
            told(kb, episode.id, "unknown", why)
        else:
            wanted.append(episode.id)
    return wanted


def _check(kb: KnowledgeBase, wanted: Sequence[str], request: Request, reporter: Reporter, told: _Told) -> None:
    from ingest.queue.batch import IngestOptions, Listeners, work
    from ingest.queue.checking import queue_checks

    jobs = queue_checks(kb, wanted, request, machine_user())
    checks = {each: kb.timing.checked(each) for each in wanted}
    ids = {IngestOptions.of(job).source: IngestOptions.of(job).check for job in jobs}
    done = 0

    def result(each: ImportResult) -> None:
        nonlocal done
        done += 1
        reporter.bars.end(each.source)
        reporter.bars.step("All episodes", done, len(ids), f"{done} of {len(ids)}")
        episode_id = ids[each.source]
        found = kb.timing.checked(episode_id)
        if each.status == "cancelled" and found is not None and found != checks[episode_id]:
            return told(kb, episode_id, found.result, found.told)  # a server has done it while this one waited
        if each.status in ("failed", "cancelled"):
            return told(kb, episode_id, each.status, each.error or "It was taken out of the queue.")
        sentence = " ".join(each.notes)
        known = found is not None and found.told == sentence
        told(kb, episode_id, found.result if found is not None and known else "unknown", sentence)
        if each.status == "revised":
            note(kb, "moved times", [episode_id])

    listeners = Listeners(result) if told.as_json else replace(reporter.listeners, result=result)
    work(kb, jobs, listeners)


def _undo(kb: KnowledgeBase, episode_id: str, number: int, told: _Told) -> None:
    made = kb.corrections.undo(episode_id, number, machine_user())
    note(kb, "took a correction back", [episode_id])
    told(kb, episode_id, "undone", f"The earlier times are back, as revision {made}.")
