"""ZIP archives of transcripts, recordings and sidecars -> a folder of these; other members are left out.

An archive may be hostile: members that name places outside the folder, links, bombs of a few kilobytes that unpack to
terabytes, lists of millions of members. Everything is checked; what is refused is reported, the rest is unpacked.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from kb.errors import SourceError
from kb.translatable import phrase

from ..formats import SUFFIXES
from ..formats.encoding import MAX_BYTES
from ..formats.zip_members import DAMAGED, HARMLESS, MOST_DIRECTORY, MOST_MEMBERS, RATIO, Bounded, Fault, fault
from ..metadata import AUDIO_SUFFIXES

__all__ = ["ARCHIVE_SUFFIXES", "ArchiveLimits", "PassedOver", "Unpacked", "unpack"]

ARCHIVE_SUFFIXES = frozenset({".zip"})

_OTHER_ARCHIVES = frozenset(".zip .gz .tgz .tar .bz2 .xz .7z .rar .zst .lzma .cab .iso".split())
_WANTED = SUFFIXES | AUDIO_SUFFIXES | {".toml"}
_BLOCK = 1024 * 1024
_IS_UTF8 = 0x800
_MOST_TOLD = 1_000
#: The file that lists what was not unpacked, for later calls.
_TOLD = ".passed-over.json"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The limits of an archive of episodes; sizes in bytes, unpacked."""

    members: int = MOST_MEMBERS
    #: Of the list of members, which is read into memory.
    directory: int = MOST_DIRECTORY
    text: int = MAX_BYTES
    recording: int = 4 * 1024**3
    total: int = 64 * 1024**3
    #: How many times its packed size a member, or all of them together, may be; text shrinks to a tenth.
    ratio: int = RATIO
    #: Below this many bytes the ratio does not matter.
    harmless: int = HARMLESS


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A member that was left in the archive, and a sentence that says why."""

    name: str
    reason: str

    @property
    def lost(self) -> bool:
        """Return whether the user may miss it: an episode or an archive, not for example a picture."""
        return Path(self.name).suffix.lower() in _WANTED | _OTHER_ARCHIVES


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The folder with an archive's episodes, and what was passed over."""

    folder: Path
    passed_over: tuple[PassedOver, ...]


def unpack(archive: Path, into: Path, limits: ArchiveLimits | None = None) -> Unpacked:
    """Unpack the transcripts, recordings and sidecars of a ZIP archive into a folder of its own under ``into``.

    The folder is named by the archive's stem and content, so that a second call finds the work done and leaves alone
    what was changed there; it is there whole or not at all. Members without a folder lie in one named like the
    archive: it is taken for their show. Archives within the archive are not opened. Raises ``SourceError`` for what
    is not an archive, is too large, or has no episodes.
    """
    limits = limits or ArchiveLimits()
    stem = _folder_name(archive.stem)
    digest = _sha256(archive)
    folder = into / f"{stem[:80].strip()}-{digest[:12]}"
    part = into / f".{folder.name}.part"
    try:
        into.mkdir(parents=True, exist_ok=True)
        with FileLock(into / f".{folder.name}.lock"):
            done = _finished(folder)
            if done is None:
                shutil.rmtree(part, ignore_errors=True)  # left by a call that was killed
                try:
                    done = _unpack(archive, part, stem, limits)
                    if hasattr(os, "sync"):
                        os.sync()  # or after a power cut the folder might be there and its files empty
                    part.rename(folder)
                finally:
                    shutil.rmtree(part, ignore_errors=True)
            return Unpacked(folder, done)
    except OSError as error:
        problem = phrase(
            "cannot be unpacked into %(into)s (%(reason)s).", into=str(into), reason=str(error.strerror or error)
        )
        raise SourceError(archive, problem, phrase("Is there room, and is the folder yours to write?")) from error


