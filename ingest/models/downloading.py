"""Fetch a Whisper model, because somebody asked for it by name: the only place that downloads one.

The network part runs in a child process (this module as a program), so that it can be stopped whatever it hangs in:
name resolution, a proxy that never answers, a server that sends one byte a minute. The parent relays its progress
and kills it at the deadline; the child holds the lock and gives up by itself when the parent is gone.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from ingest.models.finding import Engine, Offer, check_engine, default_models_folder, fault_in, offer_of, place_in
from kb.errors import ModelNotAvailable, UsageError

__all__ = ["FetchProgress", "fetch", "fetch_model"]

_SERVERS = {
    "openai-whisper": "https://openaipublic.azureedge.net/main/whisper/models",
    "faster-whisper": "https://huggingface.co",
}
#: The files that faster-whisper reads; model.bin comes last, so that a folder that has it is whole.
_HUB_FILES = re.compile(r"(?:preprocessor_)?config\.json|tokenizer\.json|vocabulary\.(?:json|txt)|model\.bin")
_LARGEST_LISTING = 1_000_000
_BLOCK = 1 << 18
#: How often a connection that broke is taken up again, each time only if bytes had come.
_ATTEMPTS = 5


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
    """What the child is told, as JSON in its argument."""

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


class _Failed(Exception):
    """A reason and a remedy, on their way from the child to the person."""


def fetch_model(
    name: str,
    engine: Engine = "faster-whisper",
    models_folder: Path | None = None,
    progress: Callable[[FetchProgress], None] = lambda event: None,
    deadline: float = 6 * 3600,
    patience: float = 30,
    server: str | None = None,
) -> Path:
    """Download a model by name into the models folder, or go on where an earlier try stopped; return its place.

    ``progress`` is told size and licence first. ``deadline`` bounds the whole and ``patience`` each wait for the next
    byte, in seconds. ``server`` replaces the official address (``HF_ENDPOINT`` does so for the hub). Raises
    ``UsageError`` for a name that nobody offers and ``ModelNotAvailable`` for a download that failed; what had arrived
    is kept for the next try, unless its SHA-256 was wrong.
    """
    check_engine(engine)
    offer = offer_of(name, engine)
    if offer is None:
        raise UsageError(f"Nobody offers a model {name!r} for {engine}; `kb models list` shows the names.")
    return fetch(offer, models_folder or default_models_folder(), progress, deadline, patience, server)


def fetch(
    offer: Offer,
    models_folder: Path,
    progress: Callable[[FetchProgress], None],
    deadline: float,
    patience: float,
    server: str | None = None,
) -> Path:
    """Download what ``offer`` says; arguments, result and errors as for ``fetch_model``."""
    target = place_in(models_folder, offer).absolute()
    if offer.engine == "faster-whisper" and fault_in(target, offer.engine) is None:
        return target
    server = server or (os.environ.get("HF_ENDPOINT") if offer.engine == "faster-whisper" else None)
    server = (server or _SERVERS[offer.engine]).rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise UsageError(f"{server!r} is not the address of a server; it should begin with https://.")
    job = _Job(offer.name, offer.engine, offer.source, offer.size, offer.sha256, server, str(target), patience)
    progress(FetchProgress(offer.name, "starting", target.name, 0, offer.size, offer.licence))
    try:
        for event in _watched(job, time.monotonic() + deadline):
            progress(FetchProgress(offer.name, licence=offer.licence, **event))
    except _Failed as failure:
        raise ModelNotAvailable(offer.name, [f"{server}/{offer.source}"], str(failure)) from None
    problem = fault_in(target, offer.engine)
    if problem is not None:
        raise ModelNotAvailable(offer.name, [f"{server}/{offer.source}"], f"What was fetched {problem}.")
    return target


def _watched(job: _Job, deadline: float) -> Iterator[dict[str, Any]]:
    """Run the child, yield its events, and kill it when it is silent for too long or the deadline has come."""
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
        while line := _next_line(lines, 2 * job.patience + 5, deadline):
            event = json.loads(line)
            if "failed" in event:
                raise _Failed(event["failed"])
            yield event
            if event["stage"] == "done":
                return
        raise _Failed(f"The download stopped unexpectedly (exit code {child.wait()}). Run the command again.")
    finally:
        child.kill()
        child.wait()
        reader.join()


def _read_lines(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _next_line(lines: queue.SimpleQueue[bytes], wait: float, deadline: float) -> bytes:
    try:
        return lines.get(timeout=max(0.0, min(wait, deadline - time.monotonic())))
    except queue.Empty:
        late = time.monotonic() >= deadline
        raise _Failed(_TOO_LONG if late else _NO_ANSWER) from None


_NO_ANSWER = (
    "The server, or a proxy on the way to it, does not answer. "
    "Check the connection and run the command again; what has arrived is kept."
)
_TOO_LONG = "The download took longer than allowed. Run the command again; it goes on where it stopped."

# From here on: the child


def _main(argument: str) -> None:
    job = _Job(**json.loads(argument))
    try:
        _fetch_files(job)
    except _Failed as failure:
        _emit(failed=str(failure))
    except (OSError, http.client.HTTPException) as error:
        _emit(failed=_reason(error))


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
            meter = _Meter(sum(file.size for file in files))
            _check_space(target.parent, files)
            for file in files:
                _fetch_file(file, meter, job.patience)
            _emit(stage="done", file=target.name, done=meter.done, total=meter.total)
    except Timeout:
        raise _Failed("Another process is fetching this model. Wait until it has ended.") from None


class _Meter:
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
    """Ask the hub which of the files the engine needs there are, how long, and with which hash."""
    with _open(f"{job.server}/api/models/{job.source}/tree/main", job.patience, {}) as answer:
        text = answer.read(_LARGEST_LISTING)
    try:
        entries = [entry for entry in json.loads(text) if _HUB_FILES.fullmatch(entry["path"])]
        files = [_hub_file(job, entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _Failed(f"{job.server} answered with something that is not a list of files.") from None
    if not any(file.target.name == "model.bin" for file in files):
        raise _Failed(f"The repository {job.source} holds no model.bin; it is not a faster-whisper model.")
    Path(job.target).mkdir(exist_ok=True)
    return sorted(files, key=lambda file: file.target.name == "model.bin")


def _hub_file(job: _Job, entry: dict[str, Any]) -> _RemoteFile:
    large = entry.get("lfs") or {}
    digest = f"sha256:{large['oid']}" if large else f"sha1:{entry['oid']}"
    url = f"{job.server}/{job.source}/resolve/main/{entry['path']}"
    return _RemoteFile(url, Path(job.target) / entry["path"], int(large.get("size", entry["size"])), digest)


def _check_space(folder: Path, files: list[_RemoteFile]) -> None:
    needed = sum(file.size for file in files if not file.target.exists() and not _part(file).exists())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise _Failed(f"It needs {needed / 1e6:,.0f} MB and {folder} has {free / 1e6:,.0f} MB free. Make room first.")


def _part(file: _RemoteFile) -> Path:
    return file.target.with_name(file.target.name + ".part")


def _fetch_file(file: _RemoteFile, meter: _Meter, patience: float) -> None:
    part = _part(file)
    if not file.target.is_file() or not _is_right(file, file.target, meter):
        _download(file, part, meter, patience)
        if not _is_right(file, part, meter):
            part.unlink()
            raise _Failed(f"{file.target.name} arrived damaged (wrong hash) and was removed. Run the command again.")
        os.replace(part, file.target)
    meter.done += file.size


def _is_right(file: _RemoteFile, path: Path, meter: _Meter) -> bool:
    """Compare a file's hash: ``sha256`` of its bytes, or ``sha1`` as git computes it for a blob."""
    kind, _, expected = file.digest.partition(":")
    digest = hashlib.new(kind, usedforsecurity=False)
    if kind == "sha1":
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
            meter.report("checking", file.target, file.size)
    return digest.hexdigest() == expected


