"""``kb restore``: a backup is verified in a folder beside, file by file, and becomes the data folder when all is right.

A backup may come from a stranger or a bad disk: its list of contents has a size limit, every name must be one of ours,
no file may be larger than declared, and the catalogue must have exactly Verbatim's tables and triggers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from ingest.formats.zip_members import DAMAGED, Bounded
from ingest.metadata import AUDIO_SUFFIXES

from ..catalogue import Catalogue, check_schema
from ..errors import BackupError, CatalogueError, UsageError
from .manifest import CATALOGUE, MANIFEST, Entry, Manifest
from .packing import Progress
from .witness import keep_witness
from .workplace import data_folder

__all__ = ["restore"]

_BLOCK = 1024 * 1024
#: Bytes of the archive's list of members, and of the manifest: those of a million files.
_MOST_LISTED = 256 * 1024**2
_MOST_ENTRIES = 1_000_000


def restore(source: Path, home: Path, progress: Progress | None = None) -> tuple[Manifest, int, int]:
    """Put a backup into ``home``, which is empty or not there yet.

    Return what it holds, how many episodes' recordings cannot be played, and how many tokens were revoked.
    Nothing is in ``home`` unless every file has the SHA-256 that the manifest says; ``BackupError`` says what is wrong.
    """
    if not source.is_file():
        raise UsageError(f"There is no file {source}; name a backup that 'kb backup' made.")
    remedy = "name a new data folder with --home, or move this one away."
    try:
        with data_folder(home, "restoring", remedy) as (_, folder):
            manifest = _unpack(source, folder, progress)
            lost, tokens = _adopt(source, folder, home, manifest)
    except OSError as error:
        raise BackupError(
            source,
            f"cannot be restored into {home} ({error.strerror or error}).",
            "Check that the disk has room and that you may write there.",
        ) from error
    return manifest, lost, tokens


def _unpack(source: Path, folder: Path, progress: Progress | None) -> Manifest:
    try:
        with Bounded(source, _MOST_LISTED) as file, zipfile.ZipFile(file) as archive:
            members = _members(source, archive)
            manifest = Manifest.of(source, _read_manifest(source, archive, members))
            if {entry.name for entry in manifest.files} != members.keys() - {MANIFEST}:
                raise BackupError(source, f"has other files than its {MANIFEST} lists.")
            total = sum(entry.size for entry in manifest.files)
            free = shutil.disk_usage(folder).free
            if total > free:
                raise BackupError(source, f"needs {total:,} bytes; {free:,} are free.", "Make room on the disk.")
            done = 0
            for entry in manifest.files:
                _write(source, archive, members[entry.name], entry, folder)
                done += entry.size
                if progress:
                    progress("Verifying", done, total)
    except (*DAMAGED, RuntimeError) as error:
        raise BackupError(source, f"is not a backup, or is damaged ({str(error)[:200]}).") from error
    return manifest


def _members(source: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name; an archive that was not written by ``kb backup`` is refused before it is read."""
    members = archive.infolist()
    size = source.stat().st_size
    if len(members) > _MOST_ENTRIES:
        raise BackupError(source, f"has {len(members):,} files; a backup has at most {_MOST_ENTRIES:,}.")
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        raise BackupError(source, "was not made by 'kb backup', or was packed again.")
    if sum(member.file_size for member in members) > size:
        raise BackupError(source, "claims that its files are larger than the backup itself.")
    return {member.orig_filename: member for member in members}


def _read_manifest(source: Path, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> bytes:
    if MANIFEST not in members or members[MANIFEST].file_size > _MOST_LISTED:
        raise BackupError(source, f"has no {MANIFEST}, so it is not a backup.")
    return archive.read(members[MANIFEST])


def _write(source: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, entry: Entry, folder: Path) -> None:
    """Write one file, whose name the manifest was checked for, and compare its SHA-256."""
    path = folder / entry.name
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    path.touch(0o600)
    with archive.open(member) as packed, path.open("wb") as file:
        while block := packed.read(_BLOCK):
            digest.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise BackupError(source, f"is damaged: {entry.name} is not as it was when the backup was made.")


def _adopt(source: Path, folder: Path, home: Path, manifest: Manifest) -> tuple[int, int]:
    """Make the unpacked catalogue that of ``home``; return how many recordings and tokens were dropped."""
    catalogue = None
    try:
        check_schema(folder / CATALOGUE)
        catalogue = Catalogue(folder / CATALOGUE)
        complaints = catalogue.integrity()
        if complaints:
            raise BackupError(source, f"has a damaged catalogue ({complaints[0]}).")
        place = str(home.resolve())
        recordings = {entry.origin: f"{place}/{entry.name}" for entry in manifest.files if entry.origin}
        lost = catalogue.move(manifest.home, place, recordings, AUDIO_SUFFIXES)
        # A stranger may know these secrets, and some may have been revoked since the backup.
        tokens = catalogue.tokens.forget()
        keep_witness(catalogue, folder)
    except (CatalogueError, ValueError) as error:
        raise BackupError(source, f"has a catalogue that cannot be used ({error}).") from error
    finally:
        if catalogue is not None:
            catalogue.close()
    return lost, tokens
