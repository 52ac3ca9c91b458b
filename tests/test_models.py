"""Finding a model never touches the network; fetching one survives every bad server, and can be stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.fetch_model import FetchProgress, fetch, fetch_model
from ingest.models import OFFERS, ModelFile, Offer, find_model, list_models, offer_of
from kb.errors import ModelNotAvailable, UsageError

#: How CTranslate2 begins a Whisper's model.bin: version, length of the name, the name.
CT2_HEAD = b"\x06\x00\x00\x00\x0c\x00WhisperSpec\x00"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an empty home, so that no model of the developer's machine is found."""
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_ENDPOINT"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("HF_HOME", str(folder / "hf"))
    monkeypatch.setenv("KB_MODELS", str(folder / "models"))
    return folder


def ct2_folder(folder: Path, *leave_out: str) -> Path:
    folder.mkdir(parents=True)
    for name in {"config.json", "tokenizer.json", "vocabulary.txt"} - set(leave_out):
        (folder / name).write_text("{}")
    if "model.bin" not in leave_out:
        (folder / "model.bin").write_bytes(CT2_HEAD + b"weights")
    return folder


def checkpoint(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02." * 100)
    return path


# Finding


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


def silent_listener() -> socket.socket:
    """A server, or proxy, that accepts and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener


def test_finding_never_touches_the_network(home: Path) -> None:
    """Behind a proxy that accepts and never answers, both engines' own look-ups hang for over 90 s."""
    code = "from ingest.models import find_model, list_models; list_models(); find_model('tiny')"
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


# Fetching, from real servers on this machine


class Hub(ThreadingHTTPServer):
    """Serves ``files`` with Range as the real servers do; the other fields make it misbehave."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.die_after: list[int] = []  # bytes after which a connection breaks, one for each request
        self.ranges = True
        self.trickle = False
        self.endless = False
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append((self.path, asked))
        body = self.server.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        begin = int(asked.removeprefix("bytes=").split("-")[0]) if asked and self.server.ranges else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        if not self.server.endless:
            self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self._send(body[begin:])

    def _send(self, body: bytes) -> None:
        if self.server.die_after and not self.path.startswith("/api"):
            body = body[: self.server.die_after.pop(0)]
        if self.server.trickle:
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.over.wait(0.05):
                    return
        self.wfile.write(body)
        while self.server.endless and not self.server.over.is_set():
            self.wfile.write(bytes(65536))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):  # the child was stopped, as the test wants
            super().handle()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def make_checkpoint(tmp_path: Path, size: int = 700_000) -> bytes:
    path = checkpoint(tmp_path / "made.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/data/0", bytes(range(250)) * (size // 250))
    return path.read_bytes()


def toy_checkpoint(hub: Hub, tmp_path: Path) -> tuple[Offer, bytes]:
    body = make_checkpoint(tmp_path)
    digest = hashlib.sha256(body).hexdigest()
    hub.files[f"/{digest}/toy.pt"] = body
    return Offer("toy", "openai-whisper", f"{digest}/toy.pt", len(body), sha256=digest), body


def toy_repository(hub: Hub, **other: bytes) -> dict[str, bytes]:
    """Serve a repository as the hub does: small files with git's hash, the large one with its SHA-256."""
    files = {
        ".gitattributes": b"*.bin filter=lfs",
        "README.md": b"# toy",
        "config.json": b'{"alignment_heads": []}',
        "model.bin": CT2_HEAD + bytes(300_000),
        "tokenizer.json": b"{}",
        "vocabulary.txt": b"a\nb\n",
        "../evil.json": b"{}",
    } | other
    entries: list[dict[str, object]] = [{"type": "directory", "oid": "1", "size": 0, "path": "docs"}]
    for path, body in files.items():
        blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
        entry: dict[str, object] = {"type": "file", "oid": blob, "size": len(body), "path": path}
        if path == "model.bin":
            entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
        entries.append(entry)
        hub.files[f"/owner/toy/resolve/main/{path}"] = body
    hub.files["/api/models/owner/toy/tree/main"] = json.dumps(entries).encode()
    return files


TOY_REPOSITORY = Offer("owner/toy", "faster-whisper", "owner/toy", None)


def get(offer: Offer, hub: Hub, folder: Path, deadline: float = 60, patience: float = 20) -> list[FetchProgress]:
    events: list[FetchProgress] = []
    place = fetch(offer, folder, events.append, deadline, patience, hub.address)
    assert find_model(offer.name, offer.engine, folder) == place
    return events


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_checkpoint_is_fetched_checked_and_found(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    events = get(offer, hub, tmp_path / "models")
    assert (tmp_path / "models/openai-whisper/toy.pt").read_bytes() == body
    assert left(tmp_path / "models") == {"toy.pt"}
    first, *_, last = events
    assert (first.stage, first.total, first.licence) == ("starting", len(body), "MIT")
    assert (last.stage, last.done, last.total) == ("done", len(body), len(body))
    assert [event.done for event in events] == sorted(event.done for event in events)


def test_a_model_that_is_here_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    toy_repository(hub)
    for wanted in (offer, TOY_REPOSITORY):
        get(wanted, hub, tmp_path / "models")
        before = len(hub.asked)
        get(wanted, hub, tmp_path / "models")
        assert len(hub.asked) == before


def test_a_damaged_checkpoint_is_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    file = tmp_path / "models/openai-whisper/toy.pt"
    file.parent.mkdir(parents=True)
    file.write_bytes(body[:-10])
    get(offer, hub, tmp_path / "models")
    assert file.read_bytes() == body


def test_a_repository_is_fetched_without_what_the_engine_does_not_read(hub: Hub, tmp_path: Path) -> None:
    files = toy_repository(hub)
    events = get(TOY_REPOSITORY, hub, tmp_path / "models")
    place = tmp_path / "models/faster-whisper/owner--toy"
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        name: files[name] for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    }
    assert hub.asked[-1][0].endswith("/model.bin"), "the last file makes the folder whole"
    assert "huggingface.co/owner/toy" in offer_of("owner/toy", "faster-whisper").licence  # type: ignore[union-attr]
    assert events[-1].done == events[-1].total


def test_a_broken_connection_is_taken_up_where_it_broke(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.die_after = [100_000, 50_000]
    get(offer, hub, tmp_path / "models")
    assert [asked for _, asked in hub.asked] == [None, "bytes=100000-", "bytes=150000-"]
    assert (tmp_path / "models/openai-whisper/toy.pt").read_bytes() == body


def test_a_server_that_keeps_dying_leaves_a_part_that_the_next_try_takes_up(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.die_after = [200_000, 0]
    with pytest.raises(ModelNotAvailable, match="broke off in the middle"):
        get(offer, hub, tmp_path / "models")
    assert left(tmp_path / "models") == {"toy.pt.part"}
    hub.die_after = []
    get(offer, hub, tmp_path / "models")
    assert hub.asked[-1][1] == "bytes=200000-"
    assert (tmp_path / "models/openai-whisper/toy.pt").read_bytes() == body


def test_a_server_without_ranges_begins_again(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.ranges = False
    hub.die_after = [100_000]
    get(offer, hub, tmp_path / "models")
    assert (tmp_path / "models/openai-whisper/toy.pt").read_bytes() == body


def test_a_part_of_something_else_does_no_lasting_harm(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    part = tmp_path / "models/openai-whisper/toy.pt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"stale" * 1000)
    with pytest.raises(ModelNotAvailable, match="arrived damaged"):
        get(offer, hub, tmp_path / "models")
    part.write_bytes(bytes(10_000_000))
    get(offer, hub, tmp_path / "models")
    assert part.with_name("toy.pt").read_bytes() == body


def test_wrong_content_is_never_installed(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.files[f"/{offer.source}"] = body[:-1] + b"!"
    with pytest.raises(ModelNotAvailable, match="arrived damaged"):
        get(offer, hub, tmp_path / "models")
    assert left(tmp_path / "models") == set()


@pytest.mark.parametrize("name", ["config.json", "model.bin"])
def test_wrong_content_of_a_repository_is_never_installed(hub: Hub, tmp_path: Path, name: str) -> None:
    body = toy_repository(hub)[name]
    hub.files[f"/owner/toy/resolve/main/{name}"] = body[:-1] + b"!"
    with pytest.raises(ModelNotAvailable, match=f"{name} arrived damaged"):
        get(TOY_REPOSITORY, hub, tmp_path / "models")
    with pytest.raises(ModelNotAvailable):
        find_model("owner/toy", models_folder=tmp_path / "models")


def test_an_endless_answer_is_cut_off(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.endless = True
    with pytest.raises(ModelNotAvailable, match="sends more than"):
        get(offer, hub, tmp_path / "models")
    assert sum(path.stat().st_size for path in (tmp_path / "models").rglob("*")) <= len(body) + 10_000


@pytest.mark.parametrize("listing", [b"<html>", b"[" * 100_000, b'{"error": "x"}', b"[1]", b'[{"path": "model.bin"}]', b"[]"])  # fmt: skip
def test_a_listing_that_is_none_is_one_clear_error(hub: Hub, tmp_path: Path, listing: bytes) -> None:
    hub.files["/api/models/owner/toy/tree/main"] = listing
    with pytest.raises(ModelNotAvailable, match=r"not a list of files|holds no model\.bin"):
        get(TOY_REPOSITORY, hub, tmp_path / "models")


def test_a_model_larger_than_the_disk_is_refused_beforehand(hub: Hub, tmp_path: Path) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    huge = Offer(offer.name, offer.engine, offer.source, 10**18, sha256=offer.sha256)
    with pytest.raises(ModelNotAvailable, match="Make room first"):
        get(huge, hub, tmp_path / "models")
    assert hub.asked == []


def test_what_is_not_there_is_named(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailable, match="The server answered 404"):
        get(TOY_REPOSITORY, hub, tmp_path / "models")
    with pytest.raises(UsageError, match="Nobody offers a model 'huge'"):
        fetch_model("huge")
    with pytest.raises(UsageError, match="address of a server"):
        fetch_model("tiny", server="file:///etc")


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ModelNotAvailable, match=r"cannot be reached \(.*refused.*\)"):
        fetch_model("tiny", models_folder=tmp_path, server=f"http://127.0.0.1:{port}")


def test_a_folder_that_cannot_be_written_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelNotAvailable, match="models folder cannot be written"):
        get(TOY_REPOSITORY, hub, tmp_path / "models")


@pytest.mark.parametrize("through_a_proxy", [False, True])
def test_who_accepts_and_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, through_a_proxy: bool
) -> None:
    with silent_listener() as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        if through_a_proxy:
            monkeypatch.setenv("https_proxy", address)
        server = "https://hub.invalid" if through_a_proxy else address
        with pytest.raises(ModelNotAvailable, match="does not answer"):
            fetch_model("tiny", models_folder=tmp_path, patience=0.3, server=server)


def test_a_trickle_meets_the_deadline_and_is_taken_up_later(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.trickle = True
    with pytest.raises(ModelNotAvailable, match="took longer than allowed"):
        get(offer, hub, tmp_path / "models", deadline=3)
    hub.trickle = False
    get(offer, hub, tmp_path / "models")
    assert (tmp_path / "models/openai-whisper/toy.pt").read_bytes() == body


def test_one_header_byte_at_a_time_meets_the_deadline(tmp_path: Path) -> None:
    """Every byte satisfies a socket's timeout; only the parent's clock ends this."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not over.wait(0.05):
                try:
                    connection.send(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        try:
            with pytest.raises(ModelNotAvailable, match="took longer than allowed"):
                fetch_model(
                    "tiny", models_folder=tmp_path, deadline=2, server=f"http://127.0.0.1:{listener.getsockname()[1]}"
                )
        finally:
            over.set()
            thread.join()


def test_two_fetches_of_one_model_do_not_meet(hub: Hub, tmp_path: Path) -> None:
    from filelock import FileLock

    offer, _ = toy_checkpoint(hub, tmp_path)
    (tmp_path / "models/openai-whisper").mkdir(parents=True)
    with (
        FileLock(tmp_path / "models/openai-whisper/.toy.pt.lock"),
        pytest.raises(ModelNotAvailable, match="Another process is fetching"),
    ):
        get(offer, hub, tmp_path / "models")


def test_an_error_in_the_callers_progress_stops_the_fetch(hub: Hub, tmp_path: Path) -> None:
    """So does Ctrl-C: nothing goes on in the background."""
    offer, _ = toy_checkpoint(hub, tmp_path)
    hub.trickle = True

    def interrupt(event: FetchProgress) -> None:
        if event.stage == "fetching":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(offer, tmp_path / "models", interrupt, 60, 20, hub.address)
    from filelock import FileLock

    with FileLock(tmp_path / "models/openai-whisper/.toy.pt.lock", timeout=5):
        assert left(tmp_path / "models") == {"toy.pt.part"}


@contextmanager
def encrypted(hub: Hub, folder: Path) -> Iterator[str]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", hub.address + self.path)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with the openssl command")
def test_encryption_is_checked_and_never_given_up(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    with encrypted(hub, tmp_path) as address:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        with pytest.raises(ModelNotAvailable, match="without encryption"):
            fetch(offer, tmp_path / "models", lambda event: None, 60, 20, address)
        assert hub.asked == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with the openssl command")
def test_an_unknown_certificate_is_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    with encrypted(hub, tmp_path) as address, pytest.raises(ModelNotAvailable, match="certificate"):
        fetch(offer, tmp_path / "models", lambda event: None, 60, 20, address)
    capfd.readouterr()  # the server complains about the hang-up
