"""The only module that knows Ray: a connection to a cluster, and the workers that are started on it.

Ray is configured to be silent: no usage reports, no dashboard, nothing on the terminal. A cluster of our own
on this machine listens on the loopback interface alone, asks for a token, and is removed with its logs when we end.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kb.errors import ClusterUnavailable, UsageError
from kb.translatable import phrase

from .planning import Machine, Plan, plan
from .worker import ClusterWorker, about_this_machine

__all__ = ["Cluster", "ClusterProcess", "WorkerDied", "connect"]

#: Seconds until an address that does not answer counts as unreachable; Ray alone would try for two minutes.
_REACH = 5.0
#: Seconds between checks whether a worker that waits for room is still needed.
_POLL = 1.0
#: Bytes of shared memory on this machine; nothing larger than a piece of a recording goes through it.
_OBJECT_STORE = 256 * 1024 * 1024
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_AUTO_CONNECT": "0",  # or Ray starts a new cluster when the connection is lost
    "GRPC_VERBOSITY": "ERROR",
    # We report a worker's end ourselves; Ray would print it among the results on standard output.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_py_gcs_connect_timeout_s": "5",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "5",
}
_ADDRESS = re.compile(r"(?:ray://)?((?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5})")


class WorkerDied(Exception):
    """A worker is gone: it was killed, ran out of memory, or its machine is gone."""


class ClusterProcess:
    """A worker's process somewhere on the cluster."""

    def __init__(self, plan: Plan) -> None:
        import ray

        options = {"num_cpus": plan.cpus, "num_gpus": plan.gpus, "scheduling_strategy": "SPREAD"}
        with _ray_errors():
            self._actor = ray.remote(ClusterWorker).options(**options).remote()
            self._about = self._actor.about.remote()

    def call(self, method: str, *arguments: Any) -> Any:
        """Return what that method of ``ClusterWorker`` returns; raises what it raises, and ``WorkerDied``."""
        import ray

        with _ray_errors():
            return ray.get(getattr(self._actor, method).remote(*arguments))

    def has_begun(self, wait: float) -> bool:
        """Return whether there was room for it on the cluster within ``wait`` seconds."""
        import ray

        with _ray_errors():
            if not ray.wait([self._about], timeout=wait)[0]:
                return False
            here, there = about_this_machine(), ray.get(self._about)
        if there.version != here.version:
            raise ClusterUnavailable(
                phrase(
                    "The machine %(host)s of the cluster has Verbatim %(version)s, this one %(this_version)s. "
                    "Install the same version on all.",
                    host=there.host,
                    version=there.version,
                    this_version=here.version,
                )
            )
        return True

    def kill(self) -> None:
        """Kill the process."""
        import ray

        with suppress(Exception):  # it may be gone already
            ray.kill(self._actor)