def _download(file: _RemoteFile, part: Path, meter: _Meter, patience: float) -> None:
    """Fill ``part`` up to the file's length, and go on after a broken connection as long as bytes come."""
    for _ in range(_ATTEMPTS):
        before = part.stat().st_size if part.exists() else 0
        if before > file.size:
            part.unlink()
            before = 0
        try:
            if before < file.size or not part.exists():
                _receive(file, part, before, meter, patience)
        except (OSError, http.client.HTTPException) as error:
            if not part.exists() or part.stat().st_size <= before:
                raise _Failed(_reason(error)) from None
        if part.stat().st_size == file.size:
            return
        if part.stat().st_size <= before:
            break
    raise _Failed("The server broke off in the middle. Run the command again; it goes on where it stopped.")


def _receive(file: _RemoteFile, part: Path, have: int, meter: _Meter, patience: float) -> None:
    with _open(file.url, patience, {"Range": f"bytes={have}-"} if have else {}) as answer:
        resumed = answer.status == 206 and (answer.headers["Content-Range"] or "").startswith(f"bytes {have}-")
        have = have if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            while block := answer.read1(_BLOCK):
                have += len(block)
                if have > file.size:
                    raise _Failed(f"The server sends more than the {file.size:,} bytes that the file should have.")
                out.write(block)
                meter.report("fetching", file.target, have)
            out.flush()
            os.fsync(out.fileno())


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows the hub to its content servers, but never from https to http."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.type == "https" and not newurl.startswith("https://"):
            raise _Failed("The server sends on to an address without encryption, which Verbatim does not follow.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, patience: float, headers: dict[str, str]) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": "verbatim-kb"} | headers)  # noqa: S310 (checked above)
    try:
        answer = urllib.request.build_opener(_NoDowngrade).open(request, timeout=patience)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Failed(_reason(error)) from None
    return cast(http.client.HTTPResponse, answer)


def _reason(error: Exception) -> str:
    """Say what a failed request means, for a person."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            return f"The server answered {error.code} ({str(error.reason)[:60]}). Check the name, or try again later."
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, OSError) and (cause.filename or cause.errno in (errno.ENOSPC, errno.EROFS)):
        return f"The models folder cannot be written ({cause.strerror}). Make room, or name another in KB_MODELS."
    if isinstance(cause, TimeoutError):
        return _NO_ANSWER
    return f"The server cannot be reached ({str(cause)[:120]}). Check the connection and run the command again."


if __name__ == "__main__":
    _main(sys.argv[1])
