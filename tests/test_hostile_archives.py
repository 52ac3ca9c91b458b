"""What a hostile archive cannot do: reach beyond its folder, or unpack without end."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.files.archives import ArchiveLimits, PassedOver, unpack
from kb.errors import SourceError

from .strategies import hostile_text
from .zips import TALK, files, member, refusal, zipped


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


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
    assert refusal(tmp_path, name) == "has a name that is not valid for a file."


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
        (ArchiveLimits(directory=100), "is not a ZIP archive, or is damaged (its list of files is too long)."),
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
    assert f"not supported (method {method})" in refusal(tmp_path, member("a.vtt", method=method))


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
