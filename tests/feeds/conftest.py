from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.fetching import Fetcher, Limits
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase

from .. import sounds
from .corrected import served
from .show import Show, follow, look, told, visits
from .site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty web server on this machine."""
    with serving(Site()) as served:
        yield served


@pytest.fixture
def waited() -> list[float]:
    """The seconds that the fetcher would have slept."""
    return []


@pytest.fixture
def fetcher(waited: list[float]) -> Fetcher:
    """A fetcher that may ask this machine, and does not really sleep between attempts."""
    return Fetcher(["127.0.0.1"], Limits(idle=5, page_seconds=20, download_seconds=20), waited.append)


@pytest.fixture
def show(site: Site) -> Show:
    return Show(site)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Fifteen seconds that the tiny model understands, as a file."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    sounds.write(path, sounds.speech(0, 15), "pcm_s16le")
    return path.read_bytes()


@pytest.fixture
def taken(kb: KnowledgeBase, show: Show) -> Followed:
    """A feed with one episode that is in, and what was asked for until then forgotten."""
    show.site.pages |= {"/a.vtt": served(told()), "/a.mp3": served(b"\xff" * 400, "audio/mpeg")}
    show.episode("a", sound="/a.mp3", transcript="/a.vtt")
    feed = follow(kb, show)
    look(kb)
    visits(show.site)
    return feed
