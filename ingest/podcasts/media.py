"""The paths of fetched files: ``media/SHOW/DATE-TITLE`` in the data folder, each name unique."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

from kb.addresses import slug

__all__ = ["free_stem", "media_folder"]

# In letters: with three bytes each, a date and ".part.json", the file name is still short enough.
_LONGEST = 60


def media_folder(home: Path) -> Path:
    """Return the folder of everything that was fetched."""
    return home / "media"


def free_stem(
    folder: Path, show: str, published: str | None, title: str, is_taken: Callable[[str], bool] = lambda stem: False
) -> str:
    """Return a path within the media folder, without a suffix, such as ``all-things/2019-07-08-the-vote``.

    No file has it yet, with any suffix, and ``is_taken`` is false for it.
    """
    within = slug(show, _LONGEST) or "show"
    name = f"{published or 'undated'}-{slug(title, _LONGEST) or 'episode'}"
    taken = {path.name for path in (folder / within).glob(f"{name}*")} if (folder / within).is_dir() else set()
    for number in chain([""], (f"-{n}" for n in count(2))):
        stem = f"{within}/{name}{number}"
        if not is_taken(stem) and not any(_is_of(file, f"{name}{number}") for file in taken):
            return stem
    raise AssertionError("count() does not end")


def _is_of(file: str, name: str) -> bool:
    """Return whether a file's name is ``name`` with suffixes."""
    return file == name or file.startswith(f"{name}.")
