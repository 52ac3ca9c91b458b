"""Read the corpus episode aloud with speech synthesisers, and write when each word was said.

    python -m training.make_reading [--out FOLDER]

takes the words and speakers from the episode's WebVTT file, speaks every sentence in its speaker's voice, and
writes the file anew with the synthesis's times beside an Ogg Opus file. Two runs give the same bytes as long as
the synthesisers and the encoder are the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.types import Segment, Word
from training.reading import compose_reading, read_reading, split_words
from training.sound import write_opus
from training.utterance import RATE, Sound, Utterance
from training.voices import CAST

__all__ = ["CORPUS", "EPISODE", "NOTE", "Reading", "assemble", "level", "speak_reading", "spoken_words"]

CORPUS = Path(__file__).parent.parent / "corpus"
EPISODE = "npr-2019-07-08-ice-dmv-facial-recognition"

NOTE = (
    "The words are the transcript of the NPR segment; the audio that these times belong to is a synthetic\n"
    "reading of them by speech synthesisers, not NPR's broadcast. The times are the synthesis's own."
)

#: Silence before the first sentence, between sentences of a turn, between turns, and at the end, in seconds.
LEAD, PAUSE, CHANGE, END = 0.3, 0.4, 1.1, 0.6
#: The root mean square of each sentence: voices equally loud, with room for peaks.
LOUDNESS = 0.05


@dataclass(frozen=True, slots=True)
class Reading:
    """The spoken episode: mono sound at 16 kHz, and its sentences with their times in it."""

    sound: Sound
    segments: tuple[Segment, ...]


def spoken_words(sentence: str) -> list[str]:
    """Return how the words are spoken and how a recogniser writes them: a dash is a comma's pause."""
    return [
        word if not word.endswith(" -") else word.removesuffix(" -").removesuffix("?") + ("?" if "?" in word else ",")
        for word in split_words(sentence)
    ]


def level(sound: Sound) -> Sound:
    """Return ``sound`` at the reading's loudness."""
    return (sound * (LOUDNESS / float(np.sqrt(np.mean(sound**2))))).astype(np.float32)


def speak_reading(segments: Sequence[Segment]) -> list[Utterance]:
    """Return each sentence spoken by its speaker's voice, in the order of ``segments``."""
    spoken: dict[int, Utterance] = {}
    for speaker, voice in CAST.items():
        lines = [index for index, segment in enumerate(segments) if segment.speaker == speaker]
        sentences = [" ".join(spoken_words(segments[index].text)) for index in lines]
        spoken.update(zip(lines, voice.speak(sentences), strict=True))
    return [spoken[index] for index in range(len(segments))]


def assemble(segments: Sequence[Segment], utterances: Sequence[Utterance]) -> Reading:
    """Put the utterances one after another with pauses, and their times into ``segments``."""
    pieces: list[Sound] = []
    timed: list[Segment] = []
    position = 0
    before: str | None = None
    for segment, utterance in zip(segments, utterances, strict=True):
        gap = LEAD if before is None else PAUSE if before == segment.speaker else CHANGE
        pieces += [np.zeros(int(gap * RATE), np.float32), level(utterance.sound)]
        position += len(pieces[-2])
        timed.append(_timed(segment, utterance, position / RATE))
        position += len(pieces[-1])
        before = segment.speaker
    pieces.append(np.zeros(int(END * RATE), np.float32))
    return Reading(np.concatenate(pieces), tuple(timed))


def _timed(segment: Segment, utterance: Utterance, offset: float) -> Segment:
    words = tuple(
        Word(text, offset + start, offset + end)
        for text, (start, end) in zip(split_words(segment.text), utterance.spans, strict=True)
    )
    return Segment(words[0].start, words[-1].end, segment.text, segment.speaker, words)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=CORPUS, help="folder to write to (default: corpus/)")
    out: Path = parser.parse_args(arguments).out
    segments = read_reading(CORPUS / f"{EPISODE}.vtt")
    reading = assemble(segments, speak_reading(segments))
    out.mkdir(parents=True, exist_ok=True)
    write_opus(reading.sound, out / f"{EPISODE}.opus")
    (out / f"{EPISODE}.vtt").write_text(compose_reading(reading.segments, NOTE), encoding="utf-8")
    print(f"{len(reading.segments)} sentences, {len(reading.sound) / RATE:.1f} s, in {out}")


if __name__ == "__main__":
    main()
