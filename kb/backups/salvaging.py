"""``kb check --salvage``: what can be read of a damaged data folder, in a new one, with a list of what is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..catalogue import Catalogue, salvage
from ..errors import BackupError, CatalogueError, UsageError
from .manifest import CATALOGUE
from .packing import Progress
from .witness import keep_witness
from .workplace import data_folder

__all__ = ["LOST", "salvage_folder"]

LOST = "lost.txt"


def salvage_folder(home: Path, into: Path, progress: Progress | None = None) -> tuple[int, tuple[str, ...]]:
    """Make the data folder ``into`` of what can be read in ``home``; return its episodes and what is lost.

    ``home`` is not changed, and recordings stay in it, where the new folder's episodes find them.
    """
    if not (home / CATALOGUE).is_file():
        raise UsageError(f"There is no {CATALOGUE} in {home}; name the damaged folder with --home.")
    try:
        with data_folder(into, "salvaging", "name a new folder.") as (work, folder):
            # A copy with its log: SQLite writes the log's pages into the file that it opens.
            for name in (CATALOGUE, f"{CATALOGUE}-wal"):
                if (home / name).exists():
                    shutil.copyfile(home / name, work / name)
            (folder / CATALOGUE).touch(0o600)
            losses = salvage(work / CATALOGUE, folder / CATALOGUE, progress)
            catalogue = Catalogue(folder / CATALOGUE, progress)
            try:
                complaints = catalogue.integrity()
                if complaints:
                    told = f"what could be read does not fit together ({complaints[0]})"
                    raise CatalogueError(f"{home}: {told}. Use a backup.")
                keep_witness(catalogue, folder)
                episodes = catalogue.episodes.count()
            finally:
                catalogue.close()
            (folder / LOST).write_text("".join(f"{loss}\n" for loss in losses or ("Nothing was lost.",)), "utf-8")
    except OSError as error:
        raise BackupError(home, f"cannot be read, or {into} be written ({error.strerror or error}).", "") from error
    return episodes, losses
