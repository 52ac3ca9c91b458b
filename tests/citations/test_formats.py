"""What reference managers read: validated, and read back by independent parsers with nothing lost and nothing added."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import bibtexparser
import citeproc
import jsonschema
import rispy
from hypothesis import given, settings
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from rdflib import RDF, Graph, Namespace
from rdflib.container import Seq

from kb.citations import export
from kb.citations.text import clean
from kb.citations.work import describe, gather, iso_date, note
from kb.types import Episode, Person, Quote

from .samples import SEED, episodes, quote_of, sources

ACCESSED = date(2026, 1, 5)
TITLE = SEED.title
Z = Namespace("http://www.zotero.org/namespaces/export#")
BIB = Namespace("http://purl.org/net/biblio#")
DC = Namespace("http://purl.org/dc/elements/1.1/")
TERMS = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")


def vocabulary(file: str, *divisions: str) -> set[str]:
    """Return the words of a division of CSL's official schema, which citeproc-py brings."""
    text = (Path(citeproc.SCHEMA_PATH).parent / file).read_text("utf-8")
    parts = (re.split(r"\n\s*\n|\n\s*##", text.split(f"{name} =")[1])[0] for name in divisions)
    return {word for part in parts for word in re.findall(r'"([^"]+)"', part)}


def csl_schema() -> dict[str, Any]:
    """Return the rules of CSL-JSON (csl-data.json 1.0.2) over the official lists of types and variables."""
    word = {"type": "string"}
    number = {"type": ["string", "number"]}
    parts = {
        "type": "array",
        "minItems": 1,
        "maxItems": 2,
        "items": {"type": "array", "items": number, "minItems": 1, "maxItems": 3},
    }
    day = {"type": "object", "properties": {"date-parts": parts}, "additionalProperties": False}
    names = ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
    name = {"type": "object", "properties": dict.fromkeys(names, word), "additionalProperties": False}
    variables = {
        **dict.fromkeys(vocabulary("csl-variables.rnc", "variables.strings", "variables.titles"), word),
        **dict.fromkeys(vocabulary("csl-variables.rnc", "variables.numbers"), number),
        **dict.fromkeys(vocabulary("csl-variables.rnc", "variables.dates"), day),
        **{role: {"type": "array", "items": name} for role in vocabulary("csl-variables.rnc", "variables.names")},
    }
    types = sorted(vocabulary("csl-types.rnc", "item-types"))
    properties = {**variables, "id": number, "type": {"enum": types}, "custom": {"type": "object"}}
    item = {"type": "object", "properties": properties, "required": ["type", "id"], "additionalProperties": False}
    return {"type": "array", "items": item}


SCHEMA = csl_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def test_the_schema_knows_what_matters() -> None:
    assert {"host", "guest", "script-writer", "container-title", "issued", "dimensions", "note"} <= set(
        SCHEMA["items"]["properties"]
    )
    assert "broadcast" in SCHEMA["items"]["properties"]["type"]["enum"]


# -- the seed episode


def test_csl_json_has_the_people_in_their_roles() -> None:
    (item,) = json.loads(export([quote_of(SEED), SEED], "csl-json", ACCESSED))
    assert item["type"] == "broadcast"
    assert item["author"] == [{"family": "Shahani", "given": "Aarti"}]
    assert item["host"] == [{"family": "Cornish", "given": "Audie"}]
    assert item["contributor"] == [{"family": "Bedoya", "given": "Alvaro"}]
    assert (item["container-title"], item["publisher"], item["issued"]) == (
        "All Things Considered",
        "NPR",
        {"date-parts": [[2019, 7, 8]]},
    )
    assert (
        item["note"]
        == f"At 2:41, Alvaro Bedoya: “He called it a dragnet.” (transcript of unknown origin) [{SEED.id}@1:10-33]"
    )


def test_ris_is_a_sound_with_its_programme() -> None:
    (record,) = rispy.loads(export([quote_of(SEED)], "ris"))
    assert record["type_of_reference"] == "SOUND"
    assert record["title"] == TITLE
    assert record["authors"] == ["Shahani, Aarti"]
    assert record["secondary_authors"] == ["Cornish, Audie"]
    assert record["secondary_title"] == "All Things Considered"
    assert (record["publisher"], record["date"], record["year"]) == ("NPR", "2019/07/08/", "2019")
    assert record["notes"] == [
        f"At 2:41, Alvaro Bedoya: “He called it a dragnet.” (transcript of unknown origin) [{SEED.id}@1:10-33]"
    ]


