"""Other people's diarizers: a missing package or file is named, and a crash is not ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.diarization import (
    SpeakerSpan,
    add_speakers,
    pyannote_diarizer,
    sherpa_diarizer,
)
from ingest.transcribing.recordings import Listening, Recogniser, Request
from ingest.transcribing.transcription import Cancelled
from kb.errors import ModelNotAvailable, UsageError
from kb.types import Segment, Transcript

from .. import sounds
from ..models.tiny import ct2_folder


@pytest.mark.parametrize(
    ("package", "make", "install"),
    [
        ("sherpa_onnx", sherpa_diarizer, r"pip install 'verbatim-kb\[diarize\]'"),
        ("pyannote", pyannote_diarizer, r"pip install 'pyannote\.audio'"),
    ],
)
def test_a_missing_package_is_named_with_the_command(
    tmp_path: Path, package: str, make: Callable[[Path], object], install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])  # so that it is missing on a machine that has it, too
    monkeypatch.delitem(__import__("sys").modules, package, raising=False)
    with pytest.raises(UsageError, match=install):
        make(tmp_path)


@pytest.mark.slow
def test_the_recording_reaches_the_child_and_its_spans_come_back(pretended: Callable[[str], Path]) -> None:
    folder = pretended(
        "print('some chatter')\n"
        "who = self.config.clustering.num_clusters\n"
        "self.found = [Anything(start=len(samples) / 16000, end=float(samples.max()), speaker=who)]\n"
        "return self"
    )
    stereo = np.zeros((16000, 2), np.float32)
    stereo[5] = [0.5, 1.0]
    assert sherpa_diarizer(folder, 3)([stereo, stereo[:8000]]) == (SpeakerSpan(1.5, 0.75, "3"),)
    assert sherpa_diarizer(folder)([stereo[:, 0]]) == (SpeakerSpan(1.0, 0.5, "-1"),)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("process", "said"),
    [
        ("sys.stderr.write('window_size does not exist in the metadata'); os._exit(255)", "window_size does not exist"),
        ("raise RuntimeError('bad model')", "RuntimeError: bad model"),
        ("os.kill(os.getpid(), 11)", "check that the model files in"),
        ("os._exit(0)", "check that the model files in"),
    ],
)
def test_a_library_that_ends_its_process_does_not_end_ours(
    pretended: Callable[[str], Path], process: str, said: str
) -> None:
    """The real one calls exit() on a model that is not the one its name says."""
    diarizer = sherpa_diarizer(pretended(process))
    transcript = (Segment(0.0, 1.0, "Kept."),)
    segments, warning = add_speakers(transcript, [np.zeros((16000, 1), np.float32)] * 300, diarizer)
    assert segments == transcript
    assert said in (warning or "")
    assert "Warning" not in (warning or "")  # of Python's, about how the child was started


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifteen seconds in mono, and a models folder with what pass for sherpa-onnx's models."""
    installed = tmp_path / "models" / "sherpa-onnx"
    installed.mkdir(parents=True)
    for name in ("segmentation.onnx", "embedding.onnx"):
        (installed / name).touch()
    monkeypatch.setenv("KB_MODELS", str(installed.parent))
    sounds.write(tmp_path / "talk.wav", sounds.speech(0, 15), "pcm_s16le")
    return tmp_path / "talk.wav"


def hear(path: Path, **asked: object) -> Transcript:
    request = Request(model=str(ct2_folder()), beam_size=1, **asked)  # type: ignore[arg-type]
    return Recogniser(request).transcribe(path, None).transcript


@pytest.mark.slow
def test_voices_are_told_apart_without_asking_where_the_models_are_installed(
    spoken: Path, pretended: Callable[[str], Path]
) -> None:
    pretended(
        "told = self.config.clustering.num_clusters\n"
        "first = Anything(start=0.0, end=5.0, speaker='a')\n"
        "self.found = [first, Anything(start=5.0, end=15.0, speaker='a' if told == 1 else 'b')]\n"
        "return self"
    )
    assert {segment.speaker for segment in hear(spoken).segments} == {"Speaker 1", "Speaker 2"}
    assert {segment.speaker for segment in hear(spoken, diarizer="none").segments} == {None}
    assert {segment.speaker for segment in hear(spoken, voices=1).segments} == {"Speaker 1"}


@pytest.mark.slow
def test_a_diarizer_is_ended_when_its_job_is_cancelled(spoken: Path, pretended: Callable[[str], Path]) -> None:
    pretended(f"open({str(spoken.with_name('begun'))!r}, 'w').close()\ntime.sleep(600)")
    request = Request(model=str(ct2_folder()), beam_size=1)
    listening = Listening(cancelled=spoken.with_name("begun").exists)
    with pytest.raises(Cancelled, match="Start it again"):
        Recogniser(request).transcribe(spoken, None, listening)


@pytest.mark.slow
def test_models_without_their_package_are_told_and_the_transcript_is_kept(
    spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.diarization.engines.find_spec", lambda name: None)
    transcript = hear(spoken)
    assert {segment.speaker for segment in transcript.segments} == {None}
    assert "pip install 'verbatim-kb[diarize]'" in transcript.remarks[-1].note


@pytest.mark.slow
def test_a_diarizer_that_is_asked_for_is_looked_for_before_an_hour_is_heard(
    spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.diarization.engines.find_spec", lambda name: None)
    for asked in ({"diarizer": "sherpa"}, {"voices": 2}):
        with pytest.raises(UsageError, match="needs a package"):
            hear(spoken.with_name("nothing.wav"), **asked)


def test_missing_model_files_are_named(pretended: Callable[[str], Path]) -> None:
    folder = pretended("pass")
    (folder / "embedding.onnx").unlink()
    with pytest.raises(ModelNotAvailable, match=r"embedding\.onnx") as failure:
        sherpa_diarizer(folder)
    assert failure.value.looked == (str(folder / "embedding.onnx"),)
