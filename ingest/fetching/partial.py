"""An incomplete download: ``NAME.part``, and beside it what is needed to resume it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Part", "Validators"]


@dataclass(frozen=True, slots=True)
class Validators:
    """A version of a document as its server names it (RFC 9110, 8.8), for asking whether it has changed."""

    etag: str | None = None
    last_modified: str | None = None

    def if_changed(self) -> dict[str, str]:
        """Return the headers that request the document only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}

    def same_version(self) -> str | None:
        """Return what can stand in ``If-Range``: an ETag that promises the same bytes, else the date."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


@dataclass(frozen=True, slots=True)
class Part:
    """The beginning of a download that will become ``target``."""

    target: Path

    @property
    def path(self) -> Path:
        """Return the path of the incomplete file."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def _note(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part.json")

    def size(self) -> int:
        """Return how many bytes it has."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def range_headers(self, url: str) -> dict[str, str]:
        """Return the headers that request the rest, none if the download must start at the first byte."""
        try:
            noted = json.loads(self._note.read_text("utf-8"))
            version = Validators(**noted["version"]).same_version() if noted["url"] == url else None
        except (OSError, ValueError, KeyError, TypeError):
            version = None
        size = self.size()
        return {"Range": f"bytes={size}-", "If-Range": version} if version and size else {}

    def begin(self, url: str, version: Validators) -> None:
        """Start again, with this version of the document."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.discard()
        if version.same_version():
            self._note.write_text(json.dumps({"url": url, "version": asdict(version)}), "utf-8")

    def finish(self) -> None:
        """Rename the complete file to ``target``, atomically."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(self.path, self.target)
        with suppress(OSError):
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the incomplete file."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
