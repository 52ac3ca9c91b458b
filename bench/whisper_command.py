"""openai-whisper's own command beside ours, as whole processes with equal weights on the same sound.

    python -m bench.whisper_command [--seconds 87] [--rounds 3] [--sizes tiny base]

The weights are random, of the size of the real models, because the work does not depend on their training, with two
exceptions: the decoder's positions determine the next word, so every window gives the same ``WORDS`` words and ends;
and the cross-attention follows the time, so word times spread over the window. Without the first, random weights
generate up to the token limit; without the second, our pipeline would take a window for unfinished and decode it again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SOUND = ROOT / "corpus" / "npr-2019-07-08-ice-dmv-facial-recognition.opus"
WORDS = 97  # a token each; with a time before, a time behind and the end, 100 tokens a window
SIZES = {"tiny": (384, 6, 4), "base": (512, 8, 6)}  # width, heads, layers of each half
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}

#: openai-whisper's command where the ffmpeg program is missing: the same, but the sound comes decoded, at no cost.
HANDED_OVER = """
import sys, numpy, whisper.audio
sound = numpy.load(sys.argv.pop(1))
whisper.audio.load_audio = lambda path: sound
from whisper.transcribe import cli
cli()
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one whole process: wall seconds, CPU seconds, peak memory in MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and what counts the windows that it decodes."""

    name: str
    arguments: Sequence[str | Path]
    windows: Callable[[], int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=87, help="how much of the sound is heard; 87 ends in a pause")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    options = parser.parse_args()
    if not shutil.which("ffmpeg"):
        print(
            "ffmpeg is not on this machine: openai-whisper's command gets the sound decoded, which costs it nothing.\n"
        )
    print("| size | command | windows | wall s | CPU s | peak MB | CPU s a window | ours/theirs: wall | CPU | memory |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        apart(cut_sound, place, options.seconds)
        for size in options.sizes:
            apart(build_model, place, size)
            report(size, commands(place, size), options.rounds, place)


def apart(work: Callable[..., Any], *arguments: object) -> Any:
    """Run ``work`` in its own process, because this process's memory would count in the peak of its children."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def commands(place: Path, size: str) -> list[Command]:
    """Return their command and our two."""
    sound, model = place / "sound.opus", place / f"random-{size}"
    options = """--language en --device cpu --fp16 False --threads 1 --beam_size 1 --temperature 0
        --word_timestamps True --condition_on_previous_text False --temperature_increment_on_fallback None
        --logprob_threshold None --compression_ratio_threshold None --no_speech_threshold None
        --output_format json --verbose False""".split()
    whisper: list[str | Path] = [Path(sys.executable).with_name("whisper")]
    if not shutil.which("ffmpeg"):
        whisper = [sys.executable, "-c", HANDED_OVER, place / "sound.npy"]
    theirs = [*whisper, sound, "--model", model / "model.pt", "--output_dir", place, *options]

    def ours(engine: str, weights: Path) -> Command:
        line: list[str | Path] = [sys.executable, "-m", "kb", "ingest", sound, "--beam-size", "1"]
        line += ["--engine", engine, "--model", weights]
        return Command(f"`kb ingest --engine {engine}`", line, lambda: apart(count_ours, sound, engine, weights))

    return [
        Command("`whisper`", theirs, lambda: count_theirs(place / "sound.json")),
        ours("whisper", model / "model.pt"),
        ours("faster-whisper", model / "ct2"),
    ]


def report(size: str, rivals: Sequence[Command], rounds: int, place: Path) -> None:
    """Print a row for each command, the medians of ``rounds`` rounds in which they take turns."""
    turns = [[astuple(measured(rival.arguments, place)) for rival in rivals] for _ in range(rounds)]
    medians = [Cost(*map(statistics.median, zip(*costs, strict=True))) for costs in zip(*turns, strict=True)]
    theirs = medians[0]
    for rival, cost in zip(rivals, medians, strict=True):
        ratios = (cost.wall / theirs.wall, cost.cpu / theirs.cpu, cost.peak / theirs.peak)
        windows = rival.windows()
        row = [size, rival.name, str(windows), f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak:.0f}"]
        print(
            "|", " | ".join([*row, f"{cost.cpu / windows:.2f}", *(f"{ratio:.2f}" for ratio in ratios)]), "|", flush=True
        )


