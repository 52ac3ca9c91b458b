"""``kb saved``: collections of quotes with notes and tags, and the record of who has checked a quote."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError, VerbatimError
from . import deeds
from .app import app, opened
from .options import AsJson

if TYPE_CHECKING:
    from ..knowledge_base import KnowledgeBase
    from ..saved.quotes import SavedQuote

saved = typer.Typer(
    help="Collect quotes with notes and tags, and record who has checked them.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(saved, name="saved")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection's name.")]
QuoteId = Annotated[str, typer.Argument(metavar="QUOTE_ID", help="The quote's address.")]
QuoteIds = Annotated[list[str], typer.Argument(metavar="QUOTE_ID...", help="Quotes' addresses.")]


class Checked(StrEnum):
    """The result of comparing a quote with its sound."""

    UNHEARD = "unheard"
    HEARD = "heard"
    CORRECTED = "corrected"
    DISPUTED = "disputed"


@saved.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the collections."""
    if not context.invoked_subcommand:
        list_collections(as_json)


@saved.command("list")
def list_collections(as_json: AsJson = False) -> None:
    """List the collections."""
    from ..wire import collection_json
    from .printing import print_json

    with opened() as kb:
        found = kb.collections.all()
    if as_json:
        print_json([collection_json(each) for each in found])
        return
    for each in found:
        typer.echo(f"{each.name}\t{each.quotes} {'quote' if each.quotes == 1 else 'quotes'}")
    if not found:
        typer.echo("There are no collections yet; begin one with 'kb saved add NAME QUOTE_ID'.")


@saved.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a collection's quotes as they stand today."""
    from ..wire import collection_json, saved_json
    from .printing import print_json

    with opened() as kb:
        collection, found = kb.collections.get(name), kb.collections.quotes(name)
    if as_json:
        print_json({**collection_json(collection), "items": [saved_json(each) for each in found]})
        return
    for number, each in enumerate(found, 1):
        _print(each, number)
    if not found:
        typer.echo("The collection is empty.")


