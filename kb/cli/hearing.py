"""Where recordings are transcribed: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Request, Transcriber

__all__ = ["Address", "Workers", "hearing"]

Address = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Transcribe on a Ray cluster: ray://HOST:PORT, HOST:PORT, auto, or local (this machine's GPUs).",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, max=256, help="How many sources are worked on at once; by default one, on a cluster as many as fit."
    ),
]


@contextmanager
def hearing(
    address: str | None, workers: int | None, device: str = "auto"
) -> Iterator[tuple[Callable[[Request], Transcriber], int]]:
    """Yield the function that makes transcribers, and how many sources are worked on at once."""
    if address is None:
        from ingest.transcribing.recordings import Recogniser

        yield Recogniser, workers or 1
        return
    from ingest.cluster.connection import connect
    from ingest.cluster.transcriber import ClusterTranscriber

    with connect(address, workers, use_gpus=device != "cpu") as cluster:
        yield lambda request: ClusterTranscriber(request, cluster), cluster.plan.workers
