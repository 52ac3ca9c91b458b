"""A model is taken over from a folder: whole or not at all, nothing else of the folder, and no path but a model's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.models.downloading import FetchCancelled, FetchProgress
from ingest.models.finding import find_model
from ingest.models.taking import checked_folder, take_model
from kb.errors import UsageError

from .toys import CT2_HEAD, ct2_folder


def everything_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_model_is_copied_without_what_lies_beside_it(tmp_path: Path) -> None:
    stick = ct2_folder(tmp_path / "stick" / "my-whisper")
    (stick / "secret.txt").write_text("not a model's")
    events: list[FetchProgress] = []
    place = take_model(str(stick), tmp_path / "models", events.append)
    assert find_model("my-whisper", models_folder=tmp_path / "models") == place
    assert everything_below(tmp_path / "models") == {
        f"faster-whisper/my-whisper/{name}" for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    }
    assert (events[0].stage, events[-1].stage) == ("starting", "done")
    assert events[-1].done == events[-1].total == sum(path.stat().st_size for path in place.iterdir())
    with pytest.raises(UsageError, match="is on this machine already"):
        take_model(str(stick), tmp_path / "models")


def test_a_repository_of_the_hubs_cache_gets_the_models_usual_name(tmp_path: Path) -> None:
    repository = tmp_path / "models--Systran--faster-whisper-small"
    blobs = ct2_folder(repository / "blobs")
    revision = repository / "snapshots" / "abc"
    revision.mkdir(parents=True)
    for blob in blobs.iterdir():
        (revision / blob.name).symlink_to(blob)
    for given in (repository, revision):
        assert checked_folder(str(given)) == (revision, "Systran/faster-whisper-small")
    place = take_model(str(repository), tmp_path / "models")
    assert place.name == "small"
    assert not any(path.is_symlink() for path in place.iterdir())
    assert find_model("small", models_folder=tmp_path / "models") == place


def test_what_is_no_model_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    pointer = ct2_folder(tmp_path / "pointer")
    (pointer / "model.bin").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    lacking = ct2_folder(tmp_path / "lacking", "tokenizer.json")
    odd = ct2_folder(tmp_path / "a name; with $(all) sorts")
    pipe = ct2_folder(tmp_path / "pipe", "vocabulary.txt")
    os.mkfifo(pipe / "vocabulary.txt")
    refused = {
        "": "full path",
        "models/small": "full path",
        "//server/share/small": "full path",
        "/a\0b": "full path",
        "/" + "a" * 5000: "full path",
        "/etc/passwd": "is a file and not",
        str(tmp_path / "none"): "is not there",
        str(tmp_path / "empty"): r"has no model\.bin",
        str(pointer): "Git LFS pointer",
        str(lacking): r"has no tokenizer\.json",
        str(odd): "cannot be a model's name",
        str(pipe): "has no vocabulary",
    }
    for given, why in refused.items():
        with pytest.raises(UsageError, match=why):
            take_model(given, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_pipe_beside_the_model_is_neither_waited_for_nor_copied(tmp_path: Path) -> None:
    stick = ct2_folder(tmp_path / "small")
    os.mkfifo(stick / "preprocessor_config.json")
    with pytest.raises(UsageError, match="is not a file"):
        take_model(str(stick), tmp_path / "models")
    assert everything_below(tmp_path / "models") == set()


def test_a_copy_that_is_cancelled_leaves_nothing_and_can_be_made_again(tmp_path: Path) -> None:
    stick = ct2_folder(tmp_path / "small")
    (stick / "model.bin").write_bytes(CT2_HEAD + bytes(3_000_000))
    asked = iter([False, False, True])
    with pytest.raises(FetchCancelled):
        take_model(str(stick), tmp_path / "models", cancelled=lambda: next(asked))
    assert everything_below(tmp_path / "models") == set()
    assert take_model(str(stick), tmp_path / "models").is_dir()
