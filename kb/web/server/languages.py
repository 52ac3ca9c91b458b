"""The language of a page: chosen by the browser's ``Accept-Language``, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar, copy_context
from datetime import date
from typing import Any, TypeVar
from unicodedata import combining, normalize

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...translatable import Day, Joined, Phrase, Translatable
from .catalogues import LANGUAGES, SOURCE, page_phrases

__all__ = ["Languages", "chosen", "in_language", "language", "number", "translate", "translated", "translated_plural"]

T = TypeVar("T")
#: What is read of the header; a browser sends less.
_LONGEST = 1_000

#: The language of the answer to the present request; handlers in threads see it, too.
language: ContextVar[str] = ContextVar("language", default=SOURCE)


def chosen(accepted: str) -> str:
    """Return the best of our languages for the value of an ``Accept-Language`` header, English if it names none."""
    from babel.core import negotiate_locale

    wanted: list[tuple[float, str]] = []
    for part in accepted[:_LONGEST].split(","):
        tag, _, weight = part.strip().partition(";")
        quality = _quality(weight)
        if tag and quality > 0:
            wanted.append((-quality, tag.strip().lower()))
    wanted.sort(key=lambda each: each[0])  # stable: equally wanted languages stay in the browser's order
    found = negotiate_locale([tag for _, tag in wanted], LANGUAGES, sep="-")
    return found if found in LANGUAGES else SOURCE


def _quality(weight: str) -> float:
    """Return the number of ``q=0.8``; 1 without one, and 0 if it is no number from 0 to 1."""
    if not weight.strip():
        return 1.0
    name, _, told = weight.strip().partition("=")
    try:
        quality = float(told) if name.strip().lower() == "q" and told.isascii() else 0.0
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


class Languages:
    """ASGI middleware that chooses the language of each request, and says on pages that it was chosen."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its language."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.add_vary_header("Accept-Language")
            await send(message)

        # Not set back: the request's task ends anyway, and the page of an unexpected error is made after this.
        language.set(chosen(Headers(scope=scope).get("accept-language", "")))
        await self._app(scope, receive, varied)


def in_language(accepted: str, parts: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield ``parts`` in the language of a header, for Gradio, which calls from threads that know no request."""
    context = copy_context()
    context.run(language.set, chosen(accepted))
    each = context.run(parts)
    nothing = object()
    while (part := context.run(next, each, nothing)) is not nothing:
        yield part  # type: ignore[misc]


def translated(source: str, context: str = "") -> str:
    """Return a phrase of the catalogues in the present language, its placeholders as they are."""
    if not source:
        return ""  # in a catalogue, this is its head
    known = page_phrases(language.get())
    return known.pgettext(context, source) if context else known.gettext(source)


def translated_plural(source: str, plural: str, n: int, context: str = "") -> str:
    """Return the form of a phrase for the number ``n``, likewise."""
    known = page_phrases(language.get())
    return known.npgettext(context, source, plural, n) if context else known.ngettext(source, plural, n)


def translate(text: str) -> str:
    """Return a text in the present language, if it was made to be translated, otherwise unchanged."""
    if not isinstance(text, Translatable) or language.get() == SOURCE:
        return str(text)
    if isinstance(text, Phrase):
        values = {name: _value(value) for name, value in text.values.items()}
        if text.plural:
            count = text.values["count"]
            assert isinstance(count, int)
            return translated_plural(text.source, text.plural, count) % values
        return translated(text.source) % values
    if isinstance(text, Joined):
        return text.between.join(map(translate, text.parts))
    assert isinstance(text, Day)
    return _dated(text.day, "long")


def spoken_names(english: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return languages by code and by name in the present language, in the order of the names.

    ``english`` has the English names, which stand where the present language has none.
    """
    if language.get() == SOURCE:
        return list(english.items())
    from babel import Locale

    names = Locale.parse(language.get()).languages
    found = [(code, names.get(code, name)) for code, name in english.items()]
    return sorted(found, key=lambda each: _sorted_as(each[1]))


def _sorted_as(name: str) -> str:
    """Return a name without accents, since "Öst" is not behind "Zulu"."""
    return "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter))


def month_name(year: int, month: int) -> str:
    """Return a month in the present language, such as ``July 2019``."""
    return _dated(date(year, month, 1), "LLLL y")


def short_month_name(year: int, month: int) -> str:
    """Return a month in little space, such as ``Jul 19``."""
    return _dated(date(year, month, 1), "LLL yy")


def _dated(day: date, form: str) -> str:
    from babel.dates import format_date

    return format_date(day, form, language.get())


def number(value: int) -> str:
    """Return a number with what the present language puts between thousands."""
    if language.get() == SOURCE:
        return f"{value:,}"
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language.get())


def _value(value: Any) -> str:
    return translate(value) if isinstance(value, str) else number(value)
