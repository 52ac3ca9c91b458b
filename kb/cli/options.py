"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from ..outputs import STYLE_NAMES

__all__ = [
    "AsJson",
    "BeamSize",
    "Collections",
    "Device",
    "Engine",
    "Model",
    "NoCheckTimes",
    "Shows",
    "Since",
    "Speakers",
    "Spoken",
    "StyleName",
    "Until",
    "WithAds",
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Shows = Annotated[list[str] | None, typer.Option("--show", help="Only this show; may be repeated.")]
Speakers = Annotated[list[str] | None, typer.Option("--speaker", help="Only this speaker; may be repeated.")]
Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", help="Only the episodes that this collection's quotes come from; may be repeated."),
]
Since = Annotated[str | None, typer.Option(help="Only episodes of this date or later, e.g. 2019-07-08.")]
Until = Annotated[str | None, typer.Option(help="Only episodes of this date or earlier.")]

WithAds = Annotated[bool, typer.Option("--with-ads", help="Quote advertisements too.")]

# -- of the speech recogniser
Engine = Annotated[str | None, typer.Option(help="The speech recogniser: faster-whisper or whisper.")]
Model = Annotated[str | None, typer.Option(help="A Whisper model: a name ('kb models') or a path.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Spoken = Annotated[str | None, typer.Option(help="The language spoken, as a code, e.g. en.")]
BeamSize = Annotated[
    int | None, typer.Option(min=1, max=20, help="How many possible wordings Whisper compares; more takes longer.")
]
NoCheckTimes = Annotated[
    bool, typer.Option("--no-check-times", help="Do not check publishers' times against their recordings.")
]

StyleName = Annotated[
    str,
    typer.Option(
        "--style",
        metavar="STYLE",
        help=f"{', '.join(STYLE_NAMES[:-1])} or {STYLE_NAMES[-1]}; any official CSL style's name, such as nature; "
        "or your own .csl file.",
    ),
]
