"""What our pipeline costs over the bare engine on the same blocks: python bench/transcription.py SOUND MODEL [ENGINE]

The bare engine gets blocks that were decoded and cut before; the pipeline decodes, hashes, cuts, transcribes, checks
and stores. Both run in turn, several times, in CPU seconds of one thread, because the clock of a shared machine says
little. The pipeline transcribes a block again where the engine left something out; that gains words and is counted
apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from ingest.sound.blocks import blocks
from ingest.sound.decoding import Decoder
from ingest.transcribing.hearing import hear
from ingest.transcribing.loading import EngineSettings, load
from ingest.transcribing.transcription import transcribe_file


class MemoryStore(dict[tuple[str, int], str]):
    """A block store that lives as long as one run."""

    def get(self, key: str, number: int) -> str | None:  # type: ignore[override]
        return super().get((key, number))

    def put(self, key: str, number: int, text: str) -> None:
        self[key, number] = text


def cpu_seconds(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sound", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("engine", nargs="?", default="faster-whisper", choices=["faster-whisper", "openai-whisper"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    settings = EngineSettings(options.model, engine=options.engine, device="cpu", threads=1, language="en", beam_size=1)
    engine = load(settings)
    cut = list(blocks(Decoder(options.sound)))
    seconds = sum(block.end - block.start for block in cut)

    def bare() -> None:
        for block in cut:
            engine.transcribe([block.samples], "en")

    def to_the_end() -> None:
        for block in cut:
            hear(engine, [block], "en")

    def pipeline() -> None:
        transcribe_file(options.sound, settings, MemoryStore(), engine=engine)

    bare()  # compiles and caches what the first call does
    rows = [tuple(cpu_seconds(work) for work in (bare, to_the_end, pipeline)) for _ in range(options.rounds)]
    once, twice, whole = (median(column) for column in zip(*rows, strict=True))
    print(f"{options.engine}, {len(cut)} blocks, {seconds:.0f} s of speech; CPU seconds, median of {options.rounds}")
    print(f"bare engine, each block once      {once:7.2f}   1.00")
    print(f"blocks heard to their end         {twice:7.2f}   {twice / once:.2f}")
    print(f"whole pipeline                    {whole:7.2f}   {whole / once:.2f}   over hearing: {whole / twice:.2f}")


if __name__ == "__main__":
    main()