class Cluster:
    """The workers on a cluster, started when they are needed; safe to use from several threads."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._idle: deque[ClusterProcess] = deque()

    @contextmanager
    def worker(self, wanted: Callable[[], bool] = lambda: True) -> Iterator[ClusterProcess | None]:
        """Yield a worker as soon as there is room for it; ``None`` when it is no longer ``wanted``.

        A worker is not used again if the ``with`` block raises.
        """
        worker = self._next(wanted)
        try:
            yield worker
        except BaseException:
            if worker is not None:
                worker.kill()
            raise
        if worker is not None:
            self._idle.append(worker)

    def _next(self, wanted: Callable[[], bool]) -> ClusterProcess | None:
        with suppress(IndexError):
            return self._idle.pop()
        worker = ClusterProcess(self.plan)
        try:
            while not worker.has_begun(_POLL):
                # Another worker may be free now; this one would wait for its room for ever.
                if self._idle or not wanted():
                    worker.kill()
                    return self._next(wanted) if wanted() else None
        except BaseException:
            worker.kill()
            raise
        return worker


@contextmanager
def connect(address: str, workers: int | None = None, use_gpus: bool = True) -> Iterator[Cluster]:
    """Connect to a cluster while the ``with`` block runs, with this many ``workers`` (``None``: as many as fit).

    ``address`` is ``local`` for a cluster of our own on this machine, ``HOST:PORT`` or ``auto`` for one that this
    machine belongs to, ``ray://HOST:PORT`` for any other. Raises ``ClusterUnavailable`` within 30 seconds, and
    ``UsageError`` for a malformed address and where Ray is not installed.
    """
    if find_spec("ray") is None:
        raise UsageError(phrase("Work on a cluster needs a package: run `pip install 'verbatim-kb[cluster]'` first."))
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS", address)
    with _local() if address == "local" else _elsewhere(address):
        yield Cluster(plan(_machines(address), workers, use_gpus))


@contextmanager
def _local() -> Iterator[None]:
    own = {
        **_SETTINGS,
        # Ray's name for "the loopback interface alone", on every system.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    short = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 (a socket's path may have 100 characters)
    with (
        _environment(own),
        tempfile.TemporaryDirectory(prefix="verbatim-ray-", dir=short, ignore_cleanup_errors=True) as folder,
        _initialised(
            "local", include_dashboard=False, object_store_memory=_OBJECT_STORE, _temp_dir=folder, log_to_driver=False
        ),
    ):
        yield


@contextmanager
def _elsewhere(address: str) -> Iterator[None]:
    parts = _ADDRESS.fullmatch(address)
    if parts is None and address != "auto":
        raise UsageError(
            phrase(
                "There is no cluster at %(address)s; write local, auto, HOST:PORT or ray://HOST:PORT.",
                address=repr(address),
            )
        )
    if parts is not None and os.environ.get("RAY_USE_TLS", "0") == "0":
        _reach(address, parts[1])
    with _environment(_SETTINGS), _initialised(address, log_to_driver=False):
        yield


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the ``with`` block runs: Ray takes these settings in no other way."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _reach(address: str, target: str) -> None:
    """Raise ``ClusterUnavailable`` if nothing there speaks Ray's protocol."""
    import grpc

    with grpc.insecure_channel(target) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=_REACH)
        except grpc.FutureTimeoutError as error:
            raise _unavailable(address, phrase("nothing answers there")) from error


@contextmanager
def _initialised(address: str, **options: Any) -> Iterator[None]:
    import ray

    logger = logging.getLogger("ray")
    try:
        with warnings.catch_warnings(action="ignore"):
            logger.setLevel(logging.CRITICAL)
            ray.init(address, logging_level=logging.CRITICAL, **options)
            logger.setLevel(logging.CRITICAL)
    except (Exception, SystemExit) as error:  # it exits where it finds no server
        raise _unavailable(
            address, str(error).strip().partition("\n")[0][:300] or phrase("it does not answer")
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _machines(address: str) -> list[Machine]:
    import ray

    with _ray_errors():
        alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    machines = [Machine(int(has.get("CPU", 0)), int(has.get("GPU", 0))) for has in alive]
    if not any(machine.cpus for machine in machines):
        raise _unavailable(address, phrase("none of its machines has a CPU for us"))
    return machines


def _unavailable(address: str, reason: str) -> ClusterUnavailable:
    remedy = phrase("Its address is ray://HOST:10001, or HOST:6379 on its own machines; 'local' is this machine alone.")
    if address == "local":
        return ClusterUnavailable(
            phrase("Ray cannot be started on this machine: %(reason)s.", reason=reason.rstrip("."))
        )
    return ClusterUnavailable(
        phrase(
            "The Ray cluster %(address)s cannot be reached: %(reason)s. %(remedy)s",
            address=address,
            reason=reason.rstrip("."),
            remedy=remedy,
        )
    )


@contextmanager
def _ray_errors() -> Iterator[None]:
    """Raise what was raised on a worker, or ``WorkerDied``, or ``ClusterUnavailable``, instead of Ray's errors."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        if not ray.is_initialized():
            raise ConnectionError
        yield
    except RayTaskError as error:
        raise error.cause if isinstance(error.cause, Exception) else RuntimeError(str(error)) from error
    except (RayError, ImportError) as error:
        if "No module named" in str(error):
            problem = phrase("Verbatim is missing, or of another version, on a machine of the cluster.")
            raise ClusterUnavailable(phrase("%(problem)s Install the same version on all.", problem=problem)) from error
        raise WorkerDied(str(error)) from error
    except ConnectionError as error:
        raise ClusterUnavailable(phrase("The connection to the cluster was lost; 'kb jobs retry' goes on.")) from error
