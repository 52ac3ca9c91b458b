"""Tell speakers apart: who speaks when, and what that makes of a transcript's segments.

Three ways, in the order to try them: an interview recorded with one speaker on each channel is split by channel and
needs nothing; sherpa-onnx needs one small package and two local model files; pyannote.audio needs many packages and a
model behind a licence form. The last two run in a child process (this module as a program), because a native library
that meets a model file it does not like ends the process it is in, and the finished transcript would go with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from itertools import accumulate, chain, groupby
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelNotAvailable, UsageError, VerbatimError
from kb.types import Segment, Word

__all__ = [
    "SAMPLE_RATE",
    "Diarizer",
    "SpeakerSpan",
    "add_speakers",
    "assign_speakers",
    "pyannote_diarizer",
    "sherpa_diarizer",
    "split_by_channel",
]

SAMPLE_RATE = 16_000

#: float32 samples in -1..1 at 16 kHz, shape (n, channels).
Block = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpeakerSpan:
    """One voice from ``start`` to ``end`` (seconds); ``speaker`` is whatever the diarizer calls it."""

    start: float
    end: float
    speaker: str


class Diarizer(Protocol):
    """Anything that takes a recording block by block and returns who speaks when, in order of time."""

    def __call__(self, blocks: Iterable[Block], /) -> tuple[SpeakerSpan, ...]:
        """Return the spans of the voices in ``blocks``, each float32 of shape (n, channels) at 16 kHz."""


def add_speakers(
    segments: Sequence[Segment],
    blocks: Iterable[Block],
    diarizer: Diarizer,
    names: Mapping[str, str] | None = None,
) -> tuple[tuple[Segment, ...], str | None]:
    """Return the segments with their speakers and ``None``, or the segments as they were and a warning sentence.

    Whatever fails in a diarizer, the transcript that is already there is kept.
    """
    try:
        spans = diarizer(blocks)
    except VerbatimError as error:
        return tuple(segments), f"The speakers were not told apart: {error}"
    except Exception as error:  # a third party's code may raise anything; the transcript is worth more
        problem = f"{type(error).__name__}: {error}"[:300]
        return tuple(
            segments
        ), f"The speakers were not told apart ({problem}); the transcript is complete without them."
    if not spans:
        return tuple(segments), "The speakers were not told apart: no two voices could be distinguished."
    return assign_speakers(segments, spans, names), None


# Speakers for segments


def assign_speakers(
    segments: Sequence[Segment], spans: Sequence[SpeakerSpan], names: Mapping[str, str] | None = None
) -> tuple[Segment, ...]:
    """Give each word the speaker whose spans overlap it most, and split segments where the speaker changes.

    Text and word times stay: the texts of a segment's parts, put together, are its text. A segment that has a speaker
    already keeps it whole. ``names`` maps a diarizer's labels to names; the others become "Speaker 1", "Speaker 2", in
    order of appearance. A word that no span touches goes with its neighbours in the segment.
    """
    timeline = _Timeline(spans)
    parts = list(chain.from_iterable(_parts(segment, timeline) for segment in segments))
    taken = {segment.speaker for segment in segments} | set((names or {}).values())
    free = (name for number in range(1, 10**9) if (name := f"Speaker {number}") not in taken)
    known = dict(names or {})
    assigned = []
    for segment, label in parts:
        if label is not None and label not in known:
            known[label] = next(free)
        assigned.append(segment if label is None else replace(segment, speaker=known[label]))
    return tuple(assigned)


class _Timeline:
    """Answers which speaker overlaps a stretch of time most."""

    def __init__(self, spans: Sequence[SpeakerSpan]) -> None:
        self._spans = sorted(spans, key=lambda span: (span.start, span.end))
        self._starts = [span.start for span in self._spans]
        # Spans may overlap: the latest end so far tells how far back to look.
        self._reach = list(accumulate((span.end for span in self._spans), max))

    def speaker(self, start: float | None, end: float | None) -> str | None:
        if start is None or end is None:
            return None
        heard: Counter[str] = Counter()
        index = bisect_left(self._starts, end) - 1
        while index >= 0 and self._reach[index] > start:
            span = self._spans[index]
            if (overlap := min(end, span.end) - max(start, span.start)) > 0:
                heard[span.speaker] += overlap  # type: ignore[assignment]
            index -= 1
        # On equal shares the one who began first; the loop went backwards.
        return max(reversed(heard), key=heard.__getitem__) if heard else None


def _parts(segment: Segment, timeline: _Timeline) -> Iterator[tuple[Segment, str | None]]:
    """Yield the parts of a segment, each with its speaker's label (``None`` leaves the speaker as it is)."""
    if segment.speaker is not None:
        yield segment, None
        return
    cuts = _word_places(segment)
    labels = _word_labels(segment.words, timeline)
    if cuts is None or len(set(labels)) < 2:
        yield segment, labels[0] if labels and cuts else timeline.speaker(segment.start, segment.end)
        return
    runs = [list(run) for _, run in groupby(range(len(labels)), key=labels.__getitem__)]
    for number, run in enumerate(runs):
        first, last = number == 0, number == len(runs) - 1
        begin, stop = 0 if first else cuts[run[0]], len(segment.text) if last else cuts[run[-1] + 1]
        words = segment.words[run[0] : run[-1] + 1]
        times = {
            "start": segment.start if first else words[0].start,
            "end": segment.end if last else words[-1].end,
        }
        yield replace(segment, text=segment.text[begin:stop], words=words, **cast(Any, times)), labels[run[0]]


