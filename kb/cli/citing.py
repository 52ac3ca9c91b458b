"""``kb cite``: quotes and episodes in a style, or for a reference manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError, VerbatimError
from ..outputs import USUAL_STYLE, ReferenceFormat
from .app import app, opened
from .options import StyleName

if TYPE_CHECKING:
    from datetime import date

    from ..citations import Source


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
        typer.Option(
            help="When the addresses were looked at; today in styles that ask for it (Harvard, IEEE, Vancouver)."
        ),
    ] = None,
) -> None:
    """Cite quotes: a list of references, then each quote with its speaker, its words and its time."""
    from ..citations import cite as cite_in
    from ..citations import cite_today, export, find_style_or_file, print_references

    chosen = find_style_or_file(style)
    day = None if accessed is None else _day(accessed)
    with opened() as kb:
        found: list[Source] = []
        failed = 0
        for each in dict.fromkeys(ids):
            try:
                whole = "@" not in each
                quoted = kb.episode(each) if whole else kb.citable(each)
                found.append(quoted)
            except VerbatimError as error:
                typer.echo(f"kb: {error}", err=True)
                failed += 1
    if found and form in _PRINTED:
        references = cite_today(found, chosen) if day is None else cite_in(found, chosen, day)
        typer.echo(print_references(references, form.value).rstrip("\n"))  # type: ignore[arg-type]
    elif found:
        typer.echo(export(found, form.value, day), nl=False)
    if failed:
        raise typer.Exit(1)


def _day(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"--accessed {text!r} is not a date such as 2019-07-08.") from error
