"""Models are found without a download, wherever they lie, or one sentence says where they were looked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.models.finding import OFFERS, ModelFile, find_model, list_models, offer_of
from kb.errors import ModelNotAvailable, UsageError

from .toys import CT2_HEAD, checkpoint, ct2_folder, silent_listener


def test_a_folder_on_a_stick_is_taken_as_it_is(tmp_path: Path) -> None:
    stick = ct2_folder(tmp_path / "stick" / "my whisper")
    assert find_model(str(stick)) == stick
    assert find_model(stick / "model.bin") == stick


def test_a_checkpoint_is_found_by_file_and_by_folder(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "stick" / "tiny.pt")
    assert find_model(str(file), "openai-whisper") == file
    assert find_model(file.parent, "openai-whisper") == file


@pytest.mark.parametrize("name", ["faster-whisper/tiny", "tiny"])
def test_the_models_folder_comes_before_the_cache(home: Path, name: str) -> None:
    ct2_folder(home / "hf/hub/models--Systran--faster-whisper-tiny/snapshots/abc")
    own = ct2_folder(home / "models" / name)
    assert find_model("tiny") == own


def test_a_given_models_folder_replaces_the_default(home: Path, tmp_path: Path) -> None:
    checkpoint(home / "models/openai-whisper/tiny.pt")
    file = checkpoint(tmp_path / "other" / "tiny.pt")
    assert find_model("tiny", "openai-whisper", tmp_path / "other") == file


def test_openai_cache_follows_xdg(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = checkpoint(home / ".cache/whisper/large-v3-turbo.pt")
    assert find_model("turbo", "openai-whisper") == file
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "elsewhere"))
    with pytest.raises(ModelNotAvailable, match="elsewhere"):
        find_model("turbo", "openai-whisper")
    other = checkpoint(home / "elsewhere/whisper/large-v3-turbo.pt")
    assert find_model("turbo", "openai-whisper") == other


@pytest.mark.parametrize("name", ["tiny", "Systran/faster-whisper-tiny"])
def test_the_hub_cache_gives_the_revision_that_main_names(home: Path, name: str) -> None:
    repository = home / "hf/hub/models--Systran--faster-whisper-tiny"
    for revision in ("aaa", "mmm", "zzz"):
        ct2_folder(repository / "snapshots" / revision)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("mmm")
    assert find_model(name) == repository / "snapshots/mmm"
    assert find_model(str(repository)) == repository / "snapshots/mmm", "a copied cache folder is understood too"


def test_links_into_the_blobs_are_followed_and_broken_ones_refused(home: Path) -> None:
    repository = home / "hf/hub/models--Systran--faster-whisper-tiny"
    snapshot = ct2_folder(repository / "snapshots/abc", "model.bin")
    (snapshot / "model.bin").symlink_to("../../blobs/1234")
    with pytest.raises(ModelNotAvailable, match=r"which has no model\.bin"):
        find_model("tiny")
    (repository / "blobs").mkdir()
    (repository / "blobs/1234").write_bytes(CT2_HEAD)
    assert find_model("tiny") == snapshot


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings_of_hub",
    [
        {},
        {"HF_HOME": "/x/y"},
        {"HF_HUB_CACHE": "/x/z", "HF_HOME": "/x/y"},
        {"HUGGINGFACE_HUB_CACHE": "~/old"},
        {"XDG_CACHE_HOME": "/x/cache"},
        {"HF_HOME": "$HOME/hf"},
    ],
)
def test_the_hub_cache_is_where_the_hub_library_puts_it(
    settings_of_hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HOME")
    for variable, value in settings_of_hub.items():
        monkeypatch.setenv(variable, value)
    library = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    theirs = subprocess.run([sys.executable, "-c", library], capture_output=True, text=True, check=True).stdout.strip()
    with pytest.raises(ModelNotAvailable) as failure:
        find_model("tiny")
    assert str(Path(theirs) / "models--Systran--faster-whisper-tiny") in failure.value.looked


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer.json, without which the engine would ask the internet"),
        (lambda f: (f / "vocabulary.txt").unlink(), "has no vocabulary.json"),
        (lambda f: (f / "model.bin").unlink(), "has no model.bin"),
        (lambda f: (f / "model.bin").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid"), "Git LFS pointer"),
        (lambda f: (f / "model.bin").write_bytes(b"\x06\x00\x00\x00\x0f\x00TransformerSpec"), "not CTranslate2's Whisper"),
        (lambda f: (f / "model.bin").write_bytes(b""), "not CTranslate2's Whisper"),
        (shutil.rmtree, "stick"),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_refused_with_the_reason(tmp_path: Path, spoil: partial[None], reason: str) -> None:
    folder = ct2_folder(tmp_path / "stick")
    spoil(folder)
    with pytest.raises(ModelNotAvailable) as failure:
        find_model(folder)
    assert reason in str(failure.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04" + bytes(5000), "is incomplete"),
        (b"<html>Not found</html>", "is not a PyTorch checkpoint"),
        (b"", "is not a PyTorch checkpoint"),
    ],
)
def test_a_damaged_checkpoint_is_refused_with_the_reason(home: Path, content: bytes, reason: str) -> None:
    """openai-whisper writes straight to the final name, so a stopped download looks like a model."""
    file = home / ".cache/whisper/tiny.pt"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(ModelNotAvailable, match=reason):
        find_model("tiny", "openai-whisper")
    assert [model.problem for model in list_models() if model.path == file] == [reason]


def test_the_message_lists_the_places_and_the_command() -> None:
    with pytest.raises(ModelNotAvailable) as failure:
        find_model("large-v3")
    assert len(failure.value.looked) == 3
    assert "Run `kb models fetch large-v3` once, or copy the model to " in str(failure.value)
    with pytest.raises(ModelNotAvailable, match=r"Run `kb models fetch tiny --engine openai-whisper` once"):
        find_model("tiny", "openai-whisper")


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(ModelNotAvailable, match=r"one of the names tiny\.en, tiny, base\.en"):
        find_model("huge")
    with pytest.raises(UsageError, match="faster-whisper or openai-whisper"):
        find_model("tiny", "whisperx")  # type: ignore[arg-type]


def test_somebodys_own_model_in_the_models_folder_has_a_name(home: Path) -> None:
    own = ct2_folder(home / "models/faster-whisper/dialect")
    assert find_model("dialect") == own
    file = checkpoint(home / "models/openai-whisper/dialect.pt")
    assert find_model("dialect", "openai-whisper") == file == find_model("dialect.pt", "openai-whisper")


def test_a_known_name_means_the_same_in_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ct2_folder(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotAvailable):
        find_model("tiny")
    assert find_model("./tiny") == tmp_path / "tiny"


@settings(max_examples=200)
@given(text=st.text(max_size=40) | st.sampled_from(["~nobody/x", "..", "a/b", "\0", "x" * 5000, "/dev/zero", "~"]))
def test_any_text_gives_a_path_or_one_clear_error(text: str) -> None:
    for engine in ("faster-whisper", "openai-whisper"):
        with pytest.raises(ModelNotAvailable):
            find_model(text, engine)


@pytest.mark.slow
def test_finding_never_touches_the_network(home: Path) -> None:
    """Behind a proxy that accepts and never answers, both engines' own look-ups hang for over 90 s."""
    code = "from ingest.models.finding import find_model, list_models; list_models(); find_model('tiny')"
    with silent_listener() as listener:
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment = os.environ | {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "https_proxy": proxy, "ALL_PROXY": proxy}
        begin = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
        )
        assert "ModelNotAvailable: The model 'tiny' is not on this machine" in ended.stderr
        assert time.monotonic() - begin < 5, "promised: one clear message within 5 seconds"
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


