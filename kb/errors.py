"""One tree of errors; a message says what was wrong, with its value, and what would be right.

VerbatimError
├── UsageError              the caller asked for something impossible (exit code 2)
│   └── Conflict            somebody else changed the same thing meanwhile (says where)
├── NotFound                an episode, quote or show that the catalogue does not hold
├── SourceError             one source cannot be ingested; the rest of the batch goes on
│   ├── FormatError         a transcript file that cannot be parsed (carries the line)
│   ├── MetadataError       a sidecar that cannot be read
│   ├── AudioError          sound that cannot be decoded
│   ├── TooCostly           a file that makes its reader use too much memory or time, or crash
│   ├── FeedError           a feed, a list of feeds or a chapters file that cannot be read
│   ├── BackupError         a backup that cannot be made or put back
│   └── FetchError          an address that cannot be fetched (says whether a later try may help)
├── ModelNotAvailable       a model that is not on this machine (says where it was looked for)
├── ClusterUnavailable      a Ray cluster that cannot be reached or used
├── LanguageModelError      a language model gave no answer that can be used; the quotes stand without it
├── Cancelled               a transcription was stopped; what was finished is kept (ingest.transcription)
├── CatalogueError          the SQLite file is damaged, locked or from a newer Verbatim
│   └── ReadOnly            the data folder is read-only, and a change was asked for
├── IndexAway               the Chroma server of the vector index cannot be used; answers are exact without it
└── IndexDamaged            the derived vector index cannot be used and needs a rebuild
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .translatable import joined, phrase

__all__ = [
    "AudioError",
    "BackupError",
    "CatalogueError",
    "ClusterUnavailable",
    "Conflict",
    "FeedError",
    "FetchError",
    "FormatError",
    "IndexAway",
    "IndexDamaged",
    "LanguageModelError",
    "MetadataError",
    "ModelNotAvailable",
    "NotFound",
    "ReadOnly",
    "SourceError",
    "TooCostly",
    "UsageError",
    "VerbatimError",
    "without_password",
]


def without_password(address: str) -> str:
    """Return an address without the name and password that stand before its host, as messages and files show it."""
    return re.sub(r"(?<=://)[^/?#@]*@", "", address)


class VerbatimError(Exception):
    """Anything that Verbatim itself reports; its text is one clear sentence for a person."""

    @property
    def sentence(self) -> str:
        """The text as it was given, which a page may be able to translate."""
        return str(self) if len(self.args) != 1 or not isinstance(self.args[0], str) else self.args[0]

    def __reduce__(self) -> tuple[Callable[..., VerbatimError], tuple[Any, ...]]:
        # By default, Python unpickles an error from its message alone; the classes below take other arguments.
        state = {name: _plain(value) for name, value in self.__dict__.items()}
        return _restored, (type(self), tuple(map(_plain, self.args)), state)


class UsageError(VerbatimError):
    """The caller asked for something impossible."""


class Conflict(UsageError):
    """Somebody else changed the same thing meanwhile, and nothing was written.

    For a transcript: the turns in question are ``count`` from ``turn`` on of ``revision``; 0 where they are not known.
    """

    def __init__(self, message: str, revision: int = 0, turn: int = 0, count: int = 0) -> None:
        super().__init__(message)
        self.revision, self.turn, self.count = revision, turn, count


class NotFound(VerbatimError):
    """An episode, quote or show that the catalogue does not hold."""


class SourceError(VerbatimError):
    """One source cannot be ingested; the rest of the batch goes on. A password in its address is not shown."""

    def __init__(self, path: Path | str, problem: str, remedy: str) -> None:
        named = str(path).encode("utf-8", "replace").decode()  # a file's name may be bytes that are not text
        self.path = without_password(named)
        super().__init__(joined("", (self.path, ": ", problem, " ", remedy)))
        self.problem = problem
        self.remedy = remedy


class FormatError(SourceError):
    """A transcript that cannot be parsed; ``line`` counts from 1 where the fault has a line."""

    def __init__(self, path: Path | str, problem: str, remedy: str, line: int | None = None) -> None:
        if line is not None:
            path = phrase("%(path)s, line %(line)s", path=str(path), line=str(line))
        super().__init__(path, problem, remedy)
        self.line = line


class MetadataError(SourceError):
    """A sidecar that cannot be read."""


class AudioError(SourceError):
    """Sound that cannot be decoded."""


class TooCostly(SourceError):
    """A file that makes its reader use too much memory or time, or crash."""


class FeedError(SourceError):
    """A feed, a list of feeds or a chapters file that cannot be read."""


class BackupError(SourceError):
    """A backup that cannot be made or put back."""

    def __init__(self, path: Path | str, problem: str, remedy: str = "Use another backup.") -> None:
        super().__init__(path, problem, remedy)


class FetchError(SourceError):
    """An address that cannot be fetched.

    ``temporary``: a later try may help. ``again_in``: seconds to wait, as the server asks.
    """

    def __init__(
        self, url: str, problem: str, remedy: str, *, temporary: bool = False, again_in: float | None = None
    ) -> None:
        super().__init__(url if len(url) <= 300 else f"{url[:300]}...", problem, remedy)
        self.temporary = temporary
        self.again_in = again_in


class ModelNotAvailable(VerbatimError):
    """A model that is not on this machine; ``looked`` lists the places tried."""

    def __init__(self, name: str, looked: Sequence[str], remedy: str) -> None:
        super().__init__(
            phrase(
                "The model %(model)s is not on this machine (looked in %(folders)s). %(remedy)s",
                model=repr(name),
                folders=", ".join(looked),
                remedy=remedy,
            )
        )
        self.name = name
        self.looked = tuple(looked)
        self.remedy = remedy


class ClusterUnavailable(VerbatimError):
    """A Ray cluster that cannot be reached or used."""


class LanguageModelError(VerbatimError):
    """A language model gave no answer that can be used; the quotes stand without it."""

    def __init__(self, endpoint: str, problem: str, remedy: str) -> None:
        super().__init__(f"The language model at {endpoint} {problem} {remedy}")
        self.endpoint = endpoint


class CatalogueError(VerbatimError):
    """The SQLite file is damaged, locked or from a newer Verbatim."""


class ReadOnly(CatalogueError):
    """The data folder is read-only, and a change was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            phrase(
                "%(folder)s: this data folder is read-only. You can ask, read, cite and export; nothing can be added "
                "or changed. Copy it to a folder that you may write to, and name the copy with --home.",
                folder=str(folder),
            )
        )


class IndexAway(VerbatimError):
    """The Chroma server that holds the vector index cannot be used just now; answers are exact without it."""


class IndexDamaged(VerbatimError):
    """The derived vector index cannot be used and needs a rebuild."""


def _plain(value: Any) -> Any:
    """Return a text without what it was made of, since another process takes plain texts only."""
    return str(value) if isinstance(value, str) else value


def _restored(kind: type[VerbatimError], args: tuple[Any, ...], state: dict[str, Any]) -> VerbatimError:
    """Rebuild an error that came from another process."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