def test_bibtex_is_misc_and_a_podcast_is_audio_in_biblatex() -> None:
    podcast = Episode(
        id="p",
        show="Consider This",
        title="A",
        medium="podcast",
        published="2025-11-03",
        people=(Person("Mary Louise Kelly", "host"),),
    )
    bibtex, biblatex = export([SEED, podcast], "bibtex"), export([SEED, podcast], "biblatex")
    assert re.findall(r"@(\w+)\{(\w+),", bibtex) == [("misc", "shahani2019"), ("misc", "kelly2025")]
    assert re.findall(r"@(\w+)\{(\w+),", biblatex) == [("misc", "shahani2019"), ("audio", "kelly2025")]
    assert "howpublished = {Radio broadcast, \\emph{All Things Considered}, NPR}" in bibtex
    assert "month = jul," in bibtex
    assert "editor = {Cornish, Audie},\n  editortype = {host}" in biblatex


def test_zotero_takes_a_broadcast_as_a_broadcast_and_a_podcast_as_a_podcast() -> None:
    podcast = Episode(
        id="p", show="Consider This", title="A", medium="podcast", people=(Person("Mary Louise Kelly", "host"),)
    )
    graph = Graph().parse(data=export([quote_of(SEED), podcast], "zotero-rdf"), format="xml", publicID="urn:x")
    kinds = {str(graph.value(item, Z.itemType)): item for item in graph.subjects(RDF.type, BIB.Recording)}
    assert set(kinds) == {"radioBroadcast", "podcast"}
    radio = kinds["radioBroadcast"]
    assert str(graph.value(radio, Z.programTitle)) == "All Things Considered"
    assert str(graph.value(radio, Z.network)) == "NPR"
    assert str(graph.value(radio, Z.extra)) == "host: Cornish || Audie"
    assert people(graph, radio, Z.directors) == ["Shahani, Aarti"]
    assert people(graph, radio, BIB.contributors) == ["Cornish, Audie", "Bedoya, Alvaro"]
    assert people(graph, kinds["podcast"], Z.podcasters) == ["Kelly, Mary Louise"]
    assert str(graph.value(kinds["podcast"], Z.seriesTitle)) == "Consider This"
    memo = graph.value(radio, TERMS.isReferencedBy)
    assert str(graph.value(memo, RDF.value)).startswith("<p>At 2:41, Alvaro Bedoya: “He called it a dragnet.”")


def people(graph: Graph, item: Any, role: Any) -> list[str]:
    listed = graph.value(item, role)
    found = Seq(graph, listed).items() if listed is not None else []
    parts = [(graph.value(person, FOAF.surname), graph.value(person, FOAF.givenName)) for person in found]
    return [", ".join(str(part) for part in pair if part is not None) for pair in parts]


# -- whatever comes


@settings(max_examples=60)
@given(sources)
def test_any_csl_json_is_valid_and_complete(given_sources: list[Episode | Quote]) -> None:
    written = export(given_sources, "csl-json", ACCESSED)
    items = json.loads(written)
    VALIDATOR.validate(items)
    for item, (work, quotes) in zip(items, gather(given_sources, ACCESSED), strict=True):
        assert (item["title"], item.get("container-title"), item.get("URL")) == (work.title, work.show, work.url)
        assert item.get("note", "") == "\n".join(map(note, quotes))
        named = [n for role in ("author", "host", "guest") for n in item.get(role, ())]
        assert len(named) == len(work.named("reporter", "host", "guest"))


@settings(max_examples=60)
@given(sources)
def test_any_ris_reads_back(given_sources: list[Episode | Quote]) -> None:
    written = export(given_sources, "ris", ACCESSED)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in written.split("\r\n")[:-1])
    records = rispy.loads(written)
    for record, (work, quotes) in zip(records, gather(given_sources, ACCESSED), strict=True):
        assert record["type_of_reference"] == "SOUND"
        assert (record["title"], record.get("secondary_title")) == (work.title, work.show)
        assert record.get("authors", []) == [name.inverted for name in work.creators]
        assert record.get("urls", [None]) == [work.url]
        assert record.get("notes", []) == [note(quote).strip() for quote in quotes]


