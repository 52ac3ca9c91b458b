"""Limit wrong passwords over a time: by address, by name, and by both."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

__all__ = ["Tries"]

#: For how many seconds a wrong try counts.
_WHILE = 900.0
#: Wrong tries in that time: of one name from one address, from one address, and of one name from anywhere. The last is
#: larger, so that a stranger cannot easily lock somebody out.
_OF_BOTH, _OF_ADDRESS, _OF_NAME = 5, 30, 100
#: Most keys in memory; the oldest is dropped first.
_MOST = 20_000


class Tries:
    """Counts wrong passwords; ``clock`` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._guard = threading.Lock()

    def begin(self, address: str, name: str) -> int:
        """Count a try as wrong before its password is compared; return for how many seconds no try is allowed. It is
        counted first, so that parallel tries cannot pass the limit. ``succeeded`` takes it back.
        """
        with self._guard:
            now = self._clock()
            keys = _keys(address, name)
            waits = [self._left(key, most, now) for key, most in keys]
            if any(waits):
                return math.ceil(max(waits))
            for key, most in keys:
                self._wrong.setdefault(key, deque(maxlen=most)).append(now)
                self._wrong.move_to_end(key)
            while len(self._wrong) > _MOST:
                self._wrong.popitem(last=False)
        return 0

    def succeeded(self, address: str, name: str) -> None:
        """Take back what ``begin`` counted, for the password was right."""
        with self._guard:
            both, *others = (key for key, _ in _keys(address, name))
            self._wrong.pop(both, None)
            for key in others:
                if self._wrong.get(key):
                    self._wrong[key].pop()

    def _left(self, key: tuple[str, str], most: int, now: float) -> float:
        times = self._wrong.get(key, deque())
        while times and now - times[0] > _WHILE:
            times.popleft()
        return times[0] + _WHILE - now + 0.001 if len(times) >= most else 0.0


def _keys(address: str, name: str) -> list[tuple[tuple[str, str], int]]:
    name = name.casefold()[:200]
    return [((address, name), _OF_BOTH), ((address, ""), _OF_ADDRESS), (("", name), _OF_NAME)]
