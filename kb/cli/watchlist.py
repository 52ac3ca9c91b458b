"""``kb watchlist``: saved questions, and what is new in their answers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..inputs import checked_filters
from .app import app, opened
from .options import AsJson, Collections, Shows, Since, Speakers, Until

if TYPE_CHECKING:
    from ..catalogue import Saved
    from ..knowledge_base import KnowledgeBase
    from ..saved.questions import News
    from ..types import Filters

watchlist = typer.Typer(
    help="Save questions, and see what is new in their answers.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(watchlist, name="watchlist")

Names = Annotated[list[str] | None, typer.Argument(help="Names of saved questions; all by default.")]


@watchlist.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the saved questions."""
    if not context.invoked_subcommand:
        list_saved(as_json)


@watchlist.command("list")
def list_saved(as_json: AsJson = False) -> None:
    """List the saved questions."""
    from .printing import print_json

    with opened() as kb:
        found = kb.watchlist.all()
    if as_json:
        print_json([_saved_json(saved) for saved in found])
        return
    for saved in found:
        typer.echo(f"{saved.name}\t{saved.run_at or 'not run yet'}\t{saved.question}{_told(saved.filters)}")
    if not found:
        typer.echo("Nothing is saved yet; save a question with 'kb watchlist add QUESTION'.")


@watchlist.command("add")
def add(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    name: Annotated[str | None, typer.Option(help="Its name; by default its first words.")] = None,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    collection: Collections = None,
) -> None:
    """Save a question."""
    chosen = checked_filters(show, speaker, since, until, collection)
    with opened() as kb:
        typer.echo(f"saved      {kb.watchlist.add(question, name, chosen).name}")


@watchlist.command("run")
def run(
    names: Names = None,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="At most this many quotes per question.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Ask the saved questions again and show only the quotes that are new."""
    from .printing import print_json

    told = []
    with opened() as kb:
        saved = kb.watchlist.named(names)
        for each in saved:
            news = kb.watchlist.news(each, k)
            told.append(news)
            if not as_json:
                _print(news, kb.why_nothing(each.filters))
                _remember(kb, [news])
        if as_json:
            print_json([_news_json(news) for news in told])
            _remember(kb, told)
    if not saved and not as_json:
        typer.echo("Nothing is saved yet; save a question with 'kb watchlist add QUESTION'.")


@watchlist.command("remove")
def remove(names: Annotated[list[str], typer.Argument(help="Names of saved questions.")]) -> None:
    """Delete saved questions."""
    with opened() as kb:
        for saved in kb.watchlist.named(names):
            kb.watchlist.remove(saved)
            typer.echo(f"removed    {saved.name}")


def _remember(kb: KnowledgeBase, told: list[News]) -> None:
    """Mark quotes as seen only after they were printed: if the command is stopped before, they are shown again."""
    sys.stdout.flush()
    kb.watchlist.remember(told)


def _print(news: News, why: str | None) -> None:
    from .printing import print_quote

    typer.secho(f"{news.saved.name}: {news.saved.question}{_told(news.saved.filters)}\n", bold=True)
    for quote in news.quotes:
        print_quote(quote)
    if news.waiting:
        typer.echo(f"{news.waiting} more come with the next run, or with a larger --k.\n")
    elif not news.quotes:
        typer.echo(f"{why or 'Nothing new.'}\n")


def _told(chosen: Filters) -> str:
    parts = [*chosen.shows, *chosen.speakers, *(f"episodes of {name}" for name in chosen.collections)]
    parts += [f"since {chosen.since}"] if chosen.since else []
    parts += [f"until {chosen.until}"] if chosen.until else []
    return f" ({', '.join(parts)})" if parts else ""


def _saved_json(saved: Saved) -> dict[str, Any]:
    chosen = {key: value for key, value in asdict(saved.filters).items() if key != "episodes"}
    return {
        "name": saved.name,
        "question": saved.question,
        "filters": chosen,
        "added_at": saved.added_at,
        "run_at": saved.run_at,
    }


def _news_json(news: News) -> dict[str, Any]:
    from ..wire import quote_json

    searched = {"episodes": news.searched.episodes, "passages": news.searched.passages}
    return {
        **_saved_json(news.saved),
        "quotes": [quote_json(quote) for quote in news.quotes],
        "waiting": news.waiting,
        "searched": searched,
    }
