"""The sentences about a publisher's times that are stored with an episode."""

from __future__ import annotations

from collections.abc import Sequence

from ..translatable import Phrase, joined, phrase

__all__ = [
    "FITTING",
    "IRREGULAR",
    "SILENT",
    "TOO_FEW",
    "UNCHECKED",
    "UNDONE",
    "earlier",
    "elsewhere",
    "ended",
    "english_only",
    "in_place",
    "inserted",
    "later",
    "left_out",
    "listed",
    "otherwise",
    "uncertain",
    "within",
]

FITTING = phrase("The times fit the recording.")
UNDONE = phrase("A person put the earlier times back.")
UNCHECKED = phrase(
    "The publisher's times are unchecked: nothing that was heard at some places of the recording is in the transcript."
)
SILENT = phrase("The publisher's times are unchecked: no words were heard at some places of the recording.")
IRREGULAR = phrase(
    "The publisher's times do not fit the recording, and not by a few constant shifts; they are kept, "
    "so listen for the right place."
)
TOO_FEW = phrase("The transcript has too few times to check them against the recording.")


def english_only(model: str) -> Phrase:
    """Return why nothing was heard: the model knows only English, and the transcript is in another language."""
    return phrase(
        "The publisher's times are unchecked: the model %(model)s hears only English, "
        "and the transcript is in another language.",
        model=model,
    )


def later(seconds: str, time: str) -> Phrase:
    """Return by how much words are later, and from where on."""
    return phrase("%(seconds)s s later from %(time)s on", seconds=seconds, time=time)


def earlier(seconds: str, time: str) -> Phrase:
    """Return by how much words are earlier, and from where on."""
    return phrase("%(seconds)s s earlier from %(time)s on", seconds=seconds, time=time)


def in_place(time: str) -> Phrase:
    """Return from where on words are where the publisher has them."""
    return phrase("in place again from %(time)s on", time=time)


def elsewhere(places: str) -> Phrase:
    """Return at how many more places times change."""
    return phrase("other in %(number)s more places", number=places)


def within(start: str, end: str) -> Phrase:
    """Return between which times something changes."""
    return phrase("between %(time)s and %(later)s", time=start, later=end)


def listed(told: Sequence[str]) -> str:
    """Return parts of a sentence in a row, the last one after "and"."""
    if len(told) < 2:
        return told[0] if told else ""
    return phrase("%(places)s and %(last)s", places=joined(", ", told[:-1]), last=told[-1])


def inserted(moves: str) -> Phrase:
    """Return how times moved where only something was inserted."""
    return phrase("Times are %(places)s: %(why)s.", places=moves, why=phrase("something was inserted there"))


def left_out(moves: str) -> Phrase:
    """Return how times moved where only something was left out."""
    return phrase("Times are %(places)s: %(why)s.", places=moves, why=phrase("something was left out there"))


def otherwise(moves: str) -> Phrase:
    """Return how times moved where something was inserted, and something left out."""
    return phrase("Times are %(places)s: %(why)s.", places=moves, why=phrase("the recording differs there"))


def uncertain(time: str, places: str) -> Phrase:
    """Return from where on times are uncertain, and where something changes."""
    return phrase(
        "The publisher's times are uncertain from %(time)s on: somewhere %(places)s the recording differs, and "
        "too little that is heard there is in the transcript. They are kept, so listen for the right place.",
        time=time,
        places=places,
    )


def ended(end: str, last: str) -> Phrase:
    """Return that a recording ends before its transcript does."""
    return phrase("The recording ends at %(end)s; the transcript goes on to %(last)s.", end=end, last=last)
