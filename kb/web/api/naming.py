"""Sources as a page may call them: by their names, without telling where on the server they lie."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["name_of", "plainly"]


def name_of(source: str) -> str:
    """Return the name of a file or of the last part of an address."""
    path = unquote(urlsplit(source).path) if "://" in source else source
    return (Path(path).name or source).encode("utf-8", "replace").decode()  # a name may be bytes that are no text


def plainly(sentence: str, source: Path | str, home: Path) -> str:
    """Return what is told of a source with its name in place of its path, and nothing of the data folder's."""
    path = unquote(urlsplit(str(source)).path) if "://" in str(source) else str(source)
    for folder in (Path(path).parent, Path(path).resolve().parent, home, home.resolve()):
        if folder != Path(folder.anchor):
            sentence = sentence.replace(f"{folder}/", "")
    return sentence
