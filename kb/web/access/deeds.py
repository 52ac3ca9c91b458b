"""What a request did, as reported by its route for the log; requests that did nothing are not logged."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["Doing", "did", "doing"]


@dataclass(slots=True)
class Doing:
    """Whether a request did anything, and to what; if ``about`` is empty, its path says that."""

    done: bool = True
    about: str = ""


#: For the current request; a handler in a thread gets the same object. ``None``: there is no log.
doing: ContextVar[Doing | None] = ContextVar("doing", default=None)


def did(done: bool, about: str = "") -> None:
    """Report for the log whether this request did anything, and to what if its path does not name it."""
    told = doing.get()
    if told is not None:
        told.done, told.about = done, about
