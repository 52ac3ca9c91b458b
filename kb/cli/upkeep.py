"""``kb check`` and ``kb serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import UsageError
from .app import app, opened
from .backups import save_what_is_left
from .options import AsJson
from .summarising import Llm, LlmModel, LlmSeconds, named_model


@app.command()
def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild what can be rebuilt, such as the search index.")
    ] = False,
    salvage: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Save what can be read of a damaged data folder into a new one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that your library is complete and undamaged."""
    from dataclasses import asdict

    from .printing import print_json

    if salvage is not None:
        save_what_is_left(salvage)
        return
    with opened() as kb:
        findings = kb.check(repair)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            state = "ok" if finding.ok else "repaired" if finding.repaired else "BROKEN"
            typer.echo(f"{state:<9} {finding.name:<16} {finding.detail}")
    broken = [finding for finding in findings if not (finding.ok or finding.repaired)]
    if broken and not as_json and not repair:
        typer.echo("Run 'kb check --repair' to rebuild what can be rebuilt.", err=True)
    if broken:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; the default is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7860,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host name under which others reach this server; may be repeated.")
    ] = None,
    private_host: Annotated[
        list[str] | None,
        typer.Option(help="A host in a private network whose feeds may be followed; may be repeated."),
    ] = None,
    users: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Let in the users in this file ('kb users add').")
    ] = None,
    trust_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Let in the user whom a login proxy names in this header.")
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="The address or network of the trusted login proxy; may be repeated."),
    ] = None,
    header_role: Annotated[
        Literal["reader", "editor", "admin"],
        typer.Option(help="The role of a user in the header who is not in --users."),
    ] = "reader",
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in your browser.")] = False,
    backup_every: Annotated[
        float | None,
        typer.Option(metavar="HOURS", min=0.1, help="Hours between backups."),
    ] = None,
    backup_to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The backup file; each backup replaces the one before.")
    ] = None,
    log_questions: Annotated[
        bool,
        typer.Option("--log-questions", help="Log each question, and who asked it ('kb log'); the page says so."),
    ] = False,
    llm: Llm = None,
    llm_model: LlmModel = None,
    llm_seconds: LlmSeconds = 60.0,
) -> None:
    """Serve the web page."""
    from ..web.access.setup import access_from
    from ..web.background.backups import planned
    from ..web.server.application import serve as serve_page

    model = named_model(llm, llm_model, llm_seconds)
    access = access_from(host, users, trust_header, trusted_proxy or (), header_role)
    with opened() as kb:
        backups = planned(kb.home, backup_every, backup_to)
        if log_questions and kb.read_only:
            raise UsageError("--log-questions writes into the data folder, and this one is read-only; leave it out.")
        names, private = allow_host or (), private_host or ()
        serve_page(kb, host, port, browser, names, private, model, backups, access, log_questions)