def _word_places(segment: Segment) -> list[int] | None:
    """Return where each word begins in the text (the space before it belongs to it), ``None`` if they don't match."""
    places, position = [], 0
    for word in segment.words:
        text = word.text.strip()
        found = segment.text.find(text, position)
        if not text or found < 0 or segment.text[position:found].strip():
            return None
        places.append(position)
        position = found + len(text)
    return places or None


def _word_labels(words: Sequence[Word], timeline: _Timeline) -> list[str | None]:
    labels = [timeline.speaker(word.start, word.end) for word in words]
    known = [index for index, label in enumerate(labels) if label is not None]
    return [labels[min(known, key=lambda k: abs(k - index))] if known else None for index in range(len(labels))]


# One speaker on each channel

_FRAME = 320  # samples: 20 ms
_SMOOTHING = 11  # frames: long enough to bridge a consonant
_LOUDER = 6.0  # dB by which the other side must lead to be the only one that speaks
_SHORTEST_TURN = 0.15
_LONGEST_PAUSE = 0.5
_LEAST_SPEECH = 0.5  # seconds on each channel
_SAME_SCENE = 0.6  # correlation of the two sides' loudness from which on they are one recording


def split_by_channel(blocks: Iterable[Block]) -> tuple[SpeakerSpan, ...]:
    """Return who speaks when in a stereo recording with one speaker on each side, called ``left`` and ``right``.

    Returns nothing when the channels don't tell: mono, the same sound on both, one side silent or steady noise, music.
    Blocks are (n, 2) float32 at 16 kHz; what is kept of them is 800 bytes a second.
    """
    frames = _frame_powers(blocks)
    if len(frames) < _SMOOTHING:
        return ()
    kernel = np.full(_SMOOTHING, 1 / _SMOOTHING)
    power = np.stack([np.convolve(side, kernel, "same") for side in frames.T], axis=1)
    level = 10 * np.log10(power + 1e-12)
    loud = np.percentile(level, 99.5, axis=0)
    floor = np.percentile(level, 10, axis=0)
    if np.any(loud < -70) or np.any(loud - floor < 15):
        return ()  # silence, or a sound as steady as speech never is
    active = level > np.maximum(np.minimum(floor + 12, loud - 15), loud - 35)
    if not _are_two_microphones(level, active):
        return ()
    lead = (level[:, 0] - loud[0]) - (level[:, 1] - loud[1])
    speaks = active & np.stack([~active[:, 1] | (lead > -_LOUDER), ~active[:, 0] | (lead < _LOUDER)], axis=1)
    turns = [SpeakerSpan(*turn, side) for k, side in enumerate(("left", "right")) for turn in _turns(speaks[:, k])]
    return tuple(sorted(turns, key=lambda span: span.start))


def _frame_powers(blocks: Iterable[Block]) -> NDArray[np.float64]:
    """Return the mean power of the left and of the right channel for each 20 ms; nothing if there are not two."""
    rest = np.zeros((0, 2), np.float32)
    powers = [np.zeros((0, 2))]
    for block in blocks:
        if block.ndim != 2 or block.shape[1] != 2:
            return np.zeros((0, 2))
        rest = np.concatenate([rest, np.nan_to_num(block, posinf=0.0, neginf=0.0)])
        count = len(rest) // _FRAME
        frames = rest[: count * _FRAME].reshape(count, _FRAME, 2).astype(np.float64)
        rest = rest[count * _FRAME :]
        powers.append((frames**2).mean(axis=1))
    return np.concatenate(powers)


def _are_two_microphones(level: NDArray[np.float64], active: NDArray[np.bool_]) -> bool:
    """Tell two speakers' microphones from one scene on two channels, where loudness rises and falls together.

    That holds for mono, for panned sound, and (as a comparison of the waveforms would not) for a room recorded with
    two microphones; people who take turns have opposite loudness, people who interrupt each other independent one.
    """
    if np.count_nonzero(active, axis=0).min() * _FRAME < _LEAST_SPEECH * SAMPLE_RATE:
        return False
    spoken = level[active.any(axis=1)]
    loudness = np.maximum(spoken, spoken.max(axis=0) - 35)  # how silent a silent side is says nothing
    together = np.mean(np.prod(loudness - loudness.mean(axis=0), axis=1))
    return bool(together < _SAME_SCENE * np.prod(loudness.std(axis=0)))


