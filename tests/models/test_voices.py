"""The models that tell voices apart are fetched whole, checked against their SHA-256, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.models.voices import VOICE_FILES, VoiceFile, fetch_voices, voices_folder
from kb.cli.main import main
from kb.errors import ModelNotAvailable, UsageError

from .hub import Hub

BODIES = {"segmentation.onnx": bytes(range(256)) * 900, "embedding.onnx": b"voice" * 70_000}


def offered(hub: Hub) -> tuple[VoiceFile, ...]:
    """Serve two small files where the hub has the models, and return what they are told to be."""
    files = []
    for real in VOICE_FILES:
        body = BODIES[real.name]
        hub.files[f"/{real.source}"] = body
        digest = hashlib.sha256(body).hexdigest()
        files.append(VoiceFile(real.name, real.source, len(body), digest, real.licence, real.title))
    return tuple(files)


def test_both_arrive_with_size_and_licence_told_and_are_not_fetched_twice(hub: Hub, tmp_path: Path) -> None:
    files, told = offered(hub), []
    folder = fetch_voices(
        tmp_path / "voices", lambda file, done: told.append((file.title, done)), 60, hub.address, files
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == BODIES
    assert told[0] == ("pyannote segmentation 3.0", 0)
    assert told[-1] == ("3D-Speaker CAM++", len(BODIES["embedding.onnx"]))
    asked = len(hub.asked)
    (folder / "embedding.onnx").write_bytes(b"another model of somebody's own")
    assert fetch_voices(folder, server=hub.address, files=files) == folder
    assert len(hub.asked) == asked


def test_a_download_that_breaks_off_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    files = offered(hub)
    hub.die_after = [100_000, 0]
    with pytest.raises(ModelNotAvailable, match=rf"{hub.address}/.*: .* What has arrived is kept"):
        fetch_voices(tmp_path, server=hub.address, files=files[:1])
    assert not (tmp_path / "segmentation.onnx").exists()
    hub.die_after = []
    fetch_voices(tmp_path, server=hub.address, files=files)
    assert (tmp_path / "segmentation.onnx").read_bytes() == BODIES["segmentation.onnx"]
    assert any(begin and begin != "bytes=0-" for _, begin in hub.asked)


def test_another_file_than_it_should_be_is_refused_and_removed(hub: Hub, tmp_path: Path) -> None:
    files, folder = offered(hub), tmp_path / "voices"
    hub.files[f"/{files[0].source}"] = BODIES["segmentation.onnx"][::-1]
    with pytest.raises(ModelNotAvailable, match=r"segmentation\.onnx is not the right file and was removed"):
        fetch_voices(folder, server=hub.address, files=files)
    assert list(folder.iterdir()) == []
    with pytest.raises(UsageError, match="is not the address of a server"):
        fetch_voices(tmp_path, server="ftp://example.org", files=files)


def test_the_command_asks_the_hub_it_is_told_and_refuses_what_is_not_the_model(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offered(hub)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    with pytest.raises(SystemExit) as end:
        main(["models", "fetch", "voices"])
    told = capsys.readouterr().err
    assert end.value.code == 1
    assert "Fetching pyannote segmentation 3.0: 6 MB, licence MIT." in told
    assert "is not the right file" in told
    assert not voices_folder().joinpath("segmentation.onnx").exists()
    with pytest.raises(SystemExit):
        main(["models", "list"])
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("voices"))
    assert line.split()[1:] == "sherpa-onnx 34 MB MIT and Apache-2.0 can be fetched; they tell speakers apart".split()
