"""A filter by collection searches the episodes that its quotes come from, and no others, as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.catalogue.database import Database
from kb.catalogue.passages import _where
from kb.cli import main
from kb.knowledge_base import KnowledgeBase
from kb.types import Filters
from kb.web.ask.suggestions import suggested

from .test_collections import quote_of, take_in

QUESTION = "What do the beetles eat?"
SAID = (
    "The beetles eat leaves of cabbage.",
    "Young beetles eat roots in the ground at night.",
    "I saw that our beetles eat nothing but old wood.",
    "What beetles eat depends on the month, says my neighbour.",
    "In a dry summer these beetles eat the bark of the apple trees.",
)


@pytest.fixture
def library(kb: KnowledgeBase) -> KnowledgeBase:
    """Five episodes about the same, of which two collections have quotes of three."""
    for n in range(5):
        episode = take_in(kb, SAID[n], "Good night.", title=f"Beetles {n}")
        for name in ("Leaves",) * (n < 2) + ("Nights",) * (n in (1, 2)):
            kb.collections.save(name, quote_of(kb, episode, SAID[n]).id)
            kb.collections.save(name, quote_of(kb, episode, "Good night.").id)
    return kb


def titles(kb: KnowledgeBase, *collections: str, shows: tuple[str, ...] = ()) -> set[str]:
    filters = Filters(shows=shows, collections=collections)
    found = {quote.episode.title[-1] for quote in kb.ask(QUESTION, 20, filters).quotes}
    assert found == {hit.episode.title[-1] for hit in kb.search(QUESTION, 20, filters)}
    assert kb.size(filters)[0] == len(found)
    return found


def test_the_episodes_of_the_quotes_are_searched(library: KnowledgeBase) -> None:
    assert titles(library) == set("01234")
    assert titles(library, "Leaves") == titles(library, "LEAVES") == set("01")
    assert titles(library, "Leaves", "Nights") == titles(library, "Nights", "Nobody", "Leaves") == set("012")
    assert titles(library, "Leaves", shows=("The Kitchen",)) == set("01")
    assert titles(library, "Leaves", shows=("Another",)) == set()
    assert suggested(library, "collection") == (("Leaves", "2 episodes"), ("Nights", "2 episodes"))


def test_the_answer_is_that_of_these_episodes_alone(library: KnowledgeBase) -> None:
    ids = tuple(each.id for each in library.episodes() if each.title[-1] in "12")
    by_collection = library.ask(QUESTION, 20, Filters(collections=("Nights",)))
    assert by_collection == library.ask(QUESTION, 20, Filters(episodes=ids))


def test_what_becomes_of_the_collection_changes_the_next_answer(library: KnowledgeBase) -> None:
    assert titles(library, "Leaves") == set("01")
    (fourth,) = (each for each in library.episodes() if each.title == "Beetles 4")
    library.collections.save("Leaves", quote_of(library, fourth.id, "Good night.").id)
    assert titles(library, "Leaves") == set("014")
    library.remove(fourth.id)
    assert titles(library, "Leaves") == set("01")
    for saved in library.collections.quotes("Leaves"):
        library.collections.remove("Leaves", saved.quote.id)
    assert titles(library, "Leaves") == set()
    told = library.ask(QUESTION, filters=Filters(collections=("leaves",))).searched.problem
    assert told == "The collection “leaves” is empty; save a quote in it first."


def test_a_collection_of_removed_episodes_says_so(library: KnowledgeBase) -> None:
    for each in library.episodes():
        if each.title[-1] in "12":
            library.remove(each.id)
    told = library.ask(QUESTION, filters=Filters(collections=("Nights",))).searched.problem
    assert told == "The episodes of the collection “Nights” are no longer in your library."
    assert [each[0] for each in suggested(library, "collection")] == ["Leaves"]


def test_a_saved_question_finds_the_old_episode_that_a_collection_has_taken_up(library: KnowledgeBase) -> None:
    saved = library.watchlist.add(QUESTION, "beetles", Filters(collections=("Leaves",)))
    news = library.watchlist.news(saved, 20)
    library.watchlist.remember([news])
    assert {quote.episode.title[-1] for quote in news.quotes} == set("01")
    (saved,) = library.watchlist.named(["beetles"])
    assert library.watchlist.news(saved, 20).quotes == ()
    (fourth,) = (each for each in library.episodes() if each.title == "Beetles 4")
    library.collections.save("Leaves", quote_of(library, fourth.id, "Good night.").id)
    assert {quote.episode.title for quote in library.watchlist.news(saved, 20).quotes} == {"Beetles 4"}


def test_no_table_of_passages_is_read_whole(library: KnowledgeBase) -> None:
    where, parameters = _where(Filters(collections=("Leaves", "Nights")))
    database = Database(Path(library.home) / "catalogue.sqlite3")
    plan = database.read(f"EXPLAIN QUERY PLAN SELECT c.rowid FROM chunks c {where}", parameters)
    told = "; ".join(row["detail"] for row in plan)
    database.close()
    assert "SCAN" not in told, told
    assert "chunks_by_episode" in told, told


def test_the_command_line_names_the_collections_like_it(
    library: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    def kb(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(library.home), *arguments])
        told, wrong = capsys.readouterr()
        assert (int(ended.value.code or 0), wrong) == (0, "")
        return told

    unknown = "No collection is called “Leafs”. Did you mean “Leaves”?"
    assert unknown in kb("ask", QUESTION, "--collection", "Leafs")
    assert kb("search", QUESTION, "--collection", "Leafs") == f"{unknown}\n"
    assert "Beetles 2" in kb("search", QUESTION, "--collection", "Leaves", "--collection", "Nights")
    kb("watchlist", "add", QUESTION, "--name", "leafs", "--collection", "Leafs")
    assert unknown in kb("watchlist", "run")
    assert "(episodes of Leafs)" in kb("watchlist", "list")
