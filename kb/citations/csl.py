"""The CSL processor (citeproc-py) with corrections; the only module that imports it.

Each class below takes the place of citeproc-py's element of that name. By the CSL 1.0.2 specification
(https://docs.citationstyles.org/en/stable/specification.html) and beyond what citeproc-py does:

- what stands in for a missing author is not printed again (``substitute``);
- ``initialize="false"`` leaves given names whole (``name``);
- the title case of a label does not ask in which language the work is (``label``);
- a term without a short form is printed in its long one (``label``, ``text``);
- title case keeps names as their owners write them, and sentence case leaves a title alone, because no program knows
  which words are names; quotation marks inside others are of the other kind (``text``);
- a citation can leave out the names that its sentence has given already (``names``).

The rest is corrected in the style's tree when it is loaded (``_prepare``). Italics come back as marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, Locator, model
from citeproc.source import BibliographySource, Reference
from citeproc.source import Date as CslDate
from citeproc.source import Name as CslName
from citeproc.string import String as CslText
from lxml import etree

from .seams import ITALIC, ROMAN, requoted
from .styles.style import StyleCorrection
from .titles import headline

__all__ = ["Csl", "CslDate", "CslItem", "CslName", "CslText", "print_entry", "print_in_text"]

_NAMESPACE = "http://purl.org/net/xbiblio/csl"
_SPACE = {"c": _NAMESPACE}
_KEY = "work"


class CslItem(CitationItem):  # type: ignore[misc]
    """A work as cited at one place of a text, and what has been printed of it."""

    def __init__(self, number: int, time: str | None = None, narrative: bool = False) -> None:
        super().__init__(_KEY, **({"locator": Locator("timestamp", time)} if time else {}))
        self.update(place=number, narrative=narrative, printed=[], spent=set())

    @property
    def number(self) -> int:
        """Return the work's number in its list, which is longer than the one that the processor sees."""
        return int(self["place"])


class Csl(CitationStylesStyle):  # type: ignore[misc]
    """A style whose tree is corrected and ready to be rendered, by one thread at a time."""

    def __init__(self, xml: bytes, corrections: Sequence[StyleCorrection] = (), language: str = "") -> None:
        parser = _parser()
        root = etree.fromstring(xml, parser)
        for correction in corrections:
            _correct(root, correction, parser)
        _prepare(root)
        root.macros = {macro.get("name"): macro for macro in root.iterfind("c:macro", _SPACE)}
        root.calling = {}
        root.formatter = _MARKS
        root.set_locale_list(language or root.get("default-locale", "en-US"), validate=False)
        self.root = root

    @property
    def quotes(self) -> tuple[str, str]:
        """Return the quotation marks of the style's language."""
        return str(self.root.get_single_term("open-quote")), str(self.root.get_single_term("close-quote"))

    @property
    def stops_inside(self) -> bool:
        """Return whether full stops and commas stand inside quotation marks."""
        return bool(self.root.get_locale_option("punctuation-in-quote") == "true")


def print_entry(style: Csl, variables: dict[str, Any], item: CslItem) -> str:
    """Return the work's entry in the list of references; nothing where the style has no list."""
    if not style.has_bibliography():
        return ""
    shelf = _shelf(style, variables)
    shelf.register(Citation([item]))
    return "".join(map(str, shelf.bibliography()))


def print_in_text(style: Csl, variables: dict[str, Any], items: Sequence[CslItem]) -> str:
    """Return what refers to the work in the text, the last of ``items``: the first note of a work is the long one."""
    shelf = _shelf(style, variables)
    cited: object = ""
    for item in items:
        citation = Citation([item])
        shelf.register(citation)
        cited = shelf.cite(citation, str)
    return str(cited or "")


def _shelf(style: Csl, variables: dict[str, Any]) -> Any:
    """Return a bibliography of one work, as the processor wants it."""
    # The reference's constructor warns of variables newer than CSL 1.0.1, among them the host.
    reference = Reference(_KEY, "broadcast")
    reference.update({key: value for key, value in variables.items() if value})
    source = BibliographySource()
    source.add(reference)
    return CitationStylesBibliography(style, source, _MARKS)


def _correct(root: Any, correction: StyleCorrection, parser: Any) -> None:
    """Put the correction's elements in the place of those that it names."""
    found = root.xpath(correction.at, namespaces=_SPACE)
    if not found:
        raise LookupError(f"The official style has no {correction.at}, which this corrects: {correction.rule}")
    for old in found:
        new = etree.fromstring(f'<put xmlns="{_NAMESPACE}">{correction.put}</put>', parser)
        for mark in new.findall(".//c:original", _SPACE):
            mark.getparent().replace(mark, deepcopy(old))
        parent, at = old.getparent(), old.getparent().index(old)
        parent[at : at + 1] = list(new)


