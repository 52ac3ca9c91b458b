from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.fetching import Fetcher, Limits

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
