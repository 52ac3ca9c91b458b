"""The program that reads what strangers made, in a process that may neither grow nor hang: ``isolated`` starts it.

    python -m ingest.isolation.child

It takes calls from its standard input and writes what they return to its standard output, until the input ends.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ingest.isolation.isolated import ENDED_BY_CLOCK, MEMORY, OUT_OF_MEMORY, WAITING, Call
from kb.errors import VerbatimError

#: A process that has held so many bytes ends after its call, for it would not give all of them back.
_SPENT = 256 * 1024**2
_LENGTH = struct.Struct("<Q")


def _main() -> None:
    calls, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between the answers
    _limit()
    gc.disable()  # looking for cycles takes most of the time of a large file; a process that has grown ends anyway
    while head := calls.read(_LENGTH.size):
        call: Call = pickle.loads(calls.read(*_LENGTH.unpack(head)))  # noqa: S301 (our own)
        os.chdir(call.folder)
        for kind, value in _outcomes(call):
            spent = _held() > _SPENT
            data = pickle.dumps((kind, value, spent), protocol=5)
            _clock(0)
            answers.write(_LENGTH.pack(len(data)))
            answers.write(data)
            answers.flush()
        if spent:
            return


def _outcomes(call: Call) -> Iterator[tuple[str, Any]]:
    """Yield what is to be answered; whoever takes it stops the clock, which must not run while the parent is busy."""
    _clock(call.seconds)
    try:
        result = call.function(*call.arguments)
        if call.streams:
            for item in result:
                yield "item", item
                _clock(call.seconds)
            result = None
    except VerbatimError as error:
        yield "error", error
    except MemoryError:
        raise
    except Exception as error:
        yield "bug", repr(error)[:500]
    else:
        yield "result", result


def _limit() -> None:
    """Bound this process as far as the system can, and let it be the first to go when memory is short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's, whose end ends this process, too
    for name in ENDED_BY_CLOCK:  # a parent may have left them ignored
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


def _clock(seconds: float) -> None:
    """Let the system end this process after so many seconds of work, also if its parent has gone; 0 stops the clock.

    Seconds of the processor, so that a busy machine is no failure, and for what only waits, many more on the wall.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, WAITING * seconds)


def _held() -> int:
    """Return the most bytes that this process has held, 0 where that is not known."""
    # Not getrusage: what it calls the most of a process is its parent's where that was more when it was begun.
    with suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return 0


if __name__ == "__main__":
    try:
        _main()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:  # nobody wants the answer any more
        os._exit(0)
