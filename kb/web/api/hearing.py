"""What a page may choose about transcribing: a model that is on this machine, and a language that Whisper knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from ...translatable import phrase

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Request as Hearing

__all__ = ["chosen_model"]


def chosen_model(model: str | None, engine: str | None) -> Hearing:
    """Return a request for the chosen model: by its name, never by a path, which a page may not give."""
    from ingest.transcribing.outlook import installed
    from ingest.transcribing.recordings import Request as Hearing

    if not model:
        return Hearing()
    found = next((each for each in installed() if each.name == model and engine in (None, "", each.engine)), None)
    if found is None:
        raise UsageError(
            phrase(
                "There is no model %(model)s on this machine; GET /api/models lists those that are.",
                model=repr(model[:100]),
            )
        )
    return Hearing(found.engine, found.name)
