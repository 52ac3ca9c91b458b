"""Speakers told apart by sherpa-onnx with the models in a folder, against recordings whose speakers are known.

    python -m bench.diarization FOLDER [--voices 3]

The example episode has its publisher's transcript; a stereo recording has a speaker on each channel, which are folded
into one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from bench.common import MATERIAL, ROOT
from ingest.diarization import SampleBlock, SpeakerSpan, sherpa_diarizer, split_by_channel
from ingest.formats import parse_vtt
from ingest.sound.decoding import Decoder
from kb.types import SAMPLE_RATE

#: Seconds.
_STEP = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.diarization", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="holds segmentation.onnx and embedding.onnx")
    parser.add_argument("--voices", type=int, help="how many speak, if the diarizer is to be told")
    given = parser.parse_args()
    for name, sound, known in _recordings():
        seconds = len(sound) / SAMPLE_RATE
        begin = time.perf_counter()
        found = sherpa_diarizer(given.folder, given.voices)([sound])
        took = time.perf_counter() - begin
        missed, invented, confused = _errors(known, found, seconds)
        print(
            f"{name}: {_voices(known)} voices in {seconds:.0f} s, {_voices(found)} found; of the speech {missed:.1%} "
            f"missed, {confused:.1%} given to another, {invented:.1%} heard where there is none; "
            f"{seconds / took:.1f} times as fast as it plays"
        )


def _recordings() -> Iterator[tuple[str, SampleBlock, Sequence[SpeakerSpan]]]:
    transcript = next((ROOT / "corpus").glob("*.vtt"))
    segments = parse_vtt(transcript, transcript.read_bytes()).segments
    spans = [SpeakerSpan(s.start or 0.0, s.end or 0.0, s.speaker or "") for s in segments]
    yield "the example episode", np.concatenate(list(Decoder(transcript.with_suffix(".opus"), 0))), spans
    stereo = MATERIAL / "speech" / "stereo_diarization.wav"
    sides = np.stack([np.concatenate(list(Decoder(stereo, channel))) for channel in (0, 1)], axis=1)
    yield "a stereo recording, folded", sides.mean(axis=1), split_by_channel([sides])


def _errors(known: Sequence[SpeakerSpan], found: Sequence[SpeakerSpan], seconds: float) -> tuple[float, float, float]:
    """Return missed, falsely detected and confused speech as shares of all speech, with the best pairing of voices."""
    there, heard = _frames(known, seconds), _frames(found, seconds)
    shared = there.astype(np.int64) @ heard.T.astype(np.int64)
    right = shared[linear_sum_assignment(-shared)].sum()
    said, told = there.sum(axis=0), heard.sum(axis=0)
    missed, invented = np.maximum(said - told, 0).sum(), np.maximum(told - said, 0).sum()
    confused = np.minimum(said, told).sum() - right
    return missed / said.sum(), invented / said.sum(), confused / said.sum()


def _frames(spans: Sequence[SpeakerSpan], seconds: float) -> NDArray[np.bool_]:
    """Return who speaks in each hundredth of a second, shape ``(voices, frames)``."""
    voices = sorted({span.speaker for span in spans})
    frames = np.zeros((len(voices), int(seconds / _STEP) + 1), dtype=bool)
    for span in spans:
        frames[voices.index(span.speaker), int(span.start / _STEP) : int(span.end / _STEP)] = True
    return frames


def _voices(spans: Sequence[SpeakerSpan]) -> int:
    return len({span.speaker for span in spans})


if __name__ == "__main__":
    main()
