"""Fetch a Whisper model that the user asked for by name: the only place that downloads one.

The network part runs in a child process (this module as a program), so that it can be stopped wherever it hangs:
name resolution, a proxy that never answers, a server that sends one byte a minute. The parent relays its progress
and kills it at the deadline; the child holds the lock and ends by itself when the parent is gone.

``huggingface_hub.snapshot_download`` is not used: it restarts a file after a kill, and compares lengths but no
hashes. The hub's list of files is one request, and our own fetcher does the rest.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from ingest.fetching import Fetcher, Limits
from ingest.fetching.partial import Part
from ingest.fetching.problems import check_space, disk_explained
from ingest.models.finding import (
    MODEL_FILES,
    Engine,
    Offer,
    check_engine,
    default_models_folder,
    fault_in,
    offer_of,
    place_in,
)
from kb.errors import FetchError, ModelNotAvailable, UsageError, VerbatimError
from kb.translatable import phrase

__all__ = ["FetchCancelled", "FetchProgress", "fetch", "fetch_model"]

_SERVERS = {
    "openai-whisper": "https://openaipublic.azureedge.net/main/whisper/models",
    "faster-whisper": "https://huggingface.co",
}
_LARGEST_LISTING = 1_000_000
_BLOCK = 1 << 18
#: Seconds between checks whether a fetch is still wanted.
_LOOK_EVERY = 0.2


class FetchCancelled(VerbatimError):
    """Somebody stopped a fetch; what has arrived is kept for the next try."""


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a fetch is: ``done`` of ``total`` bytes of the whole model (``None`` if the server did not say)."""

    name: str
    stage: Literal["starting", "fetching", "checking", "done"]
    file: str
    done: int
    total: int | None
    licence: str


@dataclass(frozen=True, slots=True)
class _Job:
    """The job of the child, passed as JSON in its argument."""

    name: str
    engine: Engine
    source: str
    size: int | None
    sha256: str | None
    server: str
    target: str
    patience: float


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    url: str
    target: Path
    size: int
    #: ``sha256:...``, or git's ``sha1:...`` of a blob, which is what the hub gives for small files.
    digest: str

    @property
    def unchecked(self) -> Path:
        """Return the path of the file until its hash was verified."""
        return self.target.with_name(f"{self.target.name}.new")

    @property
    def missing(self) -> int:
        """Return how many bytes are not here yet."""
        is_here = self.target.exists() or self.unchecked.exists()
        return 0 if is_here else self.size - Part(self.unchecked).size()


class _Failed(VerbatimError):
    """A reason and a remedy, passed from the child to the user."""


