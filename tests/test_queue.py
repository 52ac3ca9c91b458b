"""The queue: nothing lost or repeated after kills, one process at work, failures kept with their reasons."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import Listeners, ingest, work
from ingest.queue.lock import LockOwner, who_works, working
from ingest.transcribing.recordings import Request
from kb.knowledge_base import KnowledgeBase
from kb.types import ImportResult

from .conftest import CORPUS, MATERIAL, SEGMENT, Run
from .killing import ingest_and_kill
from .models.tiny import ct2_folder

KILLS = 50


@pytest.fixture
def episodes(tmp_path: Path) -> Path:
    """Forty transcripts of 6,000 characters, cut from real episodes."""
    folder = tmp_path / "shows"
    folder.mkdir()
    files = sorted((MATERIAL / "changelog").glob("*/*.md"))
    parts = [(file.stem, n, text) for file in files for n, text in enumerate(cut(file.read_text("utf-8"), 6_000))]
    for name, number, text in parts[:40]:
        (folder / f"{name}-part-{number}.md").write_text(text, "utf-8")
    return folder


def cut(text: str, size: int) -> list[str]:
    """Cut ``text`` between paragraphs into whole parts of about ``size`` characters."""
    parts = [""]
    for paragraph in text.split("\n\n"):
        if len(parts[-1]) > size:
            parts.append("")
        parts[-1] += paragraph + "\n\n"
    return parts[:-1] or parts


def everything(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that ingestion writes but times of day and row numbers."""
    queries = {
        "episodes": "SELECT id, title, published, current_revision FROM episodes ORDER BY id",
        "revisions": "SELECT episode_id, revision, sha256, timings FROM revisions ORDER BY 1, 2",
        "turns": "SELECT episode_id, revision, position, speaker, start, char_start, char_end FROM turns ORDER BY 1, 2, 3",
        "chunks": "SELECT id, position, start, end, char_start, char_end FROM chunks ORDER BY id",
        "vectors": "SELECT c.id, e.vector FROM embeddings e JOIN chunks c ON c.rowid = e.chunk ORDER BY 1",
        "sources": "SELECT uri, episode_id, sha256 FROM sources ORDER BY uri",
        "jobs": "SELECT uri, state FROM jobs",
        "heard": "SELECT key, number FROM heard_blocks",
    }
    with sqlite3.connect(home / "catalogue.sqlite3") as sql:
        found = {name: sql.execute(query).fetchall() for name, query in queries.items()}
    sql.close()
    return found


