"""``kb users``, ``kb tokens`` and ``kb log``: who may use a server for many people, and what they did."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import UsageError
from ..text.cleaning import fold
from .app import app, opened, settings
from .deeds import machine_user, note
from .options import AsJson

if TYPE_CHECKING:
    from ..web.access.accounts import Accounts

__all__: list[str] = []

Roles = Literal["reader", "editor", "admin"]
UsersFile = Annotated[
    Path | None,
    typer.Option("--users", metavar="FILE", help="The file of users (default: users.json in the data folder)."),
]
UserName = Annotated[str, typer.Argument(help="The user's name.")]
TokenName = Annotated[str, typer.Argument(help="The program's name, as the log shows it.")]
_MOST_DAYS = 36_500
_LOGGED = "Servers log questions from their next start on, and their pages say so; 'kb log --no-questions' ends it."
_NOT_LOGGED = (
    "Questions are logged no more, but by a server with --log-questions until it stops. Those that are in the log stay "
    "until it forgets them (--keep)."
)
ROLE_HELP = "reader: ask and read; editor: also correct, name and curate; admin: also add and remove."

_users = typer.Typer(no_args_is_help=True, help="People who may sign in to a server.", rich_markup_mode=None)
_tokens = typer.Typer(no_args_is_help=True, help="Tokens of programs and assistants.", rich_markup_mode=None)
app.add_typer(_users, name="users")
app.add_typer(_tokens, name="tokens")


@_users.command("add")
def add_user(
    name: UserName,
    role: Annotated[Roles, typer.Option(help=ROLE_HELP)] = "reader",
    password: Annotated[
        bool, typer.Option("--password/--no-password", help="Without a password, the user signs in at a proxy.")
    ] = True,
    users: UsersFile = None,
) -> None:
    """Add a user, or change a user's role and password; the password is asked for, or read from standard input."""
    from ..web.access.people import checked_person

    checked_person(name)
    accounts = _accounts(users, make=True)
    accounts.add(name, role, _password() if password else None)
    typer.echo(f"{name} can sign in as {role}.")
    typer.echo(f"The server lets in who is in this file: kb serve --users {shlex.quote(str(accounts.path))}", err=True)


@_users.command("list")
def list_users(users: UsersFile = None, as_json: AsJson = False) -> None:
    """List the users."""
    from .printing import print_json

    found = _accounts(users).all()
    if as_json:
        print_json([{"name": each.name, "role": each.role, "password": each.hash is not None} for each in found])
        return
    for each in found:
        typer.echo(f"{each.role:<7} {each.name}{'' if each.hash else '  (signs in at a proxy)'}")


@_users.command("remove")
def remove_user(name: UserName, users: UsersFile = None) -> None:
    """Remove a user; their access ends at once."""
    _accounts(users).remove(name)
    typer.echo(f"{name} can no longer sign in.")


@_tokens.command("add")
def add_token(
    name: TokenName,
    scope: Annotated[Roles, typer.Option(help=ROLE_HELP)] = "reader",
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how many days it works.")] = 90,
) -> None:
    """Make a token for programs (/api) and assistants (/mcp), and print it once."""
    from ..web.access.people import checked_person

    with opened() as kb:
        secret = kb.tokens.add(checked_person(name), scope, days)
        note(kb, f"made a token that is {scope}", [name])
    typer.echo(secret)
    typer.echo("Keep it: it cannot be shown again. A program sends 'Authorization: Bearer TOKEN'.", err=True)


@_tokens.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List the tokens' names; the tokens themselves are not stored."""
    from .printing import print_json

    with opened() as kb:
        found = kb.tokens.all()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        typer.echo(f"{each.role:<7} {each.expires_at[:10]}{' (expired)' if each.expired else ''}  {each.name}")


@_tokens.command("revoke")
def revoke_token(name: TokenName) -> None:
    """Revoke a token, which stops working at once."""
    with opened() as kb:
        kb.tokens.revoke(name)
        note(kb, "revoked a token", [name])
    typer.echo(f"The token {name} no longer works.")


@app.command()
def log(
    last: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many of the newest entries.")] = 100,
    by: Annotated[str | None, typer.Option(help="Only what this person or token did.")] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="DAYS", help="How long to keep entries, e.g. 365d or 'forever'; older ones are erased."),
    ] = None,
    questions: Annotated[
        bool | None,
        typer.Option(
            "--questions/--no-questions",
            help="From the next start of a server on, log each question and who asked it; or log none, at once.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List who added, changed, exported or removed what, and when; questions only if you asked for it.

    With --keep, set instead how long entries are kept; with --questions, whether questions are logged.
    """
    from .printing import print_json

    if keep is not None or questions is not None:
        days = _kept_days(keep) if keep is not None else None
        with opened() as kb:
            if keep is not None:
                kb.activity.keep(days, machine_user())
                typer.echo(f"The log is kept {'for ever' if days is None else f'for {days} days'}.")
            if questions is not None:
                kb.activity.log_questions(questions, machine_user())
                typer.echo(_LOGGED if questions else _NOT_LOGGED)
        return
    with opened() as kb:
        deeds = kb.activity.last(last, by)
    if as_json:
        print_json([asdict(deed) for deed in deeds])
        return
    for deed in deeds:
        # One line each, whatever a name holds: else an entry could be made up.
        typer.echo("  ".join(map(fold, (deed.at, deed.by, deed.what, deed.subject))).rstrip())


def _accounts(users: Path | None, make: bool = False) -> Accounts:
    from ..web.access.accounts import Accounts

    path = users or settings.folder / "users.json"
    if not (make or path.exists()):
        raise UsageError(f"There is no file {path}; 'kb users add' makes it.")
    if make and users is None:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
    return Accounts(path)


def _kept_days(text: str) -> int | None:
    """Return the days of ``365d`` or ``365``; ``None`` for ever."""
    if text.strip().casefold() == "forever":
        return None
    found = re.fullmatch(r"(\d{1,5})\s*d?", text.strip(), re.ASCII)
    if found is None or not 1 <= int(found[1]) <= _MOST_DAYS:
        raise UsageError(
            f"--keep {text[:40]!r} is not a number of days from 1 to {_MOST_DAYS:,}, e.g. 365d, or 'forever'."
        )
    return int(found[1])


def _password() -> str:
    """Return a password from a prompt, or from the first line of standard input; never from an argument."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
