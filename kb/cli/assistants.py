"""``kb mcp``: the server for assistants."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import app, opened


@app.command()
def mcp(
    address: Annotated[
        str, typer.Option(help="The address of 'kb serve'; links to quotes begin with it.")
    ] = "http://localhost:7860",
) -> None:
    """Let an assistant ask, search and cite, over standard input and output (Model Context Protocol)."""
    from ..mcp_server import build_assistant

    with opened() as kb:
        build_assistant(kb, address).run("stdio")
