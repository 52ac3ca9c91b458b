"""From sound to a cited answer: the real engines, our tiny model, the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.formats import parse
from ingest.queue.batch import ingest
from ingest.transcribing.recordings import Recogniser, Request
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.types import Transcript

from .conftest import CORPUS, ROOT, SEGMENT, Run, environment
from .models.tiny import ct2_folder, openai_checkpoint
from .sounds import silence, write

DRAGNET = "Who described the collaboration as a dragnet?"
ENGINES = {"faster-whisper": ct2_folder, "whisper": openai_checkpoint}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The corpus's sound with its sidecar, and without its transcript."""
    for suffix in (".opus", ".toml"):
        shutil.copy(CORPUS / f"{SEGMENT}{suffix}", tmp_path)
    return tmp_path / f"{SEGMENT}.opus"


def published() -> Transcript:
    path = CORPUS / f"{SEGMENT}.vtt"
    return parse(path, path.read_bytes())


def asked(engine: str = "faster-whisper", diarizer: str | None = None) -> Request:
    return Request(engine=engine, model=str(ENGINES[engine]()), beam_size=1, diarizer=diarizer)


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split()


def word_error_rate(said: list[str], heard: list[str]) -> float:
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(heard, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1] / len(said)


@pytest.mark.slow
def test_what_a_careful_reader_should_know_is_told_beside_added(kb: KnowledgeBase, tmp_path: Path) -> None:
    write(tmp_path / "hum.flac", silence(12), "flac")
    (result,) = ingest(kb, [tmp_path / "hum.flac"], request=asked())
    assert (result.status, result.error) == ("added", None)
    assert result.notes == ("No voice was heard in 0:12 of sound, so the transcript is empty.",)
    assert kb.catalogue.episodes.get(result.episode_id or "").duration == pytest.approx(12)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_sound_becomes_a_cited_answer(kb: KnowledgeBase, recording: Path, engine: str) -> None:
    shutil.copy(CORPUS / f"{SEGMENT}.vtt", recording.parent)
    (result,) = ingest(kb, [recording], request=asked(engine))
    assert (result.status, result.error) == ("added", None)
    truth = published()
    said = words(" ".join(segment.text for segment in truth.segments))
    heard = kb.transcript(SEGMENT)
    assert heard.source == "machine"
    assert word_error_rate(said, words(kb.text(SEGMENT))) <= 0.03

    starts = [(word.text, word.start) for segment in truth.segments for word in segment.words]
    found = [(word.text, word.start) for segment in heard.segments for word in segment.words]
    errors = []
    place = 0
    for text, start in found:
        here = [i for i in range(place, min(place + 12, len(starts))) if words(starts[i][0]) == words(text)]
        if here and start is not None and starts[here[0]][1] is not None:
            place = here[0] + 1
            errors.append(abs(start - starts[here[0]][1]))  # type: ignore[operator]
    assert len(errors) > 0.9 * len(starts)
    assert sorted(errors)[int(0.95 * len(errors))] <= 0.3

    quote = kb.ask(DRAGNET).quotes[0]
    assert "a dragnet" in quote.text
    assert (quote.speaker, quote.origin) == ("Aarti Shahani", "machine")
    assert quote.confidence is not None
    assert kb.text(SEGMENT)[quote.char_start : quote.char_end] == quote.text
    assert kb.ask("What did Bedoya say?").quotes[0].speaker == "Alvaro Bedoya"
    assert kb.catalogue.jobs.all() == ()
    assert [result.status for result in ingest(kb, [recording], request=asked(engine))] == ["unchanged"]
    assert [result.status for result in ingest(kb, [recording])] == ["unchanged"]


@pytest.mark.slow
def test_a_transcript_without_times_gets_them_from_the_sound(kb: KnowledgeBase, recording: Path) -> None:
    truth = published()
    lines = []
    for segment in truth.segments:
        lines.append(f"{(segment.speaker or '').upper()}: {segment.text}")
    recording.with_suffix(".txt").write_text("\n\n".join(lines).replace("San Francisco", "San Jose"))
    (result,) = ingest(kb, find_sources([recording.parent]), request=asked())
    assert (result.status, result.error) == ("added", None)
    quote = kb.ask("Which city banned the use of facial recognition?").quotes[0]
    said = next(segment for segment in truth.segments if segment.text.startswith("San Francisco"))
    assert quote.text.startswith("San Jose recently banned")
    assert quote.origin == "publisher"
    assert quote.start == pytest.approx(said.start, abs=0.5)
    assert quote.end == pytest.approx(said.end, abs=0.6)
    assert [(remark.note, remark.text) for remark in quote.remarks if remark.kind == "differs"] == [
        ("Jose", "Francisco")
    ]


