"""Saved questions show what is new, once, and never lose it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kb.catalogue import Saved, Source
from kb.catalogue.database import migrations, statements
from kb.knowledge_base import KnowledgeBase
from kb.saved.questions import News
from kb.types import Episode, Filters, Quote, Segment, Transcript

from .conftest import ROOT, Run, environment

QUESTION = "What is said about cabbages?"
CHEAP = "Cabbages are cheaper than kings."
DEAR = "In winter cabbages cost a fortune."
DIFFERENT = [
    CHEAP, DEAR, "My grandmother grew cabbages behind the house.", "Nobody in town would eat cabbages.",
    "Caterpillars ruined all of our cabbages.", "The queen is fond of cabbages with bacon.", "Two cabbages weigh a stone.",
]  # fmt: skip


def take_in(kb: KnowledgeBase, title: str, *texts: str, speaker: str = "Ann Lee", **more: str) -> str:
    """Take in what an episode says now; the same title again is the same episode."""
    known = kb.catalogue.sources.find(title)
    episode = Episode(id=known[0] if known else "", show=more.pop("show", "The Kitchen"), title=title, **more)  # type: ignore[arg-type]
    said = Transcript(tuple(Segment(None, None, text, speaker) for text in texts))
    episode_id, _ = kb.add(episode, said, Source(title, title + "".join(texts)))
    kb.sync()
    return episode_id


def save(kb: KnowledgeBase, name: str = "cabbages", question: str = QUESTION, filters: Filters | None = None) -> Saved:
    saved = kb.catalogue.watchlist.add(name, question, filters or Filters())
    assert saved is not None
    return saved


def run_once(kb: KnowledgeBase, name: str = "cabbages", k: int = 20) -> News:
    """Do what the command does: look, show, remember."""
    news = kb.watchlist.news(kb.catalogue.watchlist.get(name), k)
    kb.catalogue.watchlist.remember(news.saved, news.arrival, news.shown)
    return news


def texts(quotes: Sequence[Quote]) -> set[str]:
    return {quote.text for quote in quotes}


def test_only_what_is_new_is_shown(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP)
    save(kb)
    assert texts(run_once(kb).quotes) == {CHEAP}
    second = run_once(kb)
    assert (second.quotes, second.searched.passages) == ((), 0)  # nothing arrived, so nothing is searched
    take_in(kb, "Two", DEAR)
    assert texts(run_once(kb).quotes) == {DEAR}
    assert run_once(kb).quotes == ()


def test_the_same_words_in_another_episode_are_new(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP)
    save(kb)
    run_once(kb)
    other = take_in(kb, "Two", CHEAP)
    assert [quote.episode.id for quote in run_once(kb).quotes] == [other]


def test_a_correction_elsewhere_in_the_transcript_makes_nothing_new(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, "One", "Good morning.", CHEAP)
    save(kb)
    (before,) = run_once(kb).quotes
    take_in(kb, "One", "Good morning to everybody who listens to us.", CHEAP.replace("are", "ARE"), speaker="Anna Lee")
    assert kb.catalogue.episodes.current_revision(episode_id) == 2
    assert kb.ask(QUESTION).quotes[0].id != before.id  # anchored anew
    assert run_once(kb).quotes == ()
    take_in(kb, "One", "Good morning.", CHEAP, DEAR)
    (quote,) = run_once(kb).quotes
    assert DEAR in quote.text  # a neighbour may have joined


def test_a_second_sentence_of_the_same_words_is_new(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP, "Thanks for listening.")
    save(kb)
    assert len(run_once(kb).quotes) == 1
    take_in(kb, "One", CHEAP, "Let us hear that again.", CHEAP, "Thanks for listening.")
    (quote,) = run_once(kb).quotes
    assert (quote.text, quote.char_start > len(CHEAP)) == (CHEAP, True)


def test_words_in_several_places_are_one_quote_that_is_new_where_a_place_is(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP)
    save(kb)
    run_once(kb)
    two = take_in(kb, "Two", CHEAP)
    three = take_in(kb, "Three", CHEAP)
    (quote,) = run_once(kb).quotes
    assert {quote.id.split("@")[0], *(place.split("@")[0] for place in quote.elsewhere)} == {two, three}
    # Both places were told, so neither comes again when its transcript does.
    for title in ("Two", "Three"):
        take_in(kb, title, "Hello and welcome.", CHEAP)
    assert run_once(kb).quotes == ()


def test_filters_hold_and_what_comes_to_fit_them_is_new(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP, published="2019-01-01")
    later = take_in(kb, "Two", DEAR, published="2021-01-01", show="Markets")
    save(kb, "recent", filters=Filters(since="2020-01-01"))
    save(kb, "kitchen", filters=Filters(shows=("The Kitchen",)))
    assert texts(run_once(kb, "recent").quotes) == {DEAR}
    assert texts(run_once(kb, "kitchen").quotes) == {CHEAP}
    episode = kb.catalogue.episodes.get(later)
    kb.intake.describe(replace(episode, show="The Kitchen"), Source("Two", "x"))
    assert texts(run_once(kb, "kitchen").quotes) == {DEAR}
    assert run_once(kb, "recent").quotes == ()


def test_what_is_more_than_asked_for_comes_next_time(kb: KnowledgeBase) -> None:
    for n in range(7):
        take_in(kb, f"Episode {n}", DIFFERENT[n])
    save(kb)
    seen: list[str] = []
    waiting = []
    for _ in range(4):
        news = run_once(kb, k=3)
        seen += [quote.id for quote in news.quotes]
        waiting.append(news.waiting)
    assert waiting == [4, 1, 0, 0]
    assert len(seen) == len(set(seen)) == 7


def test_many_new_episodes_are_searched_in_several_goes(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.saved.questions._MOST_EPISODES", 2)
    take_in(kb, "Old", "Turnips are what we talk about.")
    save(kb)
    run_once(kb)
    for n in range(5):
        take_in(kb, f"Episode {n}", DIFFERENT[n])
    news = run_once(kb)
    assert (len(news.quotes), news.searched.episodes) == (5, 5)


def test_looking_changes_nothing_until_it_was_shown(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP)
    saved = save(kb)
    first = kb.watchlist.news(saved, 20)
    assert texts(kb.watchlist.news(saved, 20).quotes) == texts(first.quotes) == {CHEAP}
    # What comes in between looking and remembering is not taken for searched.
    take_in(kb, "Two", DEAR)
    kb.catalogue.watchlist.remember(saved, first.arrival, first.shown)
    assert texts(run_once(kb).quotes) == {DEAR}


def test_a_removed_question_is_not_remembered(kb: KnowledgeBase) -> None:
    take_in(kb, "One", CHEAP)
    saved = save(kb)
    news = kb.watchlist.news(saved, 20)
    kb.catalogue.watchlist.remove(saved)
    kb.catalogue.watchlist.remember(saved, news.arrival, news.shown)
    assert kb.catalogue.watchlist.all() == ()
    assert kb.catalogue.integrity() == ()
    assert texts((save(kb), run_once(kb))[1].quotes) == {CHEAP}


def test_an_older_data_folder_is_searched_whole_at_first(tmp_path: Path) -> None:
    """Episodes that were there before the watchlist was have arrived, too."""
    home = tmp_path / "old"
    home.mkdir()
    scripts = migrations()
    number = next(n for n, script in scripts.items() if "saved_questions" in script)
    with sqlite3.connect(home / "catalogue.sqlite3") as sql:
        for n in range(1, number):
            for statement in statements(scripts[n]):
                sql.execute(statement)
        sql.execute(f"PRAGMA user_version = {number - 1}")
        sql.execute("INSERT INTO shows (id, name) VALUES (1, 'The Kitchen')")
        sql.execute(
            "INSERT INTO episodes (id, show_id, title, medium, current_revision, added_at)"
            " VALUES ('old', 1, 'Old', 'radio', 1, '2020')"
        )
    with KnowledgeBase(home) as kb:
        assert kb.catalogue.watchlist.arrived(0) == (("old",), 1)


# --- The command ---


@pytest.fixture
def home(corpus_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus_home, tmp_path / "filled"))


def test_questions_are_saved_listed_run_and_removed(run: Run, home: Path) -> None:
    asked = "Who described the collaboration as a dragnet?"
    assert run("watchlist", home=home).stdout.startswith("Nothing is saved yet")
    added = run("watchlist", "add", asked, "--show", "All Things Considered", "--since", "2019-01-01", home=home)
    assert added.stdout == "saved      who-described-the-collaboration-as-a-dra\n"
    assert run("watchlist", "add", "Recipe for sourdough?", "--name", "Brot", home=home).returncode == 0
    taken = run("watchlist", "add", "Bread?", "--name", "brot", home=home)
    assert (taken.returncode, "already; give another --name" in taken.stderr) == (2, True)

    first = json.loads(run("watchlist", "run", "--json", home=home).stdout)
    assert [each["name"] for each in first] == ["who-described-the-collaboration-as-a-dra", "Brot"]
    assert "dragnet" in first[0]["quotes"][0]["text"]
    assert first[0]["filters"]["shows"] == ["All Things Considered"]
    assert first[1]["quotes"] == []
    again = run("watchlist", "run", "BROT", "who-described-the-collaboration-as-a-dra", home=home)
    assert again.stdout.count("Nothing new.") == 2

    listed = run("watchlist", "list", home=home).stdout.splitlines()
    assert listed[0].endswith(f"\t{asked} (All Things Considered, since 2019-01-01)")
    assert run("watchlist", "remove", "brot", home=home).stdout == "removed    Brot\n"
    gone = run("watchlist", "run", "Brot", home=home)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_who_could_not_read_the_news_sees_it_again(run: Run, home: Path, more: list[str]) -> None:
    """The reader has gone before anything was printed: nothing counts as shown."""
    run("watchlist", "add", "Who described the collaboration as a dragnet?", "--name", "dragnet", home=home)
    process = subprocess.Popen(
        [sys.executable, "-m", "kb", "watchlist", "run", *more],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    process.communicate()
    assert process.returncode == 1
    assert "dragnet" in run("watchlist", "run", *more, home=home).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "\x1b[2J"], "visible characters"),
        (["add", "x", "--name", "\x07"], "--name"),
    ],
)
def test_wrong_usage_is_told(run: Run, arguments: list[str], told: str) -> None:
    done = run("watchlist", *arguments)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
