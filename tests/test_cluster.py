"""Transcription on a real Ray with two worker processes: the same words as here, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.cluster import transcriber as driver
from ingest.cluster.connection import Cluster, WorkerDied, connect
from ingest.cluster.planning import Plan
from ingest.cluster.transcriber import ClusterTranscriber
from ingest.cluster.worker import ClusterWorker, Sound
from ingest.queue.batch import Listeners, ingest
from ingest.sound.decoding import Decoder
from ingest.transcribing.recordings import Listening, Recognised, Recogniser, Request
from ingest.transcribing.transcription import Cancelled, TranscriptionProgress
from kb.errors import AudioError, SourceError, VerbatimError
from kb.knowledge_base import KnowledgeBase

from .conftest import CORPUS, SEGMENT, Run
from .models.tiny import ct2_folder
from .sounds import RATE, write

LOCAL = Plan(workers=2, cpus=1, gpus=0)


class Store:
    """Finished blocks in memory, and how often each was put."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, int], str] = {}
        self.puts: Counter[tuple[str, int]] = Counter()

    def get(self, key: str, number: int) -> str | None:
        return self.texts.get((key, number))

    def put(self, key: str, number: int, text: str) -> None:
        self.texts[key, number] = text
        self.puts[key, number] += 1


class Here:
    """A cluster without Ray: its workers are objects of this process, and none has the driver's files."""

    def __init__(self, dies: Callable[[str], bool] = lambda method: False) -> None:
        self._dies = dies
        self.started = 0

    @contextmanager
    def worker(self, wanted: Callable[[], bool] = lambda: True) -> Iterator[Here]:
        self._worker = ClusterWorker()
        self.started += 1
        try:
            yield self
        finally:
            self._worker.cancel()

    def call(self, method: str, *arguments: Any) -> Any:
        if self._dies(method):
            raise WorkerDied
        return False if method == "has" else getattr(self._worker, method)(*arguments)


def asked(**more: Any) -> Request:
    return Request(**{"model": str(ct2_folder()), "beam_size": 1, **more})


def on(cluster: Any, **more: Any) -> ClusterTranscriber:
    return ClusterTranscriber(asked(**more), cluster)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Three parts of the corpus's sound; the first has five blocks."""
    sound = np.concatenate(list(Decoder(CORPUS / f"{SEGMENT}.opus")))
    folder = tmp_path_factory.mktemp("recordings")
    return tuple(
        write(folder / f"{name}.flac", sound[start * RATE : end * RATE], "flac")
        for name, start, end in (("first", 0, 100), ("second", 100, 160), ("third", 160, 210))
    )


@pytest.fixture(scope="module")
def expected(recordings: tuple[Path, ...]) -> dict[Path, tuple[Recognised, Store]]:
    """What this machine alone makes of each."""
    here = Recogniser(asked())
    stores = {path: Store() for path in recordings}
    return {path: (here.transcribe(path, None, Listening(store)), store) for path, store in stores.items()}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with connect("local", workers=2) as connected:
        connected.plan = LOCAL  # on machines with more CPUs as well
        yield connected


def assert_same_words(one: Recognised, other: Recognised) -> None:
    """Compare all that is promised: the same words, and their times but for where a pause is divided.

    Processors round differently (other instructions, another number of threads), and between two words with a pause
    the aligner has many paths that cost nearly the same: measured up to 0.1 s at one such place in 280 words.
    """
    assert one.key == other.key
    assert replace(one.transcript, segments=()) == replace(other.transcript, segments=())
    words = [[word for segment in made.transcript.segments for word in segment.words] for made in (one, other)]
    assert [word.text for word in words[0]] == [word.text for word in words[1]]
    for value in ("start", "end", "probability"):
        found = [[getattr(word, value) for word in part] for part in words]
        far = [abs(a - b) for a, b in zip(*found, strict=True) if abs(a - b) > 0.05]
        assert len(far) <= 0.02 * len(words[0]), (value, far)
        assert max(far, default=0.0) < 0.5, (value, far)


def assert_same_blocks(one: dict[tuple[str, int], str], other: dict[tuple[str, int], str]) -> None:
    """Compare which blocks are kept, and their words."""
    assert one.keys() == other.keys()
    for place, text in one.items():
        said = [
            [(segment["text"], [word[0] for word in segment["words"]]) for segment in json.loads(kept)["segments"]]
            for kept in (text, other[place])
        ]
        assert said[0] == said[1]


def processes(cluster: Cluster) -> set[int]:
    """Return the ids of two workers' processes."""
    with cluster.worker() as one, cluster.worker() as other:
        assert one is not None
        assert other is not None
        return {worker.call("about").pid for worker in (one, other)}


