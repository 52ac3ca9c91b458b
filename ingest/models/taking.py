"""Copy a Whisper model from a folder on this machine, e.g. on a USB stick, into the models folder.

Only faster-whisper's folders: their files are data, while an untrusted ``.pt`` file is a pickle. From the folder
only the files that the engine reads are copied, and only if together they are a model.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.fetching.problems import check_space, disk_explained
from ingest.models.downloading import FetchCancelled, FetchProgress
from ingest.models.finding import (
    MODEL_FILES,
    OFFERS,
    Offer,
    default_models_folder,
    fault_in,
    offer_of,
    place_in,
    snapshots,
)
from kb.errors import UsageError
from kb.translatable import phrase

__all__ = ["checked_folder", "take_model"]

_LONGEST_PATH = 4096
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
_HUB = "models--"
_BLOCK = 1 << 20


def take_model(
    given: str,
    models_folder: Path | None = None,
    progress: Callable[[FetchProgress], None] = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Copy the model in the folder ``given``, an absolute path, into the models folder, and return its new place.

    The folder may also be a repository in the Hugging Face hub's cache. ``progress`` and ``cancelled`` are as for
    ``fetch_model``. Raises ``UsageError`` for a folder without a model, ``SourceError`` for a disk that is full,
    and ``FetchCancelled``. An unfinished copy is removed.
    """
    folder, name = checked_folder(given)
    offer = offer_of(name, "faster-whisper")
    if offer not in OFFERS:
        offer = Offer(name, "faster-whisper", name, None, "unknown")
    assert offer is not None
    target = place_in(models_folder or default_models_folder(), offer).absolute()
    if fault_in(target, "faster-whisper") is None:
        raise UsageError(
            phrase(
                "A model %(name)s is on this machine already; rename the folder to take this one too.",
                name=repr(offer.name),
            )
        )
    with disk_explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".taking-", dir=target.parent) as work:
            made = Path(work, "model")
            made.mkdir()
            for event in _copied(folder, made, offer):
                progress(event)
                if cancelled():
                    raise FetchCancelled(phrase("The copy was cancelled."))
            if target.is_dir():  # an incomplete one
                shutil.rmtree(target)
            os.replace(made, target)
    return target


def checked_folder(given: str) -> tuple[Path, str]:
    """Return the folder that a path means and the name of its model; ``UsageError`` if it holds none."""
    no_path = not given or len(given) > _LONGEST_PATH or not given.isprintable() or given.startswith(("//", "\\\\"))
    path = Path(given if not no_path else ".")
    if no_path or not path.is_absolute():
        raise UsageError(
            phrase(
                "%(folder)s is not the full path of a folder here, such as /media/stick/small.",
                folder=repr(given[:100]),
            )
        )
    found = snapshots(path)[:1] or [path]
    problem = fault_in(found[0], "faster-whisper")
    if problem is not None:
        raise UsageError(
            phrase(
                "%(folder)s %(problem)s, so it is not a faster-whisper model. Name the folder of one.",
                folder=given[:200],
                problem=problem,
            )
        )
    name = next((part.name for part in (path, *path.parents[:2]) if part.name.startswith(_HUB)), path.name)
    name = name.removeprefix(_HUB).replace("--", "/", 1)
    if not _NAME.fullmatch(name):
        raise UsageError(
            phrase(
                "%(name)s cannot be a model's name; rename the folder to plain letters and digits.",
                name=repr(name[:100]),
            )
        )
    return found[0], name


def _copied(folder: Path, made: Path, offer: Offer) -> Iterator[FetchProgress]:
    """Copy the files that the engine reads, and yield how far it is."""
    files = [entry for entry in folder.iterdir() if MODEL_FILES.fullmatch(entry.name)]
    total = sum(file.stat().st_size for file in files)
    check_space(made, total)
    done = 0
    yield FetchProgress(offer.name, "starting", folder.name, 0, total, offer.licence)
    for file in files:
        # Reading a pipe would block, and a file may have been replaced by one.
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as source, (made / file.name).open("wb") as copy:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise UsageError(
                    phrase(
                        "%(file)s in %(folder)s is not a file; name a folder with a complete model.",
                        file=file.name,
                        folder=folder.name,
                    )
                )
            while block := source.read(min(_BLOCK, total - done + 1)):
                done += len(block)
                if done > total:
                    raise UsageError(
                        phrase(
                            "%(file)s in %(folder)s is still growing; wait until it is complete.",
                            file=file.name,
                            folder=folder.name,
                        )
                    )
                copy.write(block)
                yield FetchProgress(offer.name, "fetching", file.name, done, total, offer.licence)
    problem = fault_in(made, "faster-whisper")
    if problem is not None:
        raise UsageError(
            phrase("%(folder)s %(problem)s; it was changed while it was copied.", folder=folder.name, problem=problem)
        )
    yield FetchProgress(offer.name, "done", folder.name, done, total, offer.licence)