@pytest.mark.slow
def test_a_batch_killed_at_fifty_moments_ends_as_if_undisturbed(episodes: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    begun = time.monotonic()
    assert ingest_and_kill(undisturbed, episodes, 120)
    length = time.monotonic() - begun
    expected = everything(undisturbed)
    assert len(expected["episodes"]) == 40
    assert not expected["jobs"]
    rng = random.Random(2019)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        killed = tmp_path / f"killed-{rounds}"
        while not ingest_and_kill(killed, episodes, rng.uniform(0, length / 4)):
            kills += 1
            if kills >= KILLS:
                assert ingest_and_kill(killed, episodes, 120)
                break
        assert everything(killed) == expected
        with KnowledgeBase(killed) as kb:
            assert all(finding.ok for finding in kb.check())


@pytest.mark.slow
def test_several_at_once_end_the_same(episodes: Path, tmp_path: Path) -> None:
    for home, workers in (("one", 1), ("three", 3)):
        with KnowledgeBase(tmp_path / home) as kb:
            results = ingest(kb, find_sources([episodes]), workers=workers)
            assert [result.status for result in results] == ["added"] * 40
            assert [Path(result.source).name for result in results] == sorted(p.name for p in episodes.iterdir())
    assert everything(tmp_path / "one") == everything(tmp_path / "three")


def test_a_failure_stays_with_its_reason_until_it_is_mended(kb: KnowledgeBase, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.json", tmp_path / "good.txt"
    bad.write_text("{")
    good.write_text("A good sentence about parsnips.")
    failed, added = ingest(kb, [bad, good])
    assert (failed.status, added.status) == ("failed", "added")
    (job,) = kb.catalogue.jobs.all()
    assert (job.state, job.reason) == ("failed", failed.error)
    bad.write_text('{"segments": [{"start": 0, "end": 1, "text": "Mended.", "speaker": "Ann"}]}')
    (mended,) = work(kb, kb.catalogue.jobs.all())
    assert mended.status == "added"
    assert kb.catalogue.jobs.all() == ()


@pytest.mark.parametrize(
    ("last", "length"), [("**Ann:** Go on.", None), ("**Ann:** Go on.\n\n**Outro:** [36:45]", 2205)]
)
def test_a_length_is_known_only_where_the_last_words_end(
    kb: KnowledgeBase, tmp_path: Path, last: str, length: int | None
) -> None:
    path = tmp_path / "talk.md"
    path.write_text(f"**Bob:** [0:31] Welcome.\n\n**Break:** [0:45]\n\n**Bob:** [16:07] Hi.\n\n{last}")
    ingest(kb, [path])
    assert kb.episode("talk").duration == length


def test_what_can_be_no_source_is_told_and_not_queued(kb: KnowledgeBase, tmp_path: Path) -> None:
    results = ingest(kb, [tmp_path / "nothing.vtt", tmp_path / "slides.pdf", tmp_path])
    assert [result.status for result in results] == ["failed"] * 3
    assert kb.catalogue.jobs.all() == ()


def test_the_same_source_named_twice_is_one_job(kb: KnowledgeBase) -> None:
    path = CORPUS / f"{SEGMENT}.vtt"
    (result,) = ingest(kb, [path, path])
    assert result.status == "added"


def test_one_works_and_the_other_waits_and_is_told_for_whom(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A sentence about turnips.")
    waited_for: list[LockOwner | None] = []
    results: list[ImportResult] = []
    listeners = Listeners(results.append, waiting=waited_for.append)
    other = threading.Thread(target=lambda: ingest(kb, [tmp_path / "a.txt"], listeners=listeners))
    with working(kb.home):
        worker = who_works(kb.home)
        assert worker is not None
        assert worker.pid > 0
        other.start()
        while not waited_for:
            time.sleep(0.01)
        assert [job.state for job in kb.catalogue.jobs.all()] == ["queued"]
        assert not results
    other.join()
    assert waited_for == [worker]
    assert [result.status for result in results] == ["added"]
    assert who_works(kb.home) is None


@pytest.mark.slow
def test_a_transcription_is_cancelled_from_outside(kb: KnowledgeBase) -> None:
    recording = CORPUS / f"{SEGMENT}.opus"
    seen: list[tuple[str, float | None]] = []

    def cancel(source: str, progress: object) -> None:
        (job,) = kb.catalogue.jobs.all()
        seen.append((job.state, job.total))
        kb.catalogue.jobs.finish([job.uri])

    request = Request(model=str(ct2_folder()), beam_size=1)
    (result,) = ingest(kb, [recording], request=request, listeners=Listeners(progress=cancel))
    assert (result.status, result.error) == ("cancelled", None)
    assert len(seen) == 1
    assert seen[0][0] == "running"
    assert seen[0][1] == pytest.approx(272, abs=3)
    assert kb.catalogue.episodes.count() == 0


def test_the_command_line_lists_retries_and_cancels(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_text("{")
    assert run("ingest", tmp_path / "one.json", tmp_path / "two.json").returncode == 1
    listed = run("jobs")
    assert "   1  failed        " in listed.stdout
    assert "two.json: " in listed.stdout
    assert listed.stdout.endswith("Nothing is running; 'kb jobs retry' does them.\n")
    assert [job["state"] for job in json.loads(run("jobs", "--json").stdout)] == ["failed", "failed"]
    (tmp_path / "one.json").write_text('{"segments": [{"start": 0, "end": 1, "text": "Mended."}]}')
    retried = run("jobs", "retry", "1")
    assert (retried.returncode, retried.stdout) == (0, "added      one\n")
    later = run("ingest", tmp_path / "one.json")
    assert later.stderr == "1 earlier source is not finished; 'kb jobs' lists them, 'kb jobs retry' does them.\n"
    assert run("jobs", "cancel").returncode == 2
    assert run("jobs", "cancel", "99").stderr == "kb: There is no unfinished job 99; 'kb jobs' lists them.\n"
    assert run("jobs", "cancel", "--all").stdout == f"cancelled  {tmp_path / 'two.json'}\n"
    assert run("jobs").stdout == "Nothing is unfinished.\n"
