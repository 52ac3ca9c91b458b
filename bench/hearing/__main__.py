"""How well recordings are transcribed: our pipeline compared with the engines alone and their default settings.

    python -m bench.hearing FOLDER --model MODEL [--openai FILE.pt] [--noise 10]

FOLDER holds recordings and their references (see bench/hearing/material.py, and docs/transcription.md for how to fill
it); a table is printed as Markdown. The engines alone transcribe a whole file as their own documentation shows.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.hearing.material import Reading, noisy, read_sets
from bench.hearing.scores import Score, score
from bench.hearing.systems import SYSTEMS, Run, run
from ingest.sound.decoding import probe

HEADER = (
    "| set | system | words | errors | wrong | invented | dropped | off, s | CPU s a minute | peak MB |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.hearing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="recordings, each with its reference beside it")
    parser.add_argument("--model", type=Path, help="a Whisper model as a CTranslate2 folder")
    parser.add_argument("--openai", type=Path, help="a Whisper model as openai-whisper's .pt file")
    parser.add_argument("--language", default="", help="of all recordings; told by itself if it is not given")
    parser.add_argument("--noise", type=float, metavar="DB", help="also with white noise, this many dB below the sound")
    parser.add_argument("--threads", type=int, default=1, help="of the processor, for all alike")
    given = parser.parse_args()
    sets = read_sets(given.folder)
    if not sets:
        raise SystemExit(f"{given.folder} holds no recording with a reference beside it, such as a.flac and a.txt.")
    if given.model is None and given.openai is None:
        raise SystemExit("Name a model with --model FOLDER or --openai FILE.pt.")
    print(HEADER)
    with tempfile.TemporaryDirectory() as folder:
        for name, readings in _with_noise(sets, given.noise, Path(folder)):
            minutes = sum(probe(reading.sound).duration or 0.0 for reading in readings) / 60
            for label, system, model in _wanted(given.model, given.openai):
                done = run(system, model, [reading.sound for reading in readings], given.threads, given.language)
                found = score(readings, done.heard, given.language in ("", "en"))
                print(_row(f"{name} ({minutes:.1f} min)", label, found, done, minutes), flush=True)


def _with_noise(
    sets: dict[str, tuple[Reading, ...]], decibels: float | None, folder: Path
) -> Iterator[tuple[str, Sequence[Reading]]]:
    for name, readings in sets.items():
        yield name, readings
        if decibels is not None:
            place = folder / f"{len(list(folder.iterdir()))}"
            place.mkdir()
            yield f"{name}, noise at {decibels:g} dB", [noisy(reading, decibels, place) for reading in readings]


def _wanted(model: Path | None, openai: Path | None) -> Iterator[tuple[str, str, Path]]:
    """Yield a row's name, its system, and its model."""
    if model is not None:
        yield "ours, faster-whisper", "ours", model
        yield from ((name, name, model) for name in SYSTEMS if name.startswith("faster-whisper"))
    if openai is not None:
        yield "ours, openai-whisper", "ours", openai
        yield "openai-whisper", "openai-whisper", openai


def _row(name: str, label: str, found: Score, done: Run, minutes: float) -> str:
    share = (f"{count / found.words:.1%}" for count in (found.wrong, found.invented, found.dropped))
    off = "" if found.median_off is None else f"{found.median_off:.2f}"
    cells = (name, label, f"{found.words}", f"{found.rate:.1%}", *share, off)
    return f"| {' | '.join((*cells, f'{done.cpu / minutes:.1f}', f'{done.peak:.0f}'))} |"


if __name__ == "__main__":
    main()
