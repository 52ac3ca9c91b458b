"""The file ``exact.vectors``: all vectors of a model, since reading them from SQLite takes ten times as long.

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
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ..catalogue import PART, Catalogue
from ..home import replacing
from .held import Room

__all__ = ["VectorFile"]

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

#: Up to this many passages, reading them from SQLite takes a third of a second.
_SMALL = 20_000
#: How many vectors the file may hold for each that is wanted.
_WASTE = 1.25
#: The setting with what of the file counts.
_SETTING = "vector file"
_MAGIC = b"verbatim vectors"
_COUNT = 8


@dataclass(frozen=True, slots=True)
class _Told:
    """What counts of the file ``token``: so many bytes with so many vectors; ``stamp`` is of the passages in it."""

    token: str
    model: str
    size: int
    vectors: int
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

    def read(self, room: Room) -> Rows | None:
        """Read all vectors into an empty room and return their rows, in that order.

        ``None`` if there is no file that can be used; then the room holds anything, and a file that is damaged is gone.
        """
        told = self._told()
        if told is None:
            return None
        try:
            return np.concatenate([np.empty(0, np.int64), *self._pieces(told, room.take)])
        except (OSError, _Unfit):
            self._discard(told)
            return None

    def bring_up(self, progress: Callable[[str, int, int], None] | None = None) -> None:
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

    def _told(self) -> _Told | None:
        """Return what the catalogue tells of the file, ``None`` if nothing, or of another model's."""
        told = _parsed(self._catalogue.setting(_SETTING))
        return told if told and told.model == self._key else None

    def _is_of(self, told: _Told) -> bool:
        with suppress(OSError), self.path.open("rb") as file:
            return file.read(len(_head(told))) == _head(told) and os.fstat(file.fileno()).st_size >= told.size
        return False

    def _discard(self, told: _Told) -> None:
        """Delete a file that could not be read, unless somebody else has written another one meanwhile."""
        if not self._catalogue.read_only:
            with suppress(OSError, Timeout), self._lock.acquire(timeout=0):
                if self._told() == told:
                    self.delete()

    # -- reading

    def _differing(self, told: _Told) -> int:
        """Return how many vectors are not those of the catalogue."""
        scratch, wrong = np.empty((PART, self.dimension), np.float32), 0
        for rows in self._pieces(told, lambda count: [scratch[:count]]):
            for stored in self._embeddings.parts(self._model_id, rows):
                mine = scratch[np.searchsorted(rows, stored.rows)]
                wrong += int((mine.view(np.uint32) != stored.vectors.view(np.uint32)).any(axis=1).sum())
        return wrong

    def _pieces(self, told: _Told, take: Callable[[int], list[Vectors]]) -> Iterator[Rows]:
        """Read piece after piece into places that ``take`` gives, and yield the rows of each.

        They are to be used after the last one only: then ``_Unfit`` is raised if anything was not as written.
        """
        with self.path.open("rb", buffering=0) as file:
            check = _begun(told)
            for count in self._counts(file, told):
                rows = np.empty(count, "<i8")
                places = take(count)
                for part in (rows, *places):
                    _fill(file, part)
                check = _checked(check, rows, places)
                yield rows
        if check.hex() != told.check:
            raise _Unfit

    def _rows(self, told: _Told) -> Rows:
        """Return the rows in the file alone."""
        found = [np.empty(0, "<i8")]
        with self.path.open("rb", buffering=0) as file:
            for count in self._counts(file, told):
                found.append(np.empty(count, "<i8"))
                _fill(file, found[-1])
                file.seek(count * 4 * self.dimension, os.SEEK_CUR)
        return np.concatenate(found)

    def _counts(self, file: BinaryIO, told: _Told) -> Iterator[int]:
        """Yield the number of vectors of each piece when the file is at its rows."""
        head, dimension = np.empty(len(_head(told)), np.uint8), self.dimension
        _fill(file, head)
        if head.tobytes() != _head(told):
            raise _Unfit
        left = told.size - len(head)
        while left:
            counted = np.empty(1, "<u8")
            _fill(file, counted)
            count = int(counted[0])
            left -= _COUNT + count * (8 + 4 * dimension)
            if not 0 < count <= PART or left < 0:
                raise _Unfit
            yield count

    # -- writing

    def _follow(self, progress: Callable[[str, int, int], None]) -> None:
        told, now = self._told(), self._embeddings.stamp(self._model_id)
        if told is not None and self._is_of(told):
            if told.stamp == now:
                return
            with suppress(_Unfit):
                missing = self._missing(told, now)
                if told.vectors + len(missing) <= _WASTE * now[0]:
                    self._append(told, missing, now, progress)
                    return
        self._write_anew(now, progress)

    def _missing(self, told: _Told, now: tuple[int, int, int]) -> Rows:
        """Return the passages that the file has not, as of the stamp ``now``."""
        last = told.stamp[2]
        count, total, _ = self._embeddings.stamp(self._model_id, last)
        if (told.stamp[0] + count, told.stamp[1] + total) == now[:2]:  # nothing was removed, or embedded late
            missing = self._embeddings.rows(self._model_id, last)
        else:
            missing = np.setdiff1d(self._embeddings.rows(self._model_id), self._rows(told))
        return missing[missing <= now[2]]

    def _append(
        self, told: _Told, missing: Rows, now: tuple[int, int, int], progress: Callable[[str, int, int], None]
    ) -> None:
        with self.path.open("r+b") as file:
            file.truncate(told.size)  # what a killed process had appended
            file.seek(told.size)
            told = self._written(file, replace(told, stamp=now), missing, progress)
            file.flush()
            os.fsync(file.fileno())
        self._tell(told)

    def _write_anew(self, now: tuple[int, int, int], progress: Callable[[str, int, int], None]) -> None:
        rows = self._embeddings.rows(self._model_id)
        told = _Told(secrets.token_hex(16), self._key, 0, 0, "", now)
        told = replace(told, size=len(_head(told)), check=_begun(told).hex())
        with replacing(self.path) as file:
            file.write(_head(told))
            told = self._written(file, told, rows[rows <= now[2]], progress)
        self._tell(told)

    def _written(self, file: BinaryIO, told: _Told, rows: Rows, progress: Callable[[str, int, int], None]) -> _Told:
        """Write passages' vectors at the end of the file, and return what is to be told of it then."""
        check, size, vectors = bytes.fromhex(told.check), told.size, told.vectors
        for part in self._embeddings.parts(self._model_id, rows):
            there = part.rows.astype("<i8")
            for each in (np.array([len(there)], "<u8"), there, part.vectors):
                size += file.write(each.tobytes())
            check = _checked(check, there, [part.vectors])
            vectors += len(there)
            progress("Indexing passages", vectors - told.vectors, len(rows))
        return replace(told, size=size, vectors=vectors, check=check.hex())

    def _tell(self, told: _Told) -> None:
        self._catalogue.set_setting(_SETTING, json.dumps(asdict(told)))