def _unpack(archive: Path, part: Path, stem: str, limits: ArchiveLimits) -> tuple[PassedOver, ...]:
    passed_over: list[PassedOver] = []
    extracted = 0
    try:
        with Bounded(archive, limits.directory) as file, zipfile.ZipFile(file) as opened:
            chosen = _chosen(archive, opened, limits, passed_over)
            _check_room(archive, chosen, part.parent, limits)
            part.mkdir()
            for member, name in chosen:
                path = part / (name if "/" in name else f"{stem}/{name}")
                reason = _extract(opened, member, path)
                if reason is None:
                    extracted += 1
                else:
                    passed_over.append(PassedOver(name, reason))
    except DAMAGED as error:
        problem = phrase("is not a ZIP archive, or is damaged (%(reason)s).", reason=_brief(error))
        raise SourceError(
            archive, problem, phrase("Fetch it again, or unpack it yourself and name the folder.")
        ) from error
    if not extracted:
        problem = phrase("holds no transcript and no recording that can be unpacked.")
        if passed_over:
            problem = phrase(
                "holds no transcript and no recording that can be unpacked (%(file)s: %(reason)s).",
                file=passed_over[0].name,
                reason=passed_over[0].reason,
            )
        raise SourceError(archive, problem, phrase("Unpack it yourself and name the folder."))
    told = tuple(passed_over[:_MOST_TOLD])
    (part / _TOLD).write_text(json.dumps([asdict(member) for member in told]), "utf-8")
    return told


def _finished(folder: Path) -> tuple[PassedOver, ...] | None:
    """Return what was passed over when the folder was made, ``None`` if there is no such folder."""
    if not folder.is_dir():
        return None
    try:
        return tuple(PassedOver(**member) for member in json.loads((folder / _TOLD).read_text("utf-8")))
    except (OSError, ValueError, TypeError):  # somebody changed it; the episodes are still there
        return ()


def _chosen(
    archive: Path, opened: zipfile.ZipFile, limits: ArchiveLimits, passed_over: list[PassedOver]
) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the members to extract with their names; the others are noted, except system files."""
    members = opened.infolist()
    if len(members) > limits.members:
        problem = phrase("holds %(files)s files, more than %(most)s.", files=len(members), most=limits.members)
        raise SourceError(archive, problem, phrase("Unpack it yourself and name the folder."))
    chosen: list[tuple[zipfile.ZipInfo, str]] = []
    names: set[str] = set()
    for member in members:
        parts = _parts(member)
        if member.orig_filename.endswith(("/", "\\")) or _is_hidden(parts):
            continue
        name = "/".join(parts)
        # On some systems, two spellings of a name are the same file.
        key = unicodedata.normalize("NFC", name).casefold()
        reason = _refusal(member, parts, limits) or (
            phrase("is there twice; the first one is taken.") if key in names else None
        )
        if reason is None:
            names.add(key)
            chosen.append((member, name))
        else:
            passed_over.append(PassedOver(_printable(name), reason))
    return chosen


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return a member's path; some programs write UTF-8 without saying so, and some the separators of Windows."""
    name = member.orig_filename
    if not member.flag_bits & _IS_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    name = name.replace("\\", "/")
    absolute = ("/",) if name.startswith("/") or re.match(r"[A-Za-z]:", name) else ()
    return absolute + tuple(part for part in name.split("/") if part not in ("", "."))


def _is_hidden(parts: tuple[str, ...]) -> bool:
    names = {part.lower() for part in parts}
    return bool(names & {"__macosx", "thumbs.db", "desktop.ini"}) or any(p[0] == "." and p != ".." for p in parts)


