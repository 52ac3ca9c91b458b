"""The machine formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from .bibtex import to_biblatex, to_bibtex
from .csl_json import to_csl_json
from .ris import to_ris
from .work import Citable, CitedWork, gather
from .zotero_rdf import to_zotero_rdf

__all__ = ["FORMATS", "export"]

FORMATS: Mapping[str, Callable[[Sequence[CitedWork]], str]] = {
    "csl-json": to_csl_json,
    "ris": to_ris,
    "bibtex": to_bibtex,
    "biblatex": to_biblatex,
    "zotero-rdf": to_zotero_rdf,
}


def export(sources: Sequence[Citable], form: str, accessed: date | None = None) -> str:
    """Return quotes and episodes as a reference manager reads them, each episode once with its quotes as notes."""
    return FORMATS[form](gather(sources, accessed))
