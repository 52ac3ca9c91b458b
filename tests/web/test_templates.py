"""Templates print text as text: what is escaped, what is refused, and that nothing goes round it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from jinja2 import Environment, UndefinedError, nodes

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
from kb.web.reader.page import reader_html
from kb.web.server.templating import render

from ..conftest import ROOT
from ..test_cards import HOSTILE

FOLDER = ROOT / "kb/web/templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
#: What a template may do to what it prints; none of these makes markup of text.
FILTERS = {"clock", "counted", "fixed", "in_address", "length", "listed", "long_date", "percent", "translated"}
#: Data for programs in a script element: ``tojson`` escapes what could end the element.
DATA = {(name, "tojson") for name in ("quotes/tags.html", "document.html", "ask/head.html")}

#: Modules that escape by hand or make markup, and why.
BY_HAND = {
    "kb/web/server/templating.py",  # what all templates go through
    "kb/citations/markup.py",  # `kb cite --format html`, which knows no web page
    "kb/citations/printed.py",  # its heading
    "kb/citations/zotero_rdf.py",  # a note's text within RDF
    "kb/exports/html_file.py",  # a report, which is a file
}
_LOGIC = re.compile(r"\{[%#].*?[%#]\}", re.DOTALL)
_PRINTS = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_template_prints_is_text(hostile: str) -> None:
    markup = render("problem.html", heading="No", library="/library", problem=hostile)
    assert lxml.html.fromstring(markup).xpath("string(//p[@role='alert'])") == hostile
    assert not {"$", "{", "`"} & set(markup)  # which Gradio would evaluate


def test_what_another_template_made_is_not_escaped_again() -> None:
    body = render("problem.html", heading="No", library="/library", problem="a < b")
    page = render("document.html", title="a < b", body=body, here="", places=(), styles=(), scripts=(), head="")
    assert page.count("a &lt; b") == 2


def test_what_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'problem' is undefined"):
        render("problem.html", heading="No", library="/library")
    for nothing in (None, True, b"bytes", ["a"]):
        with pytest.raises(TypeError, match="prints text and numbers"):
            render("problem.html", heading="No", library="/library", problem=nothing)


@pytest.mark.parametrize(("url", "linked"), [("https://example.org/?a=1&b=2", True), ("javascript:alert(1)", False)])
def test_only_an_address_of_the_web_becomes_a_link(kb: KnowledgeBase, url: str, linked: bool) -> None:
    said = Transcript((Segment(1.0, 2.0, "Kings are dear.", "Ann Lee"),))
    episode_id, _ = kb.add(Episode("", "Show", "Title", url=url), said, Source("one", "1"))
    page = lxml.html.fromstring(reader_html(kb, episode_id))
    assert page.xpath("//header//a/@href") == [url] * linked


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_template_makes_no_markup_of_text(path: Path) -> None:
    text, name = path.read_text("utf-8"), path.relative_to(FOLDER).as_posix()
    tree = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(text)
    used = {each.name for each in tree.find_all(nodes.Filter)} - FILTERS
    assert {(name, each) for each in used} <= DATA
    # "a ~ b" escapes otherwise than {{ }}; an autoescape block may turn escaping off.
    assert not list(tree.find_all((nodes.Concat, nodes.ScopedEvalContextModifier)))
    for tag in re.findall(r"<[a-z][^>]*>", _PRINTS.sub("\0", _LOGIC.sub("", text))):
        assert "\0" not in re.sub(r'"[^"]*"', "", tag), "an attribute's value stands in quotes"
        assert not re.search(r"\s(?:on\w+|style)=", tag), "no script and no style in an attribute"
    for inside in re.findall(r"<(?:script|style)[^>]*>(.*?)</", text, re.DOTALL):
        assert not inside or (name, "tojson") in DATA, "no script and no style in a page"


def calls(path: Path) -> Iterator[str]:
    """Yield what a module calls."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_no_other_module_escapes_or_makes_markup() -> None:
    modules = [path for top in ("kb", "ingest") for path in sorted((ROOT / top).rglob("*.py"))]
    by_hand = re.compile(r"(?:html\.|markupsafe\.)?escape|(?:\w+\.)?Markup(?:\.\w+)?")
    found = {path.relative_to(ROOT).as_posix() for path in modules if any(map(by_hand.fullmatch, calls(path)))}
    assert found == BY_HAND


def test_no_module_of_the_pages_writes_html() -> None:
    for path in sorted((ROOT / "kb/web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            assert not re.search(r"</?[a-z]+\d?[\s>]", text), f"{path.relative_to(ROOT)}:{node.lineno}"
