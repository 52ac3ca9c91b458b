"""``/mcp``: the assistant's tools over HTTP, loaded at the first request."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from anyio import to_thread
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from ...catalogue.question_log import QuestionLog
from ...knowledge_base import KnowledgeBase

__all__ = ["ASSISTANTS", "Assistants"]

ASSISTANTS = "/mcp"


class Assistants:
    """An ASGI application; the protocol's library takes a second to load, so it is not loaded at the start."""

    def __init__(self, kb: KnowledgeBase, address: str, questions: QuestionLog) -> None:
        self._kb = kb
        self._questions = questions
        self._address = address
        self._holding: asyncio.Task[None] | None = None
        self._app: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of an assistant."""
        if self._app is None:
            self._app = asyncio.get_running_loop().create_future()
            self._holding = asyncio.create_task(self._hold(self._app))
        app = await asyncio.shield(self._app)
        await app(scope, receive, send)

    async def stop(self) -> None:
        """End running requests; an assistant's next request would start the tools again."""
        if self._holding is not None:
            self._holding.cancel()
            with suppress(asyncio.CancelledError):
                await self._holding

    async def _hold(self, ready: asyncio.Future[ASGIApp]) -> None:
        """Keep the tools' own tasks alive, because they must end in the task that began them."""
        try:
            app = await to_thread.run_sync(self._load)
            async with app.router.lifespan_context(app):
                ready.set_result(app)
                await asyncio.Event().wait()
        except Exception as error:
            if ready.done():
                raise
            self._app = None  # so that the next one tries again
            ready.set_exception(error)

    def _load(self) -> Starlette:
        from ...mcp_server import build_assistant, build_http_app

        return build_http_app(build_assistant(self._kb, self._address, self._questions), ASSISTANTS)
