"""The styles by name: what each calls its list and its media, how it sets titles. The rest is in ``styles/*.csl``."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ..errors import UsageError

__all__ = ["STYLES", "Style", "find_style"]

_SINGLE, _DOUBLE = ("‘", "’"), ("“", "”")


@dataclass(frozen=True, slots=True)
class Style:
    """A way to cite."""

    name: str
    label: str
    #: What stands above the list of references.
    heading: str
    #: What a quote gets in the text: author and year, author alone, a note, the reference's number, or a full credit.
    system: Literal["author-date", "author", "note", "number", "credit"]
    #: What the style calls the two media.
    podcast: str
    radio: str
    #: Whether titles are set in headline capitals.
    capitals: bool = False
    #: Quotation marks inside a title in the list: the other kind than those around it, or as published.
    inner: tuple[str, str] | None = None
    #: Whether an address wants the day on which it was looked at.
    accessed: bool = False


STYLES: tuple[Style, ...] = (
    Style("apa", "APA 7", "References", "author-date", "Audio podcast episode", "Radio broadcast"),
    Style("mla", "MLA 9", "Works Cited", "author", "Podcast episode", "Radio broadcast", capitals=True, inner=_SINGLE),
    Style(
        "chicago", "Chicago, notes and bibliography", "Bibliography", "note", "podcast episode", "radio broadcast",
        capitals=True, inner=_SINGLE,
    ),
    Style(
        "chicago-author-date", "Chicago, author-date", "References", "author-date", "podcast episode",
        "radio broadcast", capitals=True, inner=_SINGLE,
    ),
    Style(
        "harvard", "Harvard", "Reference list", "author-date", "Podcast", "Radio programme", inner=_DOUBLE,
        accessed=True,
    ),
    Style("ieee", "IEEE", "References", "number", "Podcast", "Radio broadcast", inner=_SINGLE, accessed=True),
    Style("vancouver", "Vancouver", "References", "number", "podcast", "radio broadcast", accessed=True),
    Style("ap", "AP, running credit", "Credits", "credit", "podcast", "broadcast"),
)  # fmt: skip

_ALSO = {
    "apa7": "apa", "mla9": "mla", "modern-language-association": "mla", "associated-press": "ap",
    "chicago-notes": "chicago", "chicago-notes-bibliography": "chicago", "chicago17": "chicago",
    "chicago18": "chicago", "turabian": "chicago", "harvard-cite-them-right": "harvard", "nlm": "vancouver",
}  # fmt: skip


def find_style(name: str) -> Style:
    """Return the style of this name; ``UsageError`` tells the nearest names."""
    by_name = {style.name: style for style in STYLES}
    plain = name.strip().lower().replace(" ", "-").replace("_", "-")
    plain = _ALSO.get(plain, _ALSO.get(plain.replace("-", ""), plain))
    if plain in by_name:
        return by_name[plain]
    near = get_close_matches(plain, by_name, n=2, cutoff=0.4)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"There is no citation style {name[:80]!r}.{meant} The styles are {', '.join(by_name)}.")
