"""Recordings: what is there of one is not fetched again, and what is none is refused."""

from __future__ import annotations

import hashlib
import json
import resource
import threading
from pathlib import Path

import pytest

from ingest.fetching import Fetcher, Limits
from kb.errors import FetchError, SourceError

from .site import Site, Visit, breaking_off, claiming, dripping, plain, redirect

BODY = bytes(range(256)) * 1000


def test_a_recording_arrives_whole_with_its_hash(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages |= {"/a.mp3": redirect("/b.mp3"), "/b.mp3": plain(BODY, "audio/mpeg", '"1"')}
    steps: list[tuple[int, int | None]] = []
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "media" / "a.mp3", lambda *step: steps.append(step))
    assert got.path.read_bytes() == BODY
    assert (got.url, got.size, got.content_type) == (site.url("/b.mp3"), len(BODY), "audio/mpeg")
    assert got.sha256 == hashlib.sha256(BODY).hexdigest()
    assert steps[0] == (0, len(BODY))
    assert steps[-1] == (len(BODY), len(BODY))
    assert [path.name for path in got.path.parent.iterdir()] == ["a.mp3"]


def test_a_broken_download_goes_on_where_it_stopped(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=100_000, times=2)
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert got.path.read_bytes() == BODY
    assert [visit.headers["Range"] for visit in site.visits] == [None, "bytes=100000-", "bytes=200000-"]
    assert [visit.headers["If-Range"] for visit in site.visits] == [None, '"1"', '"1"']


def test_a_later_run_goes_on_where_the_last_one_stopped(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=50_000, times=4)
    with pytest.raises(FetchError, match="stops in the middle"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert not (tmp_path / "a.mp3").exists()
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert got.path.read_bytes() == BODY
    assert site.visits[4].headers["Range"] == "bytes=200000-"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3"]


def test_what_has_changed_in_the_meantime_begins_anew(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=10_000, times=9)
    with pytest.raises(FetchError):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    site.pages["/a.mp3"] = plain(BODY[::-1], "audio/mpeg", '"2"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY[::-1]


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_without_a_strong_validator_nothing_is_pieced_together(
    site: Site, fetcher: Fetcher, tmp_path: Path, etag: str | None
) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=100_000, etag=etag)
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY
    assert [visit.headers["Range"] for visit in site.visits] == [None, None]


def test_a_part_of_another_address_is_not_gone_on_with(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=10_000, times=9)
    with pytest.raises(FetchError):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    site.pages["/b.mp3"] = plain(b"b" * 300_000, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/b.mp3"), tmp_path / "a.mp3").path.read_bytes() == b"b" * 300_000


@pytest.mark.parametrize("note", [b"", b"[]", b'{"url": 1}', b"{", b'{"url": "x", "version": {"odd": 1}}', b"\xff"])
def test_a_damaged_note_beside_a_part_means_beginning_anew(
    site: Site, fetcher: Fetcher, tmp_path: Path, note: bytes
) -> None:
    (tmp_path / "a.mp3.part").write_bytes(b"odd")
    (tmp_path / "a.mp3.part.json").write_bytes(note)
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def half(folder: Path, url: str, size: int) -> None:
    (folder / "a.mp3.part").write_bytes(BODY[:size])
    (folder / "a.mp3.part.json").write_text(json.dumps({"url": url, "version": {"etag": '"1"', "last_modified": None}}))


def test_a_part_that_is_whole_already_is_only_named(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), len(BODY))
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY
    assert len(site.visits) == 1


def test_a_part_longer_than_the_recording_begins_anew(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    site.pages["/a.mp3"] = plain(BODY[:1000], "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY[:1000]


def test_a_server_that_answers_with_another_part_is_not_believed(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    good = plain(BODY, "audio/mpeg", '"1"')

    def answer(visit: Visit) -> None:
        if visit.earlier:
            good(visit)
        else:
            visit.answer(206, BODY[:100], Content_Range=f"bytes 0-99/{len(BODY)}")

    site.pages["/a.mp3"] = answer
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def test_a_server_without_ranges_sends_all_again(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"', ranges=False)
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def test_a_part_nobody_asked_for_is_refused(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = lambda visit: visit.answer(206, BODY[:100], Content_Range=f"bytes 0-99/{len(BODY)}")
    with pytest.raises(FetchError, match="refused"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    with pytest.raises(FetchError, match="refused"):
        fetcher.page(site.url("/a.mp3"), 1_000_000)


def test_five_gigabytes_are_refused_at_once(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = claiming(5_000_000_000)
    with pytest.raises(FetchError, match="has 5 GB, more than the 2 GB allowed"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert len(site.visits) == 1
    assert not (tmp_path / "a.mp3").exists()


def test_a_recording_without_end_is_stopped(site: Site, tmp_path: Path) -> None:
    stopped = threading.Event()
    site.pages["/a.mp3"] = dripping(stopped, bytes(100_000), 0.0)
    small = Fetcher(["127.0.0.1"], Limits(download_bytes=1_000_000), lambda _: None)
    try:
        with pytest.raises(FetchError, match="more than the 1 MB allowed"):
            small.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    finally:
        stopped.set()


def test_a_web_page_is_no_recording(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = plain(b"<html>Log in first</html>", "text/html; charset=utf-8")
    with pytest.raises(FetchError, match="is a web page, not a recording"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_and_a_forbidden_folder_are_told(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SourceError, match="cannot be written"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "file" / "a.mp3")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # the nearest thing to a full disk
    try:
        with pytest.raises(SourceError, match=r"cannot be written \(File too large\)"):
            fetcher.download(site.url("/a.mp3"), tmp_path / "full.mp3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_is_written_over_a_file_that_is_there(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"mine")
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg")
    with pytest.raises(SourceError, match="exists already"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == b"mine"
