"""Limits for untrusted ZIP archives: for the list of members, and for each member."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from kb.translatable import phrase

__all__ = ["DAMAGED", "HARMLESS", "MOST_DIRECTORY", "MOST_MEMBERS", "RATIO", "Bounded", "Fault", "fault"]

MOST_MEMBERS = 20_000
#: Bytes of the list of members, which is read into memory.
MOST_DIRECTORY = 8 * 1024 * 1024
#: How many times its packed size a member may be; text shrinks to a tenth.
RATIO = 200
#: Below this many bytes the ratio does not matter.
HARMLESS = 10 * 1024 * 1024
#: What ``zipfile`` raises for files that are not archives, are broken, or need features that it lacks.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError)

_ENCRYPTED = 0x1
_MADE_ON_UNIX = 3
#: Python unpacks these in small pieces; others (bzip2, LZMA) a megabyte at once, which may become gigabytes.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Fault(StrEnum):
    """Why a member is not read: the rest of a sentence that begins with its name."""

    NO_FILE = phrase("is a link or a device, not a file")
    ENCRYPTED = phrase("is encrypted")
    METHOD = phrase("has a compression that is not supported")
    TOO_LARGE = phrase("is too large")
    SWELLS = phrase("would unpack to more than %(times)s times its size", times=RATIO)


def fault(member: zipfile.ZipInfo, largest: int, ratio: int = RATIO, harmless: int = HARMLESS) -> Fault | None:
    """Return why a member must not be read, ``None`` if it may; decided from the list of members alone.

    ``largest`` and ``harmless`` are bytes, unpacked. A member never unpacks to more than it declares.
    """
    kind = stat.S_IFMT(member.external_attr >> 16) if member.create_system == _MADE_ON_UNIX else 0
    if kind not in (0, stat.S_IFREG):
        return Fault.NO_FILE
    if member.flag_bits & _ENCRYPTED:
        return Fault.ENCRYPTED
    if member.compress_type not in _METHODS:
        return Fault.METHOD
    if member.file_size > largest:
        return Fault.TOO_LARGE
    if member.file_size > harmless and member.file_size > ratio * member.compress_size:
        return Fault.SWELLS
    return None


class Bounded(io.FileIO):
    """A file that refuses huge reads, such as of the list of members in a hostile archive."""

    def __init__(self, path: Path, most: int = MOST_DIRECTORY) -> None:
        super().__init__(path)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to ``size`` bytes; ``BadZipFile`` if that is more than any sane archive needs."""
        if size is not None and size > self._most:
            raise zipfile.BadZipFile(phrase("its list of files is too long"))
        return super().read(self._most if size is None or size < 0 else size)
