"""Data folders that are filled once and kept, because taking 500 episodes in takes minutes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.queue.batch import ingest
from kb.addresses import slug
from kb.catalogue import Source
from kb.embedding import load_embedder
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript

from ..common import ROOT

__all__ = ["add_meetings", "add_transcripts", "home", "spoken"]

#: Modules that only search: what lies in a data folder does not depend on them.
_ONLY_SEARCH = frozenset(
    """search rarity matching counting evidence semantic prompts answering quotes questions context checking jsonable
    errors cli web exports collecting anchoring correcting threads synthesis language_model""".split()
)
# Annotators' marks such as {vocalsound}; nobody said them.
_MARK = re.compile(r"\{\w+\}")
# QMSum's tokens are parted by blanks; a sentence splitter expects "course." and "don't".
_BEFORE_PUNCTUATION = re.compile(r"\s+(?=[.,;:?!]|'(?:s|m|re|ve|ll|d)\b|n't\b)")

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


def add_meetings(kb: KnowledgeBase, files: Sequence[Path]) -> None:
    """Take QMSum's meetings in as episodes: a turn a segment, no times."""
    for file in files:
        turns = json.loads(file.read_text("utf-8"))["meeting_transcripts"]
        segments = tuple(Segment(None, None, spoken(turn), turn["speaker"]) for turn in turns)
        source = Source(file.resolve().as_uri(), hashlib.sha256(file.read_bytes()).hexdigest())
        kb.add(Episode(slug(file.stem), "QMSum", file.stem, language="en"), Transcript(segments, "en"), source)
    kb.sync()


def add_transcripts(kb: KnowledgeBase, files: Sequence[Path]) -> None:
    """Take transcripts in as ``kb ingest`` does."""
    failed = [result.error for result in ingest(kb, files) if result.status == "failed"]
    if failed:
        raise SystemExit(f"Not all episodes could be taken in: {failed[0]}")


def spoken(turn: Mapping[str, str]) -> str:
    """Return the words of a meeting's turn without the annotators' marks and the tokens' blanks."""
    return _BEFORE_PUNCTUATION.sub("", _MARK.sub("", turn["content"]))


def _key(files: Sequence[Path], embedding: str) -> str:
    """Return a digest of everything that the folder's content depends on."""
    embedder = load_embedder(embedding)
    digest = hashlib.sha256(f"{embedder.name}|{embedder.revision}".encode())
    code = [path for path in (ROOT / "kb").rglob("*") if path.suffix in {".py", ".sql"}]
    code += (ROOT / "ingest" / "formats").glob("*.py")
    code += [*(ROOT / "ingest" / "metadata").glob("*.py"), Path(__file__)]
    for path in sorted(code):
        part = path.relative_to(ROOT).parts[1].removesuffix(".py")
        if part not in _ONLY_SEARCH:
            digest.update(path.read_bytes())
    for path in files:
        digest.update(str(path.resolve()).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
