"""``/api/collections`` and ``/api/ledger``: saved quotes, their notes and order, and who has checked them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ...catalogue import HearingStatus
from ...knowledge_base import KnowledgeBase
from ...wire import collection_json, saved_json
from ..access.deeds import did
from ..access.people import owner, signed
from .removed import Removed
from .shapes import ChangedShape, CollectionShape, CollectionWithQuotes, SavedQuoteShape, SavedShape

__all__ = ["routes"]

_LONGEST_ID = 300


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewName(_Sent):
    """What a collection is to be called."""

    name: str = Field(max_length=500)


class NewQuote(_Sent):
    """A quote to save."""

    id: str = Field(max_length=_LONGEST_ID, description="The quote's address.")
    note: str = Field("", max_length=20_000)
    tags: list[str] = Field([], max_length=100)


class Seen(_Sent):
    """What the sender of a change saw there."""

    note: str | None = Field(None, max_length=20_000)
    tags: list[str] | None = Field(None, max_length=100)


class Change(_Sent):
    """What changes of a saved quote; what is left out stays."""

    note: str | None = Field(None, max_length=20_000)
    tags: list[str] | None = Field(None, max_length=100)
    place: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(None, description="From 1.")
    replaces: Seen = Field(
        Seen(note=None, tags=None),
        description="What was seen there; status 409, and nothing changes, if it is something else by now.",
    )


class Another(_Sent):
    """A quote that takes another one's place."""

    id: str = Field(max_length=_LONGEST_ID, description="The address of another quote of the same episode.")


class Judgement(_Sent):
    """An entry for the ledger."""

    status: HearingStatus
    by: str = Field(max_length=500, description="Who compared the quote with the sound.")
    remark: str = Field("", max_length=5_000)


def routes(kb: KnowledgeBase) -> APIRouter:
    """Return the routes over ``kb``."""
    router = APIRouter(tags=["Saved quotes"])
    collections, removed = kb.collections, Removed(kb.collections)

    @router.get("/collections", response_model=list[CollectionShape])
    def list_collections() -> list[dict[str, Any]]:
        """List the collections."""
        return [collection_json(each) for each in collections.all()]

    @router.post("/collections", response_model=CollectionShape, status_code=201)
    def begin(new: NewName) -> dict[str, Any]:
        """Begin a collection; one of this name stays as it is."""
        begun, is_new = collections.begin(new.name, owner())
        did(is_new, begun.name)
        return collection_json(begun)

    @router.get("/collections/{name}", response_model=CollectionWithQuotes)
    def show(name: str) -> dict[str, Any]:
        """Return a collection with its quotes in order."""
        items = [saved_json(each) for each in collections.quotes(name)]
        return {**collection_json(collections.get(name)), "items": items}

    @router.put("/collections/{name}", response_model=CollectionShape)
    def rename(name: str, new: NewName) -> dict[str, Any]:
        """Rename a collection."""
        renamed, changed = collections.rename(name, new.name)
        did(changed, f"{name} to {renamed.name}")
        return collection_json(renamed)

    @router.delete("/collections/{name}", status_code=204)
    def delete(name: str) -> None:
        """Delete a collection; the ledger of its quotes stays."""
        collections.delete(name)

    @router.post("/collections/{name}/quotes", response_model=SavedShape, status_code=201)
    def save(name: str, new: NewQuote) -> dict[str, Any]:
        """Save a quote; the collection is made if need be."""
        quote, is_new = collections.save(name, new.id, new.note, new.tags, owner())
        did(is_new, f"{name} {quote.id}")
        return {"id": quote.id, "saved": is_new}

    @router.put("/collections/{name}/quotes/{quote_id}", response_model=ChangedShape)
    def change(name: str, quote_id: str, new: Change) -> dict[str, Any]:
        """Change a saved quote's note, tags or place."""
        seen = new.replaces
        place, changed = collections.change(name, quote_id, new.note, new.tags, new.place, seen.note, seen.tags)
        did(changed)
        return {"id": quote_id, "place": place}

    @router.post("/collections/{name}/quotes/{quote_id}/exchange", response_model=ChangedShape)
    def exchange(name: str, quote_id: str, new: Another) -> dict[str, Any]:
        """Let another quote, such as the corrected words, take a saved one's place, note and tags."""
        quote, place = collections.exchange(name, quote_id, new.id)
        return {"id": quote.id, "place": place}

    @router.delete("/collections/{name}/quotes/{quote_id}", status_code=204)
    def remove(name: str, quote_id: str) -> None:
        """Take a quote out of a collection."""
        removed.take_out(collections.get(name), quote_id)

    @router.post("/collections/{name}/quotes/{quote_id}/restore", response_model=ChangedShape)
    def restore(name: str, quote_id: str) -> dict[str, Any]:
        """Put a quote back that was taken out a moment ago, with its note and tags, where it was."""
        place, changed = removed.put_back(collections.get(name), quote_id, owner())
        did(changed)
        return {"id": quote_id, "place": place}

    @router.get("/ledger/{quote_id}", response_model=SavedQuoteShape)
    def history(quote_id: str) -> dict[str, Any]:
        """Return a quote with everything that was entered about it."""
        (found,) = collections.named([quote_id])
        return saved_json(found)

    @router.post("/ledger/{quote_id}", response_model=SavedQuoteShape, status_code=201)
    def judge(quote_id: str, new: Judgement) -> dict[str, Any]:
        """Enter who compared a quote with the sound, and what they found; nothing is ever taken back."""
        collections.judge(quote_id, new.status, signed(new.by), new.remark)
        return history(quote_id)

    return router
