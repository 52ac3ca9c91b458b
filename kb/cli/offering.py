"""Offers to fetch a missing speech model that recordings need; only at a terminal, never in a script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import ModelNotAvailable, VerbatimError
from ..phrasing import counted, file_size
from ..timecode import clock
from .models import fetch_shown

if TYPE_CHECKING:
    from ingest.models.finding import Engine, Offer
    from ingest.transcribing.outlook import ModelChoice
    from ingest.transcribing.recordings import Request

    from ..knowledge_base import KnowledgeBase
    from .bars import Bars

__all__ = ["with_model"]

#: Recordings whose length is looked up; the others are assumed to be as long on average.
_MOST_PROBED = 50


def with_model(kb: KnowledgeBase, sources: Sequence[Path], request: Request, bars: Bars) -> Request:
    """Return the request with a model that was fetched just now, if one was needed and the user wanted it.

    Without a terminal, nothing is asked.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return request
    recordings = [path for path in sources if _is_new_recording(kb, path)]
    if not recordings or not _lacks_model(request):
        return request
    engine: Engine = "openai-whisper" if request.engine in ("whisper", "openai-whisper") else "faster-whisper"
    with bars.paused():
        offer = _chosen(kb, request, engine, recordings)
    if offer is None:
        typer.echo("Nothing is fetched. Transcripts are added; recordings wait for a model.", err=True)
        return request
    with suppress(KeyboardInterrupt):  # the rest goes on without it, and what has arrived is kept
        fetch_shown(offer.name, offer.engine, bars)
        return replace(request, model=offer.name, engine=offer.engine)
    return request


def _is_new_recording(kb: KnowledgeBase, path: Path) -> bool:
    from ingest.files.sources import is_recording

    return is_recording(path) and path.is_file() and kb.intake.sources.find(path.resolve().as_uri()) is None


def _lacks_model(request: Request) -> bool:
    """Return whether the model of the request is missing here and can be fetched."""
    from ingest.models.finding import find_model, offer_of
    from ingest.transcribing.recordings import Recogniser

    if request.model is None:
        return not Recogniser(request).available()
    engine: Engine = "openai-whisper" if request.engine in ("whisper", "openai-whisper") else "faster-whisper"
    try:
        find_model(request.model, engine)
    except ModelNotAvailable:
        return offer_of(request.model, engine) is not None and not Path(request.model).expanduser().exists()
    return False


def _chosen(kb: KnowledgeBase, request: Request, engine: Engine, recordings: Sequence[Path]) -> Offer | None:
    """Ask which model to fetch."""
    from ingest.models.finding import offer_of
    from ingest.transcribing.outlook import choices

    length = _length(recordings)
    need = "1 recording needs" if len(recordings) == 1 else f"{len(recordings):,} recordings need"
    sound = f" ({clock(length)} of sound)" if length else ""
    if request.model is not None:
        offer = offer_of(request.model, engine)
        assert offer is not None
        told = f"The model {offer.name} is not on this machine, and {need} it{sound}."
        question = f"{told} Fetch it now ({file_size(offer.size)}, licence {offer.licence})?"
        return offer if typer.confirm(question, default=True, err=True) else None
    offered = choices(length or 3600.0, kb.home)
    typer.echo(f"No speech model is on this machine, and {need} one{sound}. These can be fetched:\n", err=True)
    for number, choice in enumerate(offered, 1):
        typer.echo(_line(number, choice, length), err=True)
    measured = all(choice.estimate.measured for choice in offered)
    guess = "" if measured else " Times are a rough guess until a model has run here."
    typer.echo(f"\n* is recommended for this machine.{guess}", err=True)
    proposed = next(number for number, choice in enumerate(offered, 1) if choice.proposed)
    while True:
        said = typer.prompt("Which one? A number, or n for none", default=str(proposed), err=True).strip().lower()
        if said in ("n", "no", "none"):
            return None
        if said.isascii() and said.isdecimal() and 1 <= int(said[:3]) <= len(offered):
            return _for_engine(offered[int(said) - 1].offer, engine)
        typer.echo(f"{said[:40]!r} is not one of them.", err=True)


def _line(number: int, choice: ModelChoice, length: float) -> str:
    offer = choice.offer
    minutes = counted(max(1, round(choice.estimate.seconds / 60)), "minute")
    lasts = f"about {minutes} {'for these' if length else 'for an hour'}"
    mark, about = "*" if choice.proposed else " ", f"{file_size(offer.size):>7}, {offer.licence}"
    return f"{mark} {number}  {offer.name:<15} {about}  {lasts:<36} {choice.good_for}"


def _for_engine(offer: Offer, engine: Engine) -> Offer:
    from ingest.models.finding import offer_of

    return offer_of(offer.name, engine) or offer


def _length(recordings: Sequence[Path]) -> float:
    """Return how long the recordings last together, in seconds; 0 if unknown."""
    from ingest.sound.isolated import probe

    known = []
    for path in recordings[:_MOST_PROBED]:
        with suppress(VerbatimError):  # the error is reported when the file is added
            known.append(probe(path).duration or 0.0)
    return sum(known) / len(known) * len(recordings) if known else 0.0
