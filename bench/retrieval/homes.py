"""Data folders that are filled once and kept, because taking 500 episodes in takes minutes."""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kb.embedding import load_embedder
from kb.knowledge_base import KnowledgeBase

from ..common import ROOT

__all__ = ["home"]

#: Modules that only search: what lies in a data folder does not depend on them.
_ONLY_SEARCH = {"search", "answering", "quotes", "questions", "context", "checking", "jsonable", "errors", "cli", "web"}

Fill = Callable[[KnowledgeBase, Sequence[Path]], None]


@contextmanager
def home(cache: Path, name: str, files: Sequence[Path], fill: Fill, embedding: str) -> Iterator[KnowledgeBase]:
    """Open a data folder with ``files`` in it; ``fill`` makes it if the code or the files have changed since."""
    folder = cache / f"{name}-{_key(files, embedding)}"
    if not folder.is_dir():
        begin = time.monotonic()
        unfinished = folder.with_name(f"{folder.name}.{time.time_ns()}")  # several may fill at once; the first wins
        try:
            with KnowledgeBase(unfinished, embedding) as kb:
                fill(kb, files)
            if not folder.is_dir():
                unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        print(f"{folder.name}: filled in {time.monotonic() - begin:.0f} s", file=sys.stderr)
    with KnowledgeBase(folder) as kb:
        yield kb


def _key(files: Sequence[Path], embedding: str) -> str:
    """Return a digest of everything that the folder's content depends on."""
    embedder = load_embedder(embedding)
    digest = hashlib.sha256(f"{embedder.name}|{embedder.revision}".encode())
    code = [path for path in (ROOT / "kb").rglob("*") if path.suffix in {".py", ".sql"}]
    code += (ROOT / "ingest" / "formats").glob("*.py")
    code += [ROOT / "ingest" / "metadata.py", ROOT / "bench" / "retrieval" / "data.py"]
    for path in sorted(code):
        part = path.relative_to(ROOT).parts[1].removesuffix(".py")
        if part not in _ONLY_SEARCH:
            digest.update(path.read_bytes())
    for path in files:
        digest.update(str(path.resolve()).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
