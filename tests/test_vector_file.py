"""The file of all vectors gives what the catalogue gives, however old or damaged it is; it is kept by itself."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.catalogue.database import Database
from kb.embedding.static import StaticEmbedder
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.exact import ExactVectors
from kb.retrieval.vector_file import VectorFile

from .test_exact import add, by_hand


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with opened(tmp_path / "home") as found:
        yield found


def opened(home: Path) -> KnowledgeBase:
    found = KnowledgeBase(home, "static", reader=False)
    found.semantic.file = file_of(found)
    return found


def file_of(kb: KnowledgeBase) -> VectorFile:
    """Return the file as it is kept for larger libraries."""
    semantic = kb.semantic
    return VectorFile(kb.home / "index", kb.catalogue, semantic._model_id, semantic._key, least=1)


def fill(kb: KnowledgeBase, start: int, end: int) -> None:
    for number in range(start, end):
        add(kb, number)
    kb.sync()


def check_answers(kb: KnowledgeBase) -> None:
    """Compare with each vector of the catalogue, as a process that begins does it."""
    exact = ExactVectors(kb.catalogue, kb.semantic._model_id, file_of(kb))
    asked = kb.semantic.embedder.embed_questions(["a purple turnip"])[0]
    rows = kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()
    for within in (None, rows, rows[::2], rows[-1:]):
        wanted, found = by_hand(kb, asked, 9, within), exact.nearest(asked, 9, within)
        assert {row for row, _ in found} <= set(rows)
        assert np.allclose([cosine for _, cosine in found], [cosine for _, cosine in wanted], atol=1e-6)
        held = dict(by_hand(kb, asked, len(rows), within))
        assert np.allclose([held[row] for row, _ in found], [cosine for _, cosine in found], atol=1e-6)


def loaded(kb: KnowledgeBase) -> list[int] | None:
    """Return the rows that the file gives, ``None`` if it gives none."""
    found = file_of(kb).read()
    return None if found is None else found[0].tolist()


def test_no_vector_is_read_from_the_catalogue(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(kb, 0, 30)
    read: list[str] = []
    plain = Database.read

    def watched(self: Database, sql: str, *more: object) -> object:
        if "vector FROM" in sql:
            read.append(sql)
        return plain(self, sql, *more)  # type: ignore[arg-type]

    exact = ExactVectors(kb.catalogue, kb.semantic._model_id, file_of(kb))
    asked = kb.semantic.embedder.embed_questions(["a purple turnip"])[0]
    rows = kb.catalogue.embeddings.rows(kb.semantic._model_id)
    monkeypatch.setattr(Database, "read", watched)
    assert len(exact.nearest(asked, 5, rows[:20])) == 5
    assert read == []
    check_answers(kb)


def test_a_newer_model_does_not_meet_older_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "home") as kb:
        fill(kb, 0, 30)
        assert loaded(kb) is not None
    # The same model at another revision, as after an update: its vectors are as long, and mean something else.
    older = StaticEmbedder.embed_passages
    monkeypatch.setattr(StaticEmbedder, "embed_passages", lambda self, texts: older(self, texts)[:, ::-1])
    monkeypatch.setattr(StaticEmbedder, "revision", property(lambda self: "newer", lambda self, revision: None), False)
    with opened(tmp_path / "home") as kb:
        assert loaded(kb) is None
        kb.sync()
        assert set(loaded(kb) or ()) == set(kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()) != set()
        check_answers(kb)


def test_a_small_library_has_no_file(kb: KnowledgeBase) -> None:
    kb.semantic.file = VectorFile(kb.home / "index", kb.catalogue, kb.semantic._model_id, kb.semantic._key)
    fill(kb, 0, 3)
    assert not kb.semantic.file.path.exists()
    assert "vector file" not in {finding.name for finding in kb.check()}


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_whatever_is_done(kb: KnowledgeBase, seed: int) -> None:
    chance, numbers = random.Random(seed), iter(range(1_000))
    for _ in range(25):
        there = [each.id for each in kb.catalogue.episodes.all()]
        deed = chance.choice(["add", "add", "late", "remove", "rename"])
        if deed == "add" or not there:
            for _ in range(chance.randint(1, 9)):
                add(kb, next(numbers))
        elif deed == "late":  # the second of two is embedded, and in the file, before the first
            add(kb, next(numbers))
            add(kb, next(numbers))
            (row,) = kb.catalogue.embeddings.pending(kb.semantic._model_id, None, 1)
            found = kb.semantic.embedder.embed(list(kb.semantic._texts([row]).values()))
            kb.catalogue.embeddings.put(kb.semantic._model_id, [row], found.passages)
            kb.semantic.file.bring_up()
        elif deed == "remove":
            for gone in chance.sample(there, chance.randint(1, len(there))):
                kb.catalogue.episodes.remove(gone)
        else:
            kb.corrections.edit(replace(kb.episode(chance.choice(there)), title=f"Turnips {next(numbers)}"))
        if chance.random() < 0.7:
            kb.sync()
        check_answers(kb)
    kb.sync()
    check_answers(kb)
    kb.sync()
    rows = kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()
    in_file = loaded(kb)
    assert in_file is not None
    assert set(rows) <= set(in_file)
    assert len(in_file) == len(set(in_file)) <= 1.25 * len(rows) + 1


def test_what_is_new_is_appended(kb: KnowledgeBase) -> None:
    fill(kb, 0, 30)
    before = kb.semantic.file.path.read_bytes()
    kb.sync()
    assert kb.semantic.file.path.read_bytes() == before
    fill(kb, 30, 32)
    after = kb.semantic.file.path.read_bytes()
    assert after[: len(before)] == before
    assert len(after) - len(before) == 2 * (8 + 4 * kb.semantic.file.dimension)
    check_answers(kb)


def _flip(at: Callable[[int], int]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[at(len(data))] ^= 0x80
        path.write_bytes(data)

    return damage


def _zero(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8_192] + bytes(4_096) + data[12_288:])


DAMAGES: dict[str, Callable[[Path], None]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "another file": lambda path: path.write_bytes(bytes(range(256)) * 500),
    "a folder": lambda path: (path.unlink(), path.mkdir())[1],
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a bit of its name": _flip(lambda size: 20),
    "a bit of the first vector": _flip(lambda size: 35),
    "a bit of the last row": _flip(lambda size: size - 8),
    "a bit of a vector": _flip(lambda size: size // 2),
    "its last bit": _flip(lambda size: size - 1),
    "a page of zeros": _zero,
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_gives_no_other_answer_and_is_made_anew(kb: KnowledgeBase, how: str) -> None:
    fill(kb, 0, 30)
    whole = loaded(kb)
    assert whole is not None
    DAMAGES[how](kb.semantic.file.path)
    check_answers(kb)
    assert loaded(kb) is None
    if how == "a folder":  # nobody but a person has put it there
        kb.sync()
        kb.semantic.file.path.rmdir()
    kb.sync()
    assert loaded(kb) == whole


@pytest.mark.parametrize("how", ["missing", "cut", "a bit of a vector"])
def test_kb_check_tells_of_a_damaged_file_and_repairs_it(kb: KnowledgeBase, how: str) -> None:
    fill(kb, 0, 30)
    assert [finding.ok for finding in kb.check() if finding.name == "vector file"] == [True]
    DAMAGES[how](kb.semantic.file.path)
    (finding,) = [finding for finding in kb.check() if finding.name == "vector file"]
    assert (finding.ok, finding.repaired) == (False, False)
    (finding,) = [finding for finding in kb.check(repair=True) if finding.name == "vector file"]
    assert (finding.ok, finding.repaired) == (False, True)
    assert all(finding.ok for finding in kb.check())
    assert loaded(kb) is not None


def test_kb_check_finds_vectors_that_are_not_the_catalogues(kb: KnowledgeBase) -> None:
    fill(kb, 0, 30)
    with closing(sqlite3.connect(kb.home / "catalogue.sqlite3")) as sql, sql:
        sql.execute("UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE chunk = 1) WHERE chunk = 7")
    (finding,) = [finding for finding in kb.check() if finding.name == "vector file"]
    assert not finding.ok
    assert finding.detail.startswith("1 of its vectors")


def test_a_catalogue_that_was_put_back_does_not_meet_later_passages(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as kb:
        fill(kb, 0, 10)
    shutil.copy(home / "catalogue.sqlite3", tmp_path / "before")
    with opened(home) as kb:
        fill(kb, 10, 14)
        later = kb.semantic.file.path.read_bytes()
    shutil.copy(tmp_path / "before", home / "catalogue.sqlite3")
    with opened(home) as kb:
        for number in range(90, 93):  # other passages get the rows that the file has for later ones
            add(kb, number)
        kb.semantic.embed_pending()
        assert kb.semantic.file.path.read_bytes() == later
        check_answers(kb)
        assert loaded(kb) is not None
        kb.sync()
        check_answers(kb)
        rows = kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()
        assert loaded(kb) == rows


def test_what_a_killed_process_has_appended_does_not_count(kb: KnowledgeBase) -> None:
    fill(kb, 0, 10)
    whole = kb.semantic.file.path.read_bytes()
    kb.semantic.file.path.write_bytes(whole + whole[-2_000:])
    check_answers(kb)
    assert len(loaded(kb) or ()) == 10
    fill(kb, 10, 12)
    assert kb.semantic.file.path.read_bytes().startswith(whole)
    assert len(loaded(kb) or ()) == 12
    check_answers(kb)


@pytest.mark.parametrize("told", ["", "[]", "7", '{"token": 3}', '{"stamp": [1, 2]}', "{" * 10_000])
def test_a_setting_that_is_not_ours_is_no_file(kb: KnowledgeBase, told: str) -> None:
    fill(kb, 0, 10)
    kb.catalogue.set_setting("vector file", told)
    check_answers(kb)
    kb.sync()
    assert len(loaded(kb) or ()) == 10


def test_several_write_and_read_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    failed: list[BaseException] = []
    with opened(home) as kb:
        fill(kb, 0, 10)
    over = threading.Event()

    def work(deed: Callable[[KnowledgeBase], None]) -> None:
        try:
            with opened(home) as mine:
                while not over.is_set():
                    deed(mine)
        except BaseException as error:
            failed.append(error)

    def read(mine: KnowledgeBase) -> None:
        exact = ExactVectors(mine.catalogue, mine.semantic._model_id, file_of(mine))
        asked = mine.semantic.embedder.embed_questions(["a purple turnip"])[0]
        known = dict(exact.nearest(asked, 10_000))
        stored = mine.catalogue.embeddings.some(mine.semantic._model_id, list(known))
        cosines = stored.vectors @ asked
        assert np.allclose(cosines, [known[row] for row in stored.rows.tolist()], atol=1e-6)

    def spoil(mine: KnowledgeBase) -> None:
        mine.semantic.file.delete()
        mine.semantic.file.bring_up()

    threads = [threading.Thread(target=work, args=(deed,)) for deed in (read, read, spoil)]
    for thread in threads:
        thread.start()
    with opened(home) as kb:
        for number in range(10, 40):
            fill(kb, number, number + 1)
            kb.remove(kb.catalogue.episodes.all()[number % 5].id)
        over.set()
        for thread in threads:
            thread.join(60)
        assert failed == []
        kb.sync()
        check_answers(kb)
        assert set(kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()) <= set(loaded(kb) or ())


def test_a_backup_leaves_it_out(kb: KnowledgeBase, tmp_path: Path) -> None:
    fill(kb, 0, 10)
    assert kb.semantic.file.path.exists()
    kb.backup(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert not [name for name in archive.namelist() if "index" in name or "vectors" in name]
