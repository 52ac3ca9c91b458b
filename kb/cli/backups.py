"""``kb backup`` and ``kb restore``, and what ``kb check --salvage`` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..phrasing import counted
from .app import app, opened, settings
from .deeds import note

if TYPE_CHECKING:
    from ..backups.packing import Progress

__all__ = ["save_what_is_left"]


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; an existing backup is replaced.")],
    recordings: Annotated[
        bool, typer.Option("--recordings/--no-recordings", help="Whether to save the recordings, too.")
    ] = False,
) -> None:
    """Save your library in one file, while others keep working in it."""
    from .bars import Bars

    bars = Bars()
    with opened(bars) as kb:
        made = kb.backup(file, recordings, bars.step)
        note(kb, "made a backup", [file.name])
    size, beside = file.stat().st_size / 1024**2, len(made.files) - 1
    files = f"{counted(beside, 'file')} beside the catalogue"
    typer.echo(f"Saved {counted(made.episodes, 'episode')}, {files}, {size:,.1f} MB, in {file}.")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup into a new or empty data folder (--home), once every file in it is verified."""
    from ..backups.unpacking import restore as unpack

    with _folder() as (home, step):
        made, lost, tokens = unpack(file, home, step)
    typer.echo(f"Restored {counted(made.episodes, 'episode')}, as of {made.made_at}, into {home}.")
    if lost:
        typer.echo(
            f"note       {counted(lost, 'episode')} cannot be played: its recording is not named like a sound file.",
            err=True,
        )
    if tokens:
        told = "1 token of a program is" if tokens == 1 else f"{tokens} tokens of programs are"
        typer.echo(f"note       {told} not restored; 'kb tokens add' makes new ones.", err=True)
    _make_index(home, "restored a backup", file)


def save_what_is_left(into: Path) -> None:
    """Save what can be read of a damaged data folder, and list what is lost."""
    from ..backups.salvaging import LOST, salvage_folder

    with _folder() as (home, step):
        episodes, losses = salvage_folder(home, into, step)
    for loss in losses:
        typer.echo(f"lost       {loss}")
    typer.echo(f"Saved {counted(episodes, 'episode')} in {into}; what is lost is listed in {into / LOST}.")
    typer.echo(f"Recordings stay in {home}: keep that folder.")
    _make_index(into, "saved what was left of a folder", home)


@contextmanager
def _folder() -> Iterator[tuple[Path, Progress]]:
    """Yield the data folder that the options name, which is not opened, and what shows progress."""
    from ..home import privately
    from .bars import Bars, shown

    with privately(), shown(Bars()) as bars:
        yield settings.folder, bars.step


def _make_index(home: Path, what: str, source: Path) -> None:
    """Log what was done, and rebuild what no backup holds.

    That is the vector index, and the embeddings of passages that were cut again.
    """
    settings.home = home
    with opened() as kb:
        note(kb, what, [source.name])
        kb.sync()
