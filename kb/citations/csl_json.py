"""CSL-JSON (csl-data.json, CSL 1.0.2), which Zotero, pandoc and most reference managers read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from ..timecode import clock
from .names import Name
from .work import CitedWork, ContributorRole, note

__all__ = ["to_csl_json"]

_VARIABLES: dict[ContributorRole, str] = {
    "reporter": "author", "host": "host", "guest": "guest", "executive-producer": "executive-producer",
    "producer": "producer", "narrator": "narrator", "director": "director", "writer": "script-writer",
    "editor": "editor", "contributor": "contributor",
}  # fmt: skip


def to_csl_json(cited: Sequence[CitedWork]) -> str:
    """Return one item of type ``broadcast`` a work; its quotes, with their times, are in its note."""
    return json.dumps([_item(one) for one in cited], ensure_ascii=False, indent=2) + "\n"


def _item(cited: CitedWork) -> dict[str, Any]:
    work = cited.work
    people: dict[str, list[dict[str, str]]] = {}
    for credit in work.credits:
        people.setdefault(_VARIABLES[credit.role], []).append(_name(credit.name))
    item = {
        "id": work.id,
        "type": "broadcast",
        "title": work.title,
        **people,
        "container-title": work.show,
        "genre": "Radio broadcast" if work.medium == "radio" else "Audio podcast episode",
        "publisher": work.publisher,
        "number": work.number,
        "issued": {"date-parts": [list(work.issued)]} if work.issued else None,
        "accessed": _date(work.accessed) if work.accessed and work.url else None,
        "dimensions": clock(work.duration) if work.duration else None,
        "language": work.language,
        "URL": work.url,
        "note": "\n".join(map(note, cited.quotes)) or None,
        # CSL has no variable for a season.
        "custom": {"season": work.season} if work.season else None,
    }
    return {key: value for key, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {
        "family": name.family, "given": name.given, "non-dropping-particle": name.particle, "suffix": name.suffix,
    }  # fmt: skip
    return {key: value for key, value in parts.items() if value}


def _date(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}
