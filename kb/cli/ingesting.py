"""``kb ingest`` and ``kb jobs``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotFound, UsageError
from ..timecode import clock
from .app import app, opened
from .bars import Bars
from .options import AsJson

if TYPE_CHECKING:
    from ingest.transcription import Progress

    from ..catalogue import Job
    from ..knowledge_base import KnowledgeBase
    from ..types import ImportResult

jobs = typer.Typer(
    help="List transcriptions that are not finished, do them again, or drop them.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(jobs, name="jobs")


@app.command()
def ingest(
    sources: Annotated[list[Path], typer.Argument(help="Transcripts, recordings, and folders of them.")],
    show: Annotated[str | None, typer.Option(help="The show, where no sidecar says it.")] = None,
    title: Annotated[str | None, typer.Option(help="The title, for a single file.")] = None,
    date: Annotated[str | None, typer.Option(help="The date of publication, e.g. 2019-07-08.")] = None,
    speaker: Annotated[
        list[str] | None, typer.Option(help="Name a speaker: 'SPEAKER_00=Audie Cornish'; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The language as a code, e.g. en; else it is detected.")] = None,
    engine: Annotated[str | None, typer.Option(help="What transcribes: faster-whisper or whisper.")] = None,
    model: Annotated[str | None, typer.Option(help="A Whisper model: a name ('kb models') or a path.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    names: Annotated[str | None, typer.Option(help="Names and terms to expect in the sound.")] = None,
    translate: Annotated[bool, typer.Option("--translate", help="Translate speech into English.")] = False,
    beam_size: Annotated[int | None, typer.Option(min=1, max=20, help="How many readings are weighed.")] = None,
    diarizer: Annotated[str | None, typer.Option(help="What tells speakers apart: sherpa or pyannote.")] = None,
    diarizer_models: Annotated[str | None, typer.Option(help="The folder of the diarizer's models.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take transcripts and recordings in; the same file twice changes nothing, one that fails stops no other."""
    from ingest.batch import find_sources
    from ingest.batch import ingest as ingest_batch
    from ingest.metadata import Metadata, parse_date, parse_renames
    from ingest.recordings import Request

    try:
        said = Metadata(show=show, title=title, published=parse_date(date) if date else None, language=language)
    except ValueError as error:
        raise UsageError(f"--date: {error}.") from error
    if title and (len(sources) > 1 or sources[0].is_dir()):
        raise UsageError("--title goes with a single file.")
    request = Request(engine, model, device, language, translate, names, beam_size, diarizer, diarizer_models)
    renames = parse_renames(speaker or [])
    bars = Bars()
    found = list(find_sources(sources))
    tell, progress = _listeners(bars, as_json, len(found))
    with opened(bars) as kb:
        _exit(ingest_batch(kb, found, said, renames, request, tell, progress))


@jobs.callback()
def list_jobs(context: typer.Context, as_json: AsJson = False) -> None:
    """List transcriptions that were begun and are not finished, with the reason."""
    if context.invoked_subcommand:
        return
    from dataclasses import asdict

    from .printing import print_json

    with opened() as kb:
        found = kb.catalogue.jobs.all()
    if as_json:
        print_json([{**asdict(job), "request": json.loads(job.request)} for job in found])
        return
    for job in found:
        state = "interrupted" if job.state == "running" else job.state
        typer.echo(f"{job.id:>4}  {state:<11} {_path(job)}{f': {job.reason}' if job.reason else ''}")
    if not found:
        typer.echo("Nothing is unfinished.")


@jobs.command("retry")
def retry_jobs(ids: Annotated[list[int] | None, typer.Argument(help="Which; all by default.")] = None) -> None:
    """Do unfinished transcriptions again; what was already heard is kept."""
    from ingest.batch import retry

    bars = Bars()
    with opened(bars) as kb:
        chosen = _chosen(kb, ids)
        tell, progress = _listeners(bars, False, len(chosen))
        _exit(tuple(result for job in chosen for result in retry(kb, job, tell, progress)))


@jobs.command("cancel")
def cancel_jobs(ids: Annotated[list[int], typer.Argument(help="Which.")]) -> None:
    """Drop unfinished transcriptions."""
    with opened() as kb:
        for job in _chosen(kb, ids):
            kb.catalogue.jobs.finish(job.uri)
            typer.echo(f"cancelled  {_path(job)}")


def _chosen(kb: KnowledgeBase, ids: list[int] | None) -> list[Job]:
    known = {job.id: job for job in kb.catalogue.jobs.all()}
    missing = [number for number in ids or [] if number not in known]
    if missing:
        raise NotFound(f"There is no unfinished job {missing[0]}; 'kb jobs' lists them.")
    return [known[number] for number in ids] if ids else list(known.values())


def _listeners(
    bars: Bars, as_json: bool, total: int
) -> tuple[Callable[[ImportResult], None], Callable[[Path, Progress], None]]:
    """Return what hears of results and of progress: bars and lines for people, one JSON event a line for scripts."""
    from ..jsonable import result_json
    from .printing import print_result

    finished = 0

    def emit(event: str, **values: Any) -> None:
        typer.echo(json.dumps({"event": event, **values}, ensure_ascii=False))

    def tell(result: ImportResult) -> None:
        nonlocal finished
        finished += 1
        bars.end(Path(result.source).name)
        bars.step("All files", finished, total, f"{finished} of {total}")
        emit("result", **result_json(result)) if as_json else print_result(result)

    def progress(path: Path, now: Progress) -> None:
        if as_json:
            emit("progress", source=str(path), done=now.done, total=now.total, speed=now.speed, left=now.left)
            return
        of = f" of {clock(now.total)}" if now.total else ""
        speed = f", {now.speed:.1f} times as fast as it is spoken" if now.speed else ""
        left = f", {clock(now.left)} left" if now.left else ""
        bars.step(path.name, now.done, now.total, f"{clock(now.done)}{of}{speed}{left}")

    return tell, progress


def _exit(results: tuple[ImportResult, ...]) -> None:
    if any(result.status == "failed" for result in results):
        raise typer.Exit(1)


def _path(job: Job) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(job.uri).path)