def _refusal(member: zipfile.ZipInfo, parts: tuple[str, ...], limits: ArchiveLimits) -> str | None:
    """Return why a member stays in the archive, ``None`` if it may be read."""
    name = parts[-1] if parts else ""
    suffix = Path(name).suffix.lower()
    largest = limits.recording if suffix in AUDIO_SUFFIXES else limits.text
    if ".." in parts or parts[:1] == ("/",):
        return phrase("names a place outside the archive.")
    whole = "/".join(parts)
    unnameable = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in whole)
    if unnameable or len(whole.encode()) > 1_000 or any(len(part.encode()) > 250 for part in parts):
        return phrase("has a name that is not valid for a file.")
    found = fault(member, largest, limits.ratio, limits.harmless)
    if found is Fault.NO_FILE:
        return _sentence(found, member, largest)
    if suffix in _OTHER_ARCHIVES:
        return phrase("is an archive within the archive, which is not opened; unpack it and name it by itself.")
    if suffix not in _WANTED:
        return phrase("is not a transcript, a recording or a sidecar.")
    return _sentence(found, member, largest) if found else None


def _sentence(found: Fault, member: zipfile.ZipInfo, largest: int) -> str:
    """Return the reason against a member as a sentence, with what to do about it."""
    match found:
        case Fault.ENCRYPTED:
            return phrase("%(problem)s; unpack it with its password and name the folder.", problem=found)
        case Fault.METHOD:
            return phrase(
                "%(problem)s (method %(method)s); unpack it yourself.", problem=found, method=str(member.compress_type)
            )
        case Fault.TOO_LARGE:
            return phrase(
                "%(problem)s (%(size)s unpacked, at most %(most)s).",
                problem=found,
                size=_size(member.file_size),
                most=_size(largest),
            )
        case Fault.SWELLS:
            times = member.file_size // max(1, member.compress_size)
            return phrase("would unpack to %(times)s times its size, as no speech does.", times=times)
        case Fault.NO_FILE:
            return phrase("is a link or a device, not a file.")


def _check_room(archive: Path, chosen: list[tuple[zipfile.ZipInfo, str]], into: Path, limits: ArchiveLimits) -> None:
    total = sum(member.file_size for member, _ in chosen)
    remedy = phrase("Unpack what you need of it yourself and name the folder.")
    if total > limits.total:
        problem = phrase("would unpack to %(size)s, more than %(most)s.", size=_size(total), most=_size(limits.total))
        raise SourceError(archive, problem, remedy)
    packed = archive.stat().st_size
    if total > limits.harmless and total > limits.ratio * packed:  # perhaps overlapping members
        raise SourceError(
            archive,
            phrase("would unpack to %(times)s times its size, as no speech does.", times=total // packed),
            remedy,
        )
    free = shutil.disk_usage(into).free
    if total > free:
        problem = phrase(
            "needs %(size)s in %(into)s, where %(free)s are free.", size=_size(total), into=str(into), free=_size(free)
        )
        raise SourceError(archive, problem, phrase("Make room, or name another data folder with --home."))


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> str | None:
    """Write one member and return ``None``, or why it could not be read; a partly written file is removed.

    A member never unpacks to more than it declares, so the size checks hold.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as packed, path.open("xb") as file:
            shutil.copyfileobj(packed, file, _BLOCK)
        return None
    except (FileExistsError, NotADirectoryError):
        return phrase("is there twice, as a file or as a folder.")
    except (*DAMAGED, RuntimeError) as error:  # or its own header names other features
        path.unlink(missing_ok=True)
        return phrase("is damaged (%(reason)s).", reason=_brief(error))


def _folder_name(stem: str) -> str:
    """Return an archive's stem as the name of a folder, by which the show is called."""
    name = re.sub(r"[^\w '&,()!.-]+", " ", stem)
    return " ".join(name.split()).strip(". ").encode("utf-8", "ignore")[:120].decode("utf-8", "ignore") or "archive"


def _sha256(archive: Path) -> str:
    try:
        with archive.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        problem = phrase("cannot be read (%(reason)s).", reason=str(error.strerror))
        raise SourceError(archive, problem, phrase("Check the name and its permissions.")) from error


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:200])


def _brief(error: Exception) -> str:
    return _printable(str(error).splitlines()[0] if str(error) else type(error).__name__)


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{count / 1024**2:.1f} MB"
