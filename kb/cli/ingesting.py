"""``kb ingest`` and ``kb watch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .app import app, opened
from .hearing import Address, Workers, hearing
from .options import AsJson
from .reporting import Reporter, exit_with


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
    workers: Workers = None,
    cluster: Address = None,
    as_json: AsJson = False,
) -> None:
    """Take transcripts and recordings in; the same file twice changes nothing, one that fails stops no other."""
    from ingest.batch import ingest as ingest_batch
    from ingest.metadata import Metadata, parse_date, parse_renames
    from ingest.recordings import Request
    from ingest.sources import find_sources

    try:
        said = Metadata(show=show, title=title, published=parse_date(date) if date else None, language=language)
    except ValueError as error:
        raise UsageError(f"--date: {error}.") from error
    if title and (len(sources) > 1 or sources[0].is_dir()):
        raise UsageError("--title goes with a single file.")
    request = Request(engine, model, device, language, translate, names, beam_size, diarizer, diarizer_models)
    renames = parse_renames(speaker or [])
    found = list(find_sources(sources))
    reporter = Reporter(as_json, len(found))
    with hearing(cluster, workers, device) as (transcribers, at_once), opened(reporter.bars) as kb:
        results = ingest_batch(kb, found, said, renames, request, reporter.listeners, transcribers, at_once)
        if not as_json:
            _tell_what_is_left(len(kb.catalogue.jobs.all()), sum(result.status == "failed" for result in results))
    exit_with(results)


def _tell_what_is_left(unfinished: int, failed: int) -> None:
    earlier = unfinished - failed
    if earlier > 0:
        jobs = "1 earlier source is" if earlier == 1 else f"{earlier} earlier sources are"
        typer.echo(f"{jobs} not finished; 'kb jobs' lists them, 'kb jobs retry' does them.", err=True)
