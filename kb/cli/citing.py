"""``kb cite``: quotes and episodes in a style, or for a reference manager."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import VerbatimError
from ..outputs import USUAL_STYLE, ReferenceFormat
from ..timecode import checked_date
from .app import app, opened
from .options import StyleName

if TYPE_CHECKING:
    from ..citations import Citable


_PRINTED = (ReferenceFormat.TEXT, ReferenceFormat.MARKDOWN, ReferenceFormat.HTML)


@app.command()
def cite(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Quotes' addresses, or whole episodes' ids.")],
    style: StyleName = USUAL_STYLE,
    form: Annotated[
        ReferenceFormat, typer.Option("--format", help="For people, or for a reference manager.")
    ] = ReferenceFormat.TEXT,
    accessed: Annotated[
        str | None,
        typer.Option(help="The date of access; by default today in styles that need one (Harvard, IEEE, Vancouver)."),
    ] = None,
) -> None:
    """Cite quotes: a list of references, then each quote with its speaker, its words and its time."""
    from ..citations import cite as cite_in
    from ..citations import cite_today, export, find_style_or_file, print_references
    from ..types import Quote

    chosen = find_style_or_file(style)
    asked = checked_date(accessed, "--accessed")
    day = date.fromisoformat(asked) if asked else None
    with opened() as kb:
        found: list[Citable] = []
        failed = 0
        for each in dict.fromkeys(ids):
            try:
                found.append(kb.citable(each) if "@" in each else kb.episode(each))
            except VerbatimError as error:
                typer.echo(f"kb: {error}", err=True)
                failed += 1
    for source in found:
        if isinstance(source, Quote):
            for caution in source.cautions:  # beside what is pasted, and never in it
                typer.echo(f"kb: [{source.id}] {caution}", err=True)
    if found and form in _PRINTED:
        references = cite_today(found, chosen) if day is None else cite_in(found, chosen, day)
        typer.echo(print_references(references, form.value).rstrip("\n"))  # type: ignore[arg-type]
    elif found:
        typer.echo(export(found, form.value, day), nl=False)
    if failed:
        raise typer.Exit(1)
