"""Buttons of the library that call the interface for programs; ``templates/library/actions.html`` prints them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ActionButton"]


@dataclass(frozen=True, slots=True)
class ActionButton:
    """A button that calls the interface for programs; ``of`` says what it is about, ``ask`` is asked before."""

    method: str
    path: str
    name: str
    of: str = ""
    ask: str = ""
