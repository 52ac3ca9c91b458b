"""``kb ingest`` and ``kb watch``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError, VerbatimError
from ..timecode import checked_date
from .app import app, opened
from .deeds import noting
from .hearing import Address, Workers, hearing
from .offering import with_model
from .options import AsJson, BeamSize, Device, Engine, Model, NoCheckTimes
from .reporting import Reporter, exit_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..knowledge_base import KnowledgeBase
    from ..types import ImportResult


@app.command()
def ingest(
    sources: Annotated[
        list[str], typer.Argument(help="Transcripts, recordings, folders and ZIP archives of them, web addresses.")
    ],
    show: Annotated[str | None, typer.Option(help="The show, if no sidecar names it.")] = None,
    title: Annotated[str | None, typer.Option(help="The title, for a single file.")] = None,
    date: Annotated[str | None, typer.Option(help="The date of publication, e.g. 2019-07-08.")] = None,
    speaker: Annotated[
        list[str] | None, typer.Option(help="Name a speaker: 'SPEAKER_00=Audie Cornish'; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The language as a code, e.g. en; else it is detected.")] = None,
    origin: Annotated[
        str | None, typer.Option(help="Who made the transcripts: publisher, machine, person or unknown.")
    ] = None,
    engine: Engine = None,
    model: Model = None,
    device: Device = "auto",
    names: Annotated[str | None, typer.Option(help="Names and terms to expect in the sound.")] = None,
    translate: Annotated[
        bool, typer.Option("--translate", help="Also translate into English, beside the words.")
    ] = False,
    beam_size: BeamSize = None,
    diarizer: Annotated[str | None, typer.Option(help="What tells speakers apart: sherpa, pyannote or none.")] = None,
    diarizer_models: Annotated[
        str | None, typer.Option(help="The folder of its models; sherpa's may lie in the models folder.")
    ] = None,
    voices: Annotated[int | None, typer.Option(min=2, max=100, help="How many people speak, if you know.")] = None,
    no_check_times: NoCheckTimes = False,
    workers: Workers = None,
    cluster: Address = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Addresses given may be in a private network.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add transcripts and recordings; known files change nothing, and a failure does not stop the rest."""
    from ingest.files.sources import find_sources
    from ingest.metadata import Metadata, checked_origin, parse_renames
    from ingest.podcasts.single import is_web_address
    from ingest.queue.batch import ingest as ingest_batch
    from ingest.transcribing.recordings import Request

    day = checked_date(date, "--date")
    said = Metadata(show=show, title=title, published=day, language=language, origin=checked_origin(origin, "--origin"))
    if title and (len(sources) > 1 or Path(sources[0]).is_dir()):
        raise UsageError("--title goes with a single file.")
    if translate and cluster is not None:
        raise UsageError("A cluster does not translate; leave --translate out, then use 'kb episodes translate ID'.")
    request = Request(engine, model, device, language, translate, names, beam_size, diarizer, diarizer_models, voices)
    request = replace(request, check_times=not no_check_times)
    renames = parse_renames(speaker or [])
    web = [source for source in sources if is_web_address(source)]
    files = [Path(source) for source in sources if not is_web_address(source)]
    reporter = Reporter(as_json)
    with hearing(cluster, workers, device) as (transcribers, at_once), opened(reporter.bars) as kb:
        refused: list[ImportResult] = []
        found = list(find_sources(files, kb.home / "archives", reporter.refuse(refused)))
        reporter.expect(len(found) + len(web))
        found += _fetched(kb, web, allow_private, reporter, reporter.refuse(refused))
        if not as_json and cluster is None:
            request = with_model(kb, found, request, reporter.bars)
        listeners = noting(kb, reporter.listeners)
        results = ingest_batch(kb, found, said, renames, request, listeners, transcribers, at_once)
        results += tuple(refused)
        if not as_json:
            _tell_what_is_left(len(kb.jobs.all()), sum(result.status == "failed" for result in results))
    exit_with(results)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="The folder that new episodes arrive in.")],
    show: Annotated[str | None, typer.Option(help="The show, if no sidecar names it.")] = None,
    language: Annotated[str | None, typer.Option(help="The language as a code, e.g. en; else it is detected.")] = None,
    engine: Engine = None,
    model: Model = None,
    device: Device = "auto",
    settle: Annotated[float, typer.Option(min=0, help="How many seconds a file must stay unchanged first.")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, max=256, help="How many sources are worked on at once.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Add new and changed files of a folder as they appear; Ctrl+C stops it."""
    from ingest.files.sources import find_sources
    from ingest.files.watch import watch as looks
    from ingest.metadata import Metadata
    from ingest.queue.batch import ingest as ingest_batch
    from ingest.transcribing.recordings import Request

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name one that exists.")
    said, request = Metadata(show=show, language=language), Request(engine, model, device, language)
    reporter = Reporter(as_json)
    with opened(reporter.bars) as kb:
        typer.echo(f"Watching {folder}; Ctrl+C stops it.", err=True)
        listeners = noting(kb, reporter.listeners)
        for ready in looks(folder, settle, every=min(2.0, settle / 2 + 0.1)):
            if found := list(find_sources(ready, kb.home / "archives", reporter.refuse([]))):
                reporter.expect_more(len(found))
                ingest_batch(kb, found, said, None, request, listeners, workers=workers)


def _fetched(
    kb: KnowledgeBase, urls: list[str], allow_private: bool, reporter: Reporter, refuse: Callable[[str, str], None]
) -> Iterator[Path]:
    """Yield the fetched files; ``refuse`` is called with the rest."""
    from functools import partial
    from urllib.parse import urlsplit

    from ingest.fetching import Fetcher
    from ingest.podcasts.media import media_folder
    from ingest.podcasts.single import fetch_source

    for url in urls:
        fetcher = Fetcher([urlsplit(url).hostname or ""] if allow_private else [])
        try:
            yield fetch_source(url, media_folder(kb.home), fetcher, partial(reporter.fetching, url))
        except VerbatimError as error:
            refuse(url, str(error))
        reporter.fetched(url)


def _tell_what_is_left(unfinished: int, failed: int) -> None:
    earlier = unfinished - failed
    if earlier > 0:
        jobs = "1 earlier source is" if earlier == 1 else f"{earlier} earlier sources are"
        typer.echo(f"{jobs} not finished; 'kb jobs' lists them, 'kb jobs retry' does them.", err=True)
