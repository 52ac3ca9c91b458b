"""The pages' templates: one environment, which escapes all values, and a function to render a template. Names, titles
and transcripts are untrusted. So a template prints text as text; only the output of another template is printed as
markup, and a value that is neither text nor a number is an error.
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
        return Markup(escape(value))  # noqa: S704
    if isinstance(value, StrictUndefined) or type(value) in (int, float):
        return str(value)  # for a missing value, this is an error with its name
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
