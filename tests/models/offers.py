"""Toy models that the tests' hub offers, how they are fetched, and what is said when they are not."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

from ingest.models.downloading import FetchProgress, fetch
from ingest.models.finding import Offer, find_model

from .hub import Hub, serve_repository
from .toys import CT2_HEAD, checkpoint


def make_checkpoint(tmp_path: Path, size: int = 700_000) -> bytes:
    path = checkpoint(tmp_path / "made.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/data/0", bytes(range(250)) * (size // 250))
    return path.read_bytes()


def toy_checkpoint(hub: Hub, tmp_path: Path) -> tuple[Offer, bytes]:
    body = make_checkpoint(tmp_path)
    digest = hashlib.sha256(body).hexdigest()
    hub.files[f"/{digest}/toy.pt"] = body
    return Offer("toy", "openai-whisper", f"{digest}/toy.pt", len(body), sha256=digest), body


def toy_repository(hub: Hub, **other: bytes) -> dict[str, bytes]:
    """Serve a repository with files that the engine reads, and some that it does not."""
    files = {
        ".gitattributes": b"*.bin filter=lfs",
        "README.md": b"# toy",
        "config.json": b'{"alignment_heads": []}',
        "model.bin": CT2_HEAD + bytes(300_000),
        "tokenizer.json": b"{}",
        "vocabulary.txt": b"a\nb\n",
        "../evil.json": b"{}",
    } | other
    serve_repository(hub, "owner/toy", files)
    return files


TOO_LATE = "The download took longer than allowed. Run the command again; it continues where it stopped."
TOY_REPOSITORY = Offer("owner/toy", "faster-whisper", "owner/toy", None)


def get(offer: Offer, hub: Hub, folder: Path, deadline: float = 60, patience: float = 20) -> list[FetchProgress]:
    events: list[FetchProgress] = []
    place = fetch(offer, folder, events.append, deadline, patience, hub.address)
    assert find_model(offer.name, offer.engine, folder) == place
    return events


def not_fetched(problem: str, address: str, name: str = "owner/toy") -> str:
    """Return a pattern of the whole message about ``address``; ``ADDRESS`` in the problem is that address, ``#`` a number."""
    message = f"The model {name!r} is not on this machine (looked in {address}). {problem.replace('ADDRESS', address)}"
    return f"^{re.escape(message)}$".replace(re.escape("#"), r"[\d.]+")


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}
