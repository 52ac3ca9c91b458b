"""What recordings say of themselves, in every container that FFmpeg writes; and what is not believed of it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata import Metadata, read_tags
from ingest.metadata.tags import _from_tags
from ingest.sound.decoding import AudioTags
from kb.types import Chapter

from .sounds import noise, write
from .strategies import hostile_text

CHAPTERS = [(0.0, "Headlines"), (1.0, "A dragnet")]
CONTAINERS = {
    ".mp3": ("mp3", 16_000),
    ".m4a": ("aac", 16_000),
    ".mp4": ("aac", 16_000),
    ".mov": ("aac", 16_000),
    ".opus": ("libopus", 48_000),
    ".flac": ("flac", 16_000),
    ".mkv": ("aac", 16_000),
    ".mka": ("flac", 16_000),
    ".webm": ("libopus", 48_000),
    ".wav": ("pcm_s16le", 16_000),
}
BASIC = {"title": "ICE & DMVs", "album": "All Things Considered", "date": "2019-07-08", "comment": "https://x.org/1"}
BASIC |= {"artist": "Audie Cornish", "album_artist": "NPR", "track": "12", "creation_time": "2020-01-01T00:00:00Z"}
TOLD = Metadata(show="All Things Considered", title="ICE & DMVs", published="2019-07-08", url="https://x.org/1")


def tagged(path: Path, tags: dict[str, str], chapters: list[tuple[float, str]] | None = None) -> Metadata:
    codec, rate = CONTAINERS[path.suffix]
    return read_tags(write(path, noise(2.0), codec, rate, tags=tags, chapters=chapters))


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_title_show_and_date_in_every_container(tmp_path: Path, suffix: str) -> None:
    found = tagged(tmp_path / f"talk{suffix}", BASIC, CHAPTERS)
    assert (found.show, found.title, found.published, found.url) == (TOLD.show, TOLD.title, TOLD.published, TOLD.url)
    assert found.people is None
    assert found.publisher is None
    assert found.number == (None if suffix == ".mov" else "12")  # QuickTime has no such tag
    if suffix not in (".flac", ".wav", ".mka"):  # FFmpeg writes no chapters there
        assert found.chapters == tuple(Chapter(*chapter) for chapter in CHAPTERS)


@pytest.mark.parametrize("suffix", [".mp3", ".opus", ".flac", ".mkv"])
def test_what_free_tags_tell(tmp_path: Path, suffix: str) -> None:
    more = {"publisher": "NPR", "language": "ger", "season": "04", "TVEpisode": "007", "url": "https://x.org/u"}
    found = tagged(tmp_path / f"talk{suffix}", BASIC | more)
    assert found.publisher == "NPR"
    assert found.language == "de"
    assert (found.season, found.number, found.url) == ("4", "7", "https://x.org/u")


def test_what_apples_tags_tell(tmp_path: Path) -> None:
    more = {"show": "ATC", "season_number": "2", "episode_sort": "5", "network": "NPR", "episode_id": "anything"}
    found = tagged(tmp_path / "talk.m4a", BASIC | more)
    assert (found.show, found.season, found.number, found.publisher) == ("ATC", "2", "5", "NPR")
    assert found.language is None  # every track of an MP4 is English, or undetermined, if nobody said more


def told(**tags: str) -> Metadata:
    return _from_tags(AudioTags(tuple(tags.items()), ()))


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("2019-07-08", "2019-07-08"),
        ("2019-07-08T23:30:00-04:00", "2019-07-08"),
        ("2019-07-08 05:00", "2019-07-08"),
        ("20190708", "2019-07-08"),
        ("2019/07/08", "2019-07-08"),
        ("2019", None),
        ("2019-07", None),
        ("201907", None),
        ("08.07.2019", None),
        ("2019-02-30", None),
        ("0000-00-00", None),
        ("1970-01-01T00:00:00Z", None),
        ("1904-01-01", None),
        ("201907081", None),
        ("9999999999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_only_a_day_is_a_date(text: str, published: str | None) -> None:
    assert told(date=text).published == published


@pytest.mark.parametrize(
    ("text", "language"),
    [("eng", "en"), ("en-us", "en-US"), ("deu", "de"), ("ger", "de"), ("fr", "fr"), ("und", None), ("mul", None),
     ("XXX", None), ("zxx", None), ("English", None), ("", None), ("e" * 5_000, None), ("\x00", None), ("-", None)],
)  # fmt: skip
def test_languages_are_codes(text: str, language: str | None) -> None:
    assert told(language=text).language == language


@pytest.mark.parametrize(
    ("tags", "season", "number"),
    [
        ({"track": "12"}, None, "12"),
        ({"track": "1"}, None, None),
        ({"track": "0"}, None, None),
        ({"track": "3/10"}, None, None),
        ({"track": "A1"}, None, None),
        ({"track": "12", "episode_sort": "7"}, None, "7"),
        ({"episode_sort": "0", "track": "8"}, None, "8"),
        ({"episode_id": "S02E05"}, "2", "5"),
        ({"episode_id": "1234"}, None, "1234"),
        ({"season_number": "-3", "episode_sort": "1e9"}, None, None),
        ({"season": "٣"}, None, None),
    ],
)
def test_seasons_and_numbers(tags: dict[str, str], season: str | None, number: str | None) -> None:
    found = told(**tags)
    assert (found.season, found.number) == (season, number)


@pytest.mark.parametrize(
    "text",
    ["Track 01", "track1", "AudioTrack 7", "Unknown Album", "unknown", "Untitled", "New Recording 12", " ", "\x00\x01"],
)
def test_what_programs_write_where_nobody_named_anything(text: str) -> None:
    assert told(title=text, album=text).given == ()


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "see https://x.org",
        "https://x.org and more",
        "ftp://x.org",
        'https://x.org/"onload=x',
        "https://",
    ],
)
def test_only_an_address_of_the_web_is_one(text: str) -> None:
    assert told(url=text, comment=text, purl=text).url is None


def test_keys_are_written_in_any_case() -> None:
    assert told(TITLE="a", Album="b", LANGUAGE="fre") == Metadata(title="a", show="b", language="fr")


@given(
    st.dictionaries(
        st.sampled_from([*BASIC, "show", "season", "language", "url", "episode_id", "publisher"]), hostile_text
    )
)
def test_any_tags_give_plain_metadata(tags: dict[str, str]) -> None:
    found = told(**tags)
    for field in found.given:
        text = getattr(found, field)
        assert text == " ".join(text.split()) != ""
        assert len(text) <= 1_000
        text.encode("utf-8")
        assert not any(ord(letter) < 32 or "\u202a" <= letter <= "\u202e" for letter in text)


def test_hostile_tags_in_a_real_file(tmp_path: Path) -> None:
    tags = {
        "title": "a\x01\x1b[31m \u202eb" + "x" * 200_000,
        "album": "<script>",
        "date": "2019-99-99",
        "comment": "z" * 1_000_000,
    }
    chapters = [(number / 1000, f"Chapter\x07 {number}") for number in range(1_500)]
    found = tagged(tmp_path / "talk.mp3", tags, chapters)
    assert found.title is not None
    assert found.title.startswith("a[31m bxxx")
    assert len(found.title) == 1_000
    assert (found.show, found.published, found.url) == ("<script>", None, None)  # shown escaped, as all text is
    assert found.chapters is not None
    assert len(found.chapters) == 1_000
    assert found.chapters[7] == Chapter(0.007, "Chapter 7")


@given(st.lists(st.tuples(st.floats(), hostile_text), max_size=5))
def test_any_chapters(chapters: list[tuple[float, str]]) -> None:
    found = _from_tags(AudioTags((), tuple(Chapter(*chapter) for chapter in chapters))).chapters or ()
    assert [chapter.start for chapter in found] == sorted(chapter.start for chapter in found)
    assert all(chapter.title and chapter.start >= 0 for chapter in found)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"RIFF\xff\xff\xff\xffWAVE", b"#EXTM3U\nhttp://x.org/a.mp3"],
)
def test_what_is_no_sound_has_no_tags(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(content)
    assert read_tags(path) == Metadata()
    assert read_tags(tmp_path / "missing.mp3") == Metadata()
    assert read_tags(tmp_path) == Metadata()


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_damaged_tags_are_no_error(tmp_path: Path, suffix: str) -> None:
    """Byte flips where the tags lie: at the beginning, and in MP4 and Matroska also at the end."""
    path = tmp_path / f"talk{suffix}"
    tagged(path, BASIC, CHAPTERS)
    whole = path.read_bytes()
    chance = random.Random(suffix)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            near = chance.randrange(min(2_000, len(data)))
            data[near if chance.random() < 0.5 else -near] = chance.randrange(256)
        path.write_bytes(bytes(data))
        found = read_tags(path)
        assert found.published is None or len(found.published) == 10
