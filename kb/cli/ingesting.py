"""``kb ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .app import app, opened
from .options import AsJson


@app.command()
def ingest(
    sources: Annotated[list[Path], typer.Argument(help="Transcript files (.vtt, .srt, .txt ...) and folders of them.")],
    show: Annotated[str | None, typer.Option(help="The show, where no sidecar says it.")] = None,
    title: Annotated[str | None, typer.Option(help="The title, for a single file.")] = None,
    date: Annotated[str | None, typer.Option(help="The date of publication, e.g. 2019-07-08.")] = None,
    speaker: Annotated[
        list[str] | None, typer.Option(help="Name a speaker: 'SPEAKER_00=Audie Cornish'; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The language as a code, e.g. en.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take transcripts in; the same file twice changes nothing, and one that fails never stops the rest."""
    from ingest.batch import find_sources
    from ingest.batch import ingest as ingest_batch
    from ingest.metadata import Metadata, parse_date, parse_renames

    from ..jsonable import result_json
    from .printing import print_json, print_result

    try:
        said = Metadata(show=show, title=title, published=parse_date(date) if date else None, language=language)
    except ValueError as error:
        raise UsageError(f"--date: {error}.") from error
    if title and (len(sources) > 1 or sources[0].is_dir()):
        raise UsageError("--title goes with a single file.")
    renames = parse_renames(speaker or [])
    with opened() as kb:
        tell = (lambda _: None) if as_json else print_result
        results = ingest_batch(kb, find_sources(sources), said, renames, tell)
    if as_json:
        print_json([result_json(result) for result in results])
    if any(result.status == "failed" for result in results):
        raise typer.Exit(1)
