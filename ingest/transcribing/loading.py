"""Whisper behind one function: faster-whisper (CTranslate2) or openai-whisper (PyTorch), from samples to timed words.

Models are found elsewhere and given by path; nothing here uses the network.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelNotAvailable, UsageError
from kb.translatable import phrase
from kb.types import Segment

__all__ = ["EngineSettings", "LoadedEngine", "is_multilingual", "load", "model_identity", "resolved", "translating"]

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which Whisper, where, and how; ``model`` is a CTranslate2 folder or, for openai-whisper, a ``.pt`` file."""

    model: Path
    engine: Literal["faster-whisper", "openai-whisper"] = "faster-whisper"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    #: int8, float32, float16, ...; auto is int8 on a CPU and float16 on a GPU (openai-whisper: float32 on a CPU).
    compute_type: str = "auto"
    #: A code such as ``en``; ``None``: it is detected.
    language: str | None = None
    task: Literal["transcribe", "translate"] = "transcribe"
    #: A prompt in the expected style, given before each block.
    initial_prompt: str | None = None
    #: Names and terms to expect.
    hotwords: str | None = None
    beam_size: int = 5
    #: Blocks decoded together; 0 is 1 on a CPU, where it hardly helps, and 8 on a GPU, where it is much faster.
    batch: int = 0
    #: The model's name in a transcript; if empty, the last part of its path.
    name: str = ""
    #: CPU threads; 0 leaves it to the library.
    threads: int = 0


class LoadedEngine(Protocol):
    """A loaded model. ``settings`` has every ``auto`` resolved, ``batch`` included."""

    settings: EngineSettings

    def detect_language(self, samples: Samples) -> tuple[str, float]:
        """Return the language's code and its probability, detected in the first 30 s of ``samples``."""

    def transcribe(
        self, pieces: Sequence[Samples], language: str, again: bool = False
    ) -> tuple[tuple[Segment, ...], ...]:
        """Return the segments of each piece (float32, 16 kHz, at most 30 s), timed from the piece's start.

        ``again`` decodes with other settings, for pieces that went wrong; these too give the same words every time.
        """


def load(settings: EngineSettings) -> LoadedEngine:
    """Load the model that ``settings`` name, from this machine only.

    Raises ``ModelNotAvailable`` where there is none or it is damaged, ``UsageError`` for impossible settings.
    """
    settings = resolved(settings)
    from ingest.transcribing.engines import FasterWhisper, OpenAIWhisper, clear_errors

    with clear_errors(settings):
        return FasterWhisper(settings) if settings.engine == "faster-whisper" else OpenAIWhisper(settings)


def translating(engine: LoadedEngine) -> LoadedEngine:
    """Return the same loaded model, which now translates into English; ``UsageError`` if it cannot."""
    from ingest.transcribing.engines import check_translates

    check_translates(engine)
    other = copy.copy(engine)
    other.settings = replace(engine.settings, task="translate")
    return other


def is_multilingual(engine: LoadedEngine) -> bool:
    """Return whether a loaded model hears other languages than English."""
    from ingest.transcribing.engines import FasterWhisper, OpenAIWhisper

    return not isinstance(engine, FasterWhisper | OpenAIWhisper) or engine.is_multilingual


def resolved(settings: EngineSettings) -> EngineSettings:
    """Return ``settings`` with ``auto`` and 0 replaced by the values for this machine and engine."""
    if settings.engine not in ("faster-whisper", "openai-whisper"):
        raise UsageError(
            phrase(
                "There is no engine %(engine)s; choose faster-whisper or openai-whisper.", engine=repr(settings.engine)
            )
        )
    if settings.beam_size < 1 or settings.batch < 0 or settings.threads < 0:
        raise UsageError(phrase("The beam size must be at least 1; batch and threads at least 0."))
    from ingest.transcribing.engines import has_gpu

    gpu = settings.device != "cpu" and has_gpu(settings.engine)
    if settings.device == "cuda" and not gpu:
        raise UsageError(phrase("No CUDA GPU can be used here; choose the device cpu or auto."))
    compute = settings.compute_type
    if compute == "auto":
        on_cpu = "int8" if settings.engine == "faster-whisper" else "float32"
        compute = "float16" if gpu else on_cpu
    if settings.engine == "openai-whisper" and compute not in (("float16", "float32") if gpu else ("float32",)):
        raise UsageError(
            phrase(
                "openai-whisper does not compute in %(compute)s here; choose auto or faster-whisper.", compute=compute
            )
        )
    together = settings.engine == "faster-whisper" and gpu
    return replace(
        settings,
        device="cuda" if gpu else "cpu",
        compute_type=compute,
        batch=settings.batch or (8 if together else 1),
    )


def model_identity(path: Path) -> str:
    """Return a hash that identifies a model: names, sizes and both ends of its files.

    Reading the ends is enough and takes no time; reading all of a large model takes many seconds.
    Raises ``ModelNotAvailable``.
    """
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    try:
        for file in files:
            size = file.stat().st_size
            digest.update(f"{file.name if path.is_dir() else ''}\0{size}\0".encode())
            with file.open("rb") as stream:
                digest.update(stream.read(1 << 20))
                stream.seek(max(0, size - (1 << 20)))
                digest.update(stream.read(1 << 20))
    except OSError as error:
        raise missing(path) from error
    return digest.hexdigest()


def missing(path: Path) -> ModelNotAvailable:
    return ModelNotAvailable(path.name, [str(path)], phrase("Fetch it once with: kb models fetch NAME"))
