"""The program that reads untrusted files in a process with limits of memory and time: ``isolated`` starts it.

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

#: A process that has used this many bytes ends after its call, because it would not free them all.
_SPENT = 256 * 1024**2
_LENGTH = struct.Struct("<Q")


def _main() -> None:
    calls, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library's output must not mix with the answers
    _limit()
    gc.disable()  # garbage collection takes most of the time for a large file; a process that has grown ends anyway
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
    """Yield the answers; the caller stops the clock after each, because it must not run while the parent is busy."""
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
    """Limit this process as far as the system can, and let it be killed first when memory is short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl+C; when it ends, this process ends too
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
    """Let the system end this process after this many seconds of work, even without a parent; 0 stops the clock.

    These are processor seconds, so that a busy machine is not a failure; for waiting, many more wall-clock seconds.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, WAITING * seconds)


def _held() -> int:
    """Return the peak memory of this process in bytes, 0 if unknown."""
    # Not getrusage: its peak includes the parent's memory at the moment of the fork.
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
    except BrokenPipeError:  # the parent no longer wants the answer
        os._exit(0)
