"""``kb hear``: transcribe a quote, a stretch of an episode or a collection again, and compare."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotFound, UsageError
from ..timecode import clock, parse_timecode
from .app import app, opened
from .options import AsJson, BeamSize, Device, Engine, Model, Spoken

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Request
    from ingest.transcribing.second_hearing import Excerpt, SecondHearing

    from ..catalogue import Revision
    from ..knowledge_base import KnowledgeBase
    from ..types import Quote

#: Why an episode without a recording is refused.
UNHEARD = "so it cannot be heard again"

_TIMES = re.compile(
    r"(?P<episode>[^@\s]{1,200})@(?P<start>[\d:]{1,6}:[\d.]{1,6})-(?P<end>[\d:]{1,6}:[\d.]{1,6})", re.ASCII
)
_FORMS = (
    "Name a stretch by its times, such as {0}@12:05-12:40, a quote by its address, such as {0}@1:3188-3278, "
    "or a collection with --collection NAME."
)


@app.command()
def hear(
    place: Annotated[
        str | None, typer.Argument(metavar="[PLACE]", help="A quote's address, or EPISODE@M:SS-M:SS for a stretch.")
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="All quotes of a collection; the results are kept with them."),
    ] = None,
    model: Model = None,
    engine: Engine = None,
    language: Spoken = None,
    names: Annotated[str | None, typer.Option(help="Names and terms to expect in the sound.")] = None,
    beam_size: BeamSize = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Transcribe a quote, a stretch or a collection again, and show where the words differ.

    No transcript is changed.
    """
    from ingest.transcribing.recordings import Recogniser, Request
    from ingest.transcribing.second_hearing import hear_excerpts

    from ..saved.hearings import first_label

    if (place is None) == (collection is None):
        raise UsageError(_FORMS.format("EPISODE") if place is None else "Name a place or a collection, not both.")
    if not any((model, engine, language, names, beam_size)):
        raise UsageError("Say how to hear it again, such as --model small, --engine whisper or --language de.")
    asked = Request(engine, model, device, language, names=names, beam_size=beam_size, diarizer="none")
    if place is None:
        from .rehearing_collections import hear_collection

        return hear_collection(collection or "", asked, as_json)
    with opened() as kb:
        made, excerpt = _found(kb, place)
        audio = kb.recording(made.episode_id, UNHEARD)
        first = first_label(kb.revisions, made)
        is_old = made.number != kb.revisions.latest(made.episode_id)
    for _, found in hear_excerpts(audio, [excerpt], Recogniser(like_before(asked, made))):
        if as_json:
            from .printing import print_json

            print_json(hearing_json(place, made, found, first, is_old))
        else:
            _print(place, found, first, is_old)


def _found(kb: KnowledgeBase, place: str) -> tuple[Revision, Excerpt]:
    """Return the transcript's revision and the words in it that ``place`` names."""
    from ingest.transcribing.second_hearing import excerpt_at

    if match := _TIMES.fullmatch(place.strip()):
        try:
            start, end = parse_timecode(match["start"]), parse_timecode(match["end"])
        except ValueError as error:
            raise UsageError(f"{error}; expected EPISODE@M:SS-M:SS.") from error
        if start >= end:
            raise UsageError(f"{match['start']} is not before {match['end']}; a stretch begins before it ends.")
        kb.episode(match["episode"])
        return kb.current(match["episode"]), excerpt_at(tuple(kb.segments(match["episode"])), start, end)
    with suppress(NotFound):
        raise UsageError(_FORMS.format(kb.episode(place).id))
    try:
        quote = kb.quote(place)
    except UsageError as error:
        raise UsageError(f"{error} {_FORMS.format('EPISODE')}") from error
    return kb.revisions.get(quote.episode.id, quote.revision), excerpt_of(kb, quote)


def excerpt_of(kb: KnowledgeBase, quote: Quote) -> Excerpt:
    """Return a quote's own words, and the words around them that will be transcribed too.

    Raises ``NotFound`` where no time is known.
    """
    from ingest.transcribing.second_hearing import Excerpt

    from ..saved.quotes import cues

    if quote.start is None or quote.end is None:
        raise NotFound(f"It is not known when {quote.id!r} was said, so it cannot be heard again.")
    alone = Excerpt(quote.start, quote.end, tuple(cues(kb.revisions, quote)))
    canonical = kb.canonical(quote.episode.id, quote.revision)

    def near(begin: int, stop: int) -> tuple[str, ...]:
        """Return the words with times of their own that will be transcribed too."""
        spans = canonical.timings.within(begin, stop)
        texts = (
            canonical.text[span.char_start : span.char_end]
            for span in spans
            if alone.first <= (span.start + span.end) / 2 <= alone.last
        )
        return tuple(text for text in texts if len(text.split()) == 1)

    return Excerpt(
        alone.start,
        alone.end,
        alone.segments,
        near(0, quote.char_start),
        near(quote.char_end, len(canonical.text)),
    )


def like_before(asked: Request, made: Revision) -> Request:
    """Return the request, completed with the model and engine of the first transcription where they fit."""
    from dataclasses import replace

    before: dict[str, Any] = json.loads(made.settings).get("request", {}) if made.settings else {}
    if asked.model is None and asked.engine is None:
        return replace(asked, model=before.get("model"), engine=before.get("engine"))
    return asked


def _labels(first: str, found: SecondHearing) -> tuple[str, str]:
    """Return the two names in "base hears ..., small hears ..."."""
    return first, f"{found.model} again" if found.model == first else found.model


def _print(place: str, found: SecondHearing, first: str, is_old: bool) -> None:
    from ..phrasing import OLDER_SOUND
    from ..saved.hearings import is_heard

    first, second = _labels(first, found)
    says = "hears" if is_heard(first) else "says"
    how = ", ".join(filter(None, (found.engine, found.language)))
    typer.echo(f"{place}: {clock(found.start)}-{clock(found.end)}, heard again by {found.model} ({how})")
    for each in found.differences:
        here, there = (f"“{text}”" if text else "nothing" for text in (each.publisher, each.heard))
        typer.echo(f"{clock(each.start)}  {first} {says} {here}, {second} hears {there}")
    typer.echo(f"{second} hears {found.agreed} of {found.words} words as {first} {says} them.")
    typer.echo(f"\n{first} {says}:\n{found.written}\n\n{second} hears:\n{found.heard or 'nothing'}")
    for remark in [*found.remarks, *([OLDER_SOUND] if is_old else [])]:
        typer.secho(f"note       {remark}", dim=True, err=True)


def hearing_json(place: str, made: Revision, found: SecondHearing, first: str, is_old: bool) -> dict[str, Any]:
    """Return both transcriptions and where they differ."""
    from ..phrasing import OLDER_SOUND

    labels = _labels(first, found)
    made_as = {"origin": made.origin, "engine": made.engine, "model": made.model}
    heard_as = {"origin": "machine", "engine": found.engine, "model": found.model, "language": found.language}
    differences = [
        {"start": each.start, "end": each.end, "kind": each.kind, "first": each.publisher, "second": each.heard}
        for each in found.differences
    ]
    return {
        "place": place,
        "episode": made.episode_id,
        "revision": made.number,
        **{name: value for name, value in asdict(found).items() if name in ("start", "end", "words", "agreed")},
        "first": {"label": labels[0], **made_as, "text": found.written},
        "second": {"label": labels[1], **heard_as, "text": found.heard},
        "differences": differences,
        "remarks": [*found.remarks, *([OLDER_SOUND] if is_old else [])],
    }
