"""Third-party diarizers, each run in a child process (``child``).

A native library may crash its process on a bad model file, and the finished transcript would
be lost with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from kb.errors import ModelNotAvailable, UsageError
from kb.translatable import phrase
from kb.types import SAMPLE_RATE

from .types import Diarizer, SampleBlock, SpeakerSpan

__all__ = ["asked_of_child", "has_speaker_models", "pyannote_diarizer", "require_sherpa", "sherpa_diarizer"]

#: Seconds between checks whether a child's work is still wanted.
_LOOK = 0.5
_SHERPA_FILES = ("segmentation.onnx", "embedding.onnx")


def has_speaker_models(folder: Path) -> bool:
    """Return whether the two files that sherpa-onnx needs are in ``folder``."""
    return all((folder / name).is_file() for name in _SHERPA_FILES)


def sherpa_diarizer(folder: Path, speakers: int | None = None, cancelled: Callable[[], bool] | None = None) -> Diarizer:
    """Return a diarizer that uses sherpa-onnx with ``segmentation.onnx`` and ``embedding.onnx`` in ``folder``.

    ``speakers`` is their number if known; ``cancelled`` is asked twice a second while it works. Raises ``UsageError``
    when the package and ``ModelNotAvailable`` when a file is missing. It needs memory for the whole recording, about
    0.65 GB an hour.
    """
    require_sherpa(folder, _SHERPA_FILES)
    return partial(_in_child, "sherpa-onnx", folder.absolute(), speakers, cancelled)


def pyannote_diarizer(
    folder: Path, speakers: int | None = None, cancelled: Callable[[], bool] | None = None
) -> Diarizer:
    """Return a diarizer that uses pyannote.audio with a local copy of a pipeline (``config.yaml`` in ``folder``).

    Arguments and errors as for ``sherpa_diarizer``. pyannote's usage reports are switched off.
    """
    _require("pyannote.audio", "pyannote.audio", folder, ("config.yaml",))
    return partial(_in_child, "pyannote", folder.absolute(), speakers, cancelled)


def require_sherpa(folder: Path, files: Sequence[str]) -> None:
    """Raise ``UsageError`` where the package of sherpa-onnx is missing, ``ModelNotAvailable`` where a file is."""
    _require("sherpa_onnx", "verbatim-kb[diarize]", folder, files)


def _require(package: str, install: str, folder: Path, files: Sequence[str]) -> None:
    try:
        missing = find_spec(package) is None
    except ModuleNotFoundError:  # of the package around it
        missing = True
    if missing:
        raise UsageError(
            phrase(
                "Telling speakers apart this way needs a package: run `pip install '%(package)s'` first.",
                package=install,
            )
        )
    absent = [str(folder / name) for name in files if not (folder / name).is_file()]
    if absent:
        remedy = phrase("docs/speakers.md says where to get these files.")
        if package == "sherpa_onnx":
            remedy = phrase("Run `kb models fetch voices` once.")
        raise ModelNotAvailable("speaker diarization", absent, remedy)


def _in_child(
    engine: str,
    folder: Path,
    speakers: int | None,
    cancelled: Callable[[], bool] | None,
    blocks: Iterable[SampleBlock],
    /,
) -> tuple[SpeakerSpan, ...]:
    found = asked_of_child(engine, folder, str(speakers or 0), cancelled, blocks)
    return tuple(SpeakerSpan(*span) for span in found)


def asked_of_child(
    engine: str,
    folder: Path,
    argument: str,
    cancelled: Callable[[], bool] | None,
    blocks: Iterable[SampleBlock],
) -> list[Any]:
    """Return the child's output for a recording; raises ``UsageError`` if the child fails or is stopped."""
    root = str(Path(__file__).parents[2])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
        # Nothing leaves the machine: pyannote 4 reports each use unless this is set.
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-P", "-m", "ingest.diarization.child", engine, str(folder), argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
        try:
            seconds = _feed(cast(IO[bytes], child.stdin), blocks)
            printed = _output(child, engine, 120 + 5 * seconds, cancelled)
        finally:
            child.kill()
            with suppress(BrokenPipeError):  # the child has closed its input
                cast(IO[bytes], child.stdin).close()
            cast(IO[bytes], child.stdout).close()
            child.wait()
        said.seek(0)
        lines = said.read(1_000_000).decode("utf-8", "replace").strip().splitlines()
    if child.returncode or not printed:
        where = str(folder)
        if not lines:
            told = phrase(
                "%(engine)s stopped; check that the model files in %(folder)s are the right ones.",
                engine=engine,
                folder=where,
            )
            raise UsageError(told)
        raise UsageError(
            phrase(
                "%(engine)s stopped (%(reason)s); check that the model files in %(folder)s are the right ones.",
                engine=engine,
                reason=lines[-1][:200],
                folder=where,
            )
        )
    return cast(list[Any], json.loads(printed.splitlines()[-1]))


def _output(child: subprocess.Popen[bytes], engine: str, most: float, cancelled: Callable[[], bool] | None) -> bytes:
    """Return what a child prints; wait at most ``most`` seconds, or until the work is cancelled."""
    until = time.monotonic() + most
    while True:
        try:
            return child.communicate(timeout=_LOOK)[0]
        except subprocess.TimeoutExpired:
            if cancelled is not None and cancelled():
                raise UsageError(phrase("%(engine)s was stopped.", engine=engine)) from None
            if time.monotonic() > until:
                raise UsageError(
                    phrase(
                        "%(engine)s took more than five times as long as the recording and was stopped.", engine=engine
                    )
                ) from None


def _feed(pipe: IO[bytes], blocks: Iterable[SampleBlock]) -> float:
    """Send the recording as mono float32, and return its length in seconds."""
    sent = 0
    try:
        for block in blocks:
            mono = np.nan_to_num(block.mean(axis=1) if block.ndim == 2 else block).astype("<f4")
            pipe.write(mono.tobytes())
            sent += len(mono)
    except BrokenPipeError:
        pass  # the child has ended; its exit code and its output say why
    return sent / SAMPLE_RATE
