"""The pages' templates: one environment, which escapes whatever a template prints, and one function to fill one in.

Names, titles and transcripts are hostile. So a template prints text as text; only what another template has made is
printed as markup, and what is neither text nor a number is a mistake that is told at once.
"""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...phrasing import counted, long_date
from ...timecode import clock

__all__ = ["NOTHING", "Markup", "escape", "render"]

#: What is shown where there is nothing to show.
NOTHING = Markup()


def render(name: str, **values: object) -> Markup:
    """Return the template ``name`` of ``kb/web/templates``, filled in with ``values``."""
    # Markup, since the template has escaped all that it was given.
    return Markup(_ENVIRONMENT.get_template(name).render(values))  # noqa: S704


def escape(text: str) -> str:
    """Return ``text`` as harmless HTML; ``$`` and braces too, for Gradio evaluates ``${...}`` in what it shows."""
    return html.escape(text).replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def _printed(value: object) -> str:
    """Return what ``{{ value }}`` prints; jinja2's own escaping, which follows, would leave ``${...}`` alone."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return Markup(escape(value))  # noqa: S704
    if isinstance(value, StrictUndefined) or type(value) in (int, float):
        return str(value)  # of a value that is not there, this is an error that names it
    raise TypeError(f"A template prints text and numbers, but was given {value!r}.")


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
)
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_ENVIRONMENT.filters |= {
    "clock": clock,
    "counted": counted,
    "fixed": _fixed,
    "in_address": _in_address,
    "long_date": long_date,
    "percent": _percent,
}
