"""A small file beside the catalogue that remembers what it held, so that an emptied or older catalogue is noticed.

It is written after every change, and only by a catalogue that continues what it remembers. If the process is killed
between the change and this file, the file remembers less, which causes no false alarm.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ..catalogue import Catalogue, Census
from ..home import replacing
from ..phrasing import counted, long_date

__all__ = ["WITNESS", "Witness", "keep_witness", "read_witness", "what_is_missing"]

WITNESS = "witness.json"
_LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Witness:
    """What a catalogue held on a day."""

    census: Census
    day: date


def keep_witness(catalogue: Catalogue, home: Path) -> None:
    """Remember what the catalogue holds now, unless it holds less than it should, or is another catalogue."""
    if catalogue.read_only:
        return
    census, known = catalogue.census(), read_witness(home)
    if known is not None and (known.census == census or not _goes_on(known.census, census)):
        return
    if known is None and not census.episodes:
        return  # nothing to remember yet
    told = {
        "what": "What this data folder held, so that 'kb check' notices when its catalogue is emptied or replaced.",
        "day": datetime.now(UTC).date().isoformat(),
        "identity": census.identity,
        "episodes": census.episodes,
        "removed": census.removed,
        "arrivals": census.arrivals,
    }
    # On a full disk nothing is written; the catalogue itself has the data.
    with suppress(OSError), replacing(home / WITNESS) as file:
        file.write(json.dumps(told, indent=1).encode())


def read_witness(home: Path) -> Witness | None:
    """Return what is remembered of a data folder, ``None`` if there is nothing or it cannot be read."""
    try:
        with (home / WITNESS).open("rb") as file:
            told = json.loads(file.read(_LARGEST))
        numbers = (int(told[key]) for key in ("episodes", "removed", "arrivals"))
        return Witness(Census(str(told["identity"]), *numbers), date.fromisoformat(told["day"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def what_is_missing(catalogue: Catalogue, home: Path) -> str | None:
    """Return in a sentence what the catalogue lacks of what this file remembers, ``None`` if nothing."""
    known, census = read_witness(home), catalogue.census()
    if known is None or _goes_on(known.census, census):
        return None
    day = long_date(known.day.isoformat())
    now = f"holds {census.episodes} of another catalogue" if census.identity != known.census.identity else (
        f"holds {census.episodes}, though nobody removed the others: it is an older copy, or was emptied"
    )  # fmt: skip
    held = counted(known.census.episodes, "episode")
    return f"This folder held {held} on {day}, and {now if census.episodes else 'is empty'}."


def _goes_on(before: Census, now: Census) -> bool:
    """Return whether ``now`` can be a later state of the same catalogue as ``before``."""
    return (
        before.identity == now.identity
        and before.episodes + before.removed <= now.episodes + now.removed
        and before.removed <= now.removed
        and before.arrivals <= now.arrivals
    )
