"""What a request did, as its route tells it: the log names that, and does not tell what was not done."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["Doing", "did", "doing"]


@dataclass(slots=True)
class Doing:
    """Whether a request did anything, and to what; its path says that if ``about`` is empty."""

    done: bool = True
    about: str = ""


#: Of the request that is being answered; a handler in a thread has the same object. ``None``: there is no log.
doing: ContextVar[Doing | None] = ContextVar("doing", default=None)


def did(done: bool, about: str = "") -> None:
    """Tell the log whether this request did anything, and to what if its path does not name it."""
    told = doing.get()
    if told is not None:
        told.done, told.about = done, about
