"""``kb backup``: the catalogue as it is at one moment, and by choice the recordings, in one file.

The file is a ZIP archive without compression (vectors and sound would not shrink), so that its contents are never
larger than the file. It is written under another name, and renamed when it is complete on the disk.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ..catalogue import Catalogue
from ..errors import BackupError, UsageError
from .manifest import CATALOGUE, MANIFEST, PLACES, Entry, Manifest
from .workplace import workplace

__all__ = ["Progress", "backup", "check_target", "is_backup", "is_recording"]

#: Called with what is being done, how much is done, and how much there is.
Progress = Callable[[str, int, int], None]

_BLOCK = 1024 * 1024
#: A fixed date, the earliest that ZIP knows: the manifest says when the backup was made.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def backup(
    catalogue: Catalogue, home: Path, target: Path, recordings: bool = False, progress: Progress | None = None
) -> Manifest:
    """Write everything that cannot be rebuilt to ``target`` while others work, and return what is in it.

    Without ``recordings`` there is no sound in it; with them, also sound that lies outside the data folder.
    Raises ``BackupError`` for a catalogue that is damaged or a disk that is full; an earlier backup there is kept then.
    """
    check_target(home, target)
    told = progress or (lambda what, done, total: None)
    try:
        with workplace(target, "backup") as work:
            copy, part = work / CATALOGUE, work / "backup"
            catalogue.copy_to(copy, lambda done, total: told("Copying the catalogue", done, total))
            manifest = _pack(copy, home, part, recordings, told)
            os.replace(part, target)
            _to_disk(target.parent)
    except OSError as error:
        raise BackupError(target, f"cannot be written ({error.strerror or error}).", "Is there room on it?") from error
    return manifest


def check_target(home: Path, target: Path) -> None:
    """Raise ``UsageError`` for a place where no backup can be or where something else is."""
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}; make it, or name another file.")
    if target.resolve().is_relative_to(home.resolve()):
        raise UsageError(f"{target} lies in the data folder, and would be lost with it; name a file elsewhere.")
    if target.exists() and not is_backup(target):
        raise UsageError(f"{target} is there already and is not a backup; name another file.")


def is_backup(path: Path) -> bool:
    """Return whether a file looks like a backup: a ZIP archive with a manifest and a catalogue."""
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return {MANIFEST, CATALOGUE} <= set(archive.namelist())
    return False


def is_recording(path: Path) -> bool:
    """Return whether a file holds sound, by its name."""
    from ingest.metadata import AUDIO_SUFFIXES

    return path.suffix.lower() in AUDIO_SUFFIXES


def _pack(copy: Path, home: Path, part: Path, recordings: bool, told: Progress) -> Manifest:
    """Write the archive; the copied catalogue is checked first, because a backup of a damaged one is useless."""
    snapshot = Catalogue(copy)
    try:
        complaints = snapshot.integrity()
        if complaints:
            raise BackupError(
                copy.name,
                f"is damaged ({complaints[0]}), and no backup was made of it.",
                "Keep your earlier backups; 'kb check --salvage FOLDER' saves what can be read.",
            )
        episodes, passages = snapshot.episodes.count(), snapshot.passages.count()[1]
        elsewhere = [Path(each) for each in snapshot.recordings()]
    finally:
        snapshot.close()
    wanted = [(CATALOGUE, copy, None), *_files(home, recordings, elsewhere)]
    total = sum(path.stat().st_size for _, path, _ in wanted)
    entries: list[Entry] = []
    part.touch(0o600)
    with part.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
            for name, path, origin in wanted:
                done = sum(entry.size for entry in entries)
                size, digest = _add(archive, name, path, lambda more, done=done: told("Packing", done + more, total))  # type: ignore[misc]
                entries.append(Entry(name, size, digest, origin))
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = Manifest(made_at, str(home.resolve()), episodes, passages, tuple(entries))
            archive.writestr(zipfile.ZipInfo(MANIFEST, _NO_DATE), manifest.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _files(home: Path, recordings: bool, played: list[Path]) -> Iterator[tuple[str, Path, str | None]]:
    """Yield the name in the backup, the file, and where it lay if that is not in the data folder."""
    inside = home.resolve()
    for place in PLACES:
        for path in sorted((inside / place).rglob("*")):
            whole = path.is_file() and not path.is_symlink() and not path.name.endswith(".part")
            if whole and (recordings or not is_recording(path)) and _nameable(path):
                yield path.relative_to(inside).as_posix(), path, None
    if recordings:
        for path in played:
            if path.is_file() and is_recording(path) and not path.resolve().is_relative_to(inside):
                name = hashlib.sha256(str(path).encode("utf-8")).hexdigest()[:32]
                yield f"recordings/{name}{path.suffix.lower()}", path, str(path)


def _nameable(path: Path) -> bool:
    """Return whether a name is valid text; no episode points to a file with another name."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _add(archive: zipfile.ZipFile, name: str, path: Path, told: Callable[[int], None]) -> tuple[int, str]:
    """Write one file into the archive as it is read, and return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(zipfile.ZipInfo(name, _NO_DATE), "w", force_zip64=True) as member:
        while block := source.read(_BLOCK):
            digest.update(block)
            member.write(block)
            size += len(block)
            told(size)
    return size, digest.hexdigest()


def _to_disk(folder: Path) -> None:
    """See to it that a renamed file survives a power cut."""
    with suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
