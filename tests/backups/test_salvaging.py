"""Pages of a catalogue are overwritten at random: what can be read is kept as it was, and the rest is named."""

from __future__ import annotations

import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.backups.manifest import CATALOGUE
from kb.backups.salvaging import LOST, salvage_folder
from kb.catalogue import Catalogue, HeardAgain, HeardOtherwise, salvage
from kb.catalogue.database import migrations, statements
from kb.cli import main
from kb.errors import CatalogueError, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.text.terms import index_text

from ..conftest import MATERIAL
from ..test_queue import cut
from .conftest import texts

SEEDS = range(8)
OTHERWISE = HeardOtherwise(0.0, 1.0, "changed", "Cabbages", "Cabbage")
HEARD = HeardAgain("base", "whisper", "small", "en", "{}", "", 0.0, 1.0, "Cabbage", 1, 0, (OTHERWISE,))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with sixteen episodes, one of them corrected, and a collection."""
    place = tmp_path_factory.mktemp("salvage")
    (place / "shows").mkdir()
    files = sorted((MATERIAL / "changelog").glob("*/*.md"))
    parts = [(file.stem, n, text) for file in files for n, text in enumerate(cut(file.read_text("utf-8"), 6_000))]
    for name, number, text in parts[:16]:
        (place / "shows" / f"{name}-part-{number}.md").write_text(text, "utf-8")
    with KnowledgeBase(place / "home", "static", reader=False) as kb:
        results = ingest(kb, find_sources([place / "shows"]))
        assert {result.status for result in results} == {"added"}
        episode_id = str(results[0].episode_id)
        turn = kb.canonical(episode_id).turns[0]
        kb.corrections.correct(
            episode_id, 1, 0, f"{kb.text(episode_id)[turn.char_start : turn.char_end]} Indeed.", "Ann"
        )
        kb.catalogue.collections.add(kb.catalogue.collections.begin("all")[0], kb.quote(f"{episode_id}@1:0-20"))
        kb.sync()
    with sqlite3.connect(place / "home" / CATALOGUE) as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sql.close()
    return place / "home"


def damaged(library: Path, target: Path, pages: list[int], rubbish: bytes = b"") -> Path:
    """Copy a data folder's catalogue and overwrite these of its pages, counted from 0."""
    target.mkdir()
    shutil.copyfile(library / CATALOGUE, target / CATALOGUE)
    with (target / CATALOGUE).open("r+b") as file:
        for page in pages:
            file.seek(page * 4096)
            file.write(rubbish or b"\xff" * 4096)
    return target