def fetch_model(
    name: str,
    engine: Engine = "faster-whisper",
    models_folder: Path | None = None,
    progress: Callable[[FetchProgress], None] = lambda event: None,
    deadline: float = 6 * 3600,
    patience: float = 30,
    server: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Download a model by name into the models folder, or resume an earlier try; return its path.

    ``progress`` gets size and licence first. ``deadline`` limits the whole and ``patience`` each wait for the next
    byte, in seconds. ``server`` replaces the official address (``HF_ENDPOINT`` does so for the hub). ``cancelled`` is
    called often, also while nothing arrives. Raises ``UsageError`` for an unknown name,
    ``ModelNotAvailable`` for a download that failed and ``FetchCancelled`` for one that is no longer wanted; what had
    arrived is kept for the next try, unless its SHA-256 was wrong.
    """
    check_engine(engine)
    offer = offer_of(name, engine)
    if offer is None:
        raise UsageError(
            phrase(
                "There is no model %(name)s for %(engine)s; `kb models list` shows the names.",
                name=repr(name),
                engine=engine,
            )
        )
    return fetch(offer, models_folder or default_models_folder(), progress, deadline, patience, server, cancelled)


def fetch(
    offer: Offer,
    models_folder: Path,
    progress: Callable[[FetchProgress], None],
    deadline: float,
    patience: float,
    server: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Download what ``offer`` says; arguments, result and errors as for ``fetch_model``."""
    target = place_in(models_folder, offer).absolute()
    if offer.engine == "faster-whisper" and fault_in(target, offer.engine) is None:
        return target
    server = server or (os.environ.get("HF_ENDPOINT") if offer.engine == "faster-whisper" else None)
    server = (server or _SERVERS[offer.engine]).rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise UsageError(
            phrase("%(server)s is not the address of a server; it should begin with https://.", server=repr(server))
        )
    job = _Job(offer.name, offer.engine, offer.source, offer.size, offer.sha256, server, str(target), patience)
    progress(FetchProgress(offer.name, "starting", target.name, 0, offer.size, offer.licence))
    try:
        for event in _watched(job, time.monotonic() + deadline, cancelled):
            progress(FetchProgress(offer.name, licence=offer.licence, **event))
    except _Failed as failure:
        raise ModelNotAvailable(offer.name, [f"{server}/{offer.source}"], str(failure)) from None
    problem = fault_in(target, offer.engine)
    if problem is not None:
        raise ModelNotAvailable(
            offer.name, [f"{server}/{offer.source}"], phrase("What was fetched %(problem)s.", problem=problem)
        )
    return target


def _watched(job: _Job, deadline: float, cancelled: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Run the child and yield its events; kill it when it is silent for too long, too late or no longer wanted."""
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    child = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-P", "-m", "ingest.models.downloading", json.dumps(asdict(job))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    reader = threading.Thread(target=_read_lines, args=(cast(IO[bytes], child.stdout), lines), daemon=True)
    reader.start()
    try:
        # The child's own timeouts come first and say more; the margin covers its start-up and slow disks.
        while line := _next_line(lines, 2 * job.patience + 5, deadline, cancelled):
            event = json.loads(line)
            if "failed" in event:
                raise _Failed(event["failed"])
            yield event
            if event["stage"] == "done":
                return
        raise _Failed(
            phrase(
                "The download stopped unexpectedly (exit code %(code)s). Run the command again.", code=str(child.wait())
            )
        )
    finally:
        child.kill()
        child.wait()
        reader.join()


def _read_lines(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _next_line(lines: queue.SimpleQueue[bytes], wait: float, deadline: float, cancelled: Callable[[], bool]) -> bytes:
    silent = time.monotonic() + wait
    while True:
        if cancelled():
            raise FetchCancelled(phrase("The download was cancelled; what has arrived is kept for the next try."))
        left = min(silent, deadline) - time.monotonic()
        if left <= 0:
            raise _Failed(_TOO_LONG if silent > deadline else _NO_ANSWER)
        with suppress(queue.Empty):
            return lines.get(timeout=min(left, _LOOK_EVERY))


_NO_ANSWER = phrase(
    "The server, or a proxy on the way to it, does not answer. Check the connection and run the command again; "
    "what has arrived is kept."
)
_TOO_LONG = phrase("The download took longer than allowed. Run the command again; it continues where it stopped.")

# From here on: the child


def _main(argument: str) -> None:
    job = _Job(**json.loads(argument))
    try:
        with disk_explained(Path(job.target)):
            _fetch_files(job)
    except VerbatimError as error:
        _emit(failed=str(error))


def _emit(**event: Any) -> None:
    # A parent that is gone closes the pipe: the write fails and ends this process.
    print(json.dumps(event), flush=True)


def _fetch_files(job: _Job) -> None:
    from filelock import FileLock, Timeout

    target = Path(job.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=0):
            files = _listed(job) if job.engine == "faster-whisper" else _single(job)
            meter = _ByteCount(sum(file.size for file in files))
            check_space(target, sum(file.missing for file in files))
            for file in files:
                _fetch_file(file, meter, job.patience)
            _emit(stage="done", file=target.name, done=meter.done, total=meter.total)
    except Timeout:
        raise _Failed(phrase("Another process is fetching this model. Wait until it has ended.")) from None


class _ByteCount:
    """Counts the bytes of all files together, and reports them a few times a second."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._last = 0.0

    def report(self, stage: str, file: Path, done_here: int) -> None:
        if time.monotonic() - self._last > 0.2:
            self._last = time.monotonic()
            _emit(stage=stage, file=file.name, done=self.done + done_here, total=self.total)


def _single(job: _Job) -> list[_RemoteFile]:
    return [_RemoteFile(f"{job.server}/{job.source}", Path(job.target), job.size or 0, f"sha256:{job.sha256}")]


def _listed(job: _Job) -> list[_RemoteFile]:
    """Ask the hub for the files that the engine needs, with their sizes and hashes."""
    page = _fetcher(job.patience, 0).page(f"{job.server}/api/models/{job.source}/tree/main", _LARGEST_LISTING)
    try:
        entries = [entry for entry in json.loads(page.data if page else "") if MODEL_FILES.fullmatch(entry["path"])]
        files = [_hub_file(job, entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _Failed(
            phrase("%(server)s answered with something that is not a list of files.", server=job.server)
        ) from None
    if not any(file.target.name == "model.bin" for file in files):
        raise _Failed(
            phrase(
                "The repository %(repository)s holds no model.bin; it is not a faster-whisper model.",
                repository=job.source,
            )
        )
    Path(job.target).mkdir(exist_ok=True)
    # model.bin comes last, so that a folder that has it is complete.
    return sorted(files, key=lambda file: file.target.name == "model.bin")


def _hub_file(job: _Job, entry: dict[str, Any]) -> _RemoteFile:
    large = entry.get("lfs") or {}
    digest = f"sha256:{large['oid']}" if large else f"sha1:{entry['oid']}"
    url = f"{job.server}/{job.source}/resolve/main/{entry['path']}"
    return _RemoteFile(url, Path(job.target) / entry["path"], int(large.get("size", entry["size"])), digest)


def _fetcher(patience: float, largest: int) -> Fetcher:
    # The parent watches the time, and reports at once that there is no network.
    limits = Limits(patience, math.inf, math.inf, largest, attempts=1)
    return Fetcher(limits=limits, guarded=False)


def _fetch_file(file: _RemoteFile, meter: _ByteCount, patience: float) -> None:
    new = file.unchecked
    if not _is_right(file, file.target, meter):
        if not _is_right(file, new, meter):
            new.unlink(missing_ok=True)
            _download(file, meter, patience)
            if not _is_right(file, new, meter):
                new.unlink()
                raise _Failed(
                    phrase("%(file)s arrived damaged and was removed. Run the command again.", file=file.target.name)
                )
        os.replace(new, file.target)
    meter.done += file.size


def _is_right(file: _RemoteFile, path: Path, meter: _ByteCount) -> bool:
    """Return whether a file is here and has the right hash: ``sha256``, or ``sha1`` as git computes it for a blob."""
    if not path.is_file():
        return False
    kind, _, expected = file.digest.partition(":")
    digest = hashlib.new(kind, usedforsecurity=False)
    if kind == "sha1":
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
            meter.report("checking", file.target, file.size)
    return digest.hexdigest() == expected


def _download(file: _RemoteFile, meter: _ByteCount, patience: float) -> None:
    """Fetch a file, and resume after a broken connection as long as bytes arrive."""
    part = Part(file.unchecked)
    if part.size() > file.size:
        part.discard()
    while True:
        before = part.size()
        try:
            fetcher = _fetcher(patience, file.size)
            fetcher.download(file.url, part.target, lambda done, _: meter.report("fetching", file.target, done))
            return
        except FetchError as error:
            if not error.temporary or part.size() <= before:
                raise


if __name__ == "__main__":
    _main(sys.argv[1])
