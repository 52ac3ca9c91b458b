"""ZIP archives: what comes out, what stays in and why."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from ingest.files.archives import PassedOver, unpack
from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase

from .conftest import CORPUS, ROOT, SEGMENT
from .zips import TALK, files, zipped


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def test_transcripts_recordings_and_sidecars_come_out(tmp_path: Path, into: Path) -> None:
    archive = zipped(
        tmp_path / "All Things Considered.zip",
        ("2019-07-08 ICE.vtt", TALK),
        ("2019-07-08 ICE.toml", b'title = "a"'),
        ("2019-07-08 ICE.OPUS", b"sound"),
        ("Serial/s1/talk.json", b"{}"),
        ("Serial/cover.jpg", b"picture"),
        ("Serial/more.zip", b"PK"),
    )
    unpacked = unpack(archive, into)
    assert unpacked.folder.parent == into
    assert unpacked.folder.name.startswith("All Things Considered-")
    assert files(unpacked) == {
        "All Things Considered/2019-07-08 ICE.vtt": TALK,
        "All Things Considered/2019-07-08 ICE.toml": b'title = "a"',
        "All Things Considered/2019-07-08 ICE.OPUS": b"sound",
        "Serial/s1/talk.json": b"{}",
    }
    assert unpacked.passed_over == (
        PassedOver("Serial/cover.jpg", "is not a transcript, a recording or a sidecar."),
        PassedOver(
            "Serial/more.zip", "is an archive within the archive, which is not opened; unpack it and name it by itself."
        ),
    )
    assert [passed.lost for passed in unpacked.passed_over] == [False, True]


def test_an_unpacked_archive_is_taken_in(tmp_path: Path, kb: KnowledgeBase) -> None:
    archive = tmp_path / "corpus.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for path in CORPUS.iterdir():
            written.write(path, path.name)
    unpacked = unpack(archive, tmp_path / "into")
    assert unpacked.passed_over == ()
    results = ingest(kb, find_sources([unpacked.folder]))
    assert [(result.episode_id, result.status) for result in results] == [(SEGMENT, "added")]
    assert kb.catalogue.episodes.get(SEGMENT).show == "All Things Considered"
    again = unpack(archive, tmp_path / "into")
    assert [result.status for result in ingest(kb, find_sources([again.folder]))] == ["unchanged"]


def test_what_systems_add_by_themselves_is_not_mentioned(tmp_path: Path, into: Path) -> None:
    noise = [
        "__MACOSX/._talk.vtt",
        ".hidden.vtt",
        ".git/talk.vtt",
        "a/.DS_Store",
        "Thumbs.db",
        "b/desktop.ini",
        "__macosx/x.vtt",
    ]
    unpacked = unpack(
        zipped(tmp_path / "a.zip", ("talk.vtt", TALK), ("folder/", b""), *((n, b"x") for n in noise)), into
    )
    assert files(unpacked) == {"a/talk.vtt": TALK}
    assert unpacked.passed_over == ()


def test_a_second_call_changes_nothing_and_tells_the_same(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "a.zip", ("talk.vtt", TALK), ("cover.jpg", b"x"))
    first = unpack(archive, into)
    (first.folder / "a" / "talk.vtt").write_bytes(b"mended by hand")
    assert unpack(archive, into) == first
    assert files(first) == {"a/talk.vtt": b"mended by hand"}
    zipped(archive, ("talk.vtt", TALK + b"\n"))  # another archive of the same name
    second = unpack(archive, into)
    assert second.folder != first.folder
    assert files(second) == {"a/talk.vtt": TALK + b"\n"}
    shutil.rmtree(first.folder)
    zipped(archive, ("talk.vtt", TALK), ("cover.jpg", b"x"))
    assert files(unpack(archive, into)) == {"a/talk.vtt": TALK}


def test_what_a_killed_call_left_is_replaced(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "a.zip", ("talk.vtt", TALK))
    folder = unpack(archive, into).folder
    part = folder.with_name(f".{folder.name}.part")
    folder.rename(part)
    (part / "half.vtt").write_bytes(b"WEB")
    assert files(unpack(archive, into)) == {"a/talk.vtt": TALK}
    assert not part.exists()


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_nothing_half_done(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "a.zip", *((f"{n}.txt", os.urandom(200_000)) for n in range(150)))
    code = f"from pathlib import Path; from ingest.files.archives import unpack; print(flush=True); unpack(Path({str(archive)!r}), Path({str(into)!r}))"
    chance = random.Random(7)
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(chance.uniform(0.0, 0.3))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        for folder in into.glob("a-*"):
            assert len(list(folder.rglob("*.txt"))) == 150
    assert len(files(unpack(archive, into))) == 150
    assert [path.name for path in into.iterdir() if not path.name.endswith(".lock")] == [
        unpack(archive, into).folder.name
    ]


def test_a_damaged_member_is_told_and_the_others_come_out(tmp_path: Path, into: Path) -> None:
    words = os.urandom(3_000)
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), ("bad.txt", words), ("fine.vtt", TALK))
    data = bytearray(archive.read_bytes())
    at = data.index(b"bad.txt") + 500
    data[at : at + 100] = bytes(100)
    archive.write_bytes(bytes(data))
    unpacked = unpack(archive, into)
    assert files(unpacked) == {"show/good.vtt": TALK, "show/fine.vtt": TALK}
    assert unpacked.passed_over[0].name == "bad.txt"
    assert unpacked.passed_over[0].reason.startswith("is damaged (")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06", b"PK\x03\x04" + bytes(100), b"Rar!\x1a\x07", bytes(range(256)) * 40]
)
def test_what_is_no_archive_is_told(tmp_path: Path, into: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.zip: is not a ZIP archive, or is damaged \("):
        unpack(tmp_path / "a.zip", into)


def test_an_archive_without_episodes_is_told(tmp_path: Path, into: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no transcript and no recording that can be unpacked\. "):
        unpack(zipped(tmp_path / "a.zip"), into)
    with pytest.raises(
        SourceError, match=r"that can be unpacked \(b\.pdf: is not a transcript, a recording or a sidecar\.\)"
    ):
        unpack(zipped(tmp_path / "a.zip", ("b.pdf", b"x")), into)


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", ("talk.vtt", TALK))
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"cannot be unpacked into .*file"):
        unpack(archive, tmp_path / "file")
    for name in ("missing.zip", "."):
        with pytest.raises(SourceError, match="cannot be read"):
            unpack(tmp_path / name, tmp_path / "into")


def test_damage_anywhere_gives_a_sentence_or_what_is_left(tmp_path: Path, into: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"show/{number}.vtt", TALK * (number + 1))
    whole = stream.getvalue()
    chance = random.Random(4)
    good = 0
    for number in range(400):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.zip"
        path.write_bytes(bytes(data[: chance.randrange(len(data))] if number % 5 == 0 else data))
        with suppress(SourceError):
            good += len(files(unpack(path, into)))
    assert good > 400  # most members are whole most of the time
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".zip"} == {"into"}
