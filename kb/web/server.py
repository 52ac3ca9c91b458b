"""Serving: one FastAPI application with the page mounted in it, on this machine only unless told otherwise."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import webbrowser
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ..synthesis import Model

__all__ = ["build_app", "serve"]


def build_app(kb: KnowledgeBase, model: Model | None = None) -> FastAPI:
    """Return the whole web application over ``kb``; ``model`` writes a checked summary under an answer's quotes."""
    # Read when gradio is imported: no statistics, no look for updates.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from fastapi import FastAPI

    from .page import build_page, page_options
    from .policy import Policy
    from .routes import add_routes

    app = FastAPI(title="Verbatim", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Policy)
    add_routes(app, kb)
    gradio.mount_gradio_app(app, build_page(kb, model), path="/", **page_options())
    return app


def serve(
    kb: KnowledgeBase,
    host: str = "127.0.0.1",
    port: int = 7860,
    browser: bool = False,
    model: Model | None = None,
) -> None:
    """Serve until stopped; takes the next free port if ``port`` is in use, and says which."""
    listener = _listen(host, port)
    address = f"http://{_shown_host(host)}:{listener.getsockname()[1]}/"
    kb.sync()
    app = build_app(kb, model)
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"Verbatim is at {address} (Ctrl+C stops it).", flush=True)
            if browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on ``port`` or one of the next nineteen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + 20) if port else (0,):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if candidate == 0 or error.errno != errno.EADDRINUSE:
                raise UsageError(f"Cannot listen on {host}:{candidate} ({error.strerror}).") from error
            continue
        listener.listen(128)
        return listener
    raise UsageError(f"The ports {port} to {port + 19} are all in use; name a free one with --port.")


def _shown_host(host: str) -> str:
    return "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
