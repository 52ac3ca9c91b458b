"""Limit wrong passwords over a time: by address, by name, and by both."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable

from ...inputs import person_key

__all__ = ["Tries"]

#: For how many seconds a wrong try counts.
_WHILE = 900.0
#: Wrong tries in that time: of one name from one address, from one address, and of one name from anywhere. The last is
#: larger, so that a stranger cannot easily lock somebody out.
_OF_BOTH, _OF_ADDRESS, _OF_NAME = 5, 30, 100
#: Most keys in memory; the oldest is dropped first.
_MOST = 20_000

_Key = tuple[str, str]


class Tries:
    """Counts wrong passwords; ``clock`` returns seconds. Each ``begin`` that allows a try needs an ``end``.

    Where somebody has signed in before, only their own wrong tries from there count: what others do elsewhere, or
    behind the same address, does not lock them out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[_Key, deque[float]] = OrderedDict()
        self._known: OrderedDict[_Key, None] = OrderedDict()
        self._running: Counter[_Key] = Counter()
        self._changed = threading.Condition()

    def begin(self, address: str, name: str) -> int:
        """Return for how many seconds no try is allowed, 0 if this one is.

        A try that runs may be a wrong one, so parallel tries cannot pass the limit: one too many waits for the others'
        ends. Many people who sign in at once with the right passwords all come in.
        """
        keys = _keys(address, name)
        with self._changed:
            while True:
                limits = keys[:1] if keys[0][0] in self._known else keys
                now = self._clock()
                waits = [self._left(key, most, now) for key, most in limits]
                if any(waits):
                    return math.ceil(max(waits))
                if all(len(self._wrong.get(key, ())) + self._running[key] < most for key, most in limits):
                    break
                self._changed.wait()
            self._running.update(key for key, _ in keys)
        return 0

    def end(self, address: str, name: str, right: bool | None) -> None:
        """Count a try by whether its password was right; ``None`` if it could not be compared."""
        keys = _keys(address, name)
        both = keys[0][0]
        with self._changed:
            for key, most in keys:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]
                if right is False:
                    self._wrong.setdefault(key, deque(maxlen=most)).append(self._clock())
                    self._wrong.move_to_end(key)
            if right:
                self._wrong.pop(both, None)
                self._known[both] = None
                self._known.move_to_end(both)
            for kept in (self._wrong, self._known):
                while len(kept) > _MOST:
                    kept.popitem(last=False)
            self._changed.notify_all()

    def _left(self, key: _Key, most: int, now: float) -> float:
        times = self._wrong.get(key, deque())
        while times and now - times[0] > _WHILE:
            times.popleft()
        return times[0] + _WHILE - now + 0.001 if len(times) >= most else 0.0


def _keys(address: str, name: str) -> list[tuple[_Key, int]]:
    """Return what a try counts for, each with its limit; all spellings that find one account are one name."""
    name = person_key(name)[:200]
    return [((address, name), _OF_BOTH), ((address, ""), _OF_ADDRESS), (("", name), _OF_NAME)]
