"""ZIP archives: what comes out, what stays in and why, and what a hostile one cannot do."""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.files.archives import ArchiveLimits, PassedOver, Unpacked, unpack
from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase

from .conftest import CORPUS, ROOT, SEGMENT
from .strategies import hostile_text

TALK = b"WEBVTT\n\n00:01.000 --> 00:02.000\nCabbages are cheaper than kings.\n"


def member(name: str, mode: int = 0o644 | stat.S_IFREG, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name  # the constructor would replace separators
    info.external_attr = mode << 16
    info.create_system = 3
    info.compress_type = method
    return info


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(member(name) if isinstance(name, str) else name, data)
    return path


def files(unpacked: Unpacked) -> dict[str, bytes]:
    """What came out, by path in the folder."""
    found = (path for path in unpacked.folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(unpacked.folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def refusal(
    tmp_path: Path, info: str | zipfile.ZipInfo, data: bytes = TALK, limits: ArchiveLimits | None = None
) -> str:
    """Why a member beside a good one stays in the archive; the good one comes out all the same."""
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), (info, data))
    unpacked = unpack(archive, tmp_path / "into", limits)
    assert files(unpacked) == {"show/good.vtt": TALK}
    (passed,) = unpacked.passed_over
    assert passed.reason.endswith(".")
    return passed.reason


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
        PassedOver("Serial/cover.jpg", "is no transcript, no recording and no sidecar."),
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


# -- names


@pytest.mark.parametrize(
    "name",
    ["/etc/talk.vtt", "../talk.vtt", "a/../../talk.vtt", "..\\talk.vtt", "C:\\talk.vtt", "c:talk.vtt", "\\\\host\\share\\talk.vtt", "a/../talk.vtt", "//talk.vtt"],
)  # fmt: skip
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name) == "names a place outside the archive."
    assert not (tmp_path / "talk.vtt").exists()


@pytest.mark.parametrize(
    "name", ["a\nb.vtt", "a\x1b[31m.vtt", "x" * 251 + ".vtt", "\x7f.vtt", "/".join(["y" * 99] * 11) + ".vtt"]
)
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name) == "has a name that no file can have."


def test_a_name_with_an_end_in_its_middle_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), ("evil.vttXjpg", TALK))
    archive.write_bytes(archive.read_bytes().replace(b"evil.vttXjpg", b"evil.vtt\0jpg"))
    unpacked = unpack(archive, tmp_path / "into")
    assert files(unpacked) == {"show/good.vtt": TALK}
    assert [passed.name for passed in unpacked.passed_over] == ["evil.vtt?jpg"]


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR], ids=hex
)
def test_only_files_come_out(tmp_path: Path, kind: int) -> None:
    assert refusal(tmp_path, member("link.vtt", kind | 0o777), b"/etc/passwd") == "is a link or a device, not a file."


@pytest.mark.parametrize(
    ("raw", "utf8", "name"),
    [
        ("Café.vtt".encode(), True, "Café.vtt"),
        ("Café.vtt".encode(), False, "Café.vtt"),  # as macOS writes it
        ("Caf\u0065\u0301 時事.vtt".encode(), False, "Caf\u0065\u0301 時事.vtt"),
        ("Café.vtt".encode("cp437"), False, "Café.vtt"),
        ("10.15 AM\u202f.vtt".encode(), True, "10.15 AM\u202f.vtt"),
        (b"a\\b.vtt", False, "a/b.vtt"),  # as old programs of Windows write it
        (b"./a//b.vtt", False, "a/b.vtt"),
    ],
)
def test_names_in_any_code(tmp_path: Path, into: Path, raw: bytes, utf8: bool, name: str) -> None:
    stand_in = "x" * (len(raw) - 4) + ".vtt"
    archive = zipped(tmp_path / "show.zip", (stand_in, TALK))
    data = archive.read_bytes().replace(stand_in.encode(), raw)
    if utf8:
        data = data.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x00\x08")
        data = data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x00\x08")
    archive.write_bytes(data)
    assert files(unpack(archive, into)) == {name if "/" in name else f"show/{name}": TALK}


