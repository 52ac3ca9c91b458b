"""The program that runs a third-party diarizer in its own process: sound on standard input, spans out as JSON.

    python -m ingest.diarization.child ENGINE FOLDER ARGUMENT

Nothing imports it: Python warns if the module that runs as the program was imported before.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.types import SAMPLE_RATE


def _main(engine: str, folder: str, argument: str) -> None:
    """Read mono float32 samples at 16 kHz, and print the spans; the argument is the number of speakers, 0 if unknown.

    For voice prints the argument lists how many samples each piece has, and one vector per piece is printed.
    """
    samples = np.frombuffer(sys.stdin.buffer.read(), "<f4")
    if engine == "sherpa-onnx-prints":
        found: list[object] = [*_prints(samples, Path(folder), json.loads(argument))]
    else:
        find = {"sherpa-onnx": _with_sherpa, "pyannote": _with_pyannote}[engine]
        found = [*find(samples, Path(folder), int(argument))]
    print("\n" + json.dumps(found), flush=True)


def _prints(samples: NDArray[np.float32], folder: Path, lengths: list[int]) -> Iterator[list[float]]:
    import sherpa_onnx as sherpa  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an extra

    config = sherpa.SpeakerEmbeddingExtractorConfig(
        model=str(folder / "embedding.onnx"), num_threads=os.cpu_count() or 1
    )
    extractor = sherpa.SpeakerEmbeddingExtractor(config)
    start = 0
    for length in lengths:
        stream = extractor.create_stream()
        stream.accept_waveform(SAMPLE_RATE, samples[start : start + length])
        stream.input_finished()
        yield [float(value) for value in extractor.compute(stream)]
        start += length


def _with_sherpa(samples: NDArray[np.float32], folder: Path, speakers: int) -> list[tuple[float, float, str]]:
    import sherpa_onnx as sherpa  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an extra

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
