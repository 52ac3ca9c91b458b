"""All vectors of a model in the file ``exact.vectors``, since reading them from SQLite takes ten times as long.

It is derived, and only appended to. What of it counts is kept in the catalogue, in the transaction after the file was
written: a name of the file, its length, and a check of that much. So a catalogue that was put back as it was before
meets the same first part of the file, or one that it does not take; and what a killed process has appended does not
count. A row's vector never changes, so that old parts stay right; passages that were removed stay in it until they are
a quarter. Whoever reads it compares the check, and reads SQLite if it differs.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from io import FileIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ..catalogue import PART, Catalogue
from ..home import replacing

__all__ = ["VectorFile"]

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Records = NDArray[np.void]
#: Called with what is being done, how much is done, and how much there is.
Progress = Callable[[str, int, int], None]

#: Up to this many passages, reading them from SQLite takes a third of a second.
_SMALL = 20_000
#: How many vectors the file may hold for each that is wanted.
_WASTE = 1.25
#: The setting with what of the file counts.
_SETTING = "vector file"
_MAGIC = b"verbatim vectors"


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counts of the file ``token``: so many vectors, of the passages of ``stamp`` and of some removed since.

    ``check`` is of all, ``before`` of all whole blocks.
    """

    token: str
    model: str
    vectors: int
    before: str
    check: str
    stamp: tuple[int, int, int]


class _Unfit(Exception):
    """The file is not the one that the catalogue tells of."""


class VectorFile:
    """The file of one model's vectors, for several processes, of which one writes at a time."""

    def __init__(self, folder: Path, catalogue: Catalogue, model_id: int, key: str, least: int = _SMALL) -> None:
        """``key`` names what the vectors mean, as for the index; fewer vectors than ``least`` need no file."""
        self.path = folder / "exact.vectors"
        self._catalogue = catalogue
        self._embeddings = catalogue.embeddings
        self._model_id = model_id
        self._key = key
        self._least = least
        self._lock = FileLock(folder / "exact.lock")

    @cached_property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._embeddings.dimension_of(self._model_id)

    def is_there(self) -> bool:
        """Return whether there is a file that may be read; what is in it is not looked at."""
        told = self._told()
        return told is not None and self._is_of(told)

    def pays(self) -> bool:
        """Return whether there are so many vectors that a file of them saves time."""
        return self._embeddings.count(self._model_id) >= self._least

    def read(self) -> tuple[Rows, Vectors] | None:
        """Return the passages in the file and their vectors, ``(n,)`` and ``(n, dimension)``, which stay in the file.

        ``None`` if there is none that can be used; one that is damaged is deleted.
        """
        told = self._told()
        if told is None:
            return None
        try:
            with self.path.open("rb", buffering=0) as file:
                # Read before it is mapped: what a disk cannot read is an error here, and the end of the process there.
                rows = np.concatenate([block["row"].copy() for block in self._blocks(file, told)])
                mapped = mmap(file.fileno(), self._size(told), access=ACCESS_READ)
                return rows, np.frombuffer(mapped, self._record, told.vectors, len(_head(told)))["vector"]
        except (OSError, ValueError, _Unfit):
            self._discard(told)
            return None

    def bring_up(self, progress: Progress | None = None) -> None:
        """Append what was embedded since, or write the file anew if it is not as it was left.

        Nothing is done where another process is doing it, where the file would save little, and on a full disk.
        """
        if self._catalogue.read_only or not self.pays():
            return
        with suppress(OSError, Timeout):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.acquire(timeout=0):
                self._follow(progress or (lambda what, done, total: None))

    def problem(self) -> str | None:
        """Return what is wrong with the file, compared vector by vector.

        ``None`` if nothing is, if there is none yet, and while another process is writing it.
        """
        if self._told() is None:
            return None
        try:
            with self._lock.acquire(timeout=0):
                told = self._told()
                wrong = self._differing(told) if told else 0
        except Timeout:
            return None
        except (OSError, _Unfit):
            return "It is missing, or not as it was left; questions under a filter are slower without it."
        return f"{wrong:,} of its vectors are not those of the catalogue." if wrong else None

    def delete(self) -> None:
        """Delete the file; it is made anew when it is brought up."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _told(self) -> _Counted | None:
        """Return what the catalogue tells of the file, ``None`` if nothing, or of another model's."""
        told = _parsed(self._catalogue.setting(_SETTING))
        return told if told and told.model == self._key else None

    @cached_property
    def _record(self) -> np.dtype[np.void]:
        return np.dtype([("vector", "<f4", (self.dimension,)), ("row", "<i8")])

    def _size(self, told: _Counted) -> int:
        return len(_head(told)) + told.vectors * self._record.itemsize

    def _is_of(self, told: _Counted) -> bool:
        with suppress(OSError), self.path.open("rb") as file:
            return file.read(len(_head(told))) == _head(told) and os.fstat(file.fileno()).st_size >= self._size(told)
        return False

    def _discard(self, told: _Counted) -> None:
        """Delete a file that could not be read, unless somebody else has written another one meanwhile."""
        if not self._catalogue.read_only:
            with suppress(OSError, Timeout), self._lock.acquire(timeout=0):
                if self._told() == told:
                    self.delete()

    # -- reading

    def _differing(self, told: _Counted) -> int:
        """Return how many vectors are not those of the catalogue."""
        wrong = 0
        with self.path.open("rb", buffering=0) as file:
            for block in self._blocks(file, told):
                by_row = np.argsort(block["row"])
                for stored in self._embeddings.parts(self._model_id, block["row"][by_row]):
                    mine = block["vector"][by_row[np.searchsorted(block["row"][by_row], stored.rows)]]
                    wrong += int((mine.view(np.uint32) != stored.vectors.view(np.uint32)).any(axis=1).sum())
        return wrong

    def _blocks(self, file: FileIO, told: _Counted) -> Iterator[Records]:
        """Read block after block into the same memory. What is in them counts after the last one only: then ``_Unfit``
        is raised if anything is not as it was written.
        """
        head, check, memory = np.empty(len(_head(told)), np.uint8), _begun(told), np.empty(PART, self._record)
        _fill(file, head)
        if head.tobytes() != _head(told):
            raise _Unfit
        for start in range(0, told.vectors, PART):
            block = memory[: told.vectors - start]
            _fill(file, block)
            check = _checked(check, block)
            yield block
        if check.hex() != told.check:
            raise _Unfit

    # -- writing

    def _follow(self, progress: Progress) -> None:
        told, now = self._told(), self._embeddings.stamp(self._model_id)
        if told is not None and self._is_of(told):
            if told.stamp == now:
                return
            # What another process embeds meanwhile, of passages before the last one, is read from the catalogue.
            missing = self._rows(told.stamp[2], now)
            if told.vectors + len(missing) <= _WASTE * now[0]:
                with suppress(_Unfit):
                    self._append(replace(told, stamp=now), missing, progress)
                    return
        told = _Counted(secrets.token_hex(16), self._key, 0, "", "", now)
        told = replace(told, before=_begun(told).hex(), check=_begun(told).hex())
        with replacing(self.path) as file:
            file.write(_head(told))
            told = self._written(file, told, self._rows(0, now), progress)
        self._tell(told)

    def _rows(self, above: int, now: tuple[int, int, int]) -> Rows:
        rows = self._embeddings.rows(self._model_id, above)
        return rows[rows <= now[2]]

    def _append(self, told: _Counted, missing: Rows, progress: Progress) -> None:
        with self.path.open("r+b", buffering=0) as file:
            file.truncate(self._size(told))  # what a killed process had appended
            last = np.empty(told.vectors % PART, self._record)
            file.seek(-last.nbytes, os.SEEK_END)
            _fill(file, last)
            if len(last) and _checked(bytes.fromhex(told.before), last).hex() != told.check:
                raise _Unfit
            told = self._written(file, told, missing, progress, last)
            os.fsync(file.fileno())
        self._tell(told)

    def _written(
        self, file: BinaryIO | FileIO, told: _Counted, rows: Rows, progress: Progress, last: Records | None = None
    ) -> _Counted:
        """Write passages' vectors at the end of the file, after its ``last`` block; return what is to be told of it."""
        before, check, vectors = bytes.fromhex(told.before), told.check, told.vectors
        block = np.empty(0, self._record) if last is None else last
        for part in self._embeddings.parts(self._model_id, rows):
            more = np.empty(len(part.rows), self._record)
            more["row"], more["vector"] = part.rows, part.vectors
            data = more.tobytes()
            if file.write(data) != len(data):
                raise OSError("the disk is full")
            block = np.concatenate([block, more])
            if len(block) >= PART:
                before, block = _checked(before, block[:PART]), block[PART:]
            check = (_checked(before, block) if len(block) else before).hex()
            vectors += len(more)
            progress("Indexing passages", vectors - told.vectors, len(rows))
        return replace(told, vectors=vectors, before=before.hex(), check=check)

    def _tell(self, told: _Counted) -> None:
        self._catalogue.set_setting(_SETTING, json.dumps(asdict(told)))


