"""A citation style: a CSL style by its official name, our corrections of it, and settings that CSL does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Style", "StyleCorrection", "System"]

#: The form of a citation in the text: author and year, author alone, a note, the reference's number, or a full credit.
System = Literal["author-date", "author", "note", "number", "credit"]


@dataclass(frozen=True, slots=True)
class StyleCorrection:
    """A change of an official style where its guide wants something else, made in memory when the style is loaded.

    Beside CSL's variables a correction may use ``season`` and, for broadcasts that are no podcasts, ``radio``.
    """

    #: What the guide says, and where.
    rule: str
    #: An XPath to what is changed, with the prefix ``c``; it is an error if nothing is there.
    at: str
    #: CSL that takes its place; ``<original/>`` stands for what was there.
    put: str


@dataclass(frozen=True, slots=True)
class Style:
    """A way to cite."""

    name: str
    label: str
    #: The official style's name; empty where the style is no CSL style, or a file of the user's own.
    csl: str
    #: What stands above the list of references.
    heading: str
    system: System
    #: The style's words for the two media.
    podcast: str = "Audio podcast episode"
    radio: str = "Radio broadcast"
    #: The quotation marks of running text.
    quotes: tuple[str, str] = ("“", "”")
    #: Whether full stops and commas stand inside quotation marks.
    stops_inside: bool = True
    #: Whether an address needs the date of access.
    accessed: bool = False
    corrections: tuple[StyleCorrection, ...] = ()
    #: ``en-GB``; empty where the CSL style says it, or is American.
    language: str = ""
    #: The style itself where it is a file of the user's own.
    xml: bytes = b""
