"""A transcript that was damaged on the disk costs nothing but itself: what was saved of it is shown, and told."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.cli import main
from kb.errors import CatalogueError
from kb.exports.verifying import verify
from kb.knowledge_base import KnowledgeBase

from .conftest import CORPUS, SEGMENT
from .test_collections import SAID, quote_of, take_in

DRAGNET = f"{SEGMENT}@1:3188-3278"
#: Other words, a byte that is no UTF-8 any more, and a text that ends too early.
DAMAGES = {
    "words": "replace(text, 'a dragnet', 'a circus!')",
    "byte": "CAST(replace(CAST(text AS BLOB), CAST('dragnet' AS BLOB), x'647261676ee574') AS TEXT)",
    "end": "substr(text, 1, 3200)",
}
every_damage = pytest.mark.parametrize("damage", DAMAGES)


def harm(kb: KnowledgeBase, damage: str, episode_id: str = SEGMENT, revision: int = 1) -> None:
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:
        done = sql.execute(
            f"UPDATE revisions SET text = {DAMAGES[damage]} WHERE episode_id = ? AND revision = ?",
            (episode_id, revision),
        )
        assert done.rowcount == 1
    sql.close()


@pytest.fixture
def collection(corpus_kb: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with a collection of two quotes, of two episodes."""
    episode_id = take_in(corpus_kb, *SAID)
    made = corpus_kb.catalogue.collections.begin("dragnet")[0]
    for quote in (corpus_kb.quote(DRAGNET), quote_of(corpus_kb, episode_id, SAID[0])):
        corpus_kb.catalogue.collections.add(made, quote, "For the lede")
    return corpus_kb


@every_damage
def test_the_quotes_of_a_damaged_transcript_are_shown_as_they_were_saved(
    collection: KnowledgeBase, damage: str
) -> None:
    words = collection.quote(DRAGNET).text
    harm(collection, damage)
    found = collection.collections.quotes("dragnet")
    assert [each.standing.kind for each in found] == ["damaged", "current"]
    assert found[0].quote.text == words
    assert "transcript is damaged" in found[0].standing.told(found[0].quote)
    assert "kb check --repair" in found[0].standing.told(found[0].quote)
    assert collection.collections.named([DRAGNET])[0].standing.kind == "damaged"
    with pytest.raises(CatalogueError, match="was damaged since it was stored"):
        collection.collections.recall(f"{SEGMENT}@1:0-30")  # nobody saved this one


@pytest.mark.parametrize("damage", ["words", "byte"])
def test_a_damaged_transcript_is_not_quoted_and_is_named(collection: KnowledgeBase, damage: str) -> None:
    harm(collection, damage)
    answer = collection.ask("What did Alvaro Bedoya call a dragnet?")
    assert all(quote.episode.id != SEGMENT for quote in answer.quotes + answer.nearest)
    assert collection.ask("What is cheaper than kings?").quotes[0].text == SAID[0]
    (finding,) = (found for found in collection.check() if found.name == "transcripts")
    assert not finding.ok
    assert f"({SEGMENT}@1)" in finding.detail


@every_damage
def test_the_remedy_that_is_told_mends_it(collection: KnowledgeBase, damage: str) -> None:
    harm(collection, damage)
    assert [result.status for result in ingest(collection, find_sources([CORPUS]))] == ["unchanged"]
    collection.check(repair=True)
    collection.remove(SEGMENT)
    ingest(collection, find_sources([CORPUS]))
    found = collection.collections.quotes("dragnet")
    assert [each.standing.kind for each in found] == ["current", "current"]
    assert all(finding.ok for finding in collection.check())


def test_a_current_revision_that_is_damaged_is_not_shown_as_what_the_words_became(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, "He called it a dragnet.", "Thank you.")
    quote = quote_of(kb, episode_id, "He called it a dragnet.")
    kb.catalogue.collections.add(made := kb.catalogue.collections.begin("x")[0], quote)
    take_in(kb, "Hello.", "She called it a dragnet.", "Thank you.")
    (before,) = kb.collections.quotes(made.name)
    assert before.standing.kind == "changed"
    harm(kb, "words", episode_id, revision=2)
    (after,) = kb.collections.quotes(made.name)
    assert (after.standing.kind, after.standing.now, after.quote) == ("damaged", None, quote)


@every_damage
def test_the_command_line_and_every_export_tell_it(
    collection: KnowledgeBase, damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def kb(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(collection.home), *map(str, arguments)])
        told, wrong = capsys.readouterr()
        assert (ended.value.code or 0, wrong) == (0, "")
        return told

    words = collection.quote(DRAGNET).text
    harm(collection, damage)
    for told in (kb("saved", "show", "dragnet"), *(kb("export", "--saved", "dragnet", "--format", form) for form in ("md", "html", "csv"))):  # fmt: skip
        assert told.count("The stored transcript is damaged") == 1
        assert words in told.replace("&#x27;", "'").replace("\\-", "-")
    items = json.loads(kb("saved", "show", "dragnet", "--json"))["items"]
    assert [item["standing"] for item in items] == ["damaged", "current"]
    assert "The stored transcript is damaged" in items[0]["told"]
    kb("saved", "status", DRAGNET, "heard", "--by", "Eve")
    assert words in kb("export", "--saved", "dragnet", "--episode", SEGMENT, "--format", "srt").replace("\n", " ")
    for form in ("docx", "xlsx", "zip"):
        kb("export", "--saved", "dragnet", "--out", tmp_path / f"x.{form}")
    found = verify(tmp_path / "x.zip")
    assert (found.problems, found.clips) == ((), 1)  # the recording is unharmed
    assert any("The stored transcript is damaged" in remark for remark in found.remarks)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert not [name for name in archive.namelist() if SEGMENT in name]
        readme = archive.read("README.txt").decode()
    assert "Words in: no transcript; the one in the knowledge base is damaged." in readme
    assert str(collection.home) not in readme


@every_damage
def test_asking_goes_on_without_the_damaged_transcript(collection: KnowledgeBase, damage: str) -> None:
    harm(collection, damage)
    for question in ("Who called it a dragnet?", "facial recognition", SAID[0]):
        found = collection.ask(question, k=20)
        assert all(quote.episode.id != SEGMENT for quote in found.quotes + found.nearest)
        collection.search(question, k=100)
    assert collection.ask(SAID[0]).quotes
