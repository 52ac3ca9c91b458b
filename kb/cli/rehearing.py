"""``kb hear``: a quote or a stretch of an episode, heard again beside its transcript."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotFound, UsageError
from ..timecode import clock, parse_timecode
from .app import app, opened
from .options import AsJson

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Request
    from ingest.transcribing.second_hearing import SecondHearing

    from ..catalogue.episodes import Revision
    from ..knowledge_base import KnowledgeBase

_TIMES = re.compile(
    r"(?P<episode>[^@\s]{1,200})@(?P<start>[\d:]{1,6}:[\d.]{1,6})-(?P<end>[\d:]{1,6}:[\d.]{1,6})", re.ASCII
)


@app.command()
def hear(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A quote's address, or EPISODE@M:SS-M:SS for a stretch.")
    ],
    model: Annotated[str | None, typer.Option(help="A Whisper model: a name ('kb models') or a path.")] = None,
    engine: Annotated[str | None, typer.Option(help="What hears: faster-whisper or whisper.")] = None,
    language: Annotated[str | None, typer.Option(help="The language to hear it in, as a code, e.g. en.")] = None,
    names: Annotated[str | None, typer.Option(help="Names and terms to expect in the sound.")] = None,
    beam_size: Annotated[
        int | None, typer.Option(min=1, max=20, help="How many possible wordings Whisper compares; more takes longer.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Hear the sentences of a quote or stretch again, and show where they are heard otherwise; nothing is changed."""
    from ingest.transcribing.recordings import Recogniser, Request
    from ingest.transcribing.second_hearing import hear_stretch

    if not any((model, engine, language, names, beam_size)):
        raise UsageError("Say how to hear it again, such as --model small, --engine whisper or --language de.")
    asked = Request(engine, model, device, language, names=names, beam_size=beam_size, diarizer="none")
    with opened() as kb:
        made, start, end = _found(kb, place)
        audio = kb.episode(made.episode_id).audio
        if audio is None:
            raise NotFound(f"{made.episode_id} has no recording, so it cannot be heard again.")
        if not Path(audio).is_file():
            raise NotFound(f"The recording of {made.episode_id} is no longer at {audio}; put it back there.")
        segments = tuple(kb.segments(made.episode_id, made.number))
        is_old = made.number != kb.revisions.latest(made.episode_id)
    found = hear_stretch(Path(audio), segments, start, end, Recogniser(_like_before(asked, made)))
    (_print_json if as_json else _print)(place, made, is_old, found)


def _found(kb: KnowledgeBase, place: str) -> tuple[Revision, float, float]:
    """Return the transcript's revision and the seconds that ``place`` names."""
    if match := _TIMES.fullmatch(place.strip()):
        try:
            start, end = parse_timecode(match["start"]), parse_timecode(match["end"])
        except ValueError as error:
            raise UsageError(f"{error}; expected EPISODE@M:SS-M:SS.") from error
        if start >= end:
            raise UsageError(f"{match['start']} is not before {match['end']}; a stretch begins before it ends.")
        kb.episode(match["episode"])
        return kb.current(match["episode"]), start, end
    quote = kb.quote(place)
    if quote.start is None or quote.end is None:
        raise NotFound(f"It is not known when {place!r} was said, so it cannot be heard again.")
    return kb.revisions.get(quote.episode.id, quote.revision), quote.start, quote.end


def _like_before(asked: Request, made: Revision) -> Request:
    """Return the request with what was not said taken from the first hearing: its model and engine, if they fit."""
    from dataclasses import replace

    before: dict[str, Any] = json.loads(made.settings).get("request", {}) if made.settings else {}
    if asked.model is None and asked.engine is None:
        return replace(asked, model=before.get("model"), engine=before.get("engine"))
    return asked


def _labels(made: Revision, found: SecondHearing) -> tuple[str, str]:
    """Return what the two are called in "base hears ..., small hears ..."."""
    first = made.model or made.engine or "the first" if made.origin == "machine" else "the transcript"
    return first, f"{found.model} again" if found.model == first else found.model


def _print(place: str, made: Revision, is_old: bool, found: SecondHearing) -> None:
    from ..phrasing import OLDER_SOUND

    first, second = _labels(made, found)
    says = "hears" if made.origin == "machine" else "says"
    how = ", ".join(filter(None, (found.engine, found.language)))
    typer.echo(f"{place}: {clock(found.start)}-{clock(found.end)}, heard again by {found.model} ({how})")
    for each in found.differences:
        here, there = (f"“{text}”" if text else "nothing" for text in (each.publisher, each.heard))
        typer.echo(f"{clock(each.start)}  {first} {says} {here}, {second} hears {there}")
    typer.echo(f"{second} hears {found.agreed} of {found.words} words as {first} {says} them.")
    typer.echo(f"\n{first} {says}:\n{found.written}\n\n{second} hears:\n{found.heard or 'nothing'}")
    for remark in [*found.remarks, *([OLDER_SOUND] if is_old else [])]:
        typer.secho(f"note       {remark}", dim=True, err=True)


def _print_json(place: str, made: Revision, is_old: bool, found: SecondHearing) -> None:
    from ..phrasing import OLDER_SOUND
    from .printing import print_json

    labels = _labels(made, found)
    made_as = {"origin": made.origin, "engine": made.engine, "model": made.model}
    heard_as = {"origin": "machine", "engine": found.engine, "model": found.model, "language": found.language}
    differences = [
        {"start": each.start, "end": each.end, "kind": each.kind, "first": each.publisher, "second": each.heard}
        for each in found.differences
    ]
    print_json(
        {
            "place": place,
            "episode": made.episode_id,
            "revision": made.number,
            **{name: value for name, value in asdict(found).items() if name in ("start", "end", "words", "agreed")},
            "first": {"label": labels[0], **made_as, "text": found.written},
            "second": {"label": labels[1], **heard_as, "text": found.heard},
            "differences": differences,
            "remarks": [*found.remarks, *([OLDER_SOUND] if is_old else [])],
        }
    )
