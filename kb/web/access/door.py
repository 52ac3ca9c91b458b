"""ASGI middleware after the guard: identifies the user, checks the route's rule, and logs what was done."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import UsageError, VerbatimError
from ...inputs import checked_name
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..server.problems import answer_problem, is_for_program
from .deeds import Doing, doing
from .people import ROLE_NAMES, Principal, acting, checked_person, remember_person
from .rules import MatchedRule, find, subject
from .sessions import COOKIE
from .setup import Access

__all__ = ["CANNOT_TELL", "Door", "peer_of"]

CANNOT_TELL = phrase("Sign-in does not work just now; tell whoever runs this server, whose log says why.")

#: Messages for a page's script (``api.js`` has the same one) and for a program.
_SIGNED_OUT = phrase("You are no longer signed in. Sign in in another tab and try again; what you typed is kept here.")
_SIGN_IN_FIRST = "Sign in first; a program sends 'Authorization: Bearer TOKEN' ('kb tokens add')."
#: Paths that accept a token: those for programs.
_BY_TOKEN = ("/api", "/mcp", "/audio/")


class Door:
    """Passes a request on with its user, or answers why it is refused."""

    def __init__(self, app: ASGIApp, access: Access, kb: KnowledgeBase) -> None:
        self._app = app
        self._access = access
        self._kb = kb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer refused requests; pass the others on, with their user in ``acting``."""
        if scope["type"] == "websocket":  # we have no such route
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        _believe_scheme(scope, headers, self._access)
        found = find(scope["method"], scope["path"])
        person: Principal | None = None
        try:
            if found is None or found.role is not None:
                person = await to_thread.run_sync(partial(self._who, scope, headers))
                refusal = await to_thread.run_sync(partial(self._refused, scope, found, person))
            else:
                refusal = None
        except VerbatimError as error:  # a file of users that cannot be read: all are refused
            logging.getLogger(__name__).error("nobody is let in: %s", error)
            refusal = answer_problem(scope, 503, CANNOT_TELL)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        assert found is not None
        told = Doing()
        tokens = acting.set(person), doing.set(told)
        remember_person(scope, person)
        try:
            await self._app(scope, receive, partial(self._sent, scope, found, person, told, send))
        finally:
            acting.reset(tokens[0])
            doing.reset(tokens[1])

    def _who(self, scope: Scope, headers: Headers) -> Principal | None:
        """Return the user: from a program's token, the proxy's header, or the browser's session."""
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and scope["path"].startswith(_BY_TOKEN):
            token = self._kb.tokens.find(secret.strip())
            return Principal(token.name, token.role) if token else None
        if self._access.header is not None:
            return self._named_by_proxy(scope, headers)
        secret = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        account = self._access.sessions.find(secret) if secret else None
        return Principal(account.name, account.role) if account else None

    def _named_by_proxy(self, scope: Scope, headers: Headers) -> Principal | None:
        assert self._access.header is not None
        said = headers.getlist(self._access.header)
        if len(said) != 1 or not self._access.is_proxy(peer_of(scope)):
            return None  # two: one of them was sent by the client in front of the proxy
        try:
            name = checked_person(said[0].encode("latin-1").decode("utf-8"))
        except (VerbatimError, UnicodeError):
            return None
        account = self._access.accounts.find(name)
        return Principal(account.name, account.role) if account else Principal(name, self._access.header_role)

    def _refused(self, scope: Scope, found: MatchedRule | None, person: Principal | None) -> Response | None:
        """Return the answer to a refused request, ``None`` if it is allowed."""
        if person is None:
            return self._unknown(scope)
        acting.set(person)  # for this call only: the page of a refusal shows the user
        if found is None:
            return answer_problem(scope, 404, phrase("There is nothing at this address."))
        need = found.role
        if need is not None and not person.may(need):
            told = phrase(
                "You are signed in as %(name)s, %(role)s; this takes %(need)s.",
                name=person.name,
                role=ROLE_NAMES[person.role],
                need=ROLE_NAMES[need],
            )
            return answer_problem(scope, 403, told)
        return self._not_owned(scope, found, person) if found.rule.need == "owner" else None

    def _not_owned(self, scope: Scope, found: MatchedRule, person: Principal) -> Response | None:
        """Refuse changes to others' collections, and to everybody's by a reader; readers may make new ones."""
        name = found.named["name"]
        for meant in dict.fromkeys((name, _as_saved(name))):
            there, owner = self._kb.collections.owner(meant)
            whose = person.refused_change(owner) if there else ""
            if whose:
                told = phrase(
                    "The collection %(name)s is %(whose)s; save in one of your own.", name=repr(meant), whose=whose
                )
                return answer_problem(scope, 403, told)
        return None

    def _unknown(self, scope: Scope) -> Response:
        if is_for_program(scope) or scope["method"] not in ("GET", "HEAD"):
            headers = Headers(scope=scope)
            of_page = "origin" in headers or "referer" in headers or COOKIE in cookie_parser(headers.get("cookie", ""))
            answer = answer_problem(scope, 401, _SIGNED_OUT if of_page else _SIGN_IN_FIRST)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if not self._access.signs_in:
            told = phrase("Sign in at the address that your colleagues use; this one has no sign-in.")
            return answer_problem(scope, 401, told)
        path = quote(scope["path"], safe="/@:")
        query = scope["query_string"].decode("latin-1")
        after = quote(f"{path}?{query}" if query else path, safe="")
        return RedirectResponse(f"/sign-in?then={after}", 303, {"Cache-Control": "no-store"})

    async def _sent(
        self, scope: Scope, found: MatchedRule, person: Principal | None, told: Doing, send: Send, message: Message
    ) -> None:
        """Send an answer, after the action is in the log."""
        is_done = message["type"] == "http.response.start" and message["status"] < 400 and told.done
        if is_done and found.rule.log and person is not None:
            about = told.about or subject(found, scope["query_string"])
            await to_thread.run_sync(partial(self._note, person.name, found.rule.log, about))
        await send(message)

    def _note(self, by: str, what: str, about: str) -> None:
        try:
            self._kb.activity.note(by, what, about)
        except VerbatimError:  # the action itself succeeded
            logging.getLogger(__name__).exception("%s %s %s, and it is not in the log", by, what, about)


def peer_of(scope: Scope) -> str:
    """Return the address of the connection's other end."""
    return str((scope.get("client") or ("",))[0])


def _as_saved(name: str) -> str:
    """Return the name that saving makes of a name in an address, as without the spaces around it."""
    with suppress(UsageError):
        return checked_name(name)
    return name


def _believe_scheme(scope: MutableMapping[str, Any], headers: Headers, access: Access) -> None:
    """Accept a trusted proxy's statement that the browser's connection is encrypted."""
    if headers.getlist("x-forwarded-proto") == ["https"] and access.is_proxy(peer_of(scope)):
        scope["scheme"] = "https"
