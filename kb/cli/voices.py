"""``kb episodes voices`` and ``kb voices``: tell speakers apart, and remember voices across a show."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotFound, UsageError
from ..timecode import clock
from .app import app, opened
from .deeds import note
from .library import EpisodeId, episodes
from .options import AsJson
from .rehearing import UNHEARD

if TYPE_CHECKING:
    from ..catalogue import VoicePrint
    from ..knowledge_base import KnowledgeBase

voices = typer.Typer(
    help="Remember voices, suggest names for unnamed ones, and forget them; only when you ask for it.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(voices, name="voices")

Models = Annotated[
    Path | None,
    typer.Option("--diarizer-models", metavar="FOLDER", help="By default the folder of 'kb models fetch voices'."),
]

#: Seconds of speech for a voice print (the longest turns first), and seconds of its longest piece.
_MOST, _LONGEST, _LEAST = 60.0, 20.0, 1.5
#: From this cosine similarity on, a name is suggested. It is low, because a person listens to each suggestion.
_ALIKE = 0.5


@voices.callback()
def list_if_alone(context: typer.Context, as_json: AsJson = False) -> None:
    """List whose voices are remembered; the commands remember, suggest and forget them."""
    if not context.invoked_subcommand:
        list_voices(as_json)


@episodes.command("voices")
def tell_voices_apart(
    episode_id: EpisodeId,
    count: Annotated[int | None, typer.Option("--voices", min=1, help="How many people speak, if you know.")] = None,
    diarizer: Annotated[
        str | None, typer.Option(help="sherpa or pyannote; by default the sides of a stereo interview, or sherpa.")
    ] = None,
    models: Models = None,
    again: Annotated[bool, typer.Option(help="Also turns that were diarized before.")] = False,
) -> None:
    """Tell the speakers of an episode apart; words, times and turns that have a speaker stay."""
    from ingest.transcribing.recordings import Recogniser, Request

    from ..transcripts.voices import turns_as_segments

    if diarizer == "none":
        raise UsageError("--diarizer none does nothing here; choose sherpa or pyannote.")
    asked = Request(diarizer=diarizer, diarizer_models=str(models) if models else None, voices=count)
    with opened() as kb:
        audio, made = kb.recording(episode_id, UNHEARD), kb.current(episode_id)
        segments = turns_as_segments(kb.canonical(episode_id, made.number), again)
        parts, warnings = Recogniser(asked).tell_apart(audio, segments)
        for warning in warnings:
            typer.echo(f"note       {warning}", err=True)
        number = kb.corrections.tell_apart(episode_id, made.number, parts, _user())
        if number != made.number:
            kb.sync()
            note(kb, "told voices apart", [episode_id])
        turns = kb.canonical(episode_id, number).turns
    typer.echo(f"{'unchanged' if number == made.number else 'revised':<10} {episode_id}")
    for speaker in dict.fromkeys(turn.speaker for turn in turns if turn.speaker):
        mine = [turn for turn in turns if turn.speaker == speaker]
        typer.echo(f"{'speaker':<10} {speaker}: {len(mine)} {'turn' if len(mine) == 1 else 'turns'}")


@voices.command("remember")
def remember(
    episode_id: EpisodeId,
    speaker: Annotated[
        list[str] | None, typer.Option(help="Only this speaker; may be repeated. By default all that have a name.")
    ] = None,
    models: Models = None,
) -> None:
    """Remember the voices of an episode's named speakers, to suggest them in other episodes of its show."""
    with opened() as kb:
        turns = kb.canonical(episode_id).turns
        named = [name for name in dict.fromkeys(turn.speaker for turn in turns) if name and not _is_number(name)]
        for name in speaker or ():
            if name not in named:
                raise NotFound(f"There is no named speaker {name!r} in {episode_id}; there are {_listed(named)}.")
        folder, model = _models(models)
        prints = _prints_of(kb, episode_id, speaker or named, folder)
        kb.voice_prints.keep(model, prints)
        note(kb, "remembered voices", [episode_id] if prints else [])
    for each in prints:
        typer.echo(f"{'kept':<10} {each.speaker}: from {_place(each)}")
    for name in speaker or named:
        if name not in {each.speaker for each in prints}:
            typer.echo(f"{'too short':<10} {name}")
    if not (speaker or named):
        typer.echo(f"Nobody in {episode_id} has a name; give one with 'kb episodes edit ID --rename-speaker'.")


