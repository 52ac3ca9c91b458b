"""Untrusted sound files, decoded in a child process: FFmpeg's many decoders are not all safe.

The decoding itself is in ``decoding``; this module only calls it in the child.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..isolation.isolated import call, stream
from . import decoding as audio
from .decoding import AudioInfo, AudioTags, Samples
from .reports import AudioReport

__all__ = ["IsolatedDecoder", "audio_tags", "probe"]


def probe(path: Path) -> AudioInfo:
    """Return what the file declares about its sound; raises ``AudioError`` and ``TooCostly``."""
    return call(path, audio.probe, path)


def audio_tags(path: Path) -> AudioTags:
    """Return the tags and chapters of the file; raises ``AudioError`` and ``TooCostly``."""
    return call(path, audio.audio_tags, path)


class IsolatedDecoder:
    """The sound of one file, as ``decoding.Decoder`` gives it; raises ``TooCostly``, too."""

    def __init__(self, path: Path, channel: int | None = None) -> None:
        self.path = path
        self.info = call(path, audio.checked, path, channel)
        self._channel = channel
        self._report = AudioReport(self.info.duration, 0.0)

    @property
    def report(self) -> AudioReport:
        """Return the faults found; complete after the iteration."""
        return self._report

    def __iter__(self) -> Iterator[Samples]:
        for piece in stream(self.path, audio.decoded, self.path, self._channel):
            if isinstance(piece, AudioReport):
                self._report = piece
            else:
                yield np.frombuffer(piece, np.float32)
