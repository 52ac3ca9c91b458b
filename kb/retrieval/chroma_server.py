"""The vector index in a Chroma server (``KB_CHROMA_URL``), which several processes use.

It is as disposable as the embedded one: each collection has a random name, which the catalogue keeps, and one that is
missing or was made for other vectors is rebuilt under another name. One process at a time writes.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLError
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from filelock import FileLock, Timeout

from ..errors import IndexAway, IndexDamaged, UsageError
from .vectors import COLLECTION_OPTIONS, VectorIndex, Vectors

__all__ = ["ServerAddress", "ServerIndex", "limit_wait"]

#: Timeout in seconds of the check whether the server is there, made before each attempt to use it.
_PATIENCE = 10.0
#: Seconds that one request may take; a batch of 4,000 vectors is some megabytes.
_LONGEST = 30.0
#: Ids in one request.
_PAGE = 20_000
#: Chroma's own default.
_PORT = 8000


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a Chroma server is."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> ServerAddress:
        """Return the server at ``url``; ``UsageError`` unless it is ``http://HOST:PORT`` or ``https://HOST:PORT``."""
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        if parts.username or parts.password:
            raise UsageError(
                "KB_CHROMA_URL has a name or a password in it; put them into CHROMA_CLIENT_AUTH_PROVIDER and "
                "CHROMA_CLIENT_AUTH_CREDENTIALS."
            )
        rest = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not host or rest:
            raise UsageError(f"KB_CHROMA_URL is {url[:200]!r}; it has to be like http://HOST:8000 or https://HOST.")
        tls = parts.scheme == "https"
        return cls(f"[{host}]" if ":" in host else host, port or (443 if tls else _PORT), tls)

    def __str__(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"


class ServerIndex(VectorIndex):
    """A collection of a server, opened by its name; an empty name stands for none."""

    def __init__(self, address: ServerAddress, folder: Path, key: str, place: str) -> None:
        super().__init__(folder, key, FileLock(folder / "owner.lock"))
        self._address = address
        self.place = place

    @classmethod
    def reach(cls, address: ServerAddress, folder: Path, key: str, place: str) -> ServerIndex:
        """Return the index at a server that answers, or raise ``IndexAway``; call ``open`` or ``rebuild`` next.

        ``folder`` holds the lock of the one process that writes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        index = cls(address, folder, key, place)
        index._client = index._reach()
        return index

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Acquire the write lock, unless another process holds it; yield whether this process has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            self._lock.release()

    def open(self) -> None:
        """Open the collection; ``IndexDamaged`` if there is none, or if it was made for other vectors."""
        if not self.place:
            raise IndexDamaged("There is no vector index yet.")
        with self._asking():
            assert self._client is not None
            self._collection = self._client.get_collection(self.place, embedding_function=None)
        if (self._collection.metadata or {}).get("key") != self._key:
            raise IndexDamaged(f"The collection {self.place} at {self._address} was made with another model.")

    def rebuild(self, batches: Iterator[tuple[Sequence[str], Vectors]]) -> None:
        """Build a new collection from ``(ids, vectors)`` batches and delete the old one; ``place`` is its name."""
        from chromadb.errors import ChromaError

        assert self._client is not None
        place, before = f"verbatim-{uuid4().hex}", self.place
        with self._asking():
            self._collection = self._client.create_collection(
                place, metadata={"key": self._key}, embedding_function=None, **COLLECTION_OPTIONS
            )
        for ids, vectors in batches:
            self.upsert(ids, vectors)
        self.place = place
        if before:
            with self._asking(), suppress(ChromaError):  # gone already
                self._client.delete_collection(before)

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add or replace vectors, shape ``(len(ids), dimension)``."""
        with self._asking():
            self._upsert(ids, vectors)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors."""
        with self._asking():
            self._delete(ids)

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return up to ``k`` ids with their cosine similarity, nearest first."""
        with self._asking():
            return self._query(vector, k)

    def ids(self) -> frozenset[str]:
        """Return the ids the index holds, asked for in pages."""
        found: set[str] = set()
        with self._asking():
            while page := self._collection.get(include=[], limit=_PAGE, offset=len(found))["ids"]:
                found.update(page)
                if len(page) < _PAGE:
                    break
        return frozenset(found)

    def count(self) -> int:
        """Return how many ids the index holds."""
        with self._asking():
            return super().count()

    def misses(self, ids: Sequence[str], vectors: Vectors) -> int:
        """Return how many of these vectors are not found by a search for themselves."""
        with self._asking():
            return self._misses(ids, vectors)

    def close(self) -> None:
        """End the connections; the collection stays."""
        self._disconnect()

    def _reach(self) -> Any:
        """Return a client; chromadb waits without end for a silent server, so the server is checked first."""
        try:
            # The scheme is http or https; see ServerAddress.
            urllib.request.urlopen(f"{self._address}/api/v2/heartbeat", timeout=_PATIENCE).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()  # it answers, and perhaps wants credentials, which are chromadb's to send
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if not isinstance(reason, SSLError):  # which certificates are trusted is chromadb's setting
                raise self._away(reason) from error
        except Exception as error:  # the reply is not that of a web server
            raise self._away(error) from error
        with self._asking():
            import chromadb

            # No connection is kept for the next request: closing a client, chromadb would leave it open.
            settings = chromadb.Settings(anonymized_telemetry=False, chroma_http_max_keepalive_connections=0)
            client = chromadb.HttpClient(self._address.host, self._address.port, self._address.tls, settings=settings)
            limit_wait(client, _LONGEST)
            return client

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Raise ``IndexDamaged`` if the server says that the collection is gone, ``IndexAway`` for other errors."""
        try:
            yield
        except Exception as error:  # errors of chromadb, of its HTTP library, or caused by unexpected replies
            from chromadb.errors import NotFoundError

            if isinstance(error, NotFoundError) and self.place:
                raise IndexDamaged(f"The collection {self.place} is not at {self._address}.") from error
            raise self._away(error) from error

    def _away(self, error: object) -> IndexAway:
        told = " ".join(str(error).split())[:200] or type(error).__name__
        return IndexAway(
            f"The Chroma server at {self._address} cannot be used ({told}); questions are answered exactly from the "
            "catalogue meanwhile. Start it, or correct KB_CHROMA_URL."
        )


def limit_wait(client: Any, seconds: float) -> bool:
    """Set a client's timeout, and return whether that was possible. chromadb has no setting for it and waits without
    end, so its HTTP session is reached by a private name. With a chromadb version that uses another name, clients work
    without a timeout.
    """
    session: Any = getattr(getattr(client, "_server", None), "_session", None)
    if not hasattr(session, "timeout"):
        return False
    session.timeout = seconds
    return True