@saved.command("add")
def add(
    name: Name,
    quote_ids: QuoteIds,
    note: Annotated[str, typer.Option(help="What you want to remember about them.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
) -> None:
    """Save quotes in a collection, which is made if needed."""
    from ..inputs import checked_lines, checked_name, checked_tags

    name, note, tags = checked_name(name), checked_lines(note, "A note"), checked_tags(tag or ())
    failed = 0
    with opened() as kb:
        for quote_id in dict.fromkeys(quote_ids):
            try:
                quote, is_new = kb.collections.save(name, quote_id, note, tags)
                typer.echo(f"{'saved' if is_new else 'unchanged':<10} {quote.id}")
                deeds.note(kb, "saved a quote", [f"{name} {quote.id}"] if is_new else [])
            except VerbatimError as error:
                typer.echo(f"kb: {error}", err=True)
                failed += 1
    if failed:
        raise typer.Exit(1)


@saved.command("remove")
def remove(name: Name, quote_ids: QuoteIds) -> None:
    """Remove quotes from a collection; the record of who checked them stays."""
    with opened() as kb:
        for quote_id in dict.fromkeys(quote_ids):
            kb.collections.remove(name, quote_id)
            deeds.note(kb, "took a quote out", [f"{name} {quote_id}"])
            typer.echo(f"removed    {quote_id}")


@saved.command("delete")
def delete(name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete a whole collection with its notes."""
    with opened() as kb:
        collection = kb.collections.get(name)
        if yes or typer.confirm(f"Delete “{collection.name}” with {collection.quotes} quotes and notes?", abort=True):
            kb.collections.delete(name)
            deeds.note(kb, "deleted a collection", [collection.name])
            typer.echo(f"deleted    {collection.name}")


@saved.command("rename")
def rename(name: Name, new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")]) -> None:
    """Give a collection another name."""
    with opened() as kb:
        renamed, changed = kb.collections.rename(name, new)
        deeds.note(kb, "renamed a collection", [f"{name} to {renamed.name}"] if changed else [])
    typer.echo(f"renamed    {renamed.name}")


@saved.command("note")
def note(name: Name, quote_id: QuoteId, text: Annotated[str, typer.Argument(help="The note; '' for none.")]) -> None:
    """Write the note of a quote."""
    with opened() as kb:
        _, changed = kb.collections.change(name, quote_id, note=text)
        _note_change(kb, name, quote_id, changed)
    typer.echo(f"noted      {quote_id}")


@saved.command("tag")
def tag(
    name: Name,
    quote_id: QuoteId,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG...", help="All its tags; none for no tags.")] = None,
) -> None:
    """Replace a quote's tags."""
    with opened() as kb:
        _, changed = kb.collections.change(name, quote_id, tags=tags or ())
        _note_change(kb, name, quote_id, changed)
    typer.echo(f"tagged     {quote_id}")


@saved.command("move")
def move(
    name: Name, quote_id: QuoteId, place: Annotated[int, typer.Argument(help="Its place in the order, from 1.")]
) -> None:
    """Move a quote to another place in its collection."""
    with opened() as kb:
        found, changed = kb.collections.change(name, quote_id, place=place)
        _note_change(kb, name, quote_id, changed)
    typer.echo(f"{f'place {found}':<10} {quote_id}")


@saved.command("correct")
def correct(name: Name, quote_ids: QuoteIds) -> None:
    """Use the words of the corrected transcript where quotes were saved before the correction."""
    with opened() as kb:
        for quote_id in dict.fromkeys(quote_ids):
            now = kb.collections.correct(name, quote_id)
            typer.echo(f"{'corrected' if now else 'unchanged':<10} {now.id if now else quote_id}")


@saved.command("status")
def status(
    quote_id: QuoteId,
    checked: Annotated[Checked | None, typer.Argument(metavar="[STATUS]", help="What you found.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who checked it.")] = None,
    remark: Annotated[str, typer.Option(help="Why, or what is wrong.")] = "",
    as_json: AsJson = False,
) -> None:
    """Record how a quote compares with its sound (unheard, heard, corrected, disputed), or show its record."""
    from dataclasses import asdict

    from .printing import print_json

    if checked is not None and by is None:
        raise UsageError("Say who checked it with --by NAME.")
    with opened() as kb:
        if checked is not None:
            kb.collections.judge(quote_id, checked.value, by or "", remark)
            deeds.note(kb, "judged a quote", [quote_id])
        (found,) = kb.collections.named([quote_id])
    if as_json:
        history = [asdict(entry) for entry in found.history]
        print_json({"id": found.quote.id, "status": found.status, "history": history})
        return
    typer.echo(f"{found.status:<10} {found.quote.id}")
    _print_history(found)


def _note_change(kb: KnowledgeBase, name: str, quote_id: str, changed: bool) -> None:
    deeds.note(kb, "changed a saved quote", [f"{name} {quote_id}"] if changed else [])


def _print(each: SavedQuote, number: int) -> None:
    from ..saved.hearings import told as told_hearing
    from .printing import sourced

    typer.secho(f"{number}. “{each.quote.text}”", bold=True)
    typer.echo(f"  {sourced(each.quote)}")
    for caution in each.quote.cautions:
        typer.secho(f"  {caution}", dim=True)
    typer.echo(f"  {each.status}{'  #' + ' #'.join(each.tags) if each.tags else ''}")
    for line in each.note.splitlines():
        typer.echo(f"  Note: {line}")
    told = each.standing.told(each.quote)
    if told:
        typer.secho(f"  {told}", bold=each.standing.kind not in ("unchanged",))
    for hearing in each.hearings:
        typer.echo(f"  Heard again: {told_hearing(hearing)}")
    _print_history(each)
    typer.secho(f"  [{each.quote.id}]\n", dim=True)


def _print_history(each: SavedQuote) -> None:
    for entry in each.history:
        remark = " ".join(entry.remark.split())
        typer.echo(f"  {entry.entered_at} {entry.status} by {entry.by}{f': {remark}' if remark else ''}")
