"""``KB_CHROMA_URL``: several processes over one Chroma server answer as the embedded index does, and without it too."""

from __future__ import annotations

import gc
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from kb.backups.packing import backup
from kb.backups.unpacking import restore
from kb.catalogue import INDEXED_IN, Catalogue, Source
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.chroma_server import ServerAddress, limit_wait
from kb.types import Quote

from .conftest import SEGMENT, Run, environment
from .test_promises import CITY, QUESTIONS, episode, said

_CHROMA = "import sys; sys.argv[0] = 'chroma'; from chromadb.cli.cli import app; app()"


@dataclass
class Chroma:
    """The server of the installed package, in a process of its own, and where it is."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    reading: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        arguments = ["run", "--path", str(self.folder / "vectors"), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CHROMA, *arguments],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        )  # fmt: skip
        output = self.process.stdout
        assert output is not None
        told = []
        for line in output:
            told.append(line)
            if "listening on address" in line:
                break
        else:
            raise AssertionError("".join(told))
        self.reading = threading.Thread(target=output.read)  # it stands still when nobody reads its log
        self.reading.start()

    def stop(self) -> None:
        if self.process is not None:
            assert self.process.stdout is not None
            self.process.kill()
            self.process.wait(20)
            self.reading.join(20)
            self.process.stdout.close()
        self.process = None


@pytest.fixture
def chroma(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chroma]:
    """A Chroma server, which ``KB_CHROMA_URL`` names."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "chroma").mkdir()
    server = Chroma(tmp_path / "chroma", port)
    server.start()
    monkeypatch.setenv("KB_CHROMA_URL", server.url)
    yield server
    server.stop()
    gc.collect()  # pytest's filters make an error of a socket that nobody has closed


@pytest.fixture
def home(corpus_home: Path, tmp_path: Path) -> Path:
    """A data folder of its own with the corpus, and with no index of its own."""
    copied = Path(shutil.copytree(corpus_home, tmp_path / "shared"))
    shutil.rmtree(copied / "index")
    return copied


def answers(kb: KnowledgeBase) -> list[tuple[Quote, ...]]:
    """Return what is quoted, and how sure that is; searched for anew, not remembered."""
    kb._find.cache_clear()
    return [kb.ask(question).quotes for question in QUESTIONS]


def quoted(found: list[tuple[Quote, ...]]) -> list[list[str]]:
    """Return the quotes alone: how sure they are also depends on what else is in the library."""
    return [[quote.id for quote in quotes] for quotes in found]


