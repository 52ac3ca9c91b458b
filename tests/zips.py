"""ZIP archives of any names and kinds, what comes out of them, and why something does not."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from ingest.files.archives import ArchiveLimits, Unpacked, unpack

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
