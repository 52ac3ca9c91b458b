"""``/api/models``: which speech models are here, and bringing one: fetched by its name, or copied from a folder."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import Field

from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..access.deeds import did
from ..access.door import peer_of
from ..access.people import acting
from ..access.setup import is_this_machine
from ..background.models import ModelState
from ..background.worker import Worker
from ..server.problems import sentence_for
from .shapes import DoneShape, Shape

__all__ = ["routes"]

_HOUR = 3600.0


class ModelShape(Shape):
    """A speech model."""

    name: str
    engine: Literal["faster-whisper", "openai-whisper"]
    size: int | None = Field(description="Bytes.")
    licence: str
    here: bool = Field(description="Whether it is on this machine; otherwise it can be fetched.")
    proposed: bool = Field(description="Whether it is the best one that this machine can run.")
    hour: float | None = Field(description="About how many seconds an hour of sound takes here.")
    measured: bool = Field(description="Whether that was seen on this machine, or is a rough guess.")


class ArrivalShape(Shape):
    """The model that is being fetched or copied, or was last."""

    name: str
    state: Literal["fetching", "checking", "copying", "ready", "failed", "cancelled"]
    done: int = Field(description="Bytes.")
    total: int | None = Field(description="Bytes in all; null if unknown.")
    licence: str
    problem: str = Field(description="Why it failed, a sentence.")


class ModelsShape(Shape):
    """Whether recordings can be transcribed, and by what."""

    hears: bool
    models: list[ModelShape]
    arriving: ArrivalShape | None


def routes(kb: KnowledgeBase, worker: Worker) -> APIRouter:
    """Return the routes over ``kb``; ``worker`` brings models."""
    router = APIRouter(prefix="/models", tags=["Taking in"])

    @router.get("", response_model=ModelsShape)
    def models() -> ModelsShape:
        """List the speech models on this machine, and those that are worth fetching."""
        from ingest.transcribing.outlook import choices, estimated, installed

        here = installed()
        found = []
        for model in here:
            guess = estimated(model.name, _HOUR, kb.home)
            hour, measured = (round(guess.seconds, 1), guess.measured) if guess else (None, False)
            found.append(
                ModelShape(
                    name=model.name,
                    engine=model.engine,
                    size=model.size,
                    licence=model.licence,
                    here=True,
                    proposed=False,
                    hour=hour,
                    measured=measured,
                )
            )
        known = {(model.engine, model.name) for model in here}
        for choice in choices(_HOUR, kb.home):
            if (choice.offer.engine, choice.offer.name) not in known:
                found.append(
                    ModelShape(
                        name=choice.offer.name,
                        engine=choice.offer.engine,
                        size=choice.offer.size,
                        licence=choice.offer.licence,
                        here=False,
                        proposed=choice.proposed,
                        hour=round(choice.estimate.seconds, 1),
                        measured=choice.estimate.measured,
                    )
                )
        return ModelsShape(hears=bool(here), models=found, arriving=_arrival(worker.models.state))

    @router.post("/fetch", response_model=ArrivalShape, status_code=202)
    def fetch(name: Annotated[str, Body(embed=True, max_length=100)]) -> ArrivalShape | None:
        """Begin to download a model by its name, or go on where an earlier try stopped."""
        begun = worker.models.fetch(name)
        did(True, begun.name)
        return _arrival(begun)

    @router.post("/folder", response_model=ArrivalShape, status_code=202)
    def take(request: Request, folder: Annotated[str, Body(embed=True, max_length=4096)]) -> ArrivalShape | None:
        """Begin to copy a model of faster-whisper's from a folder on the server's machine, by its whole path."""
        if acting.get() is None and not is_this_machine(peer_of(request.scope)):
            told = phrase("Only an administrator, or a user on the server's own machine, may name a folder.")
            raise HTTPException(403, sentence_for(request.scope, told))
        begun = worker.models.take(folder)
        did(True, begun.name)
        return _arrival(begun)

    @router.delete("/arriving", response_model=DoneShape)
    def cancel() -> dict[str, int]:
        """Stop what is being fetched or copied; what was downloaded is kept for the next try."""
        stopped = worker.models.cancel()
        did(stopped)
        return {"done": int(stopped)}

    return router


def _arrival(state: ModelState | None) -> ArrivalShape | None:
    if state is None:
        return None
    return ArrivalShape(
        name=state.name,
        state=state.doing,
        done=state.done,
        total=state.total,
        licence=state.licence,
        problem=state.problem,
    )