# Listing


def test_the_list_has_what_is_here_and_what_is_on_offer(home: Path, tmp_path: Path) -> None:
    ct2_folder(home / "models/faster-whisper/tiny")
    ct2_folder(home / "models/faster-whisper/owner--dialect", "tokenizer.json")
    ct2_folder(home / "hf/hub/models--Systran--faster-whisper-base/snapshots/abc")
    file = checkpoint(home / ".cache/whisper/small.pt")
    models = list_models()
    here = {(model.engine, model.name): model for model in models if model.path}
    assert here[("openai-whisper", "small")] == ModelFile(
        "small", "openai-whisper", file, file.stat().st_size, "MIT", "openai-whisper cache"
    )
    assert here[("faster-whisper", "tiny")].found == "models folder"
    assert here[("faster-whisper", "base")].found == "Hugging Face cache"
    assert "tokenizer.json" in (here[("faster-whisper", "owner/dialect")].problem or "")
    assert here[("faster-whisper", "owner/dialect")].licence == "unknown"
    offered = {(model.engine, model.name) for model in models if model.path is None}
    assert offered == {(offer.engine, offer.name) for offer in OFFERS} - set(here)
    assert all(model.size and model.licence for model in models)


@pytest.mark.slow
def test_what_is_on_offer_is_what_the_engines_know() -> None:
    import whisper
    from faster_whisper.utils import _MODELS

    for name, url in whisper._MODELS.items():
        offer = offer_of(name, "openai-whisper")
        assert offer is not None
        assert url == f"https://openaipublic.azureedge.net/main/whisper/models/{offer.source}"
        assert offer.sha256 == url.split("/")[-2]
    for name, repository in _MODELS.items():
        offer = offer_of(name, "faster-whisper")
        assert offer is not None
        assert offer.source == repository
    assert {offer.name for offer in OFFERS if offer.engine == "faster-whisper"} <= set(_MODELS)
