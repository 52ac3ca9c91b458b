"""Data folders that are filled once and kept, because ingesting 500 episodes takes minutes."""

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

__all__ = ["add_meetings", "add_transcripts", "home", "meeting", "spoken"]

#: What the content of a data folder depends on, beside the transcripts and the embedding model.
_MAKERS = (
    *("kb/catalogue/migrations", "kb/transcripts", "kb/text", "kb/embedding"),
    *("kb/retrieval/semantic.py", "kb/retrieval/passages.py", "ingest/formats", "ingest/metadata"),
)
# Annotators' marks such as {vocalsound}, which are not spoken words.
_MARK = re.compile(r"\{\w+\}")
# QMSum separates tokens by spaces; a sentence splitter expects "course." and "don't".
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
    """Ingest QMSum's meetings as episodes."""
    for file in files:
        source = Source(file.resolve().as_uri(), hashlib.sha256(file.read_bytes()).hexdigest())
        kb.add(Episode(slug(file.stem), "QMSum", file.stem, language="en"), meeting(file), source)
    kb.sync()


def add_transcripts(kb: KnowledgeBase, files: Sequence[Path]) -> None:
    """Ingest transcripts as ``kb ingest`` does."""
    failed = [result.error for result in ingest(kb, files) if result.status == "failed"]
    if failed:
        raise SystemExit(f"Not all episodes could be taken in: {failed[0]}")


def meeting(file: Path) -> Transcript:
    """Return one of QMSum's meetings: each turn is a segment, without times."""
    turns = json.loads(file.read_text("utf-8"))["meeting_transcripts"]
    return Transcript(tuple(Segment(None, None, spoken(turn), turn["speaker"]) for turn in turns), "en")


def spoken(turn: Mapping[str, str]) -> str:
    """Return the words of a meeting's turn without the annotators' marks and the spaces between tokens."""
    return _BEFORE_PUNCTUATION.sub("", _MARK.sub("", turn["content"]))


def _key(files: Sequence[Path], embedding: str) -> str:
    """Return a digest of everything that the folder's content depends on."""
    embedder = load_embedder(embedding)
    digest = hashlib.sha256(f"{embedder.name}|{embedder.revision}".encode())
    for maker in (ROOT / name for name in _MAKERS):
        for path in [maker] if maker.is_file() else sorted(maker.rglob("*")):
            if path.suffix in {".py", ".sql"}:
                digest.update(path.read_bytes())
    digest.update(Path(__file__).read_bytes())
    for path in files:
        digest.update(str(path.resolve()).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
