"""``kb episodes`` and ``kb transcript``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ..errors import UsageError
from ..home import machine_user
from ..outputs import TranscriptFormat
from ..timecode import clock
from .app import app, opened
from .deeds import note
from .options import AsJson

episodes = typer.Typer(
    help="List, show, correct and remove episodes.", rich_markup_mode=None, invoke_without_command=True
)
app.add_typer(episodes, name="episodes")

EpisodeId = Annotated[str, typer.Argument(metavar="ID", help="The episode's id, as 'kb episodes' lists it.")]


@episodes.callback()
def list_episodes(context: typer.Context, as_json: AsJson = False) -> None:
    """List every episode, newest first."""
    if context.invoked_subcommand:
        return
    from ..wire import episode_json
    from .printing import print_episode, print_json

    with opened() as kb:
        found = kb.episodes()
        if as_json:
            print_json([episode_json(episode) for episode in found])
            return
        for episode in found:
            print_episode(episode)
        if not found:
            typer.echo("There are no episodes yet; add some with 'kb ingest FOLDER'.")


@episodes.command("show")
def show_episode(episode_id: EpisodeId, as_json: AsJson = False) -> None:
    """Show what is known about one episode."""
    from dataclasses import asdict

    from ..wire import episode_json
    from .printing import print_json, remark_line

    with opened() as kb:
        found = episode_json(kb.episode(episode_id))
        made = kb.current(episode_id)
        remarks = kb.revisions.remarks(episode_id, made.number)
        chapters = kb.chapters.of(episode_id)
        edited = list(kb.corrections.edited(episode_id))
        check = kb.timing.checked(episode_id)
        how = {"revision": made.number, "transcript": made.origin, "engine": made.engine, "model": made.model}
        if as_json:
            settings = json.loads(made.settings) if made.settings else None
            times = None if check is None else {key: getattr(check, key) for key in ("result", "told", "checked_at")}
            more = {"chapters": [asdict(chapter) for chapter in chapters], "edited": edited, "times": times}
            print_json({**found, **how, "settings": settings, "remarks": [asdict(r) for r in remarks], **more})
            return
        people = ", ".join(f"{person['name']} ({person['role']})" for person in found.pop("people"))
        times_told = None if check is None else f"checked on {check.checked_at[:10]}: {check.told}"
        more = {"people": people or None, **how, "edited": ", ".join(edited) or None, "times": times_told}
        for key, value in {**found, **more}.items():
            if value is not None:
                typer.echo(f"{key:<12} {value}")
        for chapter in chapters:
            typer.echo(f"{'chapter':<12} {clock(chapter.start)} {chapter.title}")
        for remark in remarks:
            typer.echo(f"{'remark':<12} {remark_line(remark)}")


@episodes.command("edit")
def edit_episode(
    episode_id: EpisodeId,
    title: Annotated[str | None, typer.Option(help="The title.")] = None,
    show: Annotated[str | None, typer.Option(help="The show.")] = None,
    date: Annotated[str | None, typer.Option(help="The date of publication, e.g. 2019-07-08.")] = None,
    publisher: Annotated[str | None, typer.Option(help="The show's publisher, for all its episodes.")] = None,
    medium: Annotated[str | None, typer.Option(help="radio or podcast.")] = None,
    url: Annotated[str | None, typer.Option(help="The episode's address on the web.")] = None,
    language: Annotated[str | None, typer.Option(help="The language as a code, e.g. en.")] = None,
    season: Annotated[str | None, typer.Option(help="The season.")] = None,
    number: Annotated[str | None, typer.Option(help="The episode's number.")] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="'Audie Cornish=host'; repeated for several; replaces the people.")
    ] = None,
    remove_person: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A person to remove.")] = None,
    rename_speaker: Annotated[
        list[str] | None, typer.Option(metavar="OLD=NEW", help="Name a speaker: 'Speaker 1=Audie Cornish'.")
    ] = None,
) -> None:
    """Correct what is known about an episode; an empty text removes a value ('--url \"\"')."""
    from ingest.metadata import corrected, numbered, parse_renames

    texts = {
        "title": title,
        "show": show,
        "published": date,
        "publisher": publisher,
        "medium": medium,
        "url": url,
        "language": language,
        "season": season,
        "number": number,
    }
    given = {field: text for field, text in texts.items() if text is not None}
    if not (given or person or remove_person or rename_speaker):
        raise UsageError("Say what to correct, such as --title 'The right title'; 'kb episodes edit --help' lists all.")
    names = parse_renames(rename_speaker or [], "--rename-speaker")
    with opened() as kb:
        episode = corrected(kb.episode(episode_id), given, person, remove_person or [])
        speakers = {turn.speaker or "" for turn in kb.canonical(episode_id).turns} - {"", *names}
        _, status = kb.corrections.edit(episode, names, machine_user())
        kb.intake.speaker_names.remember(episode.show, numbered(names))
        kb.sync()
        note(kb, "edited an episode", [] if status == "unchanged" else [episode_id])
    typer.echo(f"{status:<10} {episode_id}")
    if status == "revised":
        for new in sorted(speakers & set(names.values())):
            typer.echo(f"note       {new} spoke here before, too; the words of both are {new}'s now.", err=True)
        typer.echo(f"note       'kb names undo {episode_id}' gives the speakers their earlier names.", err=True)


@episodes.command("remove")
def remove_episode(
    episode_id: EpisodeId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove an episode with its transcripts; quotes from it no longer resolve."""
    with opened() as kb:
        episode = kb.episode(episode_id)
        if yes or typer.confirm(f"Remove “{episode.title}” and its transcripts?", abort=True):
            kb.remove(episode_id)
            note(kb, "removed an episode", [episode_id])
            typer.echo(f"removed    {episode_id}")


@app.command()
def transcript(
    episode_id: EpisodeId,
    form: Annotated[
        TranscriptFormat, typer.Option("--format", help="text is the transcript's words alone, byte for byte.")
    ] = TranscriptFormat.TEXT,
) -> None:
    """Print an episode's transcript."""
    from ..exports.transcripts import export_transcript

    with opened() as kb:
        typer.echo(export_transcript(kb, episode_id, form), nl=False)