@pytest.mark.slow
def test_names_stay_when_times_come_later(
    kb: KnowledgeBase, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("KB_MODELS", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(place, str(tmp_path / "no models"))
    text = recording.with_suffix(".txt")
    text.write_text("\n\n".join(f"{'HOST' if s.speaker else ''}: {s.text}" for s in published().segments))
    assert [r.status for r in ingest(kb, [text])] == ["added"]
    assert kb.intake.is_untimed(SEGMENT)
    assert [r.status for r in ingest(kb, [text], renames={"Host": "Audie Cornish"})] == ["revised"]
    assert [r.status for r in ingest(kb, [text], request=asked())] == ["revised"]
    assert not kb.intake.is_untimed(SEGMENT)
    assert {segment.speaker for segment in kb.segments(SEGMENT)} == {"Audie Cornish"}


def test_a_bug_in_one_file_stops_no_other(kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.queue import taking

    def broken(path: Path, data: bytes) -> Transcript:
        return {}["nothing"] if path.stem == "a" else parse(path, data)

    monkeypatch.setattr(taking, "parse", broken)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Cabbages are cheaper than kings.")
    first, second = ingest(kb, find_sources([tmp_path]))
    assert (first.status, second.status) == ("failed", "added")
    assert "a.txt: met an unexpected error" in (first.error or "")


@pytest.mark.slow
def test_a_transcript_is_kept_though_its_recording_cannot_be_heard(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Cabbages are cheaper than kings.")
    (tmp_path / "talk.mp3").write_bytes(b"This is no sound at all. " * 400)
    (result,) = ingest(kb, find_sources([tmp_path]), request=asked())
    assert (result.status, result.error) == ("added", None)
    assert kb.ask("Are cabbages cheaper?").quotes[0].start is None
    (remark,) = kb.catalogue.episodes.remarks("talk", 1)
    assert "has no times" in remark.note
    assert "talk.mp3" in remark.note


def test_without_any_model_the_job_is_kept_and_retried(run: Run, recording: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = environment(home) | {"HF_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "KB_MODELS": str(tmp_path)}
    # A proxy that accepts and never answers would hang whoever asked it.
    env |= {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}

    def kb(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kb", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
        )

    model = tmp_path / "usb" / "tiny"
    done = kb("ingest", str(recording), "--model", str(model), "--beam-size", "1")
    assert done.returncode == 1
    assert str(model) in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    unnamed = kb("ingest", str(recording.with_suffix(".opus")))
    assert "kb models fetch small" in unnamed.stderr
    (job,) = json.loads(kb("jobs", "--json").stdout)
    assert job["state"] == "failed"
    assert "kb models fetch small" in job["reason"]
    kb("ingest", str(recording), "--model", str(model), "--beam-size", "1")
    shutil.copytree(ct2_folder(), model)
    retried = kb("jobs", "retry")
    assert retried.stdout == f"added      {SEGMENT}\n", retried.stderr
    assert kb("jobs").stdout == "Nothing is unfinished.\n"
    assert json.loads(kb("ask", "--json", DRAGNET).stdout)["answered"] is True


@pytest.mark.slow
def test_a_transcription_killed_goes_on_from_its_last_block(recording: Path, tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    options = ["--model", str(ct2_folder()), "--beam-size", "1", "--json"]
    command = [sys.executable, "-m", "kb", "ingest", str(recording), *options]
    subprocess.run(command, env=environment(undisturbed), cwd=ROOT, check=True, capture_output=True, timeout=300)
    process = subprocess.Popen(command, env=environment(killed), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["done"] < 60:
        pass
    process.kill()
    process.communicate()
    with KnowledgeBase(killed) as kb:
        assert [job.state for job in kb.catalogue.jobs.all()] == ["running"]
        assert kb.catalogue.episodes.count() == 0
    again = subprocess.run(
        command, env=environment(killed), cwd=ROOT, check=True, capture_output=True, text=True, timeout=300
    )
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert next(event for event in events if event["event"] == "progress")["done"] == 0
    with KnowledgeBase(undisturbed) as one, KnowledgeBase(killed) as other:
        assert one.text(SEGMENT) == other.text(SEGMENT)
        assert one.transcript(SEGMENT).segments == other.transcript(SEGMENT).segments
        assert other.catalogue.jobs.all() == ()


@pytest.mark.slow
def test_two_channels_are_two_speakers_whose_names_hold_across_the_show(kb: KnowledgeBase, tmp_path: Path) -> None:
    show = tmp_path / "The Show"
    show.mkdir()
    for name in ("one.wav", "two.wav"):
        write_interview(show / name)
    first, second = show / "one.wav", show / "two.wav"
    assert [r.status for r in ingest(kb, [first], request=asked())] == ["added"]
    assert {segment.speaker for segment in kb.segments("one")} == {"Speaker 1", "Speaker 2"}
    text = kb.text("one")
    names = {"Speaker 1": "Audie Cornish", "Speaker 2": "Aarti Shahani"}
    assert [r.status for r in ingest(kb, [first], renames=names)] == ["revised"]  # without hearing it again
    assert {segment.speaker for segment in kb.segments("one")} == set(names.values())
    assert kb.text("one") == text
    (result,) = ingest(kb, [second], request=asked(diarizer="none"))  # by channel all the same
    assert {segment.speaker for segment in kb.segments("two")} == set(names.values()), result
    notes = [remark.note for remark in kb.catalogue.episodes.remarks("two", 1)]
    assert any("as in earlier recordings" in note for note in notes)


def write_interview(path: Path) -> None:
    """Write the corpus's first half minute with the host on the left and the reporter on the right."""
    import av
    import numpy as np

    from ingest.sound.decoding import Decoder

    sound = np.concatenate(list(Decoder(CORPUS / f"{SEGMENT}.opus")))[: 60 * 16_000]
    sides = np.zeros((2, len(sound)), dtype=np.float32)
    for segment in published().segments:
        assert segment.start is not None
        assert segment.end is not None
        span = slice(int(segment.start * 16_000), int(segment.end * 16_000))
        sides[int(segment.speaker != "Audie Cornish"), span] = sound[span]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="stereo")
        samples = (sides.T.reshape(1, -1) * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_bad_recordings_are_told_and_the_rest_goes_in(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").write_bytes(b"")
    (tmp_path / "garbage.mp3").write_bytes(b"This is no sound at all. " * 400)
    (tmp_path / "talk.txt").write_text("Cabbages are cheaper than kings.")
    done = run("ingest", tmp_path, "--model", ct2_folder())
    assert done.returncode == 1
    assert done.stdout == "added      talk\n"
    failures = done.stderr.splitlines()
    assert len(failures) == 2
    for name, line in zip(("empty.mp3", "garbage.mp3"), failures, strict=True):
        assert name in line
        assert "Traceback" not in line


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"engine": "siri"}, "faster-whisper or whisper"),
        ({"device": "toaster"}, "auto, cpu or cuda"),
        ({"diarizer": "guess"}, "sherpa, pyannote or none"),
        ({"diarizer": "pyannote"}, "--diarizer-models"),
        ({"diarizer": "none", "voices": 2}, "does not go with"),
    ],
)
def test_a_request_that_cannot_be_is_refused(wrong: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Request(**wrong)  # type: ignore[arg-type]


def test_only_what_is_asked_for_this_time_makes_a_new_transcript() -> None:
    made = json.dumps({"request": {"engine": None, "model": "small", "language": None, "beam_size": None}})
    assert not Request().wants_other_than(made)
    assert not Request(model="small").wants_other_than(made)
    assert Request(model="base").wants_other_than(made)
    assert Request(language="fr").wants_other_than(made)
    assert Recogniser(Request(model="anything")).available()


@pytest.mark.slow
def test_a_publishers_transcript_that_comes_later_replaces_the_machines(kb: KnowledgeBase, recording: Path) -> None:
    (heard,) = ingest(kb, [recording], request=asked())
    shutil.copy(CORPUS / f"{SEGMENT}.vtt", recording.parent)
    transcript = recording.with_suffix(".vtt")
    (published,) = ingest(kb, [transcript])
    assert (published.status, published.episode_id) == ("revised", heard.episode_id)
    assert kb.current(SEGMENT).origin == "publisher"
    assert [result.status for result in ingest(kb, [transcript])] == ["unchanged"]
    assert kb.catalogue.episodes.count() == 1