@pytest.mark.slow
def test_front_ends_of_one_server_answer_as_the_embedded_index_does(
    corpus_kb: KnowledgeBase, home: Path, chroma: Chroma, tmp_path: Path
) -> None:
    """Two ask while a third process takes an episode in and one of them removes another."""
    expected = answers(corpus_kb)
    with KnowledgeBase(home) as one, KnowledgeBase(home) as two:
        one.sync()
        two.sync()
        assert (one.semantic.owned, two.semantic.owned) == (True, True)
        assert answers(one) == answers(two) == expected
        assert not list((home / "index").glob("generation-*"))
        file = tmp_path / "zeppelins.txt"
        file.write_text("Ada Moss: Zeppelins are quieter than helicopters.", "utf-8")
        taken = subprocess.run(
            [sys.executable, "-m", "kb", "ingest", str(file)],
            env={**environment(home), "KB_CHROMA_URL": chroma.url}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert taken.returncode == 0, taken.stderr
        for kb in (one, two):
            assert kb.ask("Are zeppelins quiet?").quotes[0].text == "Zeppelins are quieter than helicopters."
            assert (kb.semantic.owned, kb.semantic.unfindable()) == (True, 0)
        one.remove(SEGMENT)
        assert not two.ask(CITY).quotes
        assert [finding.name for finding in two.check() if not finding.ok] == []
        assert [len(kb.semantic.nearest(CITY, 100)) for kb in (one, two)] == [1, 1]


@pytest.mark.slow
def test_a_server_that_goes_away_costs_no_answer_and_check_says_so(home: Path, chroma: Chroma, run: Run) -> None:
    with KnowledgeBase(home) as kb:
        kb.sync()
        before = answers(kb)
        chroma.stop()
        assert answers(kb) == before
        assert not kb.semantic.owned
        kb.add(episode("Late"), said("Turnips are never purple."), Source("file:///late.txt", "1"))
        kb.sync()
        assert kb.ask("Are turnips purple?").quotes[0].text == "Turnips are never purple."
    told = subprocess.run(
        [sys.executable, "-m", "kb", "check"],
        env={**environment(home), "KB_CHROMA_URL": chroma.url}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert told.returncode == 1
    assert "Traceback" not in told.stdout + told.stderr
    [line] = [line for line in told.stdout.splitlines() if chroma.url in line]
    assert "questions are answered exactly from the catalogue meanwhile" in line
    chroma.start()
    with KnowledgeBase(home) as kb:
        kb.sync()
        assert (kb.semantic.owned, kb.semantic.unfindable()) == (True, 0)
        assert quoted(answers(kb)) == quoted(before)


@pytest.mark.slow
def test_the_servers_collection_is_disposable_and_one_may_go_back(
    home: Path, chroma: Chroma, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import chromadb

    with KnowledgeBase(home) as kb:
        kb.sync()
        assert (kb.semantic.inspect(), kb.semantic.owned) == (None, True)
        before = answers(kb)
        server = chromadb.HttpClient("127.0.0.1", chroma.port)
        server.delete_collection(kb.catalogue.setting(INDEXED_IN) or "")
        assert answers(kb) == before
        assert all(finding.ok or finding.repaired for finding in kb.check(repair=True))
        assert (kb.semantic.owned, kb.semantic.unfindable()) == (True, 0)
        assert len(server.list_collections()) == 1
        # A copy of the folder has no right to the collection of the first.
        backup(kb.catalogue, home, tmp_path / "b.vb", recordings=False)
        restore(tmp_path / "b.vb", tmp_path / "copy")
        with KnowledgeBase(tmp_path / "copy") as copy:
            copy.remove(SEGMENT)
        assert kb.semantic.unfindable() == 0
    monkeypatch.delenv("KB_CHROMA_URL")
    with KnowledgeBase(home) as kb:
        kb.add(episode("Late"), said("Turnips are never purple."), Source("file:///late.txt", "1"))
        kb.sync()
        assert (kb.semantic.owned, kb.semantic.unfindable()) == (True, 0)
        assert not kb.catalogue.setting(INDEXED_IN)
        assert quoted(answers(kb)) == quoted(before)
    monkeypatch.setenv("KB_CHROMA_URL", chroma.url)
    with KnowledgeBase(home) as kb:
        kb.sync()
        assert (kb.semantic.owned, kb.semantic.unfindable()) == (True, 0)


def test_what_answers_and_is_no_chroma_costs_no_answer(
    corpus_kb: KnowledgeBase, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Strange(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # which keeps connections

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"<p>Welcome")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("KB_CHROMA_URL", f"http://127.0.0.1:{server.server_port}")
        with KnowledgeBase(home) as kb:
            kb.sync()
            assert answers(kb) == answers(corpus_kb)
            [problem] = [finding for finding in kb.check(repair=True) if not finding.ok]
            assert (problem.name, problem.repaired) == ("vector index", False)
            assert "cannot be used" in problem.detail
        server.shutdown()
    gc.collect()  # pytest's filters make an error of a socket that nobody has closed


@pytest.mark.slow
def test_a_server_that_falls_silent_is_not_waited_for_for_ever(chroma: Chroma) -> None:
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False, chroma_http_max_keepalive_connections=0)
    with chromadb.HttpClient("127.0.0.1", chroma.port, settings=settings) as client:
        moved = "chromadb keeps its HTTP session elsewhere now: find it for limit_wait in kb/retrieval/chroma_server.py"
        assert limit_wait(client, 0.2), moved
        assert chroma.process is not None
        chroma.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(httpx.ReadTimeout):
                client.heartbeat()
        finally:
            chroma.process.send_signal(signal.SIGCONT)
    assert not limit_wait(object(), 0.2)  # and a client without such a session is left as it is


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://vectors", "http://vectors:8000"),
        ("https://vectors.example/", "https://vectors.example:443"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_addresses_of_servers(url: str, address: str) -> None:
    assert str(ServerAddress.parse(url)) == address


@pytest.mark.parametrize(
    "url", ["vectors:8000", "file:///etc/passwd", "ftp://vectors", "http://", "http://[", "http://a:b", "http://a/b?c"]
)
def test_what_is_no_address_of_a_server_is_told(url: str) -> None:
    with pytest.raises(UsageError, match=r"it has to be like http://HOST:8000"):
        ServerAddress.parse(url)


def test_a_password_has_no_place_in_the_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_CHROMA_URL", "http://ada:secret@vectors:8000")
    with pytest.raises(UsageError, match="CHROMA_CLIENT_AUTH_CREDENTIALS") as told:
        KnowledgeBase(home)
    assert "secret" not in str(told.value)
    Catalogue(home / "catalogue.sqlite3").close()
