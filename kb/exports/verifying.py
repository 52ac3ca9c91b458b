"""Checks that an evidence package is complete and consistent; no knowledge base is opened, nothing is unpacked.

A package comes from strangers: it is read member by member, under limits, and no name in it is ever used as a path.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.formats.zip_members import DAMAGED, MOST_MEMBERS, Bounded, fault

from ..errors import AudioError, SourceError
from ..text.cleaning import visible
from .package import FORMAT, MANIFEST

__all__ = ["Verified", "verify"]

_LARGEST = 256 * 1024 * 1024  # bytes of one member, unpacked
_MOST_TOTAL = 16 * 1024**3
_BLOCK = 1024 * 1024
#: Seconds by which a clip may be longer or shorter than the manifest says.
_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class Verified:
    """The result; the package is intact if ``problems`` is empty. ``remarks``: what is missing by its own manifest."""

    title: str
    made_at: str
    manifest_sha256: str
    files: int
    quotes: int
    clips: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def verify(path: Path) -> Verified:
    """Check every hash, that each quote stands in its transcript, and that each clip decodes to its length.

    Raises ``SourceError`` for a file that is not an evidence package, or is refused as a whole.
    """
    try:
        with Bounded(path) as file, zipfile.ZipFile(file) as archive:
            return _verified(path, archive)
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror or error}).", "Check its name.") from error
    except (*DAMAGED, RuntimeError) as error:
        raise _refused(path, f"is not a ZIP archive, or is damaged ({visible(str(error))[:200]}).") from error


def _verified(path: Path, archive: zipfile.ZipFile) -> Verified:
    members = _members(path, archive)
    if MANIFEST not in members:
        raise _refused(path, f"holds no {MANIFEST}, so it is not an evidence package.")
    content = _read(archive, members[MANIFEST])
    manifest = _manifest(path, content)
    hashes = manifest["files"]
    problems = [
        f"{_shown(name)} is in the package and not in its manifest."
        for name in members
        if name not in hashes and name != MANIFEST
    ]
    for name, said in hashes.items():
        problem = _compare(archive, members.get(name), said)
        if problem:
            problems.append(f"{_shown(name)} {problem}")
    remarks: list[str] = []
    clips = 0
    for number, quote in enumerate(manifest["quotes"], 1):
        if not isinstance(quote, dict):
            problems.append(f"Quote {number} is not described correctly.")
            continue
        problems += [f"Quote {number}: {problem}" for problem in _check_words(archive, members, quote)]
        problems += [f"Quote {number}: {problem}" for problem in _check_clip(archive, members, quote)]
        clips += isinstance(quote.get("clip"), dict)
        told = (quote.get("missing"), quote.get("correction"))
        remarks += [f"Quote {number}: {_shown(remark)}" for remark in told if isinstance(remark, str)]
    return Verified(
        _shown(manifest.get("title")),
        _shown(manifest.get("made_at")),
        hashlib.sha256(content).hexdigest(),
        len(hashes),
        len(manifest["quotes"]),
        clips,
        tuple(problems),
        tuple(remarks),
    )


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name; a package with an unexpected member is refused before anything is read."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise _refused(path, f"holds {len(members):,} files, more than {MOST_MEMBERS:,}.")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        reason = _refusal(member)
        if member.filename in found:
            reason = "is there twice"
        if reason:
            raise _refused(path, f"is refused: {_shown(member.orig_filename)!r} {reason}.")
        if not member.is_dir():
            found[member.filename] = member
    if sum(member.file_size for member in members) > _MOST_TOTAL:
        raise _refused(path, "would unpack to more than 16 GB.")
    return found


def _refusal(member: zipfile.ZipInfo) -> str | None:
    name = member.orig_filename
    if (
        name.startswith("/")
        or "\\" in name
        or ":" in name
        or not {"", ".", ".."}.isdisjoint(name.removesuffix("/").split("/"))
    ):
        return "names a place outside the package"
    is_folder = member.is_dir() and not member.file_size  # as archivers list one, before its files
    return None if is_folder else fault(member, _LARGEST)


def _manifest(path: Path, content: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _refused(path, f"has a {MANIFEST} that is not JSON.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise _refused(path, f"is of the format {_shown(found)!r}, expected {FORMAT!r}; is it from a newer Verbatim?")
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("quotes"), list):
        raise _refused(path, f"has a {MANIFEST} that lists no files or no quotes.")
    return manifest


def _compare(archive: zipfile.ZipFile, member: zipfile.ZipInfo | None, said: object) -> str | None:
    if member is None:
        return "is in the manifest and not in the package."
    digest = hashlib.sha256()
    try:
        for block in _blocks(archive, member):
            digest.update(block)
    except DAMAGED:
        return "is damaged and cannot be read."
    if not isinstance(said, dict) or said.get("sha256") != digest.hexdigest():
        return "was changed: its SHA-256 is not the one in the manifest."
    return None


def _check_words(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], quote: Mapping[str, Any]
) -> Iterator[str]:
    """Yield what is wrong with the words; a quote without a transcript has its own explanation."""
    text, start, end = quote.get("text"), quote.get("char_start"), quote.get("char_end")
    name = quote.get("transcript")
    if not isinstance(text, str) or not text:
        yield "it has no words."
        return
    if name is None:
        return
    member = members.get(name) if isinstance(name, str) else None
    if member is None:
        yield f"its transcript {_shown(name)} is not in the package."
        return
    try:
        whole = _read(archive, member).decode("utf-8")
    except DAMAGED:
        yield "its transcript cannot be read."
        return
    if not (type(start) is int and type(end) is int and 0 <= start < end and whole[start:end] == text):
        yield "its words are not in its transcript where they should be."


def _check_clip(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], quote: Mapping[str, Any]
) -> Iterator[str]:
    from ingest.sound.clips import decoded_seconds

    clip = quote.get("clip")
    if clip is None:
        if not quote.get("missing"):
            yield "it has no clip, and nothing says why."
        return
    name = clip.get("file") if isinstance(clip, dict) else None
    member = members.get(name) if isinstance(name, str) else None
    said = clip.get("seconds") if isinstance(clip, dict) else None
    if member is None or not isinstance(said, int | float):
        yield f"its clip {_shown(name)} is not in the package, or nothing says how long it is."
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "clip.flac"
        try:
            with copy.open("wb") as file:
                file.writelines(_blocks(archive, member))
            seconds = decoded_seconds(copy)
        except DAMAGED:
            yield "its clip is damaged and cannot be read."
            return
        except AudioError as error:
            yield f"its clip {error.problem}"
            return
    if abs(seconds - said) > _TOLERANCE:
        yield f"its clip is {seconds:.1f} s long and not {said:.1f} s."


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    return b"".join(_blocks(archive, member))


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's bytes, at most the declared size, which was checked; its checksum is checked here."""
    with archive.open(member) as file:
        while block := file.read(_BLOCK):
            yield block


def _shown(text: object) -> str:
    """Return untrusted text as one line without control characters."""
    return " ".join(visible(text).split())[:500] if isinstance(text, str) else "nothing"


def _refused(path: Path, problem: str) -> SourceError:
    return SourceError(path, problem, "Ask for it again from whoever made it.")
