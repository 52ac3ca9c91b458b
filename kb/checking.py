"""``kb check``: verify every promise on a user's own data, and rebuild derived data that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .addresses import parse_address
from .backups.witness import WITNESS, read_witness, what_is_missing
from .catalogue import Catalogue
from .errors import CatalogueError, IndexAway, IndexDamaged
from .phrasing import counted
from .retrieval.semantic import Progress, SemanticIndex
from .retrieval.vector_file import VectorFile

__all__ = ["Finding", "check"]

#: Taking the same file in again changes nothing, so the episode has to go first; that takes a full-text index that
#: agrees with what is there now.
_REMEDY = (
    "Restore the data folder from a backup; or run 'kb check --repair', remove these episodes with "
    "'kb episodes remove', and ingest them again."
)
_DAMAGED = "Restore a backup into a new folder ('kb restore'), or save what is readable ('kb check --salvage FOLDER')."


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; ``detail`` is a sentence for a person."""

    name: str
    ok: bool
    detail: str
    repaired: bool = False


def check(
    catalogue: Catalogue, semantic: SemanticIndex, home: Path, repair: bool = False, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Return one finding per promise: first the system of record, then the data derived from it.

    In a read-only data folder, derived data is not checked, because its checks and repairs write.
    """
    kept: tuple[Finding, ...] = (_catalogue(catalogue), _history(catalogue, semantic, home))
    try:
        kept += (_texts(catalogue), _spans(catalogue))
    except CatalogueError:
        if kept[0].ok:
            raise
        return kept  # its first line says what to do
    if catalogue.read_only:
        return (
            *kept,
            Finding("data folder", True, "It is read-only, so the full-text and vector indexes are not checked."),
        )
    if kept[0].ok and kept[1].ok and not catalogue.episodes.count():
        return (replace(kept[0], detail="Your library is empty; add the first episodes with 'kb ingest'."),)
    return (
        *kept,
        _full_text(catalogue, repair),
        _embeddings(semantic, repair, progress),
        _vectors(semantic, repair, progress),
        *_vector_file(semantic.file, repair, progress),
    )


def _catalogue(catalogue: Catalogue) -> Finding:
    complaints = catalogue.integrity()
    if complaints:
        return Finding("catalogue", False, f"{'; '.join(complaints)}. {_DAMAGED}")
    episodes = catalogue.episodes.count()
    return Finding("catalogue", True, f"{counted(episodes, 'episode')}.")


def _history(catalogue: Catalogue, semantic: SemanticIndex, home: Path) -> Finding:
    """Detect an emptied or replaced catalogue, which has no damage of its own, by the file beside it."""
    problem = what_is_missing(catalogue, home)
    if problem is None and not read_witness(home) and not catalogue.episodes.count() and semantic.sealed():
        problem = f"The vector index was made of {semantic.sealed()} passages, but the catalogue has none."
    if problem is None:
        return Finding("history", True, "Nothing is missing except what people removed.")
    remedy = f"Restore it with 'kb restore', or, if this is intended, delete {home / WITNESS}"
    return Finding("history", False, f"{problem} {remedy} and {home / 'index'}.")


def _texts(catalogue: Catalogue) -> Finding:
    damaged = catalogue.episodes.damaged_texts()
    if not damaged:
        return Finding("transcripts", True, "Every transcript has the checksum it was stored with.")
    names = ", ".join(f"{episode}@{revision}" for episode, revision in damaged[:5])
    return Finding(
        "transcripts", False, f"{counted(len(damaged), 'transcript')} changed on the disk ({names}). {_REMEDY}"
    )


def _spans(catalogue: Catalogue) -> Finding:
    wrong = list(_wrong_spans(catalogue))
    if not wrong:
        return Finding("verbatim", True, "Every turn and passage is an exact part of its transcript.")
    places = f"{len(wrong):,} of the turns and passages ({', '.join(wrong[:5])})"
    return Finding("verbatim", False, f"{places} are no exact part of their transcript. {_REMEDY}")


def _wrong_spans(catalogue: Catalogue) -> Iterator[str]:
    for episode in catalogue.episodes.all():
        revision = catalogue.episodes.current_revision(episode.id)
        text = catalogue.episodes.text(episode.id, revision)
        end = 0
        for turn in catalogue.episodes.turns(episode.id, revision):
            if not end <= turn.char_start < turn.char_end <= len(text):
                yield f"{episode.id}@{revision}:{turn.char_start}-{turn.char_end}"
            end = turn.char_end
        for chunk, stored in catalogue.passages.of_episode(episode.id):
            address = parse_address(chunk.id)
            if text[address.char_start : address.char_end] != stored or not stored.strip():
                yield chunk.id


def _full_text(catalogue: Catalogue, repair: bool) -> Finding:
    if catalogue.passages.index_is_sound():
        return Finding("full-text index", True, f"{counted(catalogue.passages.count()[1], 'passage')}.")
    if repair:
        catalogue.passages.rebuild_index()
    repaired = repair and catalogue.passages.index_is_sound()
    return Finding("full-text index", False, "It does not match the passages.", repaired)


def _embeddings(semantic: SemanticIndex, repair: bool, progress: Progress | None) -> Finding:
    pending = semantic.pending()
    if not pending:
        return Finding("embeddings", True, f"Every passage is embedded with {semantic.embedder.name}.")
    if repair:
        semantic.embed_pending(progress)
    return Finding(
        "embeddings", False, f"Not embedded yet: {counted(pending, 'passage')}.", repair and not semantic.pending()
    )


def _vectors(semantic: SemanticIndex, repair: bool, progress: Progress | None) -> Finding:
    problem = semantic.inspect()
    if problem is None and semantic.owned:
        try:
            lost = semantic.unfindable()
            problem = f"{counted(lost, 'vector')} cannot be found." if lost else None
        except (IndexAway, IndexDamaged) as error:
            problem = str(error)
    if problem is None:
        return Finding(
            "vector index",
            True,
            "Every vector can be found."
            if semantic.owned
            else "Another process is using it, so it was not checked; run 'kb check' again when that has ended.",
        )
    if repair:
        semantic.rebuild(progress)
    return Finding("vector index", False, problem, repair and semantic.unfindable() == 0)


def _vector_file(file: VectorFile, repair: bool, progress: Progress | None) -> tuple[Finding, ...]:
    """Check the file that filters are compared with; a small library needs none."""
    if not file.pays():
        return ()
    problem = file.problem()
    if problem is None:
        there = "It has the catalogue's vectors." if file.is_there() else "'kb serve' or the next ingestion makes it."
        return (Finding("vector file", True, there),)
    if repair:
        file.delete()
        file.bring_up(progress)
    return (Finding("vector file", False, problem, repair and file.problem() is None),)
