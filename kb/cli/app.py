"""The typer application, its global options, and the open knowledge base that commands ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..knowledge_base import KnowledgeBase
    from .bars import Bars

__all__ = ["app", "opened", "settings"]

# Plain help: rich would double the time to print it.
app = typer.Typer(
    name="kb",
    help="Verbatim: a knowledge base of podcasts and radio that answers in the speakers' own words.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@dataclass
class Settings:
    """What the global options say."""

    home: Path | None = None
    embedding: str | None = None
    reader: bool = True

    @property
    def folder(self) -> Path:
        """Return the data folder, the user's own if none is named."""
        from ..home import default_home

        return self.home or default_home()


settings = Settings()


@app.callback()
def _options(
    home: Annotated[
        Path | None,
        typer.Option("--home", envvar="KB_HOME", help="The data folder (default: the platform's for your user)."),
    ] = None,
    embedding: Annotated[
        str | None,
        typer.Option(
            "--embedding",
            envvar="KB_EMBEDDING",
            help="The embedding model: 'verbatim-reader' or 'static' (built in), a folder, or a cached model's name. "
            "The choice is remembered.",
        ),
    ] = None,
    reader: Annotated[
        bool,
        typer.Option(
            "--reader/--no-reader",
            envvar="KB_READER",
            help="Whether a model reads the passages; without it, quotes are chosen by their words: faster, but worse.",
        ),
    ] = True,
) -> None:
    settings.home = home
    settings.embedding = embedding
    settings.reader = reader


@contextmanager
def opened(bars: Bars | None = None) -> Iterator[KnowledgeBase]:
    """Open the knowledge base that the options name, with progress shown on a terminal."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from ..home import privately
    from ..knowledge_base import KnowledgeBase
    from .bars import Bars, shown

    try:
        with (
            privately(),
            shown(bars or Bars()) as steps,
            KnowledgeBase(settings.folder, settings.embedding, steps.step, settings.reader) as kb,
        ):
            yield kb
    except KeyboardInterrupt:
        typer.echo("kb: Stopped. What was finished is kept; the same command continues from there.", err=True)
        raise typer.Exit(130) from None
