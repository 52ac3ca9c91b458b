"""``kb export`` and ``kb verify``: quotes as documents, tables, subtitles and evidence packages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ..outputs import USUAL_STYLE, ExportFormat
from .app import app, opened
from .deeds import note
from .options import AsJson, StyleName

if TYPE_CHECKING:
    from ..citations import Style
    from ..knowledge_base import KnowledgeBase
    from ..saved.quotes import SavedQuote


#: The ``--out`` that prints to standard output, binary formats too.
_STDOUT = Path("-")


@app.command()
def export(
    quote_ids: Annotated[list[str] | None, typer.Argument(metavar="QUOTE_ID...", help="Quotes' addresses.")] = None,
    saved: Annotated[str | None, typer.Option(metavar="NAME", help="A collection; see 'kb saved'.")] = None,
    form: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="By default the ending of --out, or else md; zip is an evidence package."),
    ] = None,
    style: StyleName = USUAL_STYLE,
    out: Annotated[
        Path | None, typer.Option(help="The file to write, - for standard output; by default text is printed.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The title of the report; by default the collection's name.")
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The address of 'kb serve', for links to quotes; by default this machine's, and no links in packages.",
        ),
    ] = None,
    episode: Annotated[str | None, typer.Option(metavar="ID", help="Only this episode's quotes.")] = None,
) -> None:
    """Write quotes as a document, a table, subtitles, or an evidence package for an editor."""
    from ..citations import find_style_or_file
    from ..inputs import checked_line

    chosen, form = find_style_or_file(style), _format(form, out)
    if not quote_ids and saved is None:
        raise UsageError("Name quotes by their addresses, or a collection with --saved NAME.")
    if server is None:
        server = "" if form is ExportFormat.PACKAGE else "http://127.0.0.1:7860"
    if server and not server.startswith(("http://", "https://")):
        raise UsageError(f"--server {server[:100]!r} is not a web address such as http://127.0.0.1:7860.")
    with opened() as kb:
        found = [each for each in _chosen(kb, saved, quote_ids or []) if episode in (None, each.quote.episode.id)]
        heading = checked_line(title or saved or "Quotes", "A title", 200)
        digest = _write(kb, heading, found, form, style=chosen, out=out, server=server)
        note(kb, f"exported as {form.value}", [saved] if saved else [each.quote.id for each in found])
    printed = out in (None, _STDOUT)
    if not printed:
        typer.echo(f"written    {out}")
    if digest:
        typer.echo(f"manifest   SHA-256 {digest}", err=printed)


@app.command()
def verify(
    package: Annotated[Path, typer.Argument(help="An evidence package, a ZIP file.")], as_json: AsJson = False
) -> None:
    """Check an evidence package: every file, every quote's words, every clip. No knowledge base is needed."""
    from dataclasses import asdict

    from ..exports.verifying import verify as verify_package
    from ..phrasing import counted
    from .printing import print_json

    found = verify_package(package)
    if as_json:
        print_json({"sound": not found.problems, **asdict(found)})
    else:
        held = (counted(found.files, "file"), counted(found.quotes, "quote"), counted(found.clips, "clip"))
        typer.echo(f"“{found.title}”, made {found.made_at}: {', '.join(held)}")
        typer.echo(f"manifest   SHA-256 {found.manifest_sha256}")
        for remark in found.remarks:
            typer.echo(f"note       {remark}")
        for problem in found.problems:
            typer.echo(f"wrong      {problem}")
        typer.echo("The package is NOT intact." if found.problems else "The package is intact.")
    if found.problems:
        raise typer.Exit(1)


def _format(form: ExportFormat | None, out: Path | None) -> ExportFormat:
    if form is None and out not in (None, _STDOUT):
        try:
            return ExportFormat(out.suffix.lower().lstrip("."))
        except ValueError as error:
            endings = ", ".join(f".{each.value}" for each in ExportFormat)
            raise UsageError(f"--out {out} has to end in one of {endings}, or name a --format.") from error
    form = form or ExportFormat.MARKDOWN
    if not form.is_text and out is None:
        raise UsageError(f"Name the file to write with --out, e.g. --out quotes.{form.value}.")
    if not form.is_text and out == _STDOUT and sys.stdout.isatty():
        raise UsageError(f"A terminal cannot show {form.value}; redirect it with > or |, or name a file with --out.")
    return form


def _chosen(kb: KnowledgeBase, name: str | None, quote_ids: list[str]) -> tuple[SavedQuote, ...]:
    """Return the quotes of a collection, then those named, each once; ``UsageError`` for words of several people."""
    kept = kb.collections.quotes(name) if name is not None else ()
    known = {each.quote.id for each in kept}
    return (*kept, *(each for each in kb.collections.citable(quote_ids) if each.quote.id not in known))


def _write(
    kb: KnowledgeBase,
    title: str,
    found: list[SavedQuote],
    form: ExportFormat,
    *,
    style: Style,
    out: Path | None,
    server: str,
) -> str | None:
    """Write the whole file or none of it, or print."""
    from ..exports.gathering import export_quotes
    from ..home import replacing

    if out is None or out == _STDOUT:
        return export_quotes(kb, title, found, form, style, sys.stdout.buffer, server)
    try:
        with replacing(out, private=False) as file:
            return export_quotes(kb, title, found, form, style, file, server)
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror or error}).") from error
