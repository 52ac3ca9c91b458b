"""``/sign-in`` and ``/sign-out``; ``/account``, which tells the pages' script who is signed in; and ``/log``."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from ...catalogue import Activity
from ...catalogue.question_log import LOGGED
from ...errors import UsageError
from ...inputs import LONGEST_NAME
from ...phrasing import counted
from ...translatable import Phrase, phrase, recognised
from ..server.document import document
from ..server.templating import render
from .accounts import LONGEST_PASSWORD
from .door import CANNOT_TELL, peer_of
from .people import acting
from .sessions import COOKIE
from .setup import Access

__all__ = ["add_sign_in"]

_MOST_DEEDS = 500
#: Sign-ins that are worked on at once.
_AT_ONCE = 8
_OVER = phrase("You are no longer signed in. Sign in to return to your page.")
_WRONG = phrase(
    "The name or the password is wrong. Whoever runs this server can give you another one ('kb users add')."
)


def _as_phrase(what: str) -> str:
    """Return what was done, as the log holds it, as a phrase that a page can translate."""
    known = recognised(what, LOGGED)
    return known if isinstance(known, Phrase) else Phrase(what.replace("%", "%%"))


def add_sign_in(app: FastAPI, access: Access, activity: Activity) -> None:
    """Add the pages; where a proxy signs people in, nobody signs in here."""

    @app.get("/account", include_in_schema=False)
    def account() -> dict[str, str | bool | None]:
        """Tell who is signed in; scripts fill in the name and hide what the role may not do."""
        person = acting.get()
        return {
            "name": person.name if person else None,
            "role": person.role if person else None,
            "signs_out": access.signs_in,
        }

    @app.get("/log", include_in_schema=False)
    def log(by: str = "") -> Response:
        """Show admins who did what, the newest first."""
        deeds = [
            replace(deed, what=_as_phrase(deed.what)) for deed in activity.last(_MOST_DEEDS, by[:LONGEST_NAME] or None)
        ]
        return document(phrase("Who did what"), render("access/log.html", deeds=deeds[::-1]), styles=("library.css",))

    if not access.signs_in:
        return

    @app.get("/sign-in", include_in_schema=False)
    def sign_in(request: Request, then: str = "/") -> Response:
        """Show the form, with a sentence if the session has ended."""
        secret = request.cookies.get(COOKIE, "")
        try:
            is_over = bool(secret) and access.sessions.find(secret) is None
        except UsageError as error:
            return _untold(_own(then), error)
        return _form(_own(then), _OVER if is_over else "")

    # Comparing a password takes long. In the threads of all requests, many who sign in at once would stop the server.
    at_once = CapacityLimiter(_AT_ONCE)

    @app.post("/sign-in", include_in_schema=False)
    async def enter(
        request: Request,
        name: Annotated[str, Form(max_length=1_000)] = "",
        password: Annotated[str, Form(max_length=LONGEST_PASSWORD * 4)] = "",
        then: Annotated[str, Form(max_length=8_000)] = "/",
    ) -> Response:
        """Begin a session, unless the password is wrong or there were too many wrong ones."""
        return await to_thread.run_sync(partial(begin, request, name, password, then), limiter=at_once)

    def begin(request: Request, name: str, password: str, then: str) -> Response:
        after, address = _own(then), _browser_of(request, access)
        wait = access.tries.begin(address, name)
        if wait:
            minutes = counted(-(-wait // 60), "minute")
            told = phrase("There were too many wrong passwords. Wait %(minutes)s and try again.", minutes=minutes)
            return _form(after, told, name, 429, {"Retry-After": str(wait)})
        right: bool | None = None
        try:
            account = access.accounts.verify(name, password)
            right = account is not None
        except UsageError as error:
            return _untold(after, error, name)
        finally:
            access.tries.end(address, name, right)
        if account is None:
            return _form(after, _WRONG, name, 401)
        access.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(after, 303, {"Cache-Control": "no-store"})
        secure = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
        answer.set_cookie(
            COOKIE, access.sessions.begin(account), path="/", httponly=True, samesite="lax", secure=secure
        )
        return answer

    @app.post("/sign-out", include_in_schema=False)
    def leave(request: Request) -> Response:
        """End the session."""
        access.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store", "Clear-Site-Data": '"cache"'})
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return answer


def _form(
    after: str, problem: str = "", name: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    body = render("access/sign_in.html", problem=problem, after=after, typed=name[:100])
    answer = document(phrase("Sign in"), body, status=status, styles=("access.css",))
    answer.headers.update(headers or {})
    return answer


def _untold(after: str, error: UsageError, name: str = "") -> Response:
    """Show the form if the file of users cannot be read, without its path, which strangers must not learn."""
    logging.getLogger(__name__).error("nobody is let in: %s", error)
    return _form(after, CANNOT_TELL, name, 503)


def _own(then: str) -> str:
    """Return where to go afterwards: always an address of this server."""
    found = urlsplit(then)
    wrong = any(letter.isspace() or not letter.isprintable() or letter == "\\" for letter in then)
    ours = then.startswith("/") and not then.startswith("//") and not found.scheme and not found.netloc
    return then if ours and not wrong and found.path not in ("/sign-in", "/sign-out") else "/"


def _browser_of(request: Request, access: Access) -> str:
    """Return the address for counting tries: the last one that a trusted proxy has seen."""
    peer = peer_of(request.scope)
    seen = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    return seen if seen and access.is_proxy(peer) else peer