def test_names_that_meet_each_other(tmp_path: Path, into: Path) -> None:
    pairs = [
        ("a.vtt", b"1"),
        ("a.vtt", b"2"),
        ("A.VTT", b"3"),
        ("b.vtt/c.vtt", b"4"),
        ("b.vtt", b"5"),
        ("show/a.vtt", b"6"),
    ]
    pairs += [("d/e.txt", b"7"), ("d/e.txt/f.txt", b"8"), ("Cafe\u0301.txt", b"9"), ("Caf\u00e9.txt", b"10")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = zipped(tmp_path / "show.zip", *pairs)
    unpacked = unpack(archive, into)
    assert files(unpacked) == {
        "show/a.vtt": b"1", "b.vtt/c.vtt": b"4", "show/b.vtt": b"5", "d/e.txt": b"7", "show/Cafe\u0301.txt": b"9"
    }  # fmt: skip
    assert [passed.name for passed in unpacked.passed_over] == [
        "a.vtt",
        "A.VTT",
        "Caf\u00e9.txt",
        "show/a.vtt",
        "d/e.txt/f.txt",
    ]
    assert all("is there twice" in passed.reason for passed in unpacked.passed_over)


_names = hostile_text | st.text("./\\ab:\x00\n", max_size=12) | st.text(max_size=12)


@given(
    st.lists(_names.map(lambda n: n.encode("utf-8", "replace").decode()), min_size=1, max_size=6), st.text(max_size=8)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_no_name_reaches_beyond_the_folder(tmp_path: Path, names: list[str], stem: str) -> None:
    box = tmp_path / "box"
    shutil.rmtree(box, ignore_errors=True)
    (box / "into").mkdir(parents=True)
    plain = stem.replace("/", "").replace("\0", "").encode("utf-8", "replace").decode()[:40] or "x"
    archive = box / f"{plain}.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("good.vtt", TALK)
        for name in dict.fromkeys(name if number % 2 else f"{name}.vtt" for number, name in enumerate(names)):
            if name and name != "good.vtt" and len(name.encode()) < 60_000:
                written.writestr(member(name), TALK)
    unpacked = unpack(archive, box / "into")
    for path in box.rglob("*"):
        assert path == archive or path.is_relative_to(box / "into")
        assert not path.is_symlink()
    assert unpacked.folder.parent == box / "into"
    assert TALK in files(unpacked).values()
    for passed in unpacked.passed_over:
        assert passed.name.isprintable()
    assert unpack(archive, box / "into") == unpacked


# -- bombs


def test_what_shrinks_as_no_speech_does_is_refused(tmp_path: Path) -> None:
    bomb = bytes(20 * 1024 * 1024)
    assert "would unpack to 1,0" in refusal(tmp_path, "bomb.wav", bomb)


@pytest.mark.parametrize(
    ("name", "limits", "told"),
    [
        ("a.vtt", ArchiveLimits(text=100), "is too large (0.0 MB unpacked, at most 0.0 MB)."),
        ("a.mp3", ArchiveLimits(recording=100), "is too large"),
        ("a.vtt", ArchiveLimits(ratio=2, harmless=100), "would unpack to "),
    ],
)
def test_members_over_a_limit_are_refused(tmp_path: Path, name: str, limits: ArchiveLimits, told: str) -> None:
    assert told in refusal(tmp_path, name, b"word " * 200, limits)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (ArchiveLimits(members=2), "holds 3 files, more than 2."),
        (ArchiveLimits(total=20_000), "would unpack to 0.0 MB, more than 0.0 MB."),
        (ArchiveLimits(directory=100), "is no ZIP archive, or a damaged one (its list of files is too long)."),
        (ArchiveLimits(total=2**60), None),
    ],
)
def test_archives_over_a_limit_are_refused_whole(
    tmp_path: Path, into: Path, limits: ArchiveLimits, told: str | None
) -> None:
    archive = zipped(tmp_path / "a.zip", *((f"{n}.txt", os.urandom(10_000)) for n in range(3)))
    if told is None:
        assert len(files(unpack(archive, into, limits))) == 3
        return
    with pytest.raises(SourceError) as caught:
        unpack(archive, into, limits)
    assert told in str(caught.value)
    assert str(archive) in str(caught.value)
    assert [path.name for path in into.iterdir() if not path.name.endswith(".lock")] == []


def test_members_that_share_their_bytes_are_a_bomb(tmp_path: Path, into: Path) -> None:
    """Thousands of names for one megabyte of packed sound, each harmless by itself (David Fifield, 2019)."""
    one = zipped(tmp_path / "one.zip", ("000.txt", b"word " * 1_000_000)).read_bytes()
    start = one.index(b"PK\x01\x02")
    local, entry = one[:start], one[start : one.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"000.txt", f"{n:03}.txt".encode()) for n in range(500))
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 500, 500, len(entries), len(local), 0)
    (tmp_path / "bomb.zip").write_bytes(local + entries + end)
    with pytest.raises(
        SourceError, match=r"would unpack to [\d,]+ times its size, as no speech does\. Unpack what you"
    ):
        unpack(tmp_path / "bomb.zip", into)


def test_a_member_that_declares_less_than_it_holds_gives_no_more(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), ("liar.txt", b"word " * 100_000))
    data = archive.read_bytes().replace(struct.pack("<I", 500_000), struct.pack("<I", 10))
    archive.write_bytes(data)
    unpacked = unpack(archive, into)
    assert files(unpacked) == {"show/good.vtt": TALK}
    assert unpacked.passed_over[0].reason.startswith("is damaged (")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_are_unpacked_in_one_piece_are_refused(tmp_path: Path, method: int) -> None:
    assert f"not opened here (method {method})" in refusal(tmp_path, member("a.vtt", method=method))


def test_an_unknown_method_is_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), (member("a.vtt", method=zipfile.ZIP_STORED), b"unlike"))
    data = bytearray(archive.read_bytes())
    at = data.rindex(b"a.vtt") - 46 + 10
    data[at : at + 2] = struct.pack("<H", 99)
    archive.write_bytes(bytes(data))
    assert "(method 99)" in unpack(archive, into).passed_over[0].reason


def test_an_encrypted_member_is_told(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "show.zip", ("good.vtt", TALK), ("secret.vtt", TALK))
    data = bytearray(archive.read_bytes())
    for signature, offset, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = data.index(b"secret.vtt") if signature == b"PK\x03\x04" else data.rindex(b"secret.vtt")
        data[at - name_at + offset] |= 1
    archive.write_bytes(bytes(data))
    unpacked = unpack(archive, into)
    assert files(unpacked) == {"show/good.vtt": TALK}
    assert unpacked.passed_over == (
        PassedOver("secret.vtt", "is encrypted; unpack it with its password and name the folder."),
    )


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
    with pytest.raises(SourceError, match=r"a\.zip: is no ZIP archive, or a damaged one \("):
        unpack(tmp_path / "a.zip", into)


def test_an_archive_without_episodes_is_told(tmp_path: Path, into: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no transcript and no recording that can be unpacked\. "):
        unpack(zipped(tmp_path / "a.zip"), into)
    with pytest.raises(
        SourceError, match=r"that can be unpacked \(b\.pdf: is no transcript, no recording and no sidecar\.\)"
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
