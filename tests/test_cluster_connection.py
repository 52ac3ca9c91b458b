"""A cluster that is none, cannot be reached or lacks Ray is told in a sentence."""

from __future__ import annotations

import socket
import sys

import pytest

from ingest.cluster.connection import connect
from kb.errors import ClusterUnavailable, UsageError, VerbatimError

from .conftest import CORPUS, Run


@pytest.mark.slow
def test_a_cluster_that_cannot_be_reached_is_told_in_a_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ray://127.0.0.1:{silent.getsockname()[1]}"
        done = run("ingest", CORPUS, "--cluster", address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"kb: The Ray cluster {address} cannot be reached: nothing answers there. Its ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("address", ["", "nonsense", "http://host:1", "host", "ray://host", "host:x", "a b:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="write local, auto, HOST:PORT or ray://HOST:PORT"), connect(address):
        pass


def test_without_ray_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'verbatim-kb\[cluster\]'"), connect("local"):
        pass


def test_an_unavailable_cluster_is_an_error_of_ours() -> None:
    assert issubclass(ClusterUnavailable, VerbatimError)