# On Ray


@pytest.mark.slow
def test_words_and_kept_blocks_are_those_of_this_machine(
    cluster: Cluster, recordings: tuple[Path, ...], expected: dict[Path, tuple[Recognised, Store]]
) -> None:
    transcriber = on(cluster)
    stores = {path: Store() for path in recordings}
    with ThreadPoolExecutor(2) as pool:
        heard = list(pool.map(lambda path: transcriber.transcribe(path, None, Listening(stores[path])), recordings))
    for path, recognised in zip(recordings, heard, strict=True):
        assert_same_words(recognised, expected[path][0])
        assert_same_blocks(stores[path].texts, expected[path][1].texts)


@pytest.mark.slow
def test_a_batch_comes_in_though_a_worker_is_killed_and_no_block_is_heard_twice(
    cluster: Cluster,
    recordings: tuple[Path, ...],
    expected: dict[Path, tuple[Recognised, Store]],
    kb: KnowledgeBase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = processes(cluster)
    assert len(before) == 2
    assert os.getpid() not in before
    blocks = Store()
    kept = type(kb.catalogue.heard_blocks).put

    def put(self: Any, key: str, number: int, text: str) -> None:
        blocks.put(key, number, text)
        kept(self, key, number, text)

    def kill(source: str, progress: TranscriptionProgress) -> None:
        if source == str(recordings[0]) and progress.done > 50 and not killed:
            killed.append(max(before))
            os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    monkeypatch.setattr(type(kb.catalogue.heard_blocks), "put", put)
    listeners = Listeners(progress=kill)
    results = ingest(kb, recordings, None, None, asked(), listeners, lambda r: ClusterTranscriber(r, cluster), 2)
    assert [(result.status, result.error) for result in results] == [("added", None)] * 3
    assert killed
    for path in recordings:
        words = " ".join(segment.text.strip() for segment in expected[path][0].transcript.segments)
        assert kb.text(path.stem).split() == words.split()
    assert_same_blocks(
        blocks.texts, {place: text for _, store in expected.values() for place, text in store.texts.items()}
    )
    assert set(blocks.puts.values()) == {1}
    assert kb.catalogue.jobs.all() == ()
    assert killed[0] not in processes(cluster)


@pytest.mark.slow
def test_one_that_is_cancelled_stops_and_its_worker_hears_the_next(
    cluster: Cluster, recordings: tuple[Path, ...], expected: dict[Path, tuple[Recognised, Store]]
) -> None:
    before, store = processes(cluster), Store()
    with pytest.raises(Cancelled, match=r"first\.flac: stopped at 0:[1-9]\d\. Start it again to go on from there"):
        on(cluster).transcribe(recordings[0], None, Listening(store, cancelled=lambda: len(store.texts) > 1))
    assert 2 <= len(store.texts) < len(expected[recordings[0]][1].texts)
    again = on(cluster).transcribe(recordings[0], None, Listening(store))
    assert_same_words(again, expected[recordings[0]][0])
    assert set(store.puts.values()) == {1}
    assert processes(cluster) == before


@pytest.mark.slow
@pytest.mark.parametrize("request_", [{"model": "/nowhere/tiny"}, {"device": "cuda"}, {}], ids=str)
def test_an_error_comes_back_as_it_would_be_here(cluster: Cluster, request_: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path / "blip.wav", np.zeros(RATE // 10, np.float32), "pcm_s16le")
    with pytest.raises(VerbatimError) as here:
        Recogniser(asked(**request_)).transcribe(path, None, Listening())
    with pytest.raises(type(here.value)) as there:
        on(cluster, **request_).transcribe(path, None, Listening())
    assert str(there.value) == str(here.value)
    assert vars(there.value) == vars(here.value)


@pytest.mark.slow
def test_the_workers_tell_whether_they_have_a_model(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on(cluster).available()
    assert on(cluster, model=None).available() == Recogniser(asked(model=None)).available()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's tables of sockets")
def test_nothing_listens_beyond_this_machine(cluster: Cluster) -> None:
    processes(cluster)
    sockets = {
        os.readlink(handle).removeprefix("socket:[").removesuffix("]")
        for process in descendants(os.getpid())
        for handle in Path(f"/proc/{process}/fd").iterdir()
        if handle.is_symlink() and os.readlink(handle).startswith("socket:[")
    }
    listening = [
        columns[1].partition(":")[0]
        for table in ("tcp", "tcp6")
        for columns in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if columns[3] == "0A" and columns[9] in sockets
    ]
    assert len(listening) > 4
    assert set(listening) <= {"0100007F", "0000000000000000FFFF00000100007F", "0" * 24 + "01000000"}


def descendants(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from descendants(int(child))


@pytest.mark.slow
def test_the_command_line_says_what_it_always_says(run: Run, recordings: tuple[Path, ...]) -> None:
    options = ("--model", ct2_folder(), "--beam-size", "1", "--cluster", "local", "--workers", "2")
    done = run("ingest", *recordings[1:], *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == ["added      second", "added      third"]
    assert run("jobs").stdout == "Nothing is unfinished.\n"


# Without Ray: what the driver and a worker do between them


@pytest.mark.slow
def test_a_recording_that_no_worker_has_is_sent_in_pieces(
    recordings: tuple[Path, ...],
    expected: dict[Path, tuple[Recognised, Store]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, sent = recordings[2], 0

    def count(method: str) -> bool:
        nonlocal sent
        sent += method == "receive"
        return False

    monkeypatch.setattr(driver, "_PIECE", 100_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert on(Here(count)).transcribe(path, None, Listening()) == expected[path][0]
    assert sent == -(-path.stat().st_size // 100_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_worker_that_dies_after_each_block_costs_no_finished_one(
    recordings: tuple[Path, ...], expected: dict[Path, tuple[Recognised, Store]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_PAUSE", 0.0)
    store, seen = Store(), 0

    def dies(method: str) -> bool:
        nonlocal seen
        if len(store.texts) > seen:
            seen = len(store.texts)
            return True
        return False

    here = Here(dies)
    assert on(here).transcribe(recordings[1], None, Listening(store)) == expected[recordings[1]][0]
    assert here.started > 2
    assert set(store.puts.values()) == {1}
    assert store.texts == expected[recordings[1]][1].texts


@pytest.mark.slow
def test_a_recording_that_kills_every_worker_is_given_up(
    recordings: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_PAUSE", 0.0)
    here = Here(lambda method: method == "events")
    with pytest.raises(
        SourceError, match=r"first\.flac: could not be transcribed: 4 workers of the cluster crashed near 0"
    ):
        on(here).transcribe(recordings[0], None, Listening())
    assert here.started == 4


@pytest.mark.slow
def test_a_recording_that_changes_while_it_is_sent_is_not_heard(tmp_path: Path) -> None:
    path = write(tmp_path / "growing.wav", np.zeros(RATE, np.float32), "pcm_s16le")

    def grow(method: str) -> bool:
        if method == "receive":
            with path.open("ab") as file:
                file.write(b"\0\0")
        return False

    def change(method: str) -> bool:
        if method == "has":
            times = path.stat()
            path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return False

    with pytest.raises(AudioError, match=r"growing\.wav: changed while it was transcribed"):
        on(Here(grow)).transcribe(path, None, Listening())
    with pytest.raises(SourceError, match=r"growing\.wav: changed while it was sent"):
        on(Here(change)).transcribe(path, None, Listening())


@pytest.mark.slow
def test_what_is_too_large_is_not_sent(recordings: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "_LARGEST", 1000)
    with pytest.raises(SourceError, match=r"too large to be sent .* Put it under the same path on every machine"):
        on(Here()).transcribe(recordings[0], None, Listening())


@pytest.mark.slow
def test_what_holds_no_sound_goes_nowhere(tmp_path: Path) -> None:
    (tmp_path / "garbage.mp3").write_bytes(b"This is no sound at all. " * 400)
    here = Here()
    with pytest.raises(AudioError, match=r"garbage\.mp3: holds no sound that can be read"):
        on(here).transcribe(tmp_path / "garbage.mp3", None, Listening())
    assert here.started == 0


def test_a_worker_knows_a_file_by_its_bytes(recordings: tuple[Path, ...], tmp_path: Path) -> None:
    worker, path = ClusterWorker(), recordings[2]
    from ingest.sound.decoding import sha256_of

    size, sha256 = path.stat().st_size, sha256_of(path)
    assert worker.has(Sound(path, size, sha256))
    assert not worker.has(Sound(path, size, "0" * 64))
    assert not worker.has(Sound(path, size + 1, sha256))
    assert not worker.has(Sound(tmp_path / "elsewhere.flac", size, sha256))


@pytest.mark.slow
def test_when_the_batch_is_stopped_all_that_is_heard_stops(kb: KnowledgeBase, recordings: tuple[Path, ...]) -> None:
    heard: dict[str, float] = {}

    def stop(source: str, progress: TranscriptionProgress) -> None:
        heard[source] = progress.done
        if source == str(recordings[1]) and len(heard) == 2 and progress.done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(kb, [recordings[1], recordings[0]], request=asked(), listeners=Listeners(progress=stop), workers=2)
    assert heard[str(recordings[0])] < 90
    assert len(kb.catalogue.jobs.all()) == 2
