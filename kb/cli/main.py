"""The entry point: runs a command and turns every error into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from ..errors import UsageError, VerbatimError
from . import (  # noqa: F401  (they add their commands to the app)
    access,
    asking,
    assistants,
    backups,
    checking_times,
    citing,
    evaluating,
    exporting,
    feeds,
    ingesting,
    jobs,
    library,
    models,
    names,
    rehearing,
    saving,
    translating,
    upkeep,
    voices,
    watchlist,
)
from .app import app, settings

__all__ = ["main"]

#: Options that may stand anywhere, not only before the command.
_GLOBAL = ("--home", "--embedding")
_FLAGS = frozenset({"--reader", "--no-reader"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``kb``; exits 0 when done, 1 when something failed, 2 on wrong usage, 130 when stopped."""
    try:
        app(_global_first(sys.argv[1:] if arguments is None else arguments), prog_name="kb")
    except UsageError as error:
        _say(str(error), 2)
    except VerbatimError as error:
        _say(str(error), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads the output any more
        sys.exit(1)
    except Exception as error:  # a bug in Verbatim: the details go to a file, not to the user
        _say(f"An unexpected error: {error!r}. This is a bug in Verbatim; {_kept_details()}", 1)


def _global_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options to the front, so that they may be typed at the end as well."""
    front: list[str] = []
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            rest += [argument, *pending]
        elif argument in _GLOBAL:
            front += [argument, *(value for value in [next(pending, None)] if value is not None)]
        elif argument in _FLAGS or argument.startswith(tuple(f"{option}=" for option in _GLOBAL)):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def _say(message: str, code: int) -> None:
    sys.stderr.write(f"kb: {message}\n")
    sys.exit(code)


def _kept_details() -> str:
    from ..home import privately

    path = settings.folder / "error.log"
    try:
        with privately():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(traceback.format_exc(), "utf-8")
    except OSError:
        return "set KB_HOME to a writable folder to keep the details."
    return f"the details are in {path}."
