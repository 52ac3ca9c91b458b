"""What is compared: our pipeline, and each engine as its own documentation has people call it.

    python -m bench.hearing.systems SYSTEM MODEL THREADS LANGUAGE   (recordings on standard input, a line each)

Each runs in its own process, so that memory and processor time are measured for it alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SYSTEMS", "Heard", "Run", "run"]

Timed = tuple[str, float]  # a word, and the second at which it begins
Hear = Callable[[str], tuple[str, list[Timed]]]


@dataclass(frozen=True, slots=True)
class Heard:
    """The transcription of one recording."""

    text: str
    words: tuple[Timed, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A system's transcription of each recording, its CPU and wall seconds, and its peak memory in MB."""

    heard: tuple[Heard, ...]
    cpu: float
    wall: float
    peak: float


def run(system: str, model: Path, sounds: Sequence[Path], threads: int = 1, language: str = "") -> Run:
    """Transcribe recordings with a system in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, system, str(model), str(threads), language],
        input="\n".join(map(str, sounds)),
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"},
    )
    if done.returncode:
        raise SystemExit(f"{system} failed: {done.stderr.strip()[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    heard = tuple(Heard(text, tuple((word, start) for word, start in words)) for text, words in told["heard"])
    return Run(heard, told["cpu"], told["wall"], told["peak"])


def _ours(model: str, threads: int, language: str | None) -> Hear:
    """Return the transcription that ``kb ingest --model`` makes of a recording, without storing it."""
    from ingest.transcribing.loading import EngineSettings, load
    from ingest.transcribing.transcription import transcribe_file

    is_folder = Path(model).is_dir()
    engine = load(
        EngineSettings(
            Path(model), "faster-whisper" if is_folder else "openai-whisper", "cpu", language=language, threads=threads
        )
    )

    def hear(sound: str) -> tuple[str, list[Timed]]:
        segments = transcribe_file(Path(sound), engine.settings, engine=engine).transcript.segments
        words = [(word.text, word.start or 0.0) for segment in segments for word in segment.words]
        return " ".join(segment.text for segment in segments), words

    return hear


def _faster_whisper(model: str, threads: int, language: str | None) -> Hear:
    """Return ``WhisperModel(...).transcribe(path)`` with what it does by default, and word times."""
    from faster_whisper import WhisperModel

    loaded = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads)

    def hear(sound: str) -> tuple[str, list[Timed]]:
        return _joined(loaded.transcribe(sound, language=language, word_timestamps=True)[0])

    return hear


def _batched(model: str, threads: int, language: str | None) -> Hear:
    """Return ``BatchedInferencePipeline(...).transcribe(path)`` with what it does by default, and word times."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    loaded = BatchedInferencePipeline(WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads))

    def hear(sound: str) -> tuple[str, list[Timed]]:
        return _joined(loaded.transcribe(sound, language=language, word_timestamps=True)[0])

    return hear


def _joined(segments: object) -> tuple[str, list[Timed]]:
    found = list(segments)  # type: ignore[call-overload]
    words = [(word.word.strip(), float(word.start)) for segment in found for word in segment.words or ()]
    return " ".join(segment.text.strip() for segment in found), words


def _openai_whisper(model: str, threads: int, language: str | None) -> Hear:
    """Return ``load_model(...).transcribe(...)`` with what the command does by default: a beam of 5, word times."""
    import numpy as np
    import torch
    import whisper

    from ingest.sound.decoding import Decoder  # the ffmpeg program may not be here

    torch.set_num_threads(threads)
    loaded = whisper.load_model(model, device="cpu")

    def hear(sound: str) -> tuple[str, list[Timed]]:
        samples = np.concatenate(list(Decoder(Path(sound))))
        found = loaded.transcribe(
            samples, language=language, word_timestamps=True, fp16=False, beam_size=5, best_of=5,
            temperature=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        )  # fmt: skip
        words = [(word["word"].strip(), word["start"]) for each in found["segments"] for word in each["words"]]
        return found["text"].strip(), words

    return hear


#: By name; those of a model in CTranslate2 form, and those of a ``.pt`` file, begin with the engine's name or "ours".
SYSTEMS: dict[str, Callable[[str, int, str | None], Hear]] = {
    "ours": _ours,
    "faster-whisper": _faster_whisper,
    "faster-whisper, batched": _batched,
    "openai-whisper": _openai_whisper,
}


def _main(system: str, model: str, threads: str, language: str) -> None:
    hear = SYSTEMS[system](model, int(threads), language or None)
    sounds = sys.stdin.read().splitlines()
    before, begun = _cpu(), time.perf_counter()
    heard = [hear(sound) for sound in sounds]
    told = {"heard": heard, "cpu": _cpu() - before, "wall": time.perf_counter() - begun, "peak": _peak()}
    print(json.dumps(told), flush=True)


def _usages() -> Iterator[resource.struct_rusage]:
    yield resource.getrusage(resource.RUSAGE_SELF)
    yield resource.getrusage(resource.RUSAGE_CHILDREN)  # ours decodes in a child


def _cpu() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def _peak() -> float:
    """Return megabytes: the peaks of the process and of its largest child, added up as if they fell together."""
    unit = 1 if sys.platform == "darwin" else 1024
    return sum(usage.ru_maxrss for usage in _usages()) * unit / 1e6


if __name__ == "__main__":
    _main(*sys.argv[1:])
