"""Serving: one FastAPI application with the page mounted in it, on this machine only unless told otherwise."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...knowledge_base import AT_ONCE, KnowledgeBase

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ...summary.synthesis import Model
    from ..access.setup import Access
    from ..background.backups import Backups

__all__ = ["build_app", "pause_queue", "serve"]

#: Seconds between Gradio's checks for a question; by default it checks a thousand times a second, which uses CPU even
#: if nobody asks.
_QUEUE_PAUSE = 0.01


def build_app(
    kb: KnowledgeBase,
    address: str,
    names: Iterable[str] = (),
    private: Iterable[str] = (),
    model: Model | None = None,
    backups: Backups | None = None,
    access: Access | None = None,
    log_questions: bool = False,
) -> FastAPI:
    """Return the whole web application over ``kb``, to be reached at ``address``.

    ``names`` are hosts it is reached by besides this machine's own. Feeds may be on ``private`` hosts, otherwise only
    in public networks. ``model`` writes a checked summary under an answer's quotes. ``backups`` says when to make them,
    ``access`` who may do what; without it, there is no sign-in. ``log_questions`` logs them whatever the setting says.
    """
    # Read when gradio is imported: no statistics, no look for updates.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from anyio import to_thread
    from fastapi import FastAPI
    from starlette.middleware import Middleware
    from starlette.routing import Mount, Route

    from ..access.door import Door
    from ..access.pages import add_sign_in
    from ..access.people import asked_here
    from ..api import build_api
    from ..api.reference import add_reference
    from ..ask.page import build_page, page_head, page_options, page_texts
    from ..ask.suggestions import add_suggestions
    from ..background.backups import BackupWork
    from ..background.worker import Worker
    from ..collections.routes import add_collections
    from ..library.page import add_library
    from ..library.speaker import add_speakers
    from ..names.page import add_names
    from ..quotes.routes import add_routes
    from ..reader.checking_times import add_checking_times
    from ..reader.translating import add_translating
    from .assistants import ASSISTANTS, Assistants
    from .early import EarlyHead
    from .guard import Guard
    from .languages import Languages
    from .policy import OwnScripts, Policy
    from .problems import OddAddresses, add_problems, say_not_found

    worker, questions = Worker(kb), asked_here(kb, log_questions)
    assistants = Assistants(kb, address, questions)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        saving = BackupWork(kb, backups)
        saving.start()
        try:
            yield
        finally:
            await to_thread.run_sync(saving.end)
            await to_thread.run_sync(worker.stop)
            await assistants.stop()

    app = FastAPI(title="Verbatim", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(OddAddresses)
    if access is not None:
        app.add_middleware(Door, access=access, kb=kb)
        add_sign_in(app, access, kb.activity)
    app.add_middleware(Policy)
    app.add_middleware(Guard, names=tuple(names))
    app.add_middleware(Languages)  # the outermost, since the others answer with pages, too
    api = build_api(kb, worker, tuple(private), questions)
    add_problems(app)
    add_routes(app, kb, questions)
    add_translating(app, kb, worker)
    add_checking_times(app, kb, worker)
    add_collections(app, kb)
    add_library(app, kb, worker)
    add_speakers(app, kb)
    add_names(app, kb)
    add_suggestions(app, kb)
    add_reference(app, api)
    app.mount("/api", api)
    app.router.routes.append(Route(ASSISTANTS, assistants))
    page = build_page(kb, model, questions)
    gradio.mount_gradio_app(app, page, path="/", **page_options(signed_in=access is not None))
    mounted = app.routes[-1]  # requests that match no other route go there
    assert isinstance(mounted, Mount), "Gradio's application is mounted last"
    assert isinstance(mounted.app, FastAPI), "Gradio's application is FastAPI's"
    say_not_found(mounted.app)
    # The innermost middleware, which gets the page before it is compressed.
    mounted.app.user_middleware.append(Middleware(OwnScripts))
    head = partial(page_head, signed_in=access is not None)
    mounted.app.user_middleware.append(Middleware(EarlyHead, head=head, texts=partial(page_texts, questions.is_on)))
    pause_queue(page)
    return app


def pause_queue(page: Any) -> bool:
    """Make Gradio check for questions less often, and return whether that was possible. Gradio has no setting for it,
    so a private name is used. With a version of Gradio that uses another name, nothing changes.
    """
    queue: Any = getattr(page, "_queue", None)
    if not hasattr(queue, "sleep_when_free"):
        return False
    queue.sleep_when_free = _QUEUE_PAUSE
    return True


def serve(
    kb: KnowledgeBase,
    host: str = "127.0.0.1",
    port: int = 7860,
    browser: bool = False,
    names: Iterable[str] = (),
    private: Iterable[str] = (),
    model: Model | None = None,
    backups: Backups | None = None,
    access: Access | None = None,
    log_questions: bool = False,
) -> None:
    """Serve until stopped; takes the next free port if ``port`` is in use, and says which.

    ``names`` are the hosts, besides ``host`` and this machine's own addresses, that requests may be addressed to;
    ``private`` are hosts of private networks that feeds may be on. ``backups`` are made while it serves,
    ``access`` says who may use it, ``log_questions`` that questions are logged.
    """
    listener = _listen(host, port)
    address = f"http://{_shown_host(host)}:{listener.getsockname()[1]}/"
    with ThreadPoolExecutor(1, "sync") as meanwhile:  # both take seconds, one of them mostly in the database
        synced = meanwhile.submit(_sync, kb)
        app = build_app(kb, address, (host, *names), private, model, backups, access, log_questions)
        synced.result()
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"Verbatim is at {address} (Ctrl+C stops it).", flush=True)
            if browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    from .patience import LIMITS, PatientProtocol, for_proxies

    protocol = PatientProtocol if access is None else for_proxies(access.is_proxy)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, http=protocol, **LIMITS
    )
    if access is not None:
        config.proxy_headers = False  # which proxy is trusted, and for what, is decided by the access
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def _sync(kb: KnowledgeBase) -> None:
    """Bring vectors and index up to date; if that takes long, in the background."""
    waiting = kb.semantic.pending()
    if waiting > AT_ONCE:
        print(f"{waiting:,} passages are being embedded; until then they are found by their words.", flush=True)
    else:
        kb.sync()


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
