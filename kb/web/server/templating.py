"""The pages' templates: one environment, which escapes all values, and a function to render a template. Names, titles
and transcripts are untrusted. So a template prints text as text; only the output of another template is printed as
markup, and a value that is neither text nor a number is an error.

Phrases are translated as they are printed. A translation is text, too, like the values in it; markup is in templates.
"""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...phrasing import counted, long_date
from ...timecode import clock
from ...translatable import Translatable
from .catalogues import SOURCE, script_phrases
from .languages import language, number, translate, translated, translated_plural
from .stored import as_listed, as_said

__all__ = ["NOTHING", "Markup", "escape", "render"]

#: Values that are printed as nothing.
NOTHING = Markup()


def render(name: str, **values: object) -> Markup:
    """Render the template ``name`` of ``kb/web/templates`` with ``values``."""
    # Markup, since the template has escaped all its values.
    return Markup(_ENVIRONMENT.get_template(name).render(values))  # noqa: S704


def escape(text: str) -> str:
    """Return ``text`` as escaped HTML; ``$`` and braces too, because Gradio evaluates ``${...}``."""
    return html.escape(text).replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def _printed(value: object) -> str:
    """Return what ``{{ value }}`` prints; jinja2's own escaping, which follows, would leave ``${...}`` alone."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return Markup(escape(translate(value)))  # noqa: S704
    if isinstance(value, StrictUndefined) or type(value) in (int, float):
        return str(value)  # for a missing value, this is an error with its name
    raise TypeError(f"A template prints text and numbers, but was given {value!r}.")


def _stored(text: str) -> Markup | str:
    """Return what ``stored()`` prints: a stored sentence in the present language, or in English, marked as English."""
    told = as_said(text) if isinstance(text, str) else text
    if not told or isinstance(told, Translatable) or language.get() == SOURCE:
        return told
    return render("english.html", text=told)


def _gettext(source: str, /, **values: object) -> Markup:
    """Return what ``{% trans %}`` and ``_()`` print: the translation as text, its values as ``{{ }}`` prints them."""
    return _filled(translated(source), values)


def _pgettext(context: str, source: str, /, **values: object) -> Markup:
    """Return a translation of a word that has several meanings; ``context`` tells which."""
    return _filled(translated(source, context), values)


def _ngettext(source: str, plural: str, n: int, /, **values: object) -> Markup:
    """Return the form of a translation for the number ``n``."""
    return _filled(translated_plural(source, plural, n), {"num": n, **values})


def _filled(text: str, values: dict[str, object]) -> Markup:
    # Escaping leaves placeholders, such as %(name)s, as they are.
    printed = {name: number(value) if type(value) is int else _printed(value) for name, value in values.items()}
    return Markup(escape(text) % printed)  # noqa: S704


def _in_address(text: str) -> str:
    """Return ``text`` as one part of an address's path, or as a value of its query."""
    return quote(text, safe="")


def _fixed(number: float, places: int) -> str:
    """Return ``61.5`` with 3 places as ``61.500``."""
    return f"{number:.{places}f}"


def _percent(share: float) -> str:
    """Return ``0.25`` as ``25%``."""
    return f"{share:.0%}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printed,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_ENVIRONMENT.policies["ext.i18n.trimmed"] = True
# Jinja's own functions would make markup of a translation, and leave ``${...}`` alone.
_ENVIRONMENT.newstyle_gettext = True  # type: ignore[attr-defined]
_ENVIRONMENT.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext, "pgettext": _pgettext}
_ENVIRONMENT.globals |= {
    "page_language": language.get,
    "stored": _stored,
    "script_phrases": lambda: script_phrases(language.get()),
}
_ENVIRONMENT.filters |= {
    "clock": clock,
    "counted": counted,
    "fixed": _fixed,
    "in_address": _in_address,
    "listed": as_listed,
    "long_date": long_date,
    "percent": _percent,
}
