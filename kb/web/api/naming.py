"""Sources as a page may call them: by their names, without telling where on the server they lie."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["plainly"]


def plainly(sentence: str, source: Path | str, home: Path) -> str:
    """Return what is told of a source with its name in place of its path, and nothing of the data folder's."""
    path = unquote(urlsplit(str(source)).path) if "://" in str(source) else str(source)
    for folder in (Path(path).parent, Path(path).resolve().parent, home, home.resolve()):
        if folder != Path(folder.anchor):
            sentence = sentence.replace(f"{folder}/", "")
    return sentence
