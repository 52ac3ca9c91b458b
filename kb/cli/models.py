"""``kb models``: list the models on this machine, and fetch one when asked to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ..errors import UsageError
from ..phrasing import file_size
from .app import app
from .bars import Bars, shown
from .options import AsJson

if TYPE_CHECKING:
    from ingest.models.finding import Engine

__all__ = ["fetch_shown"]

models = typer.Typer(
    help="List speech and embedding models, and fetch one; nothing is downloaded unless you ask.",
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

    from ..embedding.shipped import shipped
    from .printing import print_json

    found = find()
    built_in = shipped()
    if as_json:
        keys = ("name", "engine", "path", "size", "licence", "found", "problem")
        told = [{**model._asdict(), "path": str(model.folder), "engine": "embedding"} for model in built_in]
        rows = [{"found": "built in", "problem": None, **model} for model in told]
        print_json(
            [{key: row[key] for key in keys} for row in rows]
            + [{key: _plain(getattr(model, key)) for key in keys} for model in found]
            + [_voices_json()]
        )
        return
    for own in built_in:
        card = own.folder / "README.md"
        typer.echo(f"{own.name:<20} {'embedding':<15} {file_size(own.size):>9}  {own.licence:<5} built in, see {card}")
    for model in found:
        where = str(model.path) if model.path else "can be fetched"
        problem = f" ({model.problem})" if model.problem else ""
        typer.echo(
            f"{model.name:<20} {model.engine:<15} {file_size(model.size):>9}  {model.licence:<5} {where}{problem}"
        )
    voices = _voices_json()
    where = voices["path"] or "can be fetched; they tell speakers apart"
    typer.echo(f"{'voices':<20} {'sherpa-onnx':<15} {file_size(voices['size']):>9}  {voices['licence']}  {where}")


@models.command("fetch")
def fetch(
    name: Annotated[
        str, typer.Argument(help="The model's name, as 'kb models list' shows it, such as small or voices.")
    ],
    engine: Annotated[str, typer.Option(help="For which engine: faster-whisper or whisper.")] = "faster-whisper",
    hours: Annotated[float, typer.Option(min=0.01, help="Give up after this many hours.")] = 6.0,
) -> None:
    """Download a model; continues where an earlier try stopped, and verifies the files."""
    if name == "voices":
        return _fetch_voices(hours)
    engine = {"whisper": "openai-whisper"}.get(engine, engine)
    if engine not in ("faster-whisper", "openai-whisper"):
        raise UsageError(f"There is no engine {engine!r}; choose faster-whisper or whisper.")
    with shown(Bars()) as bars:
        path = fetch_shown(name, cast("Engine", engine), bars, hours)
    typer.echo(f"fetched    {path}")


def fetch_shown(name: str, engine: Engine, bars: Bars, hours: float = 6.0) -> Path:
    """Download a model, after printing its size and licence, with a bar; return its path."""
    from ingest.models.downloading import FetchProgress, fetch_model

    def tell(event: FetchProgress) -> None:
        if event.stage == "starting":
            typer.echo(f"Fetching {event.name}: {file_size(event.total)}, licence {event.licence}.", err=True)
        bars.step(event.name, event.done, event.total, event.stage)

    try:
        return fetch_model(name, engine, progress=tell, deadline=hours * 3600)
    finally:
        bars.end(name)


def _voices_json() -> dict[str, Any]:
    """Return the voice models as one row of the list."""
    from ingest.models.voices import VOICE_FILES, voices_folder

    folder = voices_folder()
    here = all((folder / file.name).is_file() for file in VOICE_FILES)
    return {
        "name": "voices",
        "engine": "sherpa-onnx",
        "path": str(folder) if here else None,
        "size": sum(file.size for file in VOICE_FILES),
        "licence": " and ".join(file.licence for file in VOICE_FILES),
        "found": "models folder" if here else "download",
        "problem": None,
    }


def _fetch_voices(hours: float) -> None:
    """Fetch the two models that diarization needs."""
    from ingest.models.voices import VOICE_FILES, VoiceFile, fetch_voices

    with shown(Bars()) as bars:

        def tell(file: VoiceFile, done: int) -> None:
            if not done:
                typer.echo(f"Fetching {file.title}: {file_size(file.size)}, licence {file.licence}.", err=True)
            bars.step(file.name, done, file.size, "fetching")

        folder = fetch_voices(progress=tell, deadline=hours * 3600)
    typer.echo(f"fetched    {', '.join(str(folder / file.name) for file in VOICE_FILES)}")


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)