def _prepare(root: Any) -> None:
    """Change the style's tree, where that is easier than changing the processor."""
    for branch in root.iterfind(".//*[@disambiguate]", _SPACE):
        # citeproc-py takes the condition for true; here it is a variable that ambiguous works have.
        branch.set("variable", f"{branch.get('variable', '')} ambiguous".strip())
    for names in root.iterfind(".//c:names", _SPACE):
        inherits = names.getparent().tag == f"{{{_NAMESPACE}}}substitute"
        if names.find("c:name", _SPACE) is None and not inherits:
            # citeproc-py would put one in at every rendering.
            names.insert(0, names.makeelement(f"{{{_NAMESPACE}}}name"))
    for block in root.iterfind(".//*[@display]", _SPACE):
        if block.getprevious() is not None:
            block.set("prefix", f" {block.get('prefix', '').lstrip()}")  # a line of its own is set off by a space here
    for sort in root.findall("c:citation/c:sort", _SPACE):
        sort.getparent().remove(sort)  # what is printed for a sorting would count as printed
    aligned = root.find("c:bibliography[@second-field-align]/c:layout", _SPACE)
    if aligned is not None and len(aligned):
        aligned[0].set("suffix", f"{aligned[0].get('suffix', '').rstrip()} ")


class _Terms:
    """Falls back from a form that a term lacks to the next longer one."""

    def get_term(self, name: str, form: str | None = None, **kwargs: Any) -> Any:
        term = super().get_term(name, form, **kwargs)  # type: ignore[misc]
        while term is None and form is not None:
            form = {"verb-short": "verb", "symbol": "short"}.get(form)
            term = super().get_term(name, form, **kwargs)  # type: ignore[misc]
        return term


class _Text(_Terms, model.Text):  # type: ignore[misc]
    def get_macro(self, name: str) -> Any:
        return self.get_root().macros[name]

    def calls_variable(self) -> bool:
        macro, known = self.get("macro"), self.get_root().calling
        if macro is None:
            return bool(super().calls_variable())
        if macro not in known:
            known[macro] = self.get_macro(macro).calls_variable()
        return bool(known[macro])

    def case(self, text: Any, language: str | None = None) -> Any:
        match self.get("text-case"):
            case "title":
                return CslText(headline(str(text), language))
            case "sentence":
                return text  # no program knows which words are names
        return super().case(CslText(text), language)

    def quote(self, text: Any) -> Any:
        if self.get("quotes") == "true":
            inner = (str(self.get_single_term(f"{which}-inner-quote")) for which in ("open", "close"))
            text = CslText(requoted(str(text), *inner))
        return super().quote(text)

    def _variable(self, item: CslItem, context: Any) -> Any:
        variable = self.get("variable")
        if variable in item["spent"]:
            return None
        text = super()._variable(item, context)
        item["printed"].append(variable)
        return text


class _Names(model.Names):  # type: ignore[misc]
    def render(self, item: CslItem, *args: Any, **kwargs: Any) -> Any:
        roles = self.get("variable").split()
        if item["narrative"] or not item["spent"].isdisjoint(roles):
            return None
        text = super().render(item, *args, **kwargs)
        item["printed"] += [role for role in roles if role in item.reference]
        return text


class _Substitute(model.Substitute):  # type: ignore[misc]
    def render(self, item: CslItem, context: Any = None, **kwargs: Any) -> Any:
        before = len(item["printed"])
        text = super().render(item, context=context, **kwargs)
        if text:
            item["spent"].update(item["printed"][before:])
        return text

    def add_to_repressed_list(self, child: Any, context: Any) -> None:
        """Leave that to ``spent``, which knows more than the child's own variable."""


class _Name(model.Name):  # type: ignore[misc]
    def get_option(self, name: str, context: Any = None, sort_options: Any = None) -> Any:
        if name == "initialize-with" and self.get("initialize") == "false":
            return None
        return super().get_option(name, context, sort_options)


class _Label(_Terms, model.Label):  # type: ignore[misc]
    def case(self, text: Any, language: str | None = None) -> Any:
        return super().case(text, language or self.get_root().get("default-locale", "en")[:2])


_MENDED = {"text": _Text, "names": _Names, "substitute": _Substitute, "name": _Name, "label": _Label}


def _parser() -> Any:
    lookup = etree.ElementNamespaceClassLookup()
    elements = {kind.__name__.replace("_", "-").lower(): kind for kind in model.CitationStylesElement.__subclasses__()}
    known = lookup.get_namespace(_NAMESPACE)
    known[None] = model.CitationStylesElement
    known.update(elements | _MENDED)
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)
    parser.set_element_class_lookup(lookup)
    return parser


def _italic(text: object) -> str:
    return f"{ITALIC}{text}{ROMAN}"


_MARKS = SimpleNamespace(
    preformat=str, Italic=_italic, Oblique=_italic, Bold=str, Light=str, Underline=str, Superscript=str,
    Subscript=str, SmallCaps=str,
)  # fmt: skip
