"""``kb jobs``: what is not finished, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import NotFound, UsageError
from .app import app, opened
from .deeds import note, noting
from .hearing import Address, Workers, hearing
from .options import AsJson
from .reporting import Reporter, exit_with, said_of

if TYPE_CHECKING:
    from ..catalogue import Job
    from ..knowledge_base import KnowledgeBase

jobs = typer.Typer(
    help="List sources that are not finished, do them again, or drop them.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(jobs, name="jobs")

Ids = Annotated[list[int] | None, typer.Argument(help="Numbers of jobs; all by default.")]


@jobs.callback()
def list_jobs(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is waiting, what is running, and what failed, with the reason."""
    if context.invoked_subcommand:
        return
    from dataclasses import asdict

    from ingest.queue.lock import who_works

    from .printing import print_json

    with opened() as kb:
        found = kb.jobs.all()
        worker = who_works(kb.home)
    if as_json:
        shown = [{**asdict(job), "state": job.seen(worker is not None)} for job in found]
        print_json([{**job, "request": json.loads(str(job["request"]))} for job in shown])
        return
    for job in found:
        state = job.seen(worker is not None)
        share = f" {100 * job.done / job.total:.0f} %" if state == "running" and job.done and job.total else ""
        typer.echo(f"{job.id:>4}  {state + share:<13} {_source(job)}{f': {job.reason}' if job.reason else ''}")
    if not found:
        typer.echo("Nothing is unfinished.")
    elif worker is not None:
        typer.echo(f"{said_of(worker)} is at work.")
    else:
        typer.echo("Nothing is running; 'kb jobs retry' does them.")


@jobs.command("retry")
def retry_jobs(
    ids: Ids = None,
    workers: Workers = None,
    cluster: Address = None,
    as_json: AsJson = False,
) -> None:
    """Do unfinished sources again, with their options; what was already transcribed is kept."""
    from ingest.queue.batch import work

    reporter = Reporter(as_json)
    with hearing(cluster, workers) as (transcribers, at_once), opened(reporter.bars) as kb:
        chosen = _chosen(kb, ids)
        reporter.expect(len(chosen))
        note(kb, "tried a job again", map(_name, chosen))
        results = work(kb, chosen, noting(kb, reporter.listeners), transcribers, at_once)
    exit_with(results)


@jobs.command("cancel")
def cancel_jobs(
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="Drop every unfinished source.")] = False,
) -> None:
    """Drop unfinished sources; one that is being transcribed stops at its next block."""
    if not ids and not everything:
        raise UsageError("Name the jobs to drop ('kb jobs' lists them), or --all.")
    with opened() as kb:
        chosen = _chosen(kb, ids)
        kb.jobs.finish(job.uri for job in chosen)
        note(kb, "dropped a job", map(_name, chosen))
        for job in chosen:
            typer.echo(f"cancelled  {_source(job)}")


def _name(job: Job) -> str:
    from ..phrasing import name_of

    return name_of(job.uri)


def _source(job: Job) -> str:
    from ingest.queue.batch import IngestOptions

    return IngestOptions.of(job).source


def _chosen(kb: KnowledgeBase, ids: list[int] | None) -> tuple[Job, ...]:
    if not ids:
        return kb.jobs.all()
    found = kb.jobs.get_many(ids)
    missing = sorted(set(ids) - {job.id for job in found})
    if missing:
        raise NotFound(f"There is no unfinished job {missing[0]}; 'kb jobs' lists them.")
    return found
