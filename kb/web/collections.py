"""``/collections`` and ``/api/collections``: saved quotes on the page, and as JSON for scripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from ..addresses import slug
from ..catalogue import Status
from ..citations import cite, find_style
from ..collecting import SavedQuote, collected, recall, uncollected
from ..context import Context, Spoken
from ..errors import NotFound, UsageError, VerbatimError
from ..exporting import FORMATS, MEDIA_TYPES, export_quotes
from ..inputs import checked_line, checked_lines, checked_name, checked_tags
from ..jsonable import collection_json, saved_json
from ..knowledge_base import KnowledgeBase
from .cards import escape
from .collection_cards import COLLECTIONS_HEAD, collection_html, collections_html
from .document import document

__all__ = ["add_collections"]

_BLOCK = 1024 * 1024
#: A download up to this size is kept in memory.
_SMALL = 16 * 1024 * 1024
_LONGEST_ID = 300


class NewName(BaseModel):
    """What a collection is to be called."""

    name: str = Field(max_length=500)


class NewQuote(BaseModel):
    """A quote to save."""

    id: str = Field(max_length=_LONGEST_ID)
    note: str = Field("", max_length=20_000)
    tags: list[str] = Field([], max_length=100)


class Change(BaseModel):
    """What changes of a saved quote; what is left out stays."""

    note: str | None = Field(None, max_length=20_000)
    tags: list[str] | None = Field(None, max_length=100)
    place: int | None = Field(None, ge=1, le=1_000_000_000)


class Judgement(BaseModel):
    """An entry for the ledger."""

    status: Status
    by: str = Field(max_length=500)
    remark: str = Field("", max_length=5_000)


def add_collections(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add the pages and the JSON endpoints."""
    _add_pages(app, kb)
    _add_endpoints(app, kb)

    @app.exception_handler(VerbatimError)
    def told(request: Request, error: Exception) -> Response:
        """Tell what was wrong in one sentence, as a page or as JSON."""
        status = 400 if isinstance(error, UsageError) else 404 if isinstance(error, NotFound) else 500
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": str(error)}, status)
        return document("Problem", f'<p class="vb-problem">{escape(str(error))}</p>', status=status)


def _add_pages(app: FastAPI, kb: KnowledgeBase) -> None:
    collections = kb.catalogue.collections

    @app.get("/collections", include_in_schema=False)
    def all_collections() -> Response:
        return _page("Collections", collections_html(collections.all()))

    @app.get("/collections/{name}", include_in_schema=False)
    def one(name: str, style: str = "apa") -> Response:
        chosen, collection = find_style(style), collections.get(name)
        saved = collected(kb.catalogue, kb.quote, collection)
        references = cite([each.quote for each in saved], chosen, date.today() if chosen.accessed else None)
        citations = {citation.quote.id: citation.in_text for citation in references.citations}
        contexts = {each.quote.id: _context(kb, each) for each in saved}
        return _page(collection.name, collection_html(collection, saved, contexts, citations, chosen))

    @app.get("/collections/{name}/export", include_in_schema=False)
    def export(request: Request, name: str, format: str = "md", style: str = "apa") -> Response:
        """Send a collection as a file, whole: a failure is told before the first byte."""
        if format not in FORMATS:
            raise UsageError(f"There is no format {format[:40]!r}; choose one of {', '.join(FORMATS)}.")
        collection = collections.get(name)
        saved = collected(kb.catalogue, kb.quote, collection)
        server = "" if format == "zip" else str(request.base_url)
        file = tempfile.SpooledTemporaryFile(max_size=_SMALL)  # noqa: SIM115  (closed when it is sent)
        try:
            export_quotes(kb, collection.name, saved, format, find_style(style), file, server)  # type: ignore[arg-type]
        except BaseException:
            file.close()
            raise
        # Only letters that a header can hold.
        stem = slug(collection.name).encode("ascii", "ignore").decode() or "quotes"
        headers = {
            "Content-Disposition": f'attachment; filename="{stem}.{format}"', "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        return StreamingResponse(_sent(file), media_type=MEDIA_TYPES[format], headers=headers)  # type: ignore[arg-type]


def _add_endpoints(app: FastAPI, kb: KnowledgeBase) -> None:
    collections = kb.catalogue.collections

    @app.get("/api/collections")
    def list_collections() -> list[dict[str, Any]]:
        return [collection_json(each) for each in collections.all()]

    @app.post("/api/collections", status_code=201)
    def begin(new: NewName) -> dict[str, Any]:
        return collection_json(collections.ensure(checked_name(new.name)))

    @app.get("/api/collections/{name}")
    def show(name: str) -> dict[str, Any]:
        collection = collections.get(name)
        items = [saved_json(each) for each in collected(kb.catalogue, kb.quote, collection)]
        return {**collection_json(collection), "items": items}

    @app.put("/api/collections/{name}")
    def rename(name: str, new: NewName) -> dict[str, Any]:
        wanted = checked_name(new.name)
        if not collections.rename(collections.get(name), wanted):
            raise UsageError(f"There is a collection {wanted!r} already; choose another name.")
        return collection_json(collections.get(wanted))

    @app.delete("/api/collections/{name}", status_code=204)
    def delete(name: str) -> None:
        collections.delete(collections.get(name))

    @app.post("/api/collections/{name}/quotes", status_code=201)
    def save(name: str, new: NewQuote) -> dict[str, Any]:
        """Save a quote; the collection is made if need be."""
        quote, note, tags = kb.quote(new.id), checked_lines(new.note, "A note"), checked_tags(new.tags)
        collection = collections.ensure(checked_name(name))
        return {"id": quote.id, "saved": collections.add(collection, quote, note, tags)}

    @app.put("/api/collections/{name}/quotes/{quote_id}")
    def change(name: str, quote_id: str, new: Change) -> dict[str, Any]:
        collection = collections.get(name)
        note = None if new.note is None else checked_lines(new.note, "A note")
        tags = None if new.tags is None else checked_tags(new.tags)
        with kb.catalogue.transaction():
            collections.annotate(collection, quote_id, note, tags)
            place = None if new.place is None else collections.move(collection, quote_id, new.place)
        return {"id": quote_id, "place": place}

    @app.delete("/api/collections/{name}/quotes/{quote_id}", status_code=204)
    def remove(name: str, quote_id: str) -> None:
        collections.remove(collections.get(name), quote_id)

    @app.get("/api/ledger/{quote_id}")
    def history(quote_id: str) -> dict[str, Any]:
        (found,) = uncollected(kb.catalogue, kb.quote, [quote_id])
        return saved_json(found)

    @app.post("/api/ledger/{quote_id}", status_code=201)
    def judge(quote_id: str, new: Judgement) -> dict[str, Any]:
        by, remark = checked_line(new.by, "A name"), checked_lines(new.remark, "A remark", 2_000)
        kb.catalogue.ledger.enter(recall(kb.catalogue, kb.quote, quote_id), new.status, by, remark)
        return history(quote_id)


def _page(title: str, body: str) -> Response:
    return document(title, body, here="/collections", head=COLLECTIONS_HEAD, scripts=("collections.js",))


def _context(kb: KnowledgeBase, saved: SavedQuote) -> Context:
    """Return what was said around a quote, or what was kept of it if its episode is gone."""
    quote = saved.quote
    if saved.standing.kind != "gone":
        return kb.context(quote)
    before, after = ((Spoken(None, text),) if text else () for text in (quote.before, quote.after))
    return Context(before, after)


def _sent(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