def _parsed(setting: str | None) -> _Counted | None:
    """Return what a setting tells, ``None`` if it is not one of ours: a catalogue may come from a stranger's backup."""
    try:
        told = json.loads(setting or "{}")
        count, total, greatest = map(int, told["stamp"])
        token, before, check = (bytes.fromhex(told[name]).hex() for name in ("token", "before", "check"))
        return _Counted(token, str(told["model"]), int(told["vectors"]), before, check, (count, total, greatest))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def _head(told: _Counted) -> bytes:
    return _MAGIC + bytes.fromhex(told.token)


def _begun(told: _Counted) -> bytes:
    return hashlib.blake2b(_head(told), digest_size=16).digest()


def _checked(before: bytes, block: Records) -> bytes:
    """Return a check of a block and of all blocks before it.

    Vectors are added up bit by bit, column by column, which takes as long as reading memory; a hash of every byte would
    take longer than reading the file. Bits that flip, pages of zeros and older pages of the file change these sums.
    """
    bits = block.view(np.uint64 if block.itemsize % 8 == 0 else np.uint32).reshape(len(block), -1)
    sums = np.add.reduce(bits, axis=0, dtype=np.uint64)
    return hashlib.blake2b(before + block["row"].tobytes() + sums.tobytes(), digest_size=16).digest()


def _fill(file: FileIO, array: NDArray[np.generic]) -> None:
    """Read until an array is full; ``_Unfit`` if the file ends before."""
    left = array.view(np.uint8).data
    while left:
        read = file.readinto(left)
        if not read:
            raise _Unfit
        left = left[read:]
