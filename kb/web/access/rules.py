"""Which role each route needs. A route without a rule here is closed to everybody.

Paths are matched as the router matches them. If several rules match a path, the strictest applies, so that an unusual
name cannot reach a route by another one's rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qs

from starlette.routing import compile_path

from ...catalogue import ROLES, Role
from ...translatable import phrase

__all__ = ["RULES", "MatchedRule", "Need", "Rule", "find", "subject"]

#: ``everyone``: no sign-in; ``owner``: a reader for an own collection, an editor for everybody's.
Need = Literal["everyone", "reader", "owner", "editor", "admin"]

_ORDER: tuple[Need, ...] = get_args(Need)
_READ = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Rule:
    """The role that a method of some paths needs, and the log's text for it."""

    method: str
    path: str
    need: Need
    log: str = ""


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """The rule of a request, and the parts of its path that the rule names."""

    rule: Rule
    named: dict[str, str]

    @property
    def role(self) -> Role | None:
        """The least role that is allowed; for ``owner``, there is a further check."""
        need = self.rule.need
        return "reader" if need == "owner" else None if need == "everyone" else need


#: Gradio's own: its page's files, and its calls. Its other routes (uploads, files, proxies, an editor of its code)
#: have no rule.
_GRADIO = (
    "/", "/config", "/config/", "/theme.css", "/static/{path:path}", "/assets/{path:path}", "/svelte/{path:path}",
    "/favicon.ico", "/manifest.json", "/pwa_icon", "/pwa_icon/{size}", "/gradio_api/queue/data",
    "/gradio_api/queue/status", "/gradio_api/heartbeat/{session_hash}", "/gradio_api/startup-events",
    "/gradio_api/app_id", "/gradio_api/app_id/", "/gradio_api/info", "/gradio_api/info/", "/gradio_api/theme.css",
)  # fmt: skip
_GRADIO_ASKS = ("/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/reset/")
_PAGES = (
    "/audio/{episode_id}", "/quote/{quote_id:path}", "/marked/{quote_id:path}", "/words/{quote_id:path}",
    "/episode/{episode_id}", "/cite/{quote_id:path}", "/collections", "/collections/{name}", "/saved", "/library",
    "/speaker/{name:path}", "/suggestions", "/account", "/names",
)  # fmt: skip
_INTERFACE = (
    "/api", "/api/openapi.json", "/api/ask", "/api/search", "/api/quotes/{quote_id}", "/api/episodes",
    "/api/episodes/{episode_id}", "/api/episodes/{episode_id}/transcript", "/api/collections",
    "/api/collections/{name}", "/api/ledger/{quote_id}", "/api/jobs", "/api/feeds", "/api/models", "/api/names",
    "/api/names/corrected",
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *(Rule("GET", path, "everyone") for path in ("/sign-in", "/vb/{path:path}", "/robots.txt")),
    Rule("POST", "/sign-in", "everyone"),
    Rule("POST", "/sign-out", "everyone"),
    *(Rule("GET", path, "reader") for path in (*_GRADIO, *_PAGES, *_INTERFACE)),
    *(Rule("POST", path, "reader") for path in _GRADIO_ASKS),
    *(Rule(method, "/mcp", "reader") for method in ("GET", "POST", "DELETE")),
    Rule("GET", "/collections/{name}/export", "reader", phrase("exported a collection")),
    Rule("POST", "/api/collections", "reader", phrase("created a collection")),
    Rule("PUT", "/api/collections/{name}", "owner", phrase("renamed a collection")),
    Rule("DELETE", "/api/collections/{name}", "owner", phrase("deleted a collection")),
    Rule("POST", "/api/collections/{name}/quotes", "owner", phrase("saved a quote")),
    Rule("PUT", "/api/collections/{name}/quotes/{quote_id}", "owner", phrase("changed a saved quote")),
    Rule("DELETE", "/api/collections/{name}/quotes/{quote_id}", "owner", phrase("took a quote out")),
    Rule("POST", "/api/collections/{name}/quotes/{quote_id}/exchange", "owner", phrase("replaced a saved quote")),
    Rule("POST", "/api/collections/{name}/quotes/{quote_id}/restore", "owner", phrase("put a quote back")),
    Rule("POST", "/episode/{episode_id}/words", "editor", phrase("corrected words")),
    Rule("POST", "/episode/{episode_id}/undo", "editor", phrase("took a correction back")),
    Rule("POST", "/episode/{episode_id}/speaker", "editor", phrase("named a speaker")),
    Rule("POST", "/episode/{episode_id}/translate", "editor", phrase("had a transcript translated")),
    Rule("POST", "/episode/{episode_id}/check-times", "editor", phrase("had times checked")),
    Rule("POST", "/api/ledger/{quote_id}", "editor", phrase("judged a quote")),
    Rule("GET", "/api/names/places", "editor"),  # it costs some work
    Rule("POST", "/api/names", "editor", phrase("added names")),
    Rule("POST", "/api/names/remove", "editor", phrase("removed names")),
    Rule("POST", "/api/names/apply", "editor", phrase("corrected names")),
    Rule("POST", "/api/names/undo", "editor", phrase("took a correction back")),
    Rule("GET", "/log", "admin"),
    Rule("POST", "/api/jobs/retry", "admin", phrase("tried all jobs again")),
    Rule("POST", "/api/jobs/{job_id}/retry", "admin", phrase("tried a job again")),
    Rule("DELETE", "/api/jobs/failed", "admin", phrase("dropped failed jobs")),
    Rule("DELETE", "/api/jobs/{job_id}", "admin", phrase("dropped a job")),
    Rule("POST", "/api/uploads", "admin"),
    Rule("PUT", "/api/uploads/{group}/{name}", "admin", phrase("sent a file")),
    Rule("POST", "/api/uploads/{group}", "admin", phrase("took an upload in")),
    Rule("DELETE", "/api/uploads/{group}", "admin", phrase("dropped an upload")),
    Rule("POST", "/api/example", "admin", phrase("loaded the example")),
    Rule("POST", "/api/models/fetch", "admin", phrase("fetched a speech model")),
    Rule("POST", "/api/models/folder", "admin", phrase("copied a speech model")),
    Rule("DELETE", "/api/models/arriving", "admin", phrase("stopped a speech model")),
    Rule("POST", "/api/feeds/find", "admin"),
    Rule("POST", "/api/feeds", "admin", phrase("followed a feed")),
    Rule("PUT", "/api/feeds/{feed_id}", "admin", phrase("chose how a feed is transcribed")),
    Rule("POST", "/api/feeds/{feed_id}/sync", "admin", phrase("checked a feed")),
    Rule("POST", "/api/feeds/{feed_id}/stop", "admin", phrase("stopped a feed")),
    Rule("DELETE", "/api/feeds/{feed_id}", "admin", phrase("unfollowed a feed")),
)

_COMPILED = tuple((rule, compile_path(rule.path)[0]) for rule in RULES)


def find(method: str, path: str) -> MatchedRule | None:
    """Return the strictest rule of a request, ``None`` if it has none."""
    method = "GET" if method in _READ else method
    found = [
        MatchedRule(rule, match.groupdict())
        for rule, pattern in _COMPILED
        if rule.method == method and (match := pattern.match(path))
    ]
    return max(found, key=lambda each: _ORDER.index(each.rule.need), default=None)


def subject(found: MatchedRule, query: bytes) -> str:
    """Return the subject of an action: the named parts of its path, and the format of an export.

    Of several formats the last one counts, as for the route; the others could be any text.
    """
    wanted = parse_qs(query.decode("latin-1")).get("format", [])[-1:] if "export" in found.rule.log else []
    return " ".join([*found.named.values(), *(f"as {form}" for form in wanted)])


assert set(ROLES) <= set(_ORDER)
