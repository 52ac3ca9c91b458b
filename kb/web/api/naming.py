"""Names of sources for pages, without their paths on the server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["plainly"]


def plainly(sentence: str, source: Path | str, home: Path) -> str:
    """Return a message about a source with its name instead of its path, and without the data folder's path."""
    path = unquote(urlsplit(str(source)).path) if "://" in str(source) else str(source)
    for folder in (Path(path).parent, Path(path).resolve().parent, home, home.resolve()):
        if folder != Path(folder.anchor):
            sentence = sentence.replace(f"{folder}/", "")
    return sentence
