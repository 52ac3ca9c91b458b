"""Somebody at a terminal is offered a speech model where one lacks, and the command goes on with it."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.models.estimating import Speeds
from ingest.transcribing.outlook import this_machine

from . import sounds
from .conftest import CORPUS, ROOT, SEGMENT, environment
from .models.hub import Hub, running, serve_repository
from .models.tiny import ct2_folder

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="a Unix terminal")]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running() as server:
        files = {path.name: path.read_bytes() for path in ct2_folder().iterdir()}
        serve_repository(server, "Systran/faster-whisper-base", files)
        yield server


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Some of the corpus's sound, long enough to tell a speed by."""
    return sounds.write(tmp_path / "report.wav", sounds.speech(0, 80), "pcm_s16le")


def at_a_terminal(home: Path, hub: Hub, answers: dict[str, str], *arguments: str) -> tuple[str, int]:
    """Run ``kb`` at a terminal of its own; type each answer once its question is there; return all that was shown."""
    ours, its = pty.openpty()
    nowhere = str(home.parent / "nowhere")
    places = {"KB_MODELS": str(home.parent / "models"), "HF_HOME": nowhere, "XDG_CACHE_HOME": nowhere}
    running_kb = subprocess.Popen(
        [sys.executable, "-m", "kb", *arguments],
        cwd=ROOT,
        env=environment(home) | places | {"HF_ENDPOINT": hub.address, "TERM": "xterm"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    shown, waiting = "", dict(answers)
    with os.fdopen(ours, "r+b", buffering=0) as terminal, running_kb:
        try:
            while block := terminal.read(4096):
                shown += block.decode("utf-8", "replace")
                for question in [question for question in waiting if question in shown]:
                    terminal.write(waiting.pop(question).encode())
        except OSError:  # how Linux tells that the program has ended
            pass
    assert not waiting, shown
    return shown, running_kb.returncode


def test_a_model_is_offered_fetched_and_used(hub: Hub, recording: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    answers = {"or n for none": "9\n2\n"}  # there is no ninth
    shown, code = at_a_terminal(home, hub, answers, "ingest", str(recording), "--beam-size", "1")
    assert "1 recording needs one (1:20 of sound)" in shown
    (small,) = [line for line in shown.splitlines() if " small " in line]
    assert "486 MB, MIT" in small
    assert "for these" in small
    assert "* is recommended for this machine. Times are a rough guess" in shown
    assert "'9' is not one of them." in shown
    assert "Fetching base: 148 MB, licence MIT." in shown
    assert ("added      report" in shown, code) == (True, 0), shown
    seen = Speeds(home).of(this_machine())
    assert 0 < seen["base"] < 100, "how fast it was is remembered"
    again, code = at_a_terminal(home, hub, {}, "ingest", str(recording))
    assert ("unchanged  report" in again, "needs" in again, code) == (True, False, 0)


def test_whoever_wants_none_goes_on_without(hub: Hub, recording: Path, tmp_path: Path) -> None:
    transcript = Path(shutil.copy(CORPUS / f"{SEGMENT}.vtt", tmp_path / "other.vtt"))
    arguments = ("ingest", str(recording), str(transcript), "--model", "base")
    answers = {"Fetch it now (148 MB, licence MIT)?": "n\n"}
    shown, code = at_a_terminal(tmp_path / "home", hub, answers, *arguments)
    assert "The model base is not on this machine, and 1 recording needs it (1:20 of sound)." in shown
    assert "added      other" in shown
    assert ("kb models fetch base" in shown, code) == (True, 1)
    assert hub.asked == []
    silent, _ = at_a_terminal(tmp_path / "home", hub, {}, *arguments, "--json")
    assert "Fetch it now" not in silent
