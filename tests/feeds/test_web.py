"""Single transcripts and recordings of the web: fetched once, and told where they came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.fetching import Fetcher
from ingest.formats import parse
from ingest.podcasts.single import fetch_source
from kb.errors import FetchError, FormatError

from ..conftest import Run
from .site import Site, plain, redirect, status

VTT = b"WEBVTT\n\n00:00.000 --> 00:04.000\n<v Ann>The budget was passed on Monday.\n"


def test_a_transcript_is_fetched_once(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/shows/the vote.vtt"] = plain(VTT)
    site.pages["/shows/the%20vote.vtt"] = plain(VTT)
    url = site.url("/shows/the%20vote.vtt")
    path = fetch_source(url, tmp_path, fetcher)
    assert path.relative_to(tmp_path) == Path("127.0.0.1/the vote.vtt")
    assert path.read_bytes() == VTT
    assert path.with_suffix(".toml").read_text() == f'url = "{url}"\n'
    assert fetch_source(url, tmp_path, fetcher) == path
    assert len(site.visits) == 1


def test_what_an_address_does_not_tell_its_server_does(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages |= {
        "/t/1": plain(VTT, "text/vtt; charset=utf-8"),
        "/a/1": redirect("/a/2"),
        "/a/2": plain(b"\xff" * 400, "audio/x-m4a"),
        "/feed": plain(b"<rss/>", "application/rss+xml"),
    }
    assert fetch_source(site.url("/t/1"), tmp_path, fetcher).name == "1.vtt"
    assert fetch_source(site.url("/a/1"), tmp_path, fetcher).name == "1-2.m4a"
    with pytest.raises(FetchError, match=r"neither a transcript nor a recording .*'kb feeds add'"):
        fetch_source(site.url("/feed"), tmp_path, fetcher)


def test_captions_are_read_whatever_the_server_calls_them(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/t.html"] = plain(b"1\n00:00:01,000 --> 00:00:04,000\nThe budget was passed.\n", "text/html")
    path = fetch_source(site.url("/t.html"), tmp_path, fetcher)
    (segment,) = parse(path, path.read_bytes()).segments
    assert (segment.start, segment.text) == (1.0, "The budget was passed.")


def test_an_encoding_that_the_server_declares_is_kept_in_the_file(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:04.000\nПаром.\n"  # too short to be told by its letters
    site.pages["/t.vtt"] = plain(text.encode("koi8-r"), "text/vtt; charset=KOI8-R")
    path = fetch_source(site.url("/t.vtt"), tmp_path, fetcher)
    transcript = parse(path, path.read_bytes())
    assert (transcript.segments[0].text, transcript.remarks) == ("Паром.", ())


def test_two_addresses_never_share_a_file(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages |= {f"/{n}/transcript.vtt": plain(VTT + n.encode()) for n in "ab"}
    paths = [fetch_source(site.url(f"/{n}/transcript.vtt"), tmp_path, fetcher) for n in "abab"]
    assert [path.name for path in paths] == ["transcript.vtt", "transcript-2.vtt"] * 2
    assert [path.read_bytes()[-1:] for path in paths[:2]] == [b"a", b"b"]


@pytest.mark.parametrize(
    "path", ["/..%2f..%2fpasswd.vtt", "/%00.vtt", "/" + "a" * 500 + ".vtt", "/.vtt", "/%2e%2e.vtt", "/日本.vtt"]
)
def test_no_address_leads_out_of_the_media_folder(site: Site, fetcher: Fetcher, tmp_path: Path, path: str) -> None:
    from urllib.parse import quote

    site.pages[quote(path, safe="/%")] = plain(VTT, "text/vtt")
    found = fetch_source(site.url(path), tmp_path / "media", fetcher)
    assert found.parent == tmp_path / "media" / "127.0.0.1"
    assert found.read_bytes() == VTT


def test_what_is_no_transcript_is_told_and_not_kept(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages |= {"/a.vtt": plain(b"<html>Log in</html>", "text/html"), "/b.mp3": status(404), "/c": status(404)}
    with pytest.raises(FormatError, match=r"/a\.vtt"):
        fetch_source(site.url("/a.vtt"), tmp_path, fetcher)
    for name in ("/b.mp3", "/c"):
        with pytest.raises(FetchError, match="404"):
            fetch_source(site.url(name), tmp_path, fetcher)
    assert {path.suffix for path in tmp_path.rglob("*.*") if path.is_file()} == {".toml"}
    with pytest.raises(FetchError, match="not an address"):
        fetch_source("https://example.com/a\x00.vtt", tmp_path, fetcher)


def test_ingest_takes_addresses_and_files_together(run: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine.vtt").write_bytes(VTT.replace(b"budget", b"bridge"))
    site.pages["/vote.vtt"] = plain(VTT)
    done = run("ingest", "--allow-private", site.url("/vote.vtt"), tmp_path / "mine.vtt", site.url("/no.vtt"))
    assert done.returncode == 1
    assert done.stdout == "added      mine\nadded      vote\n"
    assert "is not there (404)" in done.stderr
    assert site.url("/vote.vtt") in run("episodes", "show", "vote").stdout
    refused = run("ingest", site.url("/vote2.vtt"))
    assert (refused.returncode, "private network" in refused.stderr) == (1, True)