def measured(arguments: Sequence[str | Path], place: Path) -> Cost:
    """Run a command to its end on one thread, ``kb`` with an empty data folder, and return what it cost."""
    with tempfile.TemporaryDirectory(dir=place) as home, tempfile.TemporaryFile("w+") as said:
        env = {**os.environ, **ONE_THREAD, "KB_HOME": home, "PYTHONPATH": str(ROOT)}
        begin = time.perf_counter()
        process = subprocess.Popen(arguments, env=env, cwd=place, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    if process.returncode or "Skipping" in output:  # openai-whisper exits with 0 even after an error
        raise SystemExit(f"{arguments}\n{output}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def count_theirs(written: Path) -> int:
    """Return how many windows openai-whisper's command decoded, from what it wrote."""
    segments = json.loads(written.read_text())["segments"]
    windows = len({segment["seek"] for segment in segments})
    assert sum(len(segment["words"]) for segment in segments) == windows * WORDS, "windows of other words"
    return windows


def count_ours(sound: Path, engine: str, model: Path) -> int:
    """Return how many windows our pipeline decodes, including those that it decodes again."""
    os.environ.update(ONE_THREAD)
    from ingest.transcribing.loading import EngineSettings, load
    from ingest.transcribing.transcription import transcribe_file

    name: Any = "openai-whisper" if engine == "whisper" else engine
    bare = load(EngineSettings(model, engine=name, device="cpu", threads=1, beam_size=1))
    found: list[Any] = []

    class Counting:
        settings = bare.settings
        detect_language = bare.detect_language

        def transcribe(self, pieces: Any, language: str, again: bool = False) -> Any:
            found.extend(results := bare.transcribe(pieces, language, again))
            return results

    transcribe_file(sound, bare.settings, engine=Counting())
    words = {sum(len(segment.words) for segment in segments) for segments in found}
    assert words == {WORDS}, f"{engine}: windows of {words} words"
    return len(found)


def cut_sound(place: Path, seconds: float) -> None:
    """Write the first ``seconds`` of the corpus's sound as it is, and decoded for a command that cannot decode."""
    import av
    import numpy as np

    from ingest.sound.decoding import Decoder

    path = place / "sound.opus"
    with av.open(str(SOUND)) as whole, av.open(str(path), "w", format="ogg") as part:
        stream = part.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(whole.streams.audio[0]):
            if packet.pts is None or packet.pts * packet.time_base >= seconds:
                break
            packet.stream = stream
            part.mux(packet)
    np.save(place / "sound.npy", np.concatenate(list(Decoder(path))))


def build_model(place: Path, size: str) -> None:
    """Write random English-only weights of a real size, for both engines."""
    import numpy as np
    import torch
    from whisper.model import ModelDimensions, Whisper

    from training.export_whisper import Compact, write_checkpoint, write_ct2

    width, heads, layers = SIZES[size]
    dims = ModelDimensions(80, 1500, width, heads, layers, 51_864, 448, width, heads, layers)
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in Whisper(dims).state_dict().items()}
    del tensors["encoder.positional_embedding"]
    words = tensors.pop("decoder.token_embedding.weight")
    every = np.arange(len(words))
    model = Compact(
        {name: getattr(dims, name) for name in dims.__dataclass_fields__},
        tensors,
        every,
        np.append(words, words[:1], 0),
    )
    clock = model.encoder_positions()
    moments = np.clip((np.arange(dims.n_text_ctx) - 1) / WORDS, 0, 1) * (len(clock) - 1)
    tensors["decoder.positional_embedding"] = 4 * words[_spoken(dims.n_text_ctx)] + 4 * clock[moments.astype(int)]
    for layer in range(layers):  # the same weights for queries and keys, so that equal positions attend to each other
        attention = f"decoder.blocks.{layer}.cross_attn"
        tensors[f"{attention}.query.weight"] = tensors[f"{attention}.key.weight"] = (
            3 * tensors[f"{attention}.key.weight"]
        )
    folder = place / f"random-{size}"
    folder.mkdir()
    write_checkpoint(model, folder / "model.pt")
    write_ct2(model, folder / "ct2")


def _spoken(length: int) -> list[int]:
    """Return ``length`` tokens: a time, ``WORDS`` words, the time 30 s later, and then end tokens."""
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(multilingual=False)
    words = (number for number in range(5000, 50_000) if _is_word(tokenizer.decode([number])))
    said = [tokenizer.timestamp_begin, *(next(words) for _ in range(WORDS)), tokenizer.timestamp_begin + 1500]
    return said + [tokenizer.eot] * (length - len(said))


def _is_word(text: str) -> bool:
    return text.startswith(" ") and len(text) > 4 and text[1:].isascii() and text[1:].isalpha() and text.islower()


if __name__ == "__main__":
    main()
