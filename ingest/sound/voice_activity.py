"""How likely each 32 ms of a recording is speech, by the Silero detector that ships with faster-whisper, as a stream.

The library's own ``get_speech_timestamps`` needs the whole recording in memory. The network is recurrent, so passing
its state from one call to the next gives the same numbers for any length (Silero VAD v6,
https://github.com/snakers4/silero-vad).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["WINDOW", "speech_probabilities"]

#: Samples per probability: the detector was trained on windows of 32 ms at 16 kHz.
WINDOW = 512

_CONTEXT = 64  # samples of the window before, which the detector sees too
_STATE = (1, 1, 128)


def speech_probabilities(
    chunks: Iterable[NDArray[np.float32]],
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield ``(samples, probabilities)`` for a 16 kHz recording that comes in arrays of any length.

    ``samples`` is a whole number of windows, shape (n * 512,), except that the last window of all may be short;
    ``probabilities`` has shape (n,), in 0..1. Only the chunk at hand is in memory.
    """
    detect = _Detector()
    rest = np.zeros(0, np.float32)
    for chunk in chunks:
        joined = np.concatenate([rest, chunk])
        whole = len(joined) - len(joined) % WINDOW
        rest = joined[whole:]
        if whole:
            yield joined[:whole], detect(joined[:whole])
    if len(rest):
        yield rest, detect(np.pad(rest, (0, WINDOW - len(rest))))


class _Detector:
    def __init__(self) -> None:
        from faster_whisper.vad import get_vad_model

        self._session = get_vad_model().session
        self._h = np.zeros(_STATE, np.float32)
        self._c = np.zeros(_STATE, np.float32)
        self._tail = np.zeros(_CONTEXT, np.float32)

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        windows = samples.reshape(-1, WINDOW)
        before = np.concatenate([self._tail[None], windows[:-1, -_CONTEXT:]])
        self._tail = windows[-1, -_CONTEXT:]
        inputs = {"input": np.concatenate([before, windows], axis=1), "h": self._h, "c": self._c}
        output, self._h, self._c = self._session.run(None, inputs)
        return np.asarray(output, np.float32).reshape(-1)