@voices.command("suggest")
def suggest(episode_id: EpisodeId, models: Models = None, as_json: AsJson = False) -> None:
    """Suggest who the unnamed speakers of an episode are, and where to listen; nothing is changed."""
    from ingest.diarization.prints import alike

    from .printing import print_json

    with opened() as kb:
        episode = kb.episode(episode_id)
        turns = kb.canonical(episode_id).turns
        unnamed = [name for name in dict.fromkeys(turn.speaker for turn in turns) if name and _is_number(name)]
        folder, model = _models(models)
        kept = kb.voice_prints.of_show(episode.show, model)
        known = [each for each in kept if each.episode_id != episode_id]
        if not known:
            raise NotFound(f"No voice of {episode.show!r} is remembered; begin with 'kb voices remember ID'.")
        found = [
            (each, sorted(((alike(each.print, other.print), n) for n, other in enumerate(known)), reverse=True)[0])
            for each in _prints_of(kb, episode_id, unnamed, folder)
        ]
    rows: list[dict[str, Any]] = []
    for each, (likeness, n) in found:
        other = known[n]
        rows.append(
            {
                "speaker": each.speaker,
                "suggested": other.speaker if likeness >= _ALIKE else None,
                "nearest": other.speaker,
                "likeness": round(likeness, 3),
                "listen": [_place(each), _place(other)],
            }
        )
    if as_json:
        print_json(rows)
        return
    for row in rows:
        here, there = row["listen"]
        if row["suggested"] is None:
            told = f"sounds like no remembered voice (the nearest is {row['nearest']}, {row['likeness']})"
            typer.echo(f"{row['speaker']}: {told}")
            continue
        told = f"may be {row['suggested']} (likeness {row['likeness']}); listen to {here} beside {there}"
        typer.echo(f"{row['speaker']}: {told}")
        renamed = shlex.quote(f"{row['speaker']}={row['suggested']}")
        typer.echo(f"  if so: kb episodes edit {shlex.quote(episode_id)} --rename-speaker {renamed}")
    if not rows:
        typer.echo(f"No speaker of {episode_id} is unnamed and speaks long enough.")


@voices.command("list")
def list_voices(as_json: AsJson = False) -> None:
    """List whose voices are remembered."""
    from .printing import print_json

    with opened() as kb:
        known = kb.voice_prints.known()
    if as_json:
        print_json([{"show": show, "speaker": speaker, "episodes": count} for show, speaker, count in known])
        return
    for show, speaker, count in known:
        typer.echo(f"{speaker}\t{show}\t{count} {'episode' if count == 1 else 'episodes'}")
    if not known:
        typer.echo("No voice is remembered; begin with 'kb voices remember ID'.")


@voices.command("forget")
def forget(
    speaker: Annotated[str | None, typer.Argument(metavar="[SPEAKER]", help="Whose voice.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's voices.")] = False,
) -> None:
    """Delete a speaker's remembered voice, or all of them, and overwrite the storage."""
    if (speaker is None) != everybody:
        raise UsageError("Name the speaker whose voice is to be forgotten, or --all.")
    with opened() as kb:
        count = kb.voice_prints.forget(speaker)
        if speaker is not None and not count:
            raise NotFound(f"No voice of {speaker!r} is remembered; 'kb voices list' shows whose are.")
        note(kb, "forgot voices", [speaker or "all"] if count else [])
    typer.echo(f"{'forgotten':<10} {count} {'print' if count == 1 else 'prints'} of {speaker or 'all voices'}")


def _prints_of(kb: KnowledgeBase, episode_id: str, speakers: list[str], folder: Path) -> list[VoicePrint]:
    """Return the voice prints of the speakers who speak long enough, from their longest turns."""
    from ingest.diarization.prints import voice_prints
    from ingest.sound.clips import cut

    from ..catalogue import VoicePrint

    turns = kb.canonical(episode_id).turns
    places: dict[str, list[tuple[float, float]]] = {}
    for name in speakers:
        timed = [(t.start, t.end) for t in turns if t.speaker == name and t.start is not None and t.end is not None]
        if chosen := _longest(timed):
            places[name] = chosen
    if not places:
        return []
    audio = kb.recording(episode_id, UNHEARD)
    sounds = iter(cut(audio, [place for mine in places.values() for place in mine]))
    pieces = [[next(sounds) for _ in mine] for mine in places.values()]
    prints = voice_prints(folder, pieces)
    return [
        VoicePrint(episode_id, name, *mine[0], vector)
        for (name, mine), vector in zip(places.items(), prints, strict=True)
    ]


def _longest(turns: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the stretches for a voice print, the longest first."""
    chosen: list[tuple[float, float]] = []
    left = _MOST
    for start, end in sorted(turns, key=lambda turn: turn[0] - turn[1]):
        length = min(end - start, _LONGEST, left)
        if length < _LEAST:
            break
        chosen.append((start, start + length))
        left -= length
    return chosen


def _models(given: Path | None) -> tuple[Path, str]:
    """Return the folder of the models, and which one makes voice prints."""
    from ingest.diarization.prints import prints_model
    from ingest.models.voices import voices_folder

    folder = given.expanduser() if given else voices_folder()
    return folder, prints_model(folder)


def _place(each: VoicePrint) -> str:
    return f"{each.episode_id}@{clock(each.start)}-{clock(each.end)}"


def _is_number(name: str) -> bool:
    """Return whether a speaker's name is only a diarizer's number."""
    head, _, number = name.partition(" ")
    return head == "Speaker" and number.isdecimal()


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"
