"""``/collections``: saved quotes on the page, and to download."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response, StreamingResponse

from ...addresses import slug
from ...answers.context import Context
from ...citations import cite_today, find_style
from ...errors import UsageError
from ...exports.gathering import export_quotes
from ...knowledge_base import KnowledgeBase
from ...outputs import USUAL_STYLE, ExportFormat
from ...saved.quotes import SavedQuote
from ...translatable import phrase
from ...types import Spoken
from ..access.people import acting
from ..server.document import document
from ..server.templating import Markup
from .cards import COLLECTIONS_STYLES, collection_html, collections_html
from .choosing import Choice

__all__ = ["add_collections"]

_BLOCK = 1024 * 1024
#: A download up to this size is kept in memory.
_SMALL = 16 * 1024 * 1024
#: Most cards in one request for marks; a page sends several.
_MOST_MARKS = 100
#: Most characters of a tag.
_LONGEST = 300


def add_collections(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/collections``, a page for each of them, and its downloads."""

    @app.get("/collections", include_in_schema=False)
    def all_collections() -> Response:
        return _page(phrase("Collections"), collections_html(kb.collections.all()))

    @app.get("/saved", include_in_schema=False)
    def saved_marks(id: Annotated[list[str], Query(max_length=_MOST_MARKS)]) -> dict[str, dict[str, object]]:
        """Return which quotes of a page's cards are in a collection, newest first, and which were heard."""
        marks = kb.collections.marks(id)
        return {each: {"collections": names, "status": status} for each, (names, status) in marks.items()}

    @app.get("/collections/{name}", include_in_schema=False)
    def one(name: str, style: str = USUAL_STYLE, tag: str = "", status: str = "") -> Response:
        chosen, collection = find_style(style), kb.collections.get(name)
        saved, choice = kb.collections.quotes(name), Choice(tag[:_LONGEST], status[:_LONGEST])
        shown = [each for each in saved if choice.has(each)]
        references = cite_today([each.quote for each in shown], chosen)
        citations = {citation.quote.id: citation.in_text for citation in references.citations}
        contexts = {each.quote.id: _context(kb, each) for each in shown}
        person, (_, owner) = acting.get(), kb.collections.owner(name)
        whose = person.refused_change(owner) if person else ""
        return _page(collection.name, collection_html(collection, saved, contexts, citations, chosen, choice, whose))

    @app.get("/collections/{name}/export", include_in_schema=False)
    def export(
        request: Request, name: str, format: str = "md", style: str = USUAL_STYLE, tag: str = "", status: str = ""
    ) -> Response:
        """Send a collection, or its chosen quotes, as a file; errors are found before the first byte."""
        if format not in set(ExportFormat):
            raise UsageError(
                phrase(
                    "There is no format %(format)s; choose one of %(formats)s.",
                    format=repr(format[:40]),
                    formats=", ".join(ExportFormat),
                )
            )
        form = ExportFormat(format)
        collection, choice = kb.collections.get(name), Choice(tag, status)
        saved = [each for each in kb.collections.quotes(name) if choice.has(each)]
        server = "" if format == "zip" else str(request.base_url)
        file = tempfile.SpooledTemporaryFile(max_size=_SMALL)  # noqa: SIM115  (closed when it is sent)
        try:
            export_quotes(kb, collection.name, saved, form, find_style(style), file, server)  # type: ignore[arg-type]
        except BaseException:
            file.close()
            raise
        # Only letters that a header can hold.
        stem = slug(collection.name).encode("ascii", "ignore").decode() or "quotes"
        headers = {
            "Content-Disposition": f'attachment; filename="{stem}.{format}"', "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        answer = StreamingResponse(_sent(file), media_type=form.media_type, headers=headers)  # type: ignore[arg-type]
        weakref.finalize(answer, file.close)  # if the browser disconnects before the first byte
        return answer


def _page(title: str, body: Markup) -> Response:
    return document(title, body, here="/collections", styles=COLLECTIONS_STYLES, scripts=("collections.js",))


def _context(kb: KnowledgeBase, saved: SavedQuote) -> Context:
    """Return what was said around a quote, or the saved context if it can no longer be read."""
    quote = saved.quote
    if saved.standing.kind not in ("gone", "damaged"):
        return kb.context(quote)
    before, after = ((Spoken(None, text),) if text else () for text in (quote.before, quote.after))
    return Context(before, after)


def _sent(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