def _parsed(setting: str | None) -> _Told | None:
    """Return what a setting tells, ``None`` if it is not one of ours: a catalogue may come from a stranger's backup."""
    try:
        told = json.loads(setting or "{}")
        count, total, greatest = map(int, told["stamp"])
        size, vectors = int(told["size"]), int(told["vectors"])
        token, check = bytes.fromhex(told["token"]).hex(), bytes.fromhex(told["check"]).hex()
        return _Told(token, str(told["model"]), size, vectors, check, (count, total, greatest))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def _head(told: _Told) -> bytes:
    return _MAGIC + bytes.fromhex(told.token)


def _begun(told: _Told) -> bytes:
    return hashlib.blake2b(_head(told), digest_size=16).digest()


def _checked(before: bytes, rows: Rows, places: Iterable[Vectors]) -> bytes:
    """Return a check of a piece and of all pieces before it.

    Vectors are added up bit by bit, column by column, which takes as long as reading memory; a hash of every byte would
    take longer than reading the file. Bits that flip, pages of zeros and older pages of the file change these sums.
    """
    sums = np.add.reduce([_sums(part) for part in places])
    return hashlib.blake2b(before + rows.tobytes() + sums.tobytes(), digest_size=16).digest()


def _sums(vectors: Vectors) -> NDArray[np.uint64]:
    wide = vectors.shape[1] % 2 == 0
    bits = vectors.view(np.uint64 if wide else np.uint32)
    sums: NDArray[np.uint64] = np.add.reduce(bits, axis=0, dtype=np.uint64)
    return sums


def _fill(file: BinaryIO, array: NDArray[np.generic]) -> None:
    """Read until an array is full; ``_Unfit`` if the file ends before."""
    left = array.reshape(-1).view(np.uint8).data
    while left:
        read = file.readinto(left)  # type: ignore[attr-defined]
        if not read:
            raise _Unfit
        left = left[read:]
