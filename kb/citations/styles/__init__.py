"""The citation styles: one module for each that we have checked, and thousands of official ones by their names."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from ...errors import UsageError
from ...outputs import STYLE_NAMES
from .ap import AP
from .apa import APA
from .chicago import CHICAGO, CHICAGO_AUTHOR_DATE
from .harvard import HARVARD
from .ieee import IEEE
from .mla import MLA
from .official import official_names, official_style, style_of_file
from .style import Style, StyleCorrection, System
from .vancouver import VANCOUVER

__all__ = ["STYLES", "Style", "StyleCorrection", "System", "find_style", "find_style_or_file"]

_BY_NAME = {style.name: style for style in (APA, MLA, CHICAGO, CHICAGO_AUTHOR_DATE, HARVARD, IEEE, VANCOUVER, AP)}
#: The styles that are checked against their guides.
STYLES: tuple[Style, ...] = tuple(_BY_NAME[name] for name in STYLE_NAMES)

_ALSO = {
    "apa7": "apa", "mla9": "mla", "modern-language-association": "mla", "associated-press": "ap",
    "chicago-notes": "chicago", "chicago-notes-bibliography": "chicago", "chicago17": "chicago",
    "chicago18": "chicago", "turabian": "chicago", "harvard-cite-them-right": "harvard", "nlm": "vancouver",
    "nlm-citation-sequence": "vancouver",
}  # fmt: skip


def find_style(name: str) -> Style:
    """Return the style of this name, one of ``STYLES`` or an official CSL style; ``UsageError`` names the nearest."""
    plain = name.strip().lower().replace(" ", "-").replace("_", "-")
    plain = _ALSO.get(plain, _ALSO.get(plain.replace("-", ""), plain))
    style = _BY_NAME.get(plain) or official_style(plain)
    if style is not None:
        return style
    near = get_close_matches(plain[:80], _BY_NAME, n=2, cutoff=0.6)
    near = near or get_close_matches(plain[:80], official_names(), n=3, cutoff=0.6)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f"There is no citation style {name[:80]!r}.{meant} The styles are {', '.join(STYLE_NAMES)}, "
        "and every style of the official CSL repository by its name, such as 'nature'."
    )


def find_style_or_file(name: str) -> Style:
    """Return the style of this name, or that of a ``.csl`` file on this machine, which only its user may name."""
    return style_of_file(Path(name)) if name.lower().endswith(".csl") else find_style(name)
