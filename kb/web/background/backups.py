"""Automatic backups by a server; each replaces the one before, which stays if the new one fails."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ...backups.packing import check_target
from ...errors import UsageError, VerbatimError
from ...knowledge_base import KnowledgeBase
from .feeds import Stopped

__all__ = ["BackupWork", "Backups", "planned"]

_SECONDS_TO_END = 3.0
#: Seconds until a failed backup is tried again.
_AGAIN = 600.0


@dataclass(frozen=True, slots=True)
class Backups:
    """A backup every so many ``hours`` to ``target``."""

    hours: float
    target: Path


def planned(home: Path, hours: float | None, target: Path | None) -> Backups | None:
    """Return the plan of the options, ``None`` without any; invalid options are errors before the server starts."""
    if (hours is None) != (target is None):
        raise UsageError("--backup-every HOURS and --backup-to FILE belong together; give both.")
    if hours is None or target is None:
        return None
    check_target(home, target)
    return Backups(hours, target)


class BackupWork:
    """A thread that makes backups when they are due; without a plan it does nothing."""

    def __init__(self, kb: KnowledgeBase, plan: Backups | None) -> None:
        self._kb = kb
        self._plan = plan
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)

    def start(self) -> None:
        """Begin; a backup that became due while no server ran is made at once."""
        if self._plan is not None:
            self._thread.start()

    def end(self) -> None:
        """Stop a running backup; the one before it stays."""
        self._ended.set()
        if self._plan is not None:
            self._thread.join(_SECONDS_TO_END)

    def turn(self, plan: Backups) -> float:
        """Make the backup if it is due, and return the seconds until the next one."""
        left = _seconds_left(plan)
        if left > 0:
            return left
        try:
            self._kb.backup(plan.target, progress=self._heed)
        except VerbatimError as error:
            logging.getLogger(__name__).error("no backup was made: %s", error)
            return _AGAIN
        return _seconds_left(plan)

    def _run(self) -> None:
        assert self._plan is not None
        try:
            while not self._ended.wait(self.turn(self._plan)):
                pass
        except Stopped:
            pass
        except Exception:
            logging.getLogger(__name__).exception("no more backups are made until the server is started again")

    def _heed(self, _: str, done: int, total: int) -> None:
        if self._ended.is_set():
            raise Stopped


def _seconds_left(plan: Backups) -> float:
    try:
        made = plan.target.stat().st_mtime
    except OSError:
        return 0.0
    return max(0.0, made + plan.hours * 3600 - time.time())
