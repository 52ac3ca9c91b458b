"""The models that come with the program, for ``kb models list``; nothing is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from . import static, transformer
from .built_in import TransformerEmbedder
from .static import StaticEmbedder

__all__ = ["Shipped", "shipped"]


class Shipped(NamedTuple):
    """A model for search by meaning; its folder's ``README.md`` is its card: data, licences, commands, figures."""

    name: str
    folder: Path
    size: int
    licence: str


def shipped() -> tuple[Shipped, ...]:
    """Return the built-in models, the default one first; ``size`` is in bytes."""
    return (
        _told(TransformerEmbedder.name, transformer.FOLDER, "CC-BY-SA-4.0"),
        _told(StaticEmbedder.name, static.FOLDER, "CC-BY-SA-4.0"),
    )


def _told(name: str, folder: Path, licence: str) -> Shipped:
    return Shipped(name, folder, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), licence)
