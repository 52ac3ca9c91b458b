"""Reads mutated transcripts in a process that may neither grow nor hang: ``python -m tests.formats.mutations FOLDER``.

A case that takes 5 s of processor time ends the process with a traceback, as does any error but ``FormatError`` and
any wish for more than 2 GB. The clock is the processor's, so that a busy machine is no failure.
"""

from __future__ import annotations

import faulthandler
import random
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from ingest.formats import SUFFIXES, parse
from kb.errors import FormatError
from kb.transcripts.canonical import canonicalise
from kb.transcripts.chunking import chunk
from kb.types import Transcript

from .samples import SAMPLES
from .test_hostile import check

CASES = 5_000
SECONDS = 5
MEMORY = 2 * 1024**3
LARGEST = 24_000  # bytes of a mutated file, so that thousands take seconds


def mutations(samples: dict[str, bytes], seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of each case: bytes flipped, cut off, doubled, or spliced from two files."""
    chance = random.Random(seed)
    names = sorted(samples)
    for number in range(CASES):
        name = names[number % len(names)]
        data = bytearray(samples[name])
        for _ in range(chance.choice([1, 1, 2, 5, 20])):
            data = mutated(data, samples[chance.choice(names)], chance)
        yield name, bytes(data[:LARGEST])


def mutated(data: bytearray, other: bytes, chance: random.Random) -> bytearray:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    match chance.choice(["flip", "flip", "bit", "cut", "head", "tail", "double", "repeat", "splice", "insert"]):
        case "flip" if data:
            data[min(start, len(data) - 1)] = chance.randrange(256)
        case "bit" if data:
            data[min(start, len(data) - 1)] ^= 1 << chance.randrange(8)
        case "cut":
            del data[start : min(end, start + 200)]
        case "head":
            del data[:start]
        case "tail":
            del data[start:]
        case "double":
            data[end:end] = data[start:end]
        case "repeat":
            piece = data[start : min(end, start + 50)]
            data[start:start] = piece * (LARGEST // 5 // max(1, len(piece)))
        case "splice":
            data[start:] = other[chance.randrange(len(other)) :]
        case "insert":
            at = chance.randrange(len(other))
            data[start:start] = other[at : at + 100]
    return data


def outcome_of(name: str, data: bytes) -> Transcript | FormatError:
    try:
        transcript = parse(Path(name), data)
    except FormatError as error:
        refusal = error
    else:
        check(transcript)
        assert chunk(canonicalise(transcript), "e", 1)
        return transcript
    assert refusal.problem
    assert refusal.remedy
    assert "\n" not in str(refusal)
    return refusal


def main(folder: Path) -> None:
    files = [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]
    samples = SAMPLES | {f"real-{path.name}": path.read_bytes() for path in files}
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    faulthandler.register(signal.SIGVTALRM, chain=True)  # says where it hangs before the signal ends the process
    read = 0
    for number, (name, data) in enumerate(mutations(samples, seed=20190708)):
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            outcome = outcome_of(name, data)
        except BaseException:
            print(f"case {number}, made of {name}", file=sys.stderr)
            raise
        read += isinstance(outcome, Transcript)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(len(files), CASES, read)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
