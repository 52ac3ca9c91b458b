"""``kb models``: which Whisper models are here, and fetching one when asked to."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from .app import app
from .bars import Bars, shown
from .options import AsJson

models = typer.Typer(
    help="List Whisper models, and fetch one when asked to; nothing else ever downloads.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(models, name="models")


@models.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models on this machine, and those that could be fetched."""
    if not context.invoked_subcommand:
        list_models(as_json)


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models on this machine, and those that could be fetched."""
    from ingest.models.finding import list_models as find

    from .printing import print_json

    found = find()
    if as_json:
        keys = ("name", "engine", "path", "size", "licence", "found", "problem")
        print_json([{key: _plain(getattr(model, key)) for key in keys} for model in found])
        return
    for model in found:
        where = str(model.path) if model.path else "can be fetched"
        problem = f" ({model.problem})" if model.problem else ""
        typer.echo(f"{model.name:<20} {model.engine:<15} {_size(model.size):>9}  {model.licence:<5} {where}{problem}")


@models.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="The model's name, as 'kb models list' shows it.")],
    engine: Annotated[str, typer.Option(help="For which engine: faster-whisper or whisper.")] = "faster-whisper",
    hours: Annotated[float, typer.Option(min=0.01, help="Give up after so many hours.")] = 6.0,
) -> None:
    """Download a model; goes on where an earlier try stopped, and checks what arrived."""
    from ingest.models.downloading import FetchProgress, fetch_model

    engine = {"whisper": "openai-whisper"}.get(engine, engine)
    if engine not in ("faster-whisper", "openai-whisper"):
        raise UsageError(f"There is no engine {engine!r}; choose faster-whisper or whisper.")
    with shown(Bars()) as bars:

        def tell(event: FetchProgress) -> None:
            if event.stage == "starting":
                typer.echo(f"Fetching {event.name}: {_size(event.total)}, licence {event.licence}.", err=True)
            bars.step(event.name, event.done, event.total, event.stage)

        path = fetch_model(name, engine, progress=tell, deadline=hours * 3600)  # type: ignore[arg-type]
    typer.echo(f"fetched    {path}")


def _size(size: int | None) -> str:
    if size is None:
        return "unknown"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)
