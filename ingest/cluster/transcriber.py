"""Transcribes recordings on a cluster: sends them, keeps each block, and sends the rest again if a worker dies."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import count, takewhile
from pathlib import Path

from kb.errors import ModelNotAvailable, SourceError, UsageError
from kb.timecode import clock
from kb.translatable import phrase
from kb.types import Transcript

from ..sound.decoding import sha256_of
from ..sound.isolated import probe
from ..transcribing.block_store import BlockStore
from ..transcribing.recordings import Listening, Recognised, Request
from ..transcribing.transcription import Cancelled, TranscriptionProgress, unchanged
from ..transcribing.translating import PieceTranslation
from .connection import Cluster, ClusterProcess, WorkerDied
from .worker import Failed, Finished, Purpose, Sound, Task, Wanted

__all__ = ["ClusterTranscriber"]

#: Workers that may die in a row without finishing a single block.
_MOST_DEATHS = 4
#: Seconds before a recording is sent again, doubled after each death.
_PAUSE = 1.0
#: Seconds between checks whether a recording is still wanted.
_POLL = 1.0
#: Bytes that are sent at once; the driver and a worker hold a few of these each.
_PIECE = 8 * 1024 * 1024
#: Bytes: a day of sound as uncompressed CD audio. What is larger must lie where the workers see it.
_LARGEST = 16 * 1024**3


class ClusterTranscriber:
    """Transcribes recordings on one request wherever a cluster has room; safe to use from several threads."""

    def __init__(self, request: Request, cluster: Cluster) -> None:
        self.request = request
        self._cluster = cluster
        self._asking = threading.Lock()
        self._available: bool | None = None

    def available(self) -> bool:
        """Return whether a model was named, or is installed on the one machine of the cluster that is asked."""
        if self.request.model is not None:
            return True
        with self._asking:
            if self._available is None:
                with self._cluster.worker() as worker:
                    self._available = worker is not None and bool(worker.call("available", self.request))
            return self._available

    def transcribe(self, path: Path, published: Transcript | None, listening: Listening) -> Recognised:
        """Return the machine's transcript; see ``ingest.transcribing.recordings.Transcriber``."""
        return self._hear(path, published, "words", listening)

    def time(self, path: Path, published: Transcript, listening: Listening) -> Recognised:
        """Return the publisher's transcript with times; see ``ingest.transcribing.recordings.Transcriber``."""
        return self._hear(path, published, "times", listening)

    def check(self, path: Path, published: Transcript, listening: Listening) -> Recognised:
        """Return the publisher's transcript with its times checked; see the same."""
        return self._hear(path, published, "check", listening)

    def translate(
        self, path: Path, spans: Sequence[tuple[float, float]], language: str | None
    ) -> Iterator[PieceTranslation]:
        """Raise ``UsageError``: a cluster only transcribes."""
        raise UsageError(
            phrase("A cluster does not translate. 'kb jobs retry' without --cluster does it on this machine.")
        )

    def _hear(self, path: Path, published: Transcript | None, purpose: Purpose, listening: Listening) -> Recognised:
        probe(path)  # a file without sound is not sent anywhere
        with unchanged(path):
            sound = Sound(path.absolute(), path.stat().st_size, sha256_of(path))
            end = self._heard(_Hearing(Task(sound, self.request, published, purpose), listening))
        if isinstance(end, Failed):
            raise end.error
        return end

    def _heard(self, hearing: _Hearing) -> Recognised | Failed:
        """Return how the transcription of a recording ended, with as many workers as it needs."""
        deaths = 0
        while True:
            heard = hearing.heard
            try:
                with self._cluster.worker(hearing.is_wanted) as worker:
                    return hearing.on(worker) if worker is not None else hearing.stopped()
            except WorkerDied as error:
                deaths = deaths + 1 if hearing.heard == heard else 1
                if deaths == _MOST_DEATHS:
                    problem = phrase(
                        "could not be transcribed: %(deaths)s workers of the cluster crashed near %(place)s.",
                        deaths=deaths,
                        place=hearing.place,
                    )
                    remedy = phrase("Do they lack memory? 'kb jobs retry' continues there.")
                    raise SourceError(hearing.path, problem, remedy) from error
                time.sleep(_PAUSE * 2 ** (deaths - 1))


class _Hearing:
    """The transcription of one recording, on one worker or, where workers die, on several."""

    def __init__(self, task: Task, listening: Listening) -> None:
        self._task = task
        self._store: BlockStore | None = listening.store
        self._listening = listening
        #: Blocks finished so far.
        self.heard = 0
        self._progress = TranscriptionProgress(0.0, None)

    @property
    def path(self) -> Path:
        return self._task.sound.path

    @property
    def place(self) -> str:
        return clock(self._progress.done)

    def is_wanted(self) -> bool:
        return self._listening.cancelled is None or not self._listening.cancelled()

    def stopped(self) -> Failed:
        return Failed(
            Cancelled(
                phrase(
                    "%(path)s: stopped at %(place)s. Start it again to go on from there.",
                    path=str(self.path),
                    place=self.place,
                )
            ),
            "",
        )

    def on(self, worker: ClusterProcess) -> Recognised | Failed:
        """Let a worker transcribe the recording, and return how it ended."""
        sound = self._task.sound
        if not worker.call("has", sound):
            for number, piece in enumerate(_pieces(sound)):
                if not self.is_wanted():
                    return self.stopped()
                worker.call("receive", sound, piece, number == 0)
        worker.call("hear", self._task)
        while self.is_wanted():
            for event in worker.call("events", _POLL):
                if isinstance(event, Recognised):
                    return event
                if isinstance(event, Failed):
                    return _as_here(event)
                self._take(event, worker)
        worker.call("cancel")
        return self.stopped()

    def _take(self, event: Wanted | Finished | TranscriptionProgress, worker: ClusterProcess) -> None:
        if isinstance(event, Wanted):
            worker.call("answer", dict(self._known(event.key)))
        elif isinstance(event, Finished):
            self.heard += 1
            if self._store is not None:
                self._store.put(event.key, event.number, event.text)
        else:
            self._progress = event
            if self._listening.progress is not None:
                self._listening.progress(event)

    def _known(self, key: str) -> Iterator[tuple[int, str]]:
        """Yield the stored blocks; they are stored in order, so the first gap is the end."""
        if self._store is not None:
            texts = (self._store.get(key, number) for number in count())
            yield from enumerate(takewhile(lambda text: text is not None, texts))


def _pieces(sound: Sound) -> Iterator[bytes]:
    if sound.size > _LARGEST:
        problem = phrase(
            "is too large to be sent over the network (%(size)s GB).", size=format(sound.size / 1024**3, ".0f")
        )
        raise SourceError(sound.path, problem, phrase("Put it under the same path on every machine of the cluster."))
    with sound.path.open("rb") as file:
        left = sound.size  # and no more: it may be growing
        while piece := file.read(min(_PIECE, left)):
            left -= len(piece)
            yield piece


def _as_here(end: Failed) -> Failed:
    """Say on which machine a model is missing or a bug was met, if it is not this one."""
    error = end.error
    if end.host == platform.node():
        return end
    if isinstance(error, ModelNotAvailable):
        looked = [f"{end.host}:{place}" for place in error.looked]
        return Failed(ModelNotAvailable(error.name, looked, error.remedy), end.host)
    return end
