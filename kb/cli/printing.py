"""What the commands print for people; scripts use ``--json``."""

from __future__ import annotations

import json
from typing import Any

import typer

from ..phrasing import LESS_LIKELY, attribution, difference, made_by, receipt, respelt, said_when, unknown_words
from ..timecode import clock
from ..types import UNKNOWN_SPEAKER, Answer, Episode, Hit, ImportResult, Quote, Remark

__all__ = [
    "print_answer",
    "print_episode",
    "print_hit",
    "print_json",
    "print_quote",
    "print_result",
    "remark_line",
    "sourced",
]


def print_json(value: Any) -> None:
    """Print one JSON document, readable and in UTF-8."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_answer(answer: Answer, numbered: bool = False) -> None:
    """Print the quotes, numbered if a summary refers to them, or that nothing answers and what was searched."""
    for sentence in (*respelt(answer.searched), *answer.searched.notes):
        typer.echo(f"{sentence}\n")
    if answer.verdict == "nearest":
        typer.secho("These quotes come nearest; judge for yourself.", bold=True)
        _print_receipt(answer)
        typer.echo()
    elif answer.quotes and (unknown := unknown_words(answer.searched, is_sure=True)):
        typer.echo(f"{unknown}\n")
    if answer.quotes:
        for number, quote in enumerate(answer.quotes, 1):
            print_quote(quote, f"[{number}] " if numbered else "")
            if number == answer.likely and number < len(answer.quotes):
                typer.secho(f"{LESS_LIKELY}:\n", bold=True)
        return
    if answer.searched.problem:
        typer.secho("Nothing was searched.", bold=True)
        typer.echo(answer.searched.problem)
        return
    typer.secho("Nothing in your library answers this.", bold=True)
    _print_receipt(answer)
    if answer.nearest:
        typer.echo("\nThe nearest passages, which do not answer it:\n")
        for quote in answer.nearest:
            print_quote(quote)


def _print_receipt(answer: Answer) -> None:
    typer.echo(f"Searched {receipt(answer.searched)}.")
    if unknown := unknown_words(answer.searched):
        typer.echo(unknown)


def print_hit(hit: Hit) -> None:
    """Print a passage with its place."""
    where = f"{when} " if (when := said_when(hit.chunk)) else ""
    typer.secho(f"{', '.join(hit.chunk.speakers) or UNKNOWN_SPEAKER}: {hit.episode.title}", bold=True)
    if len({turn.speaker for turn in hit.turns}) > 1:
        for turn in hit.turns:
            typer.echo(f"{turn.speaker or UNKNOWN_SPEAKER}: {turn.text}")
    else:
        typer.echo(hit.text)
    if hit.chunk.advert:
        typer.secho(f"  Advertisement: {hit.chunk.advert}", dim=True)
    typer.secho(f"  {where}[{hit.chunk.id}]\n", dim=True)


def print_episode(episode: Episode) -> None:
    """Print one line about an episode."""
    length = clock(episode.duration) if episode.duration is not None else "-"
    typer.echo(f"{episode.id}\t{episode.published or '-'}\t{episode.show}\t{episode.title}\t{length}")


def print_result(result: ImportResult) -> None:
    """Print the result for a source; failures and notes go to standard error."""
    if result.status == "failed":
        typer.echo(f"failed     {result.error}", err=True)
    else:
        typer.echo(f"{result.status:<10} {result.episode_id or result.source}")
        for note in result.notes:
            typer.echo(f"note       {result.source}: {note}", err=True)


def print_quote(quote: Quote, before: str = "") -> None:
    """Print a quote with its source, remarks, cautions and address."""
    typer.secho(f"{before}“{quote.text}”", bold=True)
    typer.echo(f"  {sourced(quote)}")
    for remark in quote.remarks:
        typer.secho(f"  {remark_line(remark)}", dim=True)
    for caution in quote.cautions:
        typer.secho(f"  {caution}", dim=True)
    if quote.elsewhere:
        typer.secho(f"  The same words elsewhere: {', '.join(quote.elsewhere[:5])}", dim=True)
    if quote.episode.audio_note:
        typer.secho(f"  Audio: {quote.episode.audio_note}", dim=True)
    typer.secho(f"  [{quote.id}]\n", dim=True)


def sourced(quote: Quote) -> str:
    """Return who said it, where and when, and who transcribed it, in one line."""
    return f"{attribution(quote)}, {made_by(quote.origin, quote.engine)}"


def remark_line(remark: Remark) -> str:
    """Return a remark about a stretch of a transcript as one line."""
    at = f"{clock(remark.start)} " if remark.start is not None else ""
    if remark.kind == "differs":
        return f"{at}{difference(remark)}"
    if remark.kind == "inserted":
        return f"{at}to {clock(remark.end or 0.0)} inserted: {remark.note} It says “{remark.text}”"
    if remark.kind in ("dropped", "doubtful"):
        what = "left out" if remark.kind == "dropped" else "doubtful"
        return f"{at}{what}: “{remark.text}” ({remark.note})"
    return f"{at}{remark.note}"