def tex_reader() -> LatexNodes2Text:
    """Return a reader of LaTeX that knows the names of braces and of the circumflex, which pylatexenc's own does not."""
    known = get_default_latex_context_db()
    names = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    known.add_context_category("ours", prepend=True, macros=[MacroTextSpec(name, mark) for name, mark in names.items()])
    return LatexNodes2Text(latex_context=known, strict_latex_spaces=True, math_mode="verbatim")


TEX = tex_reader()


def read_bib(written: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(written)
    assert not library.failed_blocks
    assert len(library.blocks) == len(library.entries)
    return [{"key": entry.key, **{f.key: f.value for f in entry.fields}} for entry in library.entries]


@settings(max_examples=40)
@given(sources)
def test_any_bibtex_and_biblatex_reads_back(given_sources: list[Episode | Quote]) -> None:
    cited = gather(given_sources, ACCESSED)
    for form, container in (("bibtex", None), ("biblatex", "maintitle")):
        written = export(given_sources, form, ACCESSED)
        assert all(written.count(brace) == written.count("{") for brace in "}")
        entries = read_bib(written)
        assert len({entry["key"] for entry in entries}) == len(cited)
        for entry, (work, quotes) in zip(entries, cited, strict=True):
            assert TEX.latex_to_text(entry["title"]) == work.title
            assert "author" in entry or not work.creators
            assert entry.get("url") == work.url
            if container:
                assert TEX.latex_to_text(entry.get(container, "")) == (work.show or "")
                assert entry.get("date", "") == iso_date(work)
            for quote in quotes:
                assert note(quote) in TEX.latex_to_text(entry["annotation" if container else "annote"])


@settings(max_examples=40)
@given(sources)
def test_any_zotero_rdf_reads_back(given_sources: list[Episode | Quote]) -> None:
    graph = Graph().parse(data=export(given_sources, "zotero-rdf", ACCESSED), format="xml", publicID="urn:x")
    cited = gather(given_sources, ACCESSED)
    items = sorted(graph.subjects(RDF.type, BIB.Recording))
    assert len(items) == len(cited)
    for item, (work, quotes) in zip(items, cited, strict=True):
        assert str(graph.value(item, DC.title)) == work.title
        radio = work.medium == "radio"
        assert str(graph.value(item, Z.programTitle if radio else Z.seriesTitle) or "") == (work.show or "")
        assert people(graph, item, Z.directors if radio else Z.podcasters)[: len(work.creators)] or not work.creators
        assert len(list(graph.objects(item, TERMS.isReferencedBy))) == len(quotes)


@settings(max_examples=40)
@given(episodes)
def test_every_format_is_one_item_without_control_characters(episode: Episode) -> None:
    assert describe(episode).title
    for form in ("csl-json", "ris", "bibtex", "biblatex", "zotero-rdf"):
        written = export([episode], form, ACCESSED)
        assert not set(written) & {"\x00", "\u202e", "\ud800", "\u2028", "\x0b"}
        assert written.endswith("\n")


def test_the_formats_of_the_brief_come_through_unharmed() -> None:
    hostile = 'He said "a & b" {c} \\d 100% $5 #1 x_y 🎙 שלום مرحبا\r\n=1+1 李雷'
    episode = Episode(
        id="h",
        show=hostile,
        title=hostile,
        publisher=hostile,
        people=(Person("李雷", "host"), Person("Ñora {x} O'Neil", "reporter")),
    )
    quote = quote_of(episode, text=hostile)
    one_line = clean(hostile)
    assert one_line == hostile.replace("\r\n", " ")
    (item,) = json.loads(export([quote], "csl-json"))
    assert item["title"] == item["container-title"] == item["publisher"] == one_line
    assert item["host"] == [{"literal": "李雷"}]
    (record,) = rispy.loads(export([quote], "ris"))
    assert record["title"] == record["secondary_title"] == record["publisher"] == one_line
    for form in ("bibtex", "biblatex"):
        (entry,) = read_bib(export([quote], form))
        assert TEX.latex_to_text(entry["title"]) == one_line
    graph = Graph().parse(data=export([quote], "zotero-rdf"), format="xml", publicID="urn:x")
    assert str(next(graph.objects(None, DC.title))) == one_line