def _turns(speaks: NDArray[np.bool_]) -> Iterator[tuple[float, float]]:
    """Join frames to turns: a blip is no turn, and a pause within a turn belongs to it."""
    edges = np.flatnonzero(np.diff(speaks, prepend=False, append=False)).reshape(-1, 2) * (_FRAME / SAMPLE_RATE)
    turns = [(begin, stop) for begin, stop in edges.tolist() if stop - begin >= _SHORTEST_TURN]
    while turns:
        begin, stop = turns.pop(0)
        while turns and turns[0][0] - stop <= _LONGEST_PAUSE:
            stop = turns.pop(0)[1]
        yield begin, stop


# Other people's diarizers, in a child process


def sherpa_diarizer(folder: Path, speakers: int | None = None) -> Diarizer:
    """Return a diarizer that uses sherpa-onnx with ``segmentation.onnx`` and ``embedding.onnx`` in ``folder``.

    ``speakers`` is their number if known. Raises ``UsageError`` when the package and ``ModelNotAvailable`` when a file
    is missing. It needs memory for the whole recording, about 0.65 GB an hour.
    """
    _require("sherpa_onnx", "verbatim-kb[diarize]", folder, ("segmentation.onnx", "embedding.onnx"))
    return partial(_in_child, "sherpa-onnx", folder.absolute(), speakers)


def pyannote_diarizer(folder: Path, speakers: int | None = None) -> Diarizer:
    """Return a diarizer that uses pyannote.audio with a local copy of a pipeline (``config.yaml`` in ``folder``).

    Arguments and errors as for ``sherpa_diarizer``. pyannote's usage reports to its makers are switched off.
    """
    _require("pyannote.audio", "pyannote.audio", folder, ("config.yaml",))
    return partial(_in_child, "pyannote", folder.absolute(), speakers)


def _require(package: str, install: str, folder: Path, files: Sequence[str]) -> None:
    try:
        missing = find_spec(package) is None
    except ModuleNotFoundError:  # of the package around it
        missing = True
    if missing:
        raise UsageError(f"Telling speakers apart this way needs a package: run `pip install '{install}'` first.")
    absent = [str(folder / name) for name in files if not (folder / name).is_file()]
    if absent:
        raise ModelNotAvailable("speaker diarization", absent, "docs/speakers.md says where to get these files.")


def _in_child(engine: str, folder: Path, speakers: int | None, blocks: Iterable[Block], /) -> tuple[SpeakerSpan, ...]:
    root = str(Path(__file__).parents[1])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
        # Nothing leaves the machine: pyannote 4 reports each use to its makers unless told not to.
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "ingest.diarization", engine, str(folder), str(speakers or 0)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
        try:
            seconds = _feed(cast(IO[bytes], child.stdin), blocks)
            printed, _ = child.communicate(timeout=120 + 5 * seconds)
        except subprocess.TimeoutExpired:
            raise UsageError(f"{engine} took more than five times as long as the recording and was stopped.") from None
        finally:
            child.kill()
            child.wait()
        said.seek(0)
        lines = said.read(1_000_000).decode("utf-8", "replace").strip().splitlines()
    if child.returncode or not printed:
        reason = f" ({lines[-1][:200]})" if lines else ""
        raise UsageError(f"{engine} stopped{reason}; check that the model files in {folder} are what their names say.")
    return tuple(SpeakerSpan(*span) for span in json.loads(printed.splitlines()[-1]))


def _feed(pipe: IO[bytes], blocks: Iterable[Block]) -> float:
    """Send the recording as mono float32, and return its length in seconds."""
    sent = 0
    try:
        for block in blocks:
            mono = np.nan_to_num(block.mean(axis=1) if block.ndim == 2 else block).astype("<f4")
            pipe.write(mono.tobytes())
            sent += len(mono)
    except BrokenPipeError:
        pass  # the child has ended; its exit code and its last words say why
    return sent / SAMPLE_RATE


def _main(engine: str, folder: str, speakers: str) -> None:
    samples = np.frombuffer(sys.stdin.buffer.read(), "<f4")
    find = {"sherpa-onnx": _with_sherpa, "pyannote": _with_pyannote}[engine]
    print("\n" + json.dumps(find(samples, Path(folder), int(speakers))), flush=True)


def _with_sherpa(samples: NDArray[np.float32], folder: Path, speakers: int) -> list[tuple[float, float, str]]:
    import sherpa_onnx as sherpa  # type: ignore[import-not-found, unused-ignore]  # an extra

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
