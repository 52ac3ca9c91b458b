"""Other people's diarizers, each run in a child process: this module as a program.

A native library that meets a model file it does not like ends the process it is in, and the finished transcript would
go with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelNotAvailable, UsageError

from .types import SAMPLE_RATE, Block, Diarizer, SpeakerSpan

__all__ = ["has_speaker_models", "pyannote_diarizer", "sherpa_diarizer"]

_SHERPA_FILES = ("segmentation.onnx", "embedding.onnx")


def has_speaker_models(folder: Path) -> bool:
    """Return whether the two files that sherpa-onnx needs are in ``folder``."""
    return all((folder / name).is_file() for name in _SHERPA_FILES)


def sherpa_diarizer(folder: Path, speakers: int | None = None) -> Diarizer:
    """Return a diarizer that uses sherpa-onnx with ``segmentation.onnx`` and ``embedding.onnx`` in ``folder``.

    ``speakers`` is their number if known. Raises ``UsageError`` when the package and ``ModelNotAvailable`` when a file
    is missing. It needs memory for the whole recording, about 0.65 GB an hour.
    """
    _require("sherpa_onnx", "verbatim-kb[diarize]", folder, _SHERPA_FILES)
    return partial(_in_child, "sherpa-onnx", folder.absolute(), speakers)


def pyannote_diarizer(folder: Path, speakers: int | None = None) -> Diarizer:
    """Return a diarizer that uses pyannote.audio with a local copy of a pipeline (``config.yaml`` in ``folder``).

    Arguments and errors as for ``sherpa_diarizer``. pyannote's usage reports to its makers are switched off.
    """
    _require("pyannote.audio", "pyannote.audio", folder, ("config.yaml",))
    return partial(_in_child, "pyannote", folder.absolute(), speakers)


def _require(package: str, install: str, folder: Path, files: Sequence[str]) -> None:
    try:
        missing = find_spec(package) is None
    except ModuleNotFoundError:  # of the package around it
        missing = True
    if missing:
        raise UsageError(f"Telling speakers apart this way needs a package: run `pip install '{install}'` first.")
    absent = [str(folder / name) for name in files if not (folder / name).is_file()]
    if absent:
        raise ModelNotAvailable("speaker diarization", absent, "docs/speakers.md says where to get these files.")


def _in_child(engine: str, folder: Path, speakers: int | None, blocks: Iterable[Block], /) -> tuple[SpeakerSpan, ...]:
    root = str(Path(__file__).parents[2])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
        # Nothing leaves the machine: pyannote 4 reports each use to its makers unless told not to.
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "ingest.diarization.engines", engine, str(folder), str(speakers or 0)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
        try:
            seconds = _feed(cast(IO[bytes], child.stdin), blocks)
            printed, _ = child.communicate(timeout=120 + 5 * seconds)
        except subprocess.TimeoutExpired:
            raise UsageError(f"{engine} took more than five times as long as the recording and was stopped.") from None
        finally:
            child.kill()
            child.wait()
        said.seek(0)
        lines = said.read(1_000_000).decode("utf-8", "replace").strip().splitlines()
    if child.returncode or not printed:
        reason = f" ({lines[-1][:200]})" if lines else ""
        raise UsageError(f"{engine} stopped{reason}; check that the model files in {folder} are what their names say.")
    return tuple(SpeakerSpan(*span) for span in json.loads(printed.splitlines()[-1]))


def _feed(pipe: IO[bytes], blocks: Iterable[Block]) -> float:
    """Send the recording as mono float32, and return its length in seconds."""
    sent = 0
    try:
        for block in blocks:
            mono = np.nan_to_num(block.mean(axis=1) if block.ndim == 2 else block).astype("<f4")
            pipe.write(mono.tobytes())
            sent += len(mono)
    except BrokenPipeError:
        pass  # the child has ended; its exit code and its last words say why
    return sent / SAMPLE_RATE


def _main(engine: str, folder: str, speakers: str) -> None:
    samples = np.frombuffer(sys.stdin.buffer.read(), "<f4")
    find = {"sherpa-onnx": _with_sherpa, "pyannote": _with_pyannote}[engine]
    print("\n" + json.dumps(find(samples, Path(folder), int(speakers))), flush=True)


def _with_sherpa(samples: NDArray[np.float32], folder: Path, speakers: int) -> list[tuple[float, float, str]]:
    import sherpa_onnx as sherpa  # type: ignore[import-not-found, unused-ignore]  # an extra

    threads = os.cpu_count() or 1
    pyannote = sherpa.OfflineSpeakerSegmentationPyannoteModelConfig(model=str(folder / "segmentation.onnx"))
    config = sherpa.OfflineSpeakerDiarizationConfig(
        segmentation=sherpa.OfflineSpeakerSegmentationModelConfig(pyannote=pyannote, num_threads=threads),
        embedding=sherpa.SpeakerEmbeddingExtractorConfig(model=str(folder / "embedding.onnx"), num_threads=threads),
        clustering=sherpa.FastClusteringConfig(num_clusters=speakers or -1, threshold=0.5),
    )
    result = sherpa.OfflineSpeakerDiarization(config).process(samples).sort_by_start_time()
    return [(span.start, span.end, str(span.speaker)) for span in result]


def _with_pyannote(samples: NDArray[np.float32], folder: Path, speakers: int) -> list[tuple[float, float, str]]:
    import torch
    from pyannote.audio import Pipeline  # type: ignore[import-not-found, unused-ignore]  # not even an extra

    pipeline = Pipeline.from_pretrained(folder / "config.yaml")
    recording = {"waveform": torch.from_numpy(samples.copy())[None], "sample_rate": SAMPLE_RATE}
    found = pipeline(recording, num_speakers=speakers or None)
    annotation = getattr(found, "exclusive_speaker_diarization", found)  # version 3 gives the annotation itself
    return [(turn.start, turn.end, str(label)) for turn, _, label in annotation.itertracks(yield_label=True)]


if __name__ == "__main__":
    _main(*sys.argv[1:])
