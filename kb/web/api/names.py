"""``/api/names``: names to expect in recordings, the places where they are spelt otherwise, and correcting those."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ...inputs import LONGEST_NAME, checked_line
from ...knowledge_base import KnowledgeBase
from ...saved.names import NamePlace, by_list
from ...translatable import phrase
from ...types import Episode
from ..access.deeds import did
from ..access.people import signed
from ..server.problems import sentence_for
from .shapes import DoneShape, Shape

__all__ = ["routes"]

_MOST = 500
#: Letters of the transcript that are shown on each side of a place.
_AROUND = 60
#: After this time, an answer says how far it came; an hour of speech may take some seconds.
_SECONDS = 1.0
_Asked = Annotated[list[Annotated[str, Field(max_length=200)]], Body(embed=True, min_length=1, max_length=_MOST)]


class NamePlaceShape(Shape):
    """Words of a machine transcript that probably are a listed name, spelt otherwise."""

    place: str = Field(description="Its address in the current revision.")
    episode: str
    title: str
    revision: int
    start: float | None = Field(description="Seconds; null if unknown.")
    heard: str
    name: str
    before: str = Field(description="The words before it.")
    after: str
    alike: float = Field(description="From 0 to 1.")
    probability: float | None = Field(description="How sure the recogniser was.")
    sure: bool = Field(description="Spelling and sound agree, and it is no ordinary word.")


class NamePlacesShape(Shape):
    """What was found in some episodes."""

    episodes: int = Field(description="How many there are.")
    looked: int = Field(description="How many were looked through, up to and with this answer.")
    places: list[NamePlaceShape]


class RespeltShape(Shape):
    """A revision that the list made."""

    episode: str
    revision: int


class StandingShape(RespeltShape):
    """A revision that the list made and that was not undone."""

    title: str
    by: str
    made_at: str
    places: list[str] = Field(description="A sentence for each place.")


class PlacesAsked(BaseModel):
    """Places to correct."""

    model_config = ConfigDict(extra="forbid")
    places: list[Annotated[str, Field(max_length=400)]] = Field(min_length=1, max_length=_MOST)
    by: str = Field("", max_length=LONGEST_NAME, description="Who corrects; where people sign in, they are named.")


class UndoAsked(BaseModel):
    """A revision to undo."""

    model_config = ConfigDict(extra="forbid")
    episode: str = Field(max_length=400)
    revision: int = Field(ge=2, le=10**6)
    by: str = Field("", max_length=LONGEST_NAME, description="Who undoes it; where people sign in, they are named.")


def routes(kb: KnowledgeBase) -> APIRouter:
    """Return the routes over ``kb``."""
    router = APIRouter(prefix="/names", tags=["Names"])

    @router.get("", response_model=list[str])
    def names() -> Sequence[str]:
        """List the names to expect in recordings."""
        return kb.names.all()

    @router.post("", response_model=DoneShape, status_code=201)
    def add(names: _Asked) -> dict[str, int]:
        """Add names; from now on the recogniser is given them with each recording."""
        known = kb.names.all()
        done = kb.names.add(names)
        did(bool(done), ", ".join(name for name in kb.names.all() if name not in known))
        return {"done": done}

    @router.post("/remove", response_model=DoneShape)
    def remove(names: _Asked) -> dict[str, int]:
        """Remove names from the list; transcripts stay as they are."""
        done = kb.names.remove(names)
        did(bool(done), ", ".join(names))
        return {"done": done}

    @router.get("/places", response_model=NamePlacesShape)
    def places(
        offset: Annotated[int, Query(ge=0, le=10**9, description="How many episodes to pass over.")] = 0,
        size: Annotated[int, Query(ge=1, le=50, description="At most so many episodes; fewer if they take long.")] = 50,
        episode: Annotated[list[str] | None, Query(max_length=50, description="Only these episodes.")] = None,
    ) -> dict[str, Any]:
        """Find where machine transcripts spell a listed name differently, some episodes at a time; nothing changes."""
        if episode:
            shown = [place for each in episode for place in _places(kb, kb.episode(each))]
            return {"episodes": len(episode), "looked": len(episode), "places": shown}
        found = kb.listing.page(sort="added", offset=offset, limit=size)
        shown, looked, end = [], 0, monotonic() + _SECONDS
        for one in found.listed:
            shown += _places(kb, one.episode)
            looked += 1
            if monotonic() > end:
                break
        return {"episodes": found.total, "looked": min(found.total, offset + looked), "places": shown}

    @router.post("/apply", response_model=list[RespeltShape])
    def apply(asked: PlacesAsked, later: BackgroundTasks) -> list[dict[str, Any]]:
        """Correct these places, in a new revision of each episode, which can be undone."""
        _, made = kb.names.apply(asked.places, by_list(_editor(asked.by)))
        later.add_task(kb.sync)  # the page shows the words at once; search finds them then
        did(bool(made), ", ".join(made))
        return [{"episode": episode, "revision": revision} for episode, revision in made.items()]

    @router.get("/corrected", response_model=list[StandingShape])
    def corrected(request: Request) -> list[dict[str, Any]]:
        """List what was corrected by the list, the newest first, without what was undone."""
        return [
            {
                "episode": each.episode_id,
                "revision": each.revision,
                "title": kb.episode(each.episode_id).title,
                "by": each.by,
                "made_at": each.made_at,
                "places": [sentence_for(request.scope, remark.note) for remark in each.remarks],
            }
            for each in kb.names.corrected()
        ]

    @router.post("/undo", response_model=RespeltShape)
    def undo(asked: UndoAsked, later: BackgroundTasks) -> dict[str, Any]:
        """Undo a revision that the list made, in a new revision with the earlier words."""
        revision = kb.names.undo(kb.episode(asked.episode).id, asked.revision, _editor(asked.by))
        later.add_task(kb.sync)
        did(True, asked.episode)
        return {"episode": asked.episode, "revision": revision}

    return router


def _editor(by: str) -> str:
    return checked_line(signed(by), phrase("Your name"), LONGEST_NAME)


def _places(kb: KnowledgeBase, episode: Episode) -> list[dict[str, Any]]:
    found = tuple(kb.names.check([episode.id]))
    text = kb.revisions.canonical(episode.id).text if found else ""
    return [_place(each, episode.title, text) for each in found]


def _place(place: NamePlace, title: str, text: str) -> dict[str, Any]:
    found = place.found
    return {
        "place": place.id,
        "episode": place.episode_id,
        "title": title,
        "revision": place.revision,
        "start": place.start,
        "heard": found.heard,
        "name": found.name,
        "before": _before(text, found.char_start),
        "after": _after(text, found.char_end),
        "alike": found.alike,
        "probability": found.probability,
        "sure": found.sure,
    }


def _before(text: str, place: int) -> str:
    """Return the whole words before a place."""
    if place <= _AROUND:
        return text[:place]
    return f"… {text[place - _AROUND : place].partition(' ')[2]}"


def _after(text: str, place: int) -> str:
    """Return the whole words after a place."""
    if place + _AROUND >= len(text):
        return text[place:]
    return f"{text[place : place + _AROUND].rpartition(' ')[0]} …"
