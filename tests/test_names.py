"""What the names of files and folders tell, and what they are not taken for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata import Metadata, from_name
from tests.strategies import hostile_text


def told(stem: str) -> Metadata:
    return from_name(Path("/shows/The Folder") / f"{stem}.mp3")


NAMES = {
    "2019-07-08 Title of it": ("The Folder", "Title of it", "2019-07-08"),
    "2019-07-08_Who_is  it": ("The Folder", "Who is it", "2019-07-08"),
    "2019-07-08-a-title-of-it": ("The Folder", "a title of it", "2019-07-08"),
    "20190708_Title": ("The Folder", "Title", "2019-07-08"),
    "20190708 Title": ("The Folder", "Title", "2019-07-08"),
    "2019.07.08 Title": ("The Folder", "Title", "2019-07-08"),
    "2019_07_08_Title": ("The Folder", "Title", "2019-07-08"),
    "1938-10-30 War of the Worlds": ("The Folder", "War of the Worlds", "1938-10-30"),
    "2019-07-08 All Things Considered - ICE Turned To DMVs": ("All Things Considered", "ICE Turned To DMVs", "2019-07-08"),
    "2019-07-08 - All Things Considered - ICE": ("All Things Considered", "ICE", "2019-07-08"),
    "2019-07-08_In_Our_Time_-_The_Poor_Laws": ("In Our Time", "The Poor Laws", "2019-07-08"),
    "2019-07-08 99% Invisible - 42 - Recovery Mode": ("99% Invisible", "42 - Recovery Mode", "2019-07-08"),
    "2019-07-08 “Serial” - “The Alibi”": ("“Serial”", "“The Alibi”", "2019-07-08"),
    "2019-07-08 時事 - 選挙": ("時事", "選挙", "2019-07-08"),
    "All Things Considered - 2019-07-08 - ICE - the story": ("All Things Considered", "ICE - the story", "2019-07-08"),
    "radiolab - 20190708 - more or less": ("radiolab", "more or less", "2019-07-08"),
    "Title of it (2019-07-08)": ("The Folder", "Title of it", "2019-07-08"),
    "Title of it [20190708]": ("The Folder", "Title of it", "2019-07-08"),
    "2019-07-08": ("The Folder", "2019-07-08", "2019-07-08"),
    "20190708": ("The Folder", "20190708", "2019-07-08"),
}  # fmt: skip


@pytest.mark.parametrize("stem", NAMES)
def test_dated_names(stem: str) -> None:
    show, title, published = NAMES[stem]
    assert told(stem) == Metadata(show=show, title=title, published=published)


@pytest.mark.parametrize(
    "title",
    [
        "Trump - the early years",
        "the long war - A history",
        "Part 2 - The Reckoning",
        "Episode 12 - The Alibi",
        "42 - The Answer",
        "Interview - Alvaro Bedoya",
        "Q & A - What You Asked",
        "A title that is far longer than any show's - Is It",
        "ICE-DMV - ",
        "ICE-DMV tag-teaming",
        "ICE – A Dragnet",
    ],
)
def test_a_dash_in_a_title_makes_no_show(title: str) -> None:
    expected = Metadata(show="The Folder", title=" ".join(title.split()), published="2019-07-08")
    assert told(f"2019-07-08 {title}") == expected


@pytest.mark.parametrize(
    "stem",
    ["Planet Money - The Tax Hero", "Trump - the early years", "12345678 counting", "2019-13-08 it", "20191308 it",
     "1019-07-08 it", "2019-7-8 it", "2019-0708 it", "12019-07-08 it", "A talk of 2019-07-08 and after", "S02 E", "US2E5 x"],
)  # fmt: skip
def test_what_fits_nothing_is_the_title(stem: str) -> None:
    assert told(stem) == Metadata(show="The Folder", title=stem)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("Big Tent S02E05 A big title", Metadata(show="Big Tent", title="A big title", season="2", number="5")),
        ("Big Tent - s2e5 - A title", Metadata(show="Big Tent", title="A title", season="2", number="5")),
        ("Big_Tent_S02E05_A_title", Metadata(show="Big Tent", title="A title", season="2", number="5")),
        ("Big Tent S02 E05: A title", Metadata(show="Big Tent", title="A title", season="2", number="5")),
        ("S02E105 A title", Metadata(show="The Folder", title="A title", season="2", number="105")),
        ("Big Tent S00E00", Metadata(show="Big Tent", title="S00E00", season="0", number="0")),
        (
            "2019-07-08 Big Tent S1E2 The war - and after",
            Metadata(show="Big Tent", title="The war - and after", published="2019-07-08", season="1", number="2"),
        ),
        (
            "Big Tent - 2019-07-08 - S1E2 Title",
            Metadata(show="Big Tent", title="Title", published="2019-07-08", season="1", number="2"),
        ),
        ("big-tent-s1e0", Metadata(show="The Folder", title="big tent s1e0")),  # a slug tells no words apart
    ],
)
def test_seasons_and_numbers(stem: str, expected: Metadata) -> None:
    assert told(stem) == expected


_words = st.lists(st.sampled_from(["Money", "Radio", "U.S.", "Ten", "42nd", "Ève", "O’Neil"]), min_size=1, max_size=6)
_names = _words.map(" ".join)
_days = st.dates(date(1800, 1, 1), date(2199, 12, 31)).map(str)


@given(_days, _names, _names)
def test_what_is_written_by_a_pattern_is_read_by_it(day: str, show: str, title: str) -> None:
    everything = Metadata(show=show, title=title, published=day)
    assert told(f"{day} {show} - {title}") == everything
    assert told(f"{show} - {day} - {title}") == everything
    assert told(f"{day.replace('-', '')}_{title}") == Metadata(show="The Folder", title=title, published=day)
    assert told(f"{title} ({day})") == Metadata(show="The Folder", title=title, published=day)
    assert told(f"{show} S3E14 {title}") == Metadata(show=show, title=title, season="3", number="14")
    assert told(f"{show} - {title}") == Metadata(show="The Folder", title=f"{show} - {title}")


@given(hostile_text | st.text("20190708-_. ()[]SE12ab", max_size=30), hostile_text)
def test_every_name_tells_a_show_and_a_title(stem: str, folder: str) -> None:
    plain = stem.replace("\x00", "").replace("/", "")
    here = Path("/") / (folder.replace("\x00", "").replace("/", "").encode(errors="replace").decode() or "x")
    found = from_name(here.with_name(here.name[:50] or "x") / f"{plain.encode(errors='replace').decode()[:200]}.vtt")
    for text in (found.show, found.title):
        assert text
        assert text == " ".join(text.split())
    assert found.published is None or len(found.published) == 10
    assert (found.people, found.url, found.language, found.medium) == (None, None, None, None)
