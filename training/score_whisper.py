"""Let both engines hear a reading through the tiny model, and count wrong words and misplaced starts.

    python -m training.score_whisper OPENAI.pt CT2FOLDER [SOUND]

prints the word error rate (Levenshtein distance over normalised words, divided by the words spoken) and how many
word starts lie within 0.3 s of the synthesis's.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from kb.types import Word
from training.make_reading import CORPUS, EPISODE, spoken_words
from training.reading import read_reading
from training.sound import read_sound
from training.utterance import RATE, Sound

__all__ = ["Listener", "faster_listener", "hear", "openai_listener", "score", "speech_blocks", "spoken"]

#: What turns one block of at most 30 s into words, their times counted from the block's start.
Listener = Callable[[Sound], list[Word]]


def speech_blocks(sound: Sound, longest: float = 28.0) -> Iterator[tuple[float, Sound]]:
    """Yield ``(start in seconds, sound)`` of stretches that hold speech, cut in silence (Silero VAD)."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=longest, min_silence_duration_ms=160, speech_pad_ms=100)
    stretches = [(stretch["start"], stretch["end"]) for stretch in get_speech_timestamps(sound, options)]
    while stretches:
        start = stretches[0][0]
        fitting = [end for _, end in stretches if end - start <= longest * RATE] or [stretches[0][1]]
        yield start / RATE, sound[start : fitting[-1]]
        stretches = stretches[len(fitting) :]


def openai_listener(checkpoint: Path) -> Listener:
    """Return a listener through openai-whisper's own ``transcribe``."""
    if "numba" not in sys.modules:  # else it is too late
        os.environ.setdefault("NUMBA_NUM_THREADS", "1")  # or numba resets torch's threads at the first word times
    import whisper

    model = whisper.load_model(str(checkpoint), device="cpu")

    def listen(block: Sound) -> list[Word]:
        heard = model.transcribe(
            block,
            language="en",
            fp16=False,
            temperature=0.0,
            beam_size=1,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        words = [word for segment in heard["segments"] for word in segment["words"]]
        return _join([Word(word["word"], float(word["start"]), float(word["end"])) for word in words])

    return listen


def faster_listener(folder: Path, compute_type: str = "int8") -> Listener:
    """Return a listener through faster-whisper's own ``transcribe``."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type=compute_type, cpu_threads=1)

    def listen(block: Sound) -> list[Word]:
        segments, _ = model.transcribe(
            block,
            language="en",
            temperature=0.0,
            beam_size=1,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return _join([Word(word.word, word.start, word.end) for segment in segments for word in segment.words or ()])

    return listen


def _join(pieces: Sequence[Word]) -> list[Word]:
    """Put together what an engine splits inside a word ("tag", "-teaming")."""
    words: list[Word] = []
    for piece in pieces:
        if words and not piece.text.startswith(" "):
            words[-1] = Word(words[-1].text + piece.text, words[-1].start, piece.end)
        else:
            words.append(Word(piece.text.strip(), piece.start, piece.end))
    return words


def hear(listen: Listener, sound: Sound, longest: float = 28.0) -> list[Word]:
    """Return all words of ``sound`` with times in it, heard block by block."""
    return [
        Word(word.text, offset + (word.start or 0.0), offset + (word.end or 0.0))
        for offset, block in speech_blocks(sound, longest)
        for word in listen(block)
    ]


def spoken(path: Path = CORPUS / f"{EPISODE}.vtt") -> list[Word]:
    """Return the words of a reading as a recogniser should write them, with the synthesis's times."""
    return [
        Word(text, word.start, word.end)
        for segment in read_reading(path)
        for text, word in zip(spoken_words(segment.text), segment.words, strict=True)
    ]


def _plain(word: Word) -> str:
    return re.sub(r"[^a-z0-9]", "", word.text.lower())


def score(reference: Sequence[Word], heard: Sequence[Word], tolerance: float = 0.3) -> tuple[float, float]:
    """Return the word error rate, and the share of reference words heard within ``tolerance`` s of their start."""
    said, got = [_plain(word) for word in reference], [_plain(word) for word in heard]
    cost = [list(range(len(got) + 1))]
    for row, word in enumerate(said, 1):
        cost.append([row])
        for column, other in enumerate(got, 1):
            change = cost[row - 1][column - 1] + (word != other)
            cost[row].append(min(change, cost[row - 1][column] + 1, cost[row][column - 1] + 1))
    near, row, column = 0, len(said), len(got)
    while row and column:
        same = said[row - 1] == got[column - 1]
        if cost[row][column] == cost[row - 1][column - 1] + (not same):
            row, column = row - 1, column - 1
            near += same and abs((reference[row].start or 0.0) - (heard[column].start or 0.0)) <= tolerance
        elif cost[row][column] == cost[row - 1][column] + 1:
            row -= 1
        else:
            column -= 1
    return cost[-1][-1] / len(said), int(near) / len(said)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("ct2", type=Path)
    parser.add_argument("sound", type=Path, nargs="?", default=CORPUS / f"{EPISODE}.opus")
    options = parser.parse_args(arguments)
    sound, reference = read_sound(options.sound), spoken()
    listeners = {
        "openai-whisper": openai_listener(options.checkpoint),
        "faster-whisper int8": faster_listener(options.ct2, "int8"),
        "faster-whisper float32": faster_listener(options.ct2, "float32"),
    }
    for name, listener in listeners.items():
        for longest in (28.0, 18.0, 10.0):
            wrong, near = score(reference, hear(listener, sound, longest))
            print(f"{name:24} blocks <= {longest:.0f} s: word errors {wrong:6.2%}, starts within 0.3 s {near:6.2%}")


if __name__ == "__main__":
    main()
