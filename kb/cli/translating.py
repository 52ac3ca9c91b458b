"""``kb episodes translate``: an episode's machine translation into English, beside its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..timecode import clock
from ..types import UNKNOWN_SPEAKER
from .app import opened
from .deeds import noting
from .library import EpisodeId, episodes
from .options import AsJson, BeamSize, Device, Engine, Model
from .reporting import Reporter, exit_with

if TYPE_CHECKING:
    from ..translations import Translation
    from ..types import ImportResult


@episodes.command("translate")
def translate(
    episode_id: EpisodeId,
    model: Model = None,
    engine: Engine = None,
    language: Annotated[
        str | None, typer.Option(help="The language spoken, as a code, e.g. de; else it is detected.")
    ] = None,
    beam_size: BeamSize = None,
    device: Device = "auto",
    again: Annotated[bool, typer.Option("--again", help="Also what is translated already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Translate an episode's recording into English, and print the translation beside its words.

    The words stay, and are what is searched and quoted. What is translated already is only printed.
    """
    from ingest.queue.batch import Listeners, work
    from ingest.queue.translating import queue_translation
    from ingest.transcribing.recordings import Request

    from .printing import print_json, print_result

    def only_failures(result: ImportResult) -> None:
        if result.status == "failed":
            print_result(result)

    request = Request(engine, model, device, language, beam_size=beam_size)
    reporter = Reporter(False, total=1)
    with opened(reporter.bars) as kb:
        if again or not kb.translations.of(episode_id) or kb.translations.missing(episode_id):
            job = queue_translation(kb, episode_id, request, again)
            listeners = noting(kb, Listeners(only_failures) if as_json else reporter.listeners)
            results = work(kb, [job], listeners)
            exit_with(results)
        found = kb.translations.of(episode_id)
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    for each in found:
        _print(each)
    if not found:
        typer.echo(f"Nothing in {episode_id} has a translation.")


def _print(each: Translation) -> None:
    here = each.paragraph
    typer.echo(f"\n{clock(here.start or 0.0)} {here.speaker or UNKNOWN_SPEAKER} ({each.language}): {here.words}")
    typer.echo(f"{each.label}: {each.text}")


def _as_json(each: Translation) -> dict[str, Any]:
    here = each.paragraph
    return {
        "start": here.start,
        "end": here.end,
        "speaker": here.speaker,
        "text": here.words,
        "language": each.language,
        "translation": each.text,
        "engine": each.engine,
        "model": each.model,
        "doubtful": each.doubtful,
        "current": each.is_current,
    }