def schema_pages(library: Path) -> set[int]:
    """Return the pages, counted from 0, that the list of tables is on, which nothing can be read without."""
    head = (library / CATALOGUE).read_bytes()[:4096]
    assert head[100] == 5, "the list of tables has one page of pointers and pages below it"
    cells = [int.from_bytes(head[112 + 2 * n : 114 + 2 * n]) for n in range(int.from_bytes(head[103:105]))]
    below = [int.from_bytes(head[cell : cell + 4]) for cell in cells] + [int.from_bytes(head[108:112])]
    return {0, *(page - 1 for page in below)}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_can_be_read_is_kept_word_for_word_and_the_rest_is_named(library: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    count = (library / CATALOGUE).stat().st_size // 4096
    pages = rng.sample(sorted(set(range(1, count)) - schema_pages(library)), 1 + seed)
    home = damaged(library, tmp_path / "home", pages, rng.choice([b"", rng.randbytes(4096), bytes(4096)]))
    before = (home / CATALOGUE).read_bytes()
    episodes, losses = salvage_folder(home, tmp_path / "new")
    assert (home / CATALOGUE).read_bytes() == before
    whole, kept = texts(library), texts(tmp_path / "new")
    assert kept.items() <= whole.items()
    assert len(kept) >= len(whole) - 3 * (1 + seed)  # a page holds little
    told = " ".join(losses)
    for address in whole.keys() - kept.keys():
        assert address in told or f"{address.split('@')[0]}: the episode" in told
    assert (tmp_path / "new" / LOST).read_text("utf-8").splitlines() == (list(losses) or ["Nothing was lost."])
    with KnowledgeBase(tmp_path / "new", "static", reader=False) as kb:
        kb.sync()
        assert kb.catalogue.episodes.count() == episodes
        assert [found for found in kb.check() if not found.ok] == []


def test_transcripts_are_kept_whose_titles_are_lost(library: Path, tmp_path: Path) -> None:
    with sqlite3.connect(library / CATALOGUE) as sql:
        (root,) = sql.execute("SELECT rootpage FROM sqlite_master WHERE name = 'episodes'").fetchone()
    sql.close()
    episodes, losses = salvage_folder(damaged(library, tmp_path / "home", [root - 1]), tmp_path / "new")
    assert episodes == 16
    assert sum("are lost, and its words are kept." in loss for loss in losses) == 16
    assert texts(tmp_path / "new") == texts(library)
    with KnowledgeBase(tmp_path / "new", "static", reader=False) as kb:
        kb.sync()
        assert [found for found in kb.check() if not found.ok] == []
        assert {episode.show for episode in kb.catalogue.episodes.all()} == {"Unknown show (its name is lost)"}


def test_an_episode_of_which_only_traces_are_left_is_named(library: Path, tmp_path: Path) -> None:
    with sqlite3.connect(library / CATALOGUE) as sql:
        roots = sql.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('episodes', 'revisions')").fetchall()
    sql.close()
    episodes, losses = salvage_folder(
        damaged(library, tmp_path / "home", [row[0] - 1 for row in roots]), tmp_path / "new"
    )
    assert episodes == 0
    lost = {loss.partition(":")[0] for loss in losses if loss.endswith("the episode is lost; take it in again.")}
    assert lost == {address.partition("@")[0] for address in texts(library)}


def test_an_undamaged_folder_comes_out_the_same(library: Path, tmp_path: Path) -> None:
    _, losses = salvage_folder(damaged(library, tmp_path / "home", []), tmp_path / "new")
    assert losses == ()
    tables = "episodes people revisions turns chunks chunk_speakers embeddings sources corrections collected_quotes"
    for table in tables.split():
        rows = []
        for folder in (library, tmp_path / "new"):
            with sqlite3.connect(folder / CATALOGUE) as sql:
                rows.append(sorted(map(repr, sql.execute(f"SELECT * FROM {table}"))))
            sql.close()
        assert rows[0] == rows[1], table
        assert rows[0] or table == "people", table


def test_a_file_without_a_head_is_no_catalogue_any_more(library: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no page of it can be read as a catalogue"):
        salvage_folder(damaged(library, tmp_path / "home", [0]), tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_a_folder_that_holds_something_is_left_alone(library: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty; name a new folder"):
        salvage_folder(library, tmp_path / "new")
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "notes.txt"]


def test_check_says_what_to_do_about_damage_and_the_command_does_it(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(library / CATALOGUE) as sql:
        (root,) = sql.execute("SELECT rootpage FROM sqlite_master WHERE name = 'turns'").fetchone()
    sql.close()
    home = damaged(library, tmp_path / "home", [root - 1])  # the whole table
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "check"])
    told, _ = capsys.readouterr()
    assert ended.value.code == 1
    assert told.startswith("BROKEN    catalogue ")
    assert "kb check --salvage FOLDER" in told
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "check", "--salvage", str(tmp_path / "new")])
    assert ended.value.code == 0
    told, _ = capsys.readouterr()
    assert "Rows of the table turns could not be read." in told
    assert told.count("is lost; take it in again.") == 16
    catalogue = Catalogue(tmp_path / "new" / CATALOGUE)
    assert catalogue.episodes.count() == 0
    assert [each.name for each in catalogue.collections.all()] == ["all"]  # which needs no transcript
    catalogue.close()


def test_a_catalogue_of_an_older_verbatim_is_read_around_its_lost_quotes_too(tmp_path: Path) -> None:
    """It has none of the tables that came later, and some of these name saved quotes."""
    old = sqlite3.connect(tmp_path / "old.sqlite3", isolation_level=None)
    old.create_function("index_text", 2, index_text, deterministic=True)
    for number in range(1, 18):
        for statement in statements(migrations()[number]):
            old.execute(statement)
    old.execute("PRAGMA user_version = 17")
    page = old.execute("SELECT rootpage FROM sqlite_master WHERE name = 'saved_quotes'").fetchone()[0]
    old.close()
    with (tmp_path / "old.sqlite3").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    lost = salvage(tmp_path / "old.sqlite3", tmp_path / "new.sqlite3")
    assert lost == ("Rows of the table saved_quotes could not be read.",)


def test_a_damaged_hearing_or_list_of_names_costs_nothing_else_and_is_named(tmp_path: Path) -> None:
    talk = tmp_path / "talk.txt"
    talk.write_text("Ann: Cabbages are cheaper than kings.\n", "utf-8")
    with KnowledgeBase(tmp_path / "home", "static", reader=False) as kb:
        ingest(kb, find_sources([talk]))
        quote = kb.quote("talk@1:0-8")
        kb.collections.save("all", quote.id)
        kb.names.add(["Ann Lee"])
        for sound in ("one", "two"):
            kb.second_hearings.add(quote, replace(HEARD, sound=sound))
        with sqlite3.connect(tmp_path / "home" / CATALOGUE) as sql:
            sql.execute("UPDATE second_hearings SET differences = '[{' WHERE sound = 'two'")
            sql.execute("UPDATE settings SET value = '[' WHERE key = 'expected names'")
        sql.close()
        (saved,) = kb.collections.quotes("all")
        assert ([each.sound for each in saved.hearings], kb.names.all()) == (["one"], ())
    _, lost = salvage_folder(tmp_path / "home", tmp_path / "new")
    assert lost == (
        f"{quote.id}: what small heard of this quote is lost; hear it again.",
        "The names to expect are lost; add them again with 'kb names add'.",
    )
