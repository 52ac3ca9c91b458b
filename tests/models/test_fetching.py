"""Models are fetched from real servers, whole and checked, or not at all, and a fetch can be stopped."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.models.downloading import FetchCancelled, FetchProgress, fetch, fetch_model
from ingest.models.finding import Offer, find_model, offer_of
from kb.errors import ModelNotAvailable, UsageError

from ..certificates import needs_openssl, self_signed
from .hub import Hub
from .offers import TOO_LATE, TOY_REPOSITORY, get, left, not_fetched, toy_checkpoint, toy_repository
from .toys import silent_listener

pytestmark = pytest.mark.slow


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
    with pytest.raises(
        ModelNotAvailable,
        match=not_fetched("ADDRESS: stops in the middle. Try again later.", f"{hub.address}/{offer.source}", "toy"),
    ):
        get(offer, hub, tmp_path / "models")
    assert left(tmp_path / "models") == {"toy.pt.new.part", "toy.pt.new.part.json"}
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


@pytest.mark.parametrize("stale", [b"stale" * 1000, bytes(10_000_000)])
def test_a_part_of_something_else_does_no_harm(hub: Hub, tmp_path: Path, stale: bytes) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    part = tmp_path / "models/openai-whisper/toy.pt.new.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(stale)
    get(offer, hub, tmp_path / "models")
    assert part.with_name("toy.pt").read_bytes() == body
    assert left(tmp_path / "models") == {"toy.pt"}


def test_a_fetch_that_was_killed_before_it_compared_the_hash_compares_it_later(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    unchecked = tmp_path / "models/openai-whisper/toy.pt.new"
    unchecked.parent.mkdir(parents=True)
    unchecked.write_bytes(body)
    get(offer, hub, tmp_path / "models")
    assert hub.asked == []
    unchecked.with_name("toy.pt").unlink()
    unchecked.write_bytes(body[:-1] + b"!")
    get(offer, hub, tmp_path / "models")
    assert len(hub.asked) == 1
    assert left(tmp_path / "models") == {"toy.pt"}


def test_wrong_content_is_never_installed(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.files[f"/{offer.source}"] = body[:-1] + b"!"
    with pytest.raises(
        ModelNotAvailable,
        match=not_fetched(
            "toy.pt arrived damaged and was removed. Run the command again.", f"{hub.address}/{offer.source}", "toy"
        ),
    ):
        get(offer, hub, tmp_path / "models")
    assert left(tmp_path / "models") == set()


@pytest.mark.parametrize("name", ["config.json", "model.bin"])
def test_wrong_content_of_a_repository_is_never_installed(hub: Hub, tmp_path: Path, name: str) -> None:
    body = toy_repository(hub)[name]
    hub.files[f"/owner/toy/resolve/main/{name}"] = body[:-1] + b"!"
    with pytest.raises(
        ModelNotAvailable,
        match=not_fetched(
            f"{name} arrived damaged and was removed. Run the command again.", f"{hub.address}/owner/toy"
        ),
    ):
        get(TOY_REPOSITORY, hub, tmp_path / "models")
    with pytest.raises(ModelNotAvailable):
        find_model("owner/toy", models_folder=tmp_path / "models")


def test_an_endless_answer_is_cut_off(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.endless = True
    with pytest.raises(
        ModelNotAvailable,
        match=not_fetched(
            "ADDRESS: has more than the 0.7 MB allowed. Is it the right address?",
            f"{hub.address}/{offer.source}",
            "toy",
        ),
    ):
        get(offer, hub, tmp_path / "models")
    one_block = 1 << 16
    assert sum(path.stat().st_size for path in (tmp_path / "models").rglob("*")) <= len(body) + one_block + 10_000


@pytest.mark.parametrize("listing", [b"<html>", b"[" * 100_000, b'{"error": "x"}', b"[1]", b'[{"path": "model.bin"}]', b"[]"])  # fmt: skip
def test_a_listing_that_is_none_is_one_clear_error(hub: Hub, tmp_path: Path, listing: bytes) -> None:
    hub.files["/api/models/owner/toy/tree/main"] = listing
    problem = f"{hub.address} answered with something that is not a list of files."
    if listing == b"[]":
        problem = "The repository owner/toy holds no model.bin; it is not a faster-whisper model."
    with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{hub.address}/owner/toy")):
        get(TOY_REPOSITORY, hub, tmp_path / "models")


def test_a_model_larger_than_the_disk_is_refused_beforehand(hub: Hub, tmp_path: Path) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    huge = Offer(offer.name, offer.engine, offer.source, 10**18, sha256=offer.sha256)
    place = tmp_path / "models/openai-whisper/toy.pt"
    problem = f"{place}: needs 1000000000 GB and the disk has # GB free. Make room first."
    with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{hub.address}/{offer.source}", "toy")):
        get(huge, hub, tmp_path / "models")
    assert hub.asked == []


def test_what_is_not_there_is_named(hub: Hub, tmp_path: Path) -> None:
    listing = f"{hub.address}/api/models/owner/toy/tree/main"
    problem = f"{listing}: is not there (404). Perhaps the publisher took it down; check the address."
    with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{hub.address}/owner/toy")):
        get(TOY_REPOSITORY, hub, tmp_path / "models")
    with pytest.raises(
        UsageError, match=r"^There is no model 'huge' for faster-whisper; `kb models list` shows the names\.$"
    ):
        fetch_model("huge")
    with pytest.raises(
        UsageError, match=r"^'file:///etc' is not the address of a server; it should begin with https://\.$"
    ):
        fetch_model("tiny", server="file:///etc")


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = f"http://127.0.0.1:{port}"
    listing = f"{server}/api/models/Systran/faster-whisper-tiny/tree/main"
    problem = f"{listing}: cannot be reached. Check the connection and try again."
    with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{server}/Systran/faster-whisper-tiny", "tiny")):
        fetch_model("tiny", models_folder=tmp_path, server=server)


def test_a_folder_that_cannot_be_written_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    place = tmp_path / "models/faster-whisper/owner--toy"
    remedy = "Make room on the disk, or check the folder's permissions."
    problem = f"{place}: cannot be written (Not a directory). {remedy}"
    with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{hub.address}/owner/toy")):
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
        listing = f"{server}/api/models/Systran/faster-whisper-tiny/tree/main"
        problem = f"{listing}: does not answer, or stopped in the middle. Try again later."
        place = f"{server}/Systran/faster-whisper-tiny"
        with pytest.raises(ModelNotAvailable, match=not_fetched(problem, place, "tiny")):
            fetch_model("tiny", models_folder=tmp_path, patience=0.3, server=server)


def test_a_trickle_meets_the_deadline_and_is_taken_up_later(hub: Hub, tmp_path: Path) -> None:
    offer, body = toy_checkpoint(hub, tmp_path)
    hub.trickle = True
    with pytest.raises(ModelNotAvailable, match=not_fetched(TOO_LATE, f"{hub.address}/{offer.source}", "toy")):
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
        server = f"http://127.0.0.1:{listener.getsockname()[1]}"
        place = f"{server}/Systran/faster-whisper-tiny"
        try:
            with pytest.raises(ModelNotAvailable, match=not_fetched(TOO_LATE, place, "tiny")):
                fetch_model("tiny", models_folder=tmp_path, deadline=2, server=server)
        finally:
            over.set()
            thread.join()


def test_two_fetches_of_one_model_do_not_meet(hub: Hub, tmp_path: Path) -> None:
    from filelock import FileLock

    offer, _ = toy_checkpoint(hub, tmp_path)
    (tmp_path / "models/openai-whisper").mkdir(parents=True)
    problem = not_fetched(
        "Another process is fetching this model. Wait until it has ended.", f"{hub.address}/{offer.source}", "toy"
    )
    with (
        FileLock(tmp_path / "models/openai-whisper/.toy.pt.lock"),
        pytest.raises(ModelNotAvailable, match=problem),
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
        assert left(tmp_path / "models") == {"toy.pt.new.part", "toy.pt.new.part.json"}


def test_a_fetch_is_cancelled_while_nothing_arrives(tmp_path: Path) -> None:
    """The server accepts and is silent, so that no progress could be told that one might stop at."""
    with silent_listener() as listener, pytest.raises(FetchCancelled):
        fetch_model(
            "tiny",
            models_folder=tmp_path,
            server=f"http://127.0.0.1:{listener.getsockname()[1]}",
            cancelled=lambda: bool(select.select([listener], [], [], 0)[0]),  # once the child has connected
        )


@contextmanager
def encrypted(hub: Hub, folder: Path) -> Iterator[str]:
    context, _ = self_signed(folder, "localhost")

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


@needs_openssl
def test_encryption_is_checked_and_never_given_up(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    with encrypted(hub, tmp_path) as address:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        problem = "ADDRESS: is not fetched: it redirects to an address without encryption. Check the address."
        with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{address}/{offer.source}", "toy")):
            fetch(offer, tmp_path / "models", lambda event: None, 60, 20, address)
        assert hub.asked == []


@needs_openssl
def test_an_unknown_certificate_is_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    offer, _ = toy_checkpoint(hub, tmp_path)
    with encrypted(hub, tmp_path) as address:
        problem = (
            "ADDRESS: cannot prove who it is (self-signed certificate). Check the address, and this computer's clock."
        )
        with pytest.raises(ModelNotAvailable, match=not_fetched(problem, f"{address}/{offer.source}", "toy")):
            fetch(offer, tmp_path / "models", lambda event: None, 60, 20, address)
    capfd.readouterr()  # the server complains about the hang-up
