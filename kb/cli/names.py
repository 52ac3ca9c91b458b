"""``kb names``: names to expect in recordings, and correcting how a recogniser spelt them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ..timecode import clock
from .app import app, opened
from .deeds import note
from .options import AsJson

if TYPE_CHECKING:
    from ..saved.names import NamePlace

names = typer.Typer(
    help="Names to expect in recordings: the recogniser is given them, and other spellings of them are found.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(names, name="names")

_Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Names or terms, as they are spelt.")]


@names.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the names to expect."""
    if not context.invoked_subcommand:
        from .printing import print_json

        with opened() as kb:
            found = kb.names.all()
        if as_json:
            print_json(list(found))
        elif not found:
            typer.echo("No names are listed yet; add some with 'kb names add \"Alvaro Bedoya\" Georgetown'.")
        for name in () if as_json else found:
            typer.echo(name)


@names.command("add")
def add(new: _Names) -> None:
    """Add names; from now on the recogniser is given them with each recording."""
    with opened() as kb:
        known = kb.names.all()
        count = kb.names.add(new)
        note(kb, "added names", [name for name in kb.names.all() if name not in known])
    typer.echo(f"{count} added; 'kb names check' looks for them in existing transcripts.")


@names.command("remove")
def remove(old: _Names) -> None:
    """Remove names from the list; transcripts stay as they are."""
    with opened() as kb:
        known = kb.names.all()
        count = kb.names.remove(old)
        left = kb.names.all()
        note(kb, "removed names", [name for name in known if name not in left])
    typer.echo(f"{count} removed." if count else "None of these is listed; 'kb names' shows the list.")


@names.command("check")
def check(
    episodes: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these episodes.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show where a machine transcript spells a listed name differently; nothing is changed."""
    from .printing import print_json

    with opened() as kb:
        if not kb.names.all():
            raise UsageError("No names are listed; add some with 'kb names add NAME'.")
        found = list(kb.names.check(episodes or ()))
    if as_json:
        print_json([_json(place) for place in found])
        return
    for place in found:
        typer.echo(_line(place))
    sure = sum(place.found.sure for place in found)
    if found:
        told = f"'kb names apply' corrects the {sure} that are sure, 'kb names apply PLACE' one of the others."
        typer.echo(f"\n{len(found)} found; {told}")
    else:
        typer.echo("No other spelling of them was found.")


@names.command("apply")
def apply(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="[PLACE]...", help="Places as 'kb names check' prints them.")
    ] = None,
) -> None:
    """Correct the sure places, or those that you name, in a new revision of each episode, which can be undone."""
    from ..saved.names import by_list

    with opened() as kb:
        found, made = kb.names.apply(places or (), by_list(_user()))
        kb.sync()
        note(kb, "corrected names", made)
    for place in found:
        typer.echo(_line(place))
    for episode, revision in made.items():
        typer.echo(f"corrected  {episode}, revision {revision}; 'kb names undo {episode}' undoes it")
    if not found:
        typer.echo("No place is sure enough; 'kb names check' shows the possible ones.")


@names.command("undo")
def undo(
    episode: Annotated[str, typer.Argument(metavar="ID", help="The episode.")],
    revision: Annotated[
        int | None, typer.Option(min=2, help="The revision to undo; the newest if none is named.")
    ] = None,
) -> None:
    """Undo a revision's corrections, in a new revision with the earlier words."""
    with opened() as kb:
        number = revision or kb.current(kb.episode(episode).id).number
        made = kb.names.undo(episode, number, _user())
        kb.sync()
        note(kb, "took a correction back", [episode])
    typer.echo(f"undone     {episode}, revision {number}; its earlier words are revision {made}")


def _line(place: NamePlace) -> str:
    found = place.found
    at = clock(place.start) if place.start is not None else "-"
    heard = "" if found.probability is None else f", recogniser {found.probability:.0%} sure"
    mark = "sure    " if found.sure else "possible"
    return f"{mark}  {place.id}  {at}  “{found.heard}” → “{found.name}”  ({found.alike:.0%} alike{heard})"


def _json(place: NamePlace) -> dict[str, object]:
    found = place.found
    return {
        "place": place.id,
        "episode": place.episode_id,
        "revision": place.revision,
        "start": place.start,
        "heard": found.heard,
        "name": found.name,
        "alike": found.alike,
        "probability": found.probability,
        "sure": found.sure,
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"
