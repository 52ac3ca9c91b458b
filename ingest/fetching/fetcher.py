"""Fetch documents into memory and recordings onto the disk, within limits."""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ingest.fetching.connection import open_response
from ingest.fetching.partial import Part, Validators
from ingest.fetching.problems import (
    check_arrived,
    check_size,
    check_space,
    check_status,
    disk_explained,
    net_explained,
)
from ingest.fetching.retrying import ATTEMPTS, retrying
from kb.errors import FetchError, SourceError
from kb.translatable import phrase

__all__ = ["Download", "Fetcher", "Heading", "Limits", "Page"]

_BLOCK = 1 << 16
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,15})-\d{1,15}|\*)/(\d{1,15}|\*)", re.ASCII)

_CHARSET = re.compile(r""";\s{0,9}charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})""", re.ASCII | re.IGNORECASE)

ByteProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits: seconds without a byte, seconds for a document and for a recording, a recording's bytes.

    ``attempts``: how often a temporary failure is tried.
    """

    idle: float = 30.0
    page_seconds: float = 120.0
    download_seconds: float = 4 * 3600.0
    download_bytes: int = 2_000_000_000
    attempts: int = ATTEMPTS


@dataclass(frozen=True, slots=True)
class Page:
    """A document in memory; ``url`` is where redirects led to."""

    url: str
    data: bytes
    content_type: str | None
    version: Validators

    @property
    def charset(self) -> str | None:
        """Return what the server says that the document is written in."""
        found = _CHARSET.search((self.content_type or "")[:500])
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a server says about a document besides its bytes."""

    content_type: str | None
    version: Validators
    length: int | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file on the disk; ``url`` is where redirects led to."""

    url: str
    path: Path
    size: int
    sha256: str
    content_type: str | None
    version: Validators


class Fetcher:
    """Fetches from web servers within limits; safe to use from several threads.

    Addresses in private networks are refused, except the hosts in ``private``. ``guarded`` is false for a server
    that the user chose, or this program: see ``open_response``.
    """

    def __init__(
        self,
        private: Iterable[str] = (),
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        guarded: bool = True,
    ) -> None:
        self._private = frozenset(host.lower() for host in private)
        self._limits = limits or Limits()
        self._sleep = sleep
        self._guarded = guarded

    def page(self, url: str, most: int, known: Validators | None = None) -> Page | None:
        """Return a document of at most ``most`` bytes, ``None`` if it is still the ``known`` version.

        Raises ``FetchError``.
        """
        deadline = time.monotonic() + self._limits.page_seconds
        for attempt in retrying(self._sleep, self._limits.attempts):
            with attempt:
                return self._page(url, most, known or Validators(), deadline)
        raise AssertionError("the last attempt returns or raises")

    def heading(self, url: str, known: Validators | None = None) -> Heading | None:
        """Return what a server says about a document, without reading it; ``None`` if it is the ``known`` version.

        Raises ``FetchError``.
        """
        deadline = time.monotonic() + self._limits.page_seconds
        asked = (known or Validators()).if_changed()
        for attempt in retrying(self._sleep, self._limits.attempts):
            with attempt, self._opened(url, {"Accept-Encoding": "identity", **asked}, deadline) as response:
                if response.status_code == 304 and asked:
                    return None
                check_status(url, response, 200)
                return Heading(*_type_and_version(response), _length(response))
        raise AssertionError("the last attempt returns or raises")

    def download(self, url: str, target: Path, progress: ByteProgress | None = None) -> Download:
        """Fetch a recording to ``target``, going on where an earlier try stopped; it appears there only when complete.

        ``progress`` gets the number of bytes so far and in all, ``None`` if that is unknown. Raises
        ``FetchError`` and, where the disk is at fault or ``target`` exists, ``SourceError``.
        """
        if target.exists():
            raise SourceError(target, phrase("exists already."), phrase("It is not overwritten."))
        deadline = time.monotonic() + self._limits.download_seconds
        part = Part(target)
        with disk_explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            for attempt in retrying(self._sleep, self._limits.attempts):
                with attempt:
                    found, content_type, version = self._receive(url, part, deadline, progress or (lambda *_: None))
            part.finish()
            with target.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return Download(found, target, target.stat().st_size, sha256, content_type, version)

    def _page(self, url: str, most: int, known: Validators, deadline: float) -> Page | None:
        asked = known.if_changed()
        with self._opened(url, asked, deadline) as response:
            if response.status_code == 304 and asked:
                return None
            check_status(url, response, 200)
            if not response.headers.get("Content-Encoding"):
                check_size(url, _length(response), most)
            data = bytearray()
            for block in _unpacked(url, response):
                data += block
                check_arrived(url, len(data), most)
            return Page(str(response.url), bytes(data), *_type_and_version(response))

    def _receive(
        self, url: str, part: Part, deadline: float, progress: ByteProgress
    ) -> tuple[str, str | None, Validators]:
        """Append what is missing of a recording, and return where it came from, its type and its version."""
        asked = part.range_headers(url)
        with self._opened(url, {"Accept-Encoding": "identity", **asked}, deadline) as response:
            content_type, version = _type_and_version(response)
            start, whole = _content_range(response)
            if response.status_code == 416 and asked:
                if whole == part.size():
                    return str(response.url), content_type, version  # all of it was here already
                part.discard()
                raise FetchError(url, phrase("has become shorter than it was."), phrase("Try again."), temporary=True)
            check_status(url, response, 200, *([206] if asked else []))
            if (content_type or "").startswith("text/html"):
                raise FetchError(
                    url, phrase("is a web page, not a recording."), phrase("Open it in a browser to see what it says.")
                )
            if response.status_code == 200:
                packed = response.headers.get("Content-Encoding")
                part.begin(url, Validators() if packed else version)  # a compressed download cannot be resumed
            elif start != part.size():
                part.discard()
                raise FetchError(
                    url, phrase("answers with the wrong part of the file."), phrase("Try again."), temporary=True
                )
            self._append(url, part, response, whole, progress)
            return str(response.url), content_type, version

    def _append(
        self, url: str, part: Part, response: httpx.Response, whole: int | None, progress: ByteProgress
    ) -> None:
        done, length = part.size(), _length(response)
        total = whole if length is None else done + length
        check_size(url, total, self._limits.download_bytes)
        check_space(part.target, (total or 0) - done)
        with part.path.open("ab") as file:
            progress(done, total)
            for block in _unpacked(url, response):
                done += file.write(block)
                check_arrived(url, done, self._limits.download_bytes)
                progress(done, total)

    @contextmanager
    def _opened(self, url: str, headers: dict[str, str], deadline: float) -> Iterator[httpx.Response]:
        private = self._private if self._guarded else None
        opening = open_response(url, headers, private=private, deadline=deadline, idle=self._limits.idle)
        with net_explained(url, deadline), opening as response:
            yield response


def _unpacked(url: str, response: httpx.Response) -> Iterator[bytes]:
    """Yield the body in small blocks, so that the reader can stop at a limit even if it unpacks to much more.

    httpx could unpack it, but without a limit for a block of brotli.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from response.iter_raw()
    elif encoding in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(url, response.iter_raw())
    else:
        raise FetchError(
            url,
            phrase("has a compression that was not asked for (%(encoding)s).", encoding=repr(encoding[:40])),
            phrase("Tell the publisher."),
        )


def _inflated(url: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # gzip or zlib, as the first bytes say
    try:
        for block in blocks:
            while block and not unpacker.eof:
                yield unpacker.decompress(block, _BLOCK)
                block = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise FetchError(
            url, phrase("arrives damaged (%(reason)s).", reason=str(error)), phrase("Try again."), temporary=True
        ) from error
    if not unpacker.eof:
        raise FetchError(url, phrase("stops in the middle."), phrase("Try again."), temporary=True)


def _type_and_version(response: httpx.Response) -> tuple[str | None, Validators]:
    headers = response.headers
    return headers.get("Content-Type"), Validators(headers.get("ETag"), headers.get("Last-Modified"))


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """Return the first byte's place and the whole length, as far as the server states them."""
    match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    start, total = match.groups() if match else (None, None)
    return int(start) if start else None, int(total) if total and total != "*" else None
