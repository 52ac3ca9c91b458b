"""Files that people upload: ``uploads/GROUP`` in the data folder, where a recording stays to be played.

Files of one upload lie together, so that a transcript finds its recording and its sidecar. Their names are untrusted:
only a plain name with a known ending is accepted.
"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from contextlib import suppress
from datetime import date
from pathlib import Path

from ...errors import NotFound, SourceError, UsageError
from ...translatable import phrase

__all__ = [
    "LARGEST_NAME",
    "LARGEST_UPLOAD",
    "UPLOADS",
    "largest",
    "new_group",
    "part_of",
    "remove_partial",
    "taken_folder",
    "upload_folder",
    "upload_path",
]

_GROUP = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{16}")
#: Where files are uploaded to.
UPLOADS = "/api/uploads/"
#: Bytes of one recording or archive, as large as a recording within an archive may be.
LARGEST_UPLOAD = 4 * 1024**3
#: Bytes of one transcript or sidecar.
_LARGEST_TEXT = 64 * 1024**2
#: Bytes that stay free on the disk, because the catalogue cannot write to a full one.
_SPARE = 512 * 1024**2
#: Bytes of a name, so that ".part" still fits.
LARGEST_NAME = 200


def upload_folder(home: Path) -> Path:
    """Return the folder of everything that was uploaded."""
    return home.resolve() / "uploads"


def new_group(home: Path) -> str:
    """Make a folder for files that belong together, and return its name."""
    name = f"{date.today().isoformat()}-{secrets.token_hex(8)}"
    try:
        (upload_folder(home) / name).mkdir(parents=True)
    except OSError as error:
        raise SourceError(upload_folder(home), f"cannot be written ({error.strerror}).", "Is there room?") from error
    return name


def taken_folder(home: Path, group: str) -> Path:
    """Return the folder of a group; ``NotFound`` if there is none of that name."""
    folder = upload_folder(home) / group
    if not _GROUP.fullmatch(group) or not folder.is_dir():
        raise NotFound(
            phrase("There is no upload %(upload)s; begin one with POST /api/uploads.", upload=repr(group[:100]))
        )
    return folder


def upload_path(folder: Path, name: str) -> Path:
    """Return the path for a file of this name; ``UsageError`` for an invalid name or ending."""
    from ingest.formats import SUFFIXES
    from ingest.metadata import AUDIO_SUFFIXES

    name = unicodedata.normalize("NFC", name)
    unnameable = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
    if not name or unnameable or name[0] == "." or set(name) & set('/\\:*?"<>|') or len(name.encode()) > LARGEST_NAME:
        raise UsageError(phrase("%(name)s cannot be a file's name here; rename the file.", name=ascii(name[:100])))
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES | AUDIO_SUFFIXES | {".zip", ".toml"}:
        known = ", ".join(sorted(SUFFIXES))
        raise UsageError(
            phrase(
                "%(name)s: is of an unknown kind (%(kind)s). Known are %(known)s, .zip, and sound.",
                name=name,
                kind=suffix or phrase("no ending"),
                known=known,
            )
        )
    path = folder / name
    if path.exists():
        raise UsageError(phrase("%(name)s: is in this upload already; give one of the two another name.", name=name))
    return path


def part_of(path: Path) -> Path:
    """Return the path of a file until it is complete."""
    return path.with_name(f".{path.name}.part")


def remove_partial(home: Path) -> None:
    """Remove incomplete files of a server that was killed; nobody continues sending them."""
    for part in upload_folder(home).glob("*/.*.part"):
        with suppress(OSError):
            part.unlink()


def largest(path: Path) -> int:
    """Return how many bytes a file may have, by its kind and by the room there is."""
    from ingest.metadata import AUDIO_SUFFIXES

    most = LARGEST_UPLOAD if path.suffix.lower() in AUDIO_SUFFIXES | {".zip"} else _LARGEST_TEXT
    return max(0, min(most, shutil.disk_usage(path.parent).free - _SPARE))
