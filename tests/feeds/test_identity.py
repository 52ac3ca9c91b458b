"""One episode is one episode, whatever becomes of its guid and its address; two are two, whatever they share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds import Enclosure, Feed, FeedItem, Identity, bare_address, identify, is_same

FILE = "https://traffic.libsyn.com/secure/show/episode-1.mp3"
BARE = "traffic.libsyn.com/secure/show/episode-1.mp3"
TRACKERS = """https://dts.podtrac.com/redirect.mp3/ https://www.podtrac.com/pts/redirect.mp3/ https://chrt.fm/track/ABC123/
https://chtbl.com/track/73173/ https://pdst.fm/e/ https://op3.dev/e/ https://op3.dev/e,pg=917393e3-1b1e-5cef-ace4-edaa54e1f810/
https://mgln.ai/e/12/ https://verifi.podscribe.com/rss/p/ https://pscrb.fm/rss/p/ https://claritaspod.com/measure/
https://arttrk.com/p/ABMA5/ https://pdcn.co/e/ https://media.blubrry.com/show_1/ https://prfx.byspotify.com/e/
https://tracking.swap.fm/track/sblTq32fyWAjsHzze2LG/ https://pfx.vpixl.com/6qj4J/ https://growx.podkite.com/https/K1/
https://2.gum.fm/ https://p.podderapp.com/123/ https://flex.acast.com/ https://clrtpod.com/m/
https://dts.podtrac.com/redirect.m4a/""".split()


@pytest.mark.parametrize("tracker", TRACKERS)
def test_trackers_are_no_part_of_an_address(tracker: str) -> None:
    rest = FILE.removeprefix("https://")
    escaped = FILE.replace(":", "%3A").replace("/", "%2F")
    for url in (tracker + rest, tracker + FILE, tracker + escaped, tracker + f"{escaped}%3Ftoken%3Dx"):
        assert bare_address(url) == BARE


@given(
    st.lists(st.sampled_from(TRACKERS), max_size=5),
    st.sampled_from(["", "?token=1", "?dest-id=2&utm_source=x", "#t=5"]),
)
def test_any_row_of_trackers_tokens_and_fragments_leaves_the_same_address(trackers: list[str], tail: str) -> None:
    url = "".join(part.removeprefix("https://") if n else part for n, part in enumerate([*trackers, FILE]))
    assert bare_address(url + tail) == BARE


def test_scheme_www_port_and_password_are_no_part_of_an_address() -> None:
    for url in ("http://www.example.com:80/a.mp3", "https://EXAMPLE.com/a.mp3", "https://u:p@example.com:443//a.mp3"):
        assert bare_address(url) == "example.com/a.mp3"
    assert bare_address("http://example.com:8080/a.mp3") == "example.com:8080/a.mp3"


def test_a_query_that_says_which_recording_is_kept() -> None:
    assert bare_address("https://example.com/play.php?token=x&id=7&file=a") == "example.com/play.php?file=a&id=7"
    assert bare_address("https://example.com/play.php?id=7") != bare_address("https://example.com/play.php?id=8")
    signed = "https://example.com/a?X-Amz-Signature=1&X-Amz-Date=2&Expires=3&Policy=4&Key-Pair-Id=5&awCollectionId=6"
    assert bare_address(signed) == "example.com/a"


@given(st.text(max_size=60))
def test_any_text_has_an_address(text: str) -> None:
    assert isinstance(bare_address(text), str)
    assert isinstance(bare_address(f"https://example.com/{text}"), str)


ONE = Identity("the vote", "urn:1", BARE, "2019-07-08T21:07:00Z", "all things")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"guid": "urn:new"},  # moved to a host that makes its own
        {"guid": None},
        {"guid": None, "address": None},  # nothing but the title and the moment is left
        {"guid": "urn:new", "address": "cdn.example.com/1.mp3"},  # republished: title and moment agree
        {"address": "cdn.example.com/1.mp3", "published_at": "2020-01-01T00:00:00Z"},  # re-hosted and re-dated
        {"title": "the vote (corrected)"},
        {"title": "the vote (corrected)", "guid": "urn:new"},
        {"guid": "urn:new", "published_at": "2020-01-01T00:00:00Z"},
        {"guid": None, "address": None, "published_at": "2019-07-08"},
        {"guid": "urn:new", "address": None, "published_at": "2019-07-08T21:07:33Z"},
    ],
)
def test_one_episode(changes: dict[str, str | None]) -> None:
    assert is_same(ONE, replace(ONE, **changes), same_feed=True)
    assert is_same(replace(ONE, **changes), ONE, same_feed=True)


@pytest.mark.parametrize(
    "changes",
    [
        {
            "title": "another",
            "address": "example.com/2.mp3",
            "published_at": "2019-07-09T21:07:00Z",
        },  # a guid that is on every item
        {
            "title": "another",
            "guid": "urn:2",
            "published_at": "2019-07-09T21:07:00Z",
        },  # each day's bulletin at one address
        {
            "guid": "urn:2",
            "address": "example.com/2.mp3",
            "published_at": "2019-07-08T12:00:00Z",
        },  # "News" at noon and at night
        {"guid": "urn:2", "address": "example.com/2.mp3", "published_at": None},
        {"title": "", "guid": "urn:2", "address": None},
    ],
)
def test_two_episodes(changes: dict[str, str | None]) -> None:
    assert not is_same(ONE, replace(ONE, **changes), same_feed=True)
    assert not is_same(replace(ONE, **changes), ONE, same_feed=True)


def test_two_feeds_that_count_1_2_3() -> None:
    mine = Identity("the vote", "1", None, "2019-07-08T21:07:00Z", "all things")
    theirs = Identity("the pie", "1", None, "2019-07-08T21:07:00Z", "cooking")
    assert not is_same(mine, theirs, same_feed=False)
    assert is_same(mine, replace(mine, show="all things again"), same_feed=False)
    assert not is_same(mine, replace(mine, guid="2", show="other news"), same_feed=False)
    assert is_same(mine, replace(mine, guid="2"), same_feed=False)


def test_titles_that_are_none_agree_with_nothing() -> None:
    mine = Identity("", "1", None, "2019-07-08T21:07:00Z", "")
    assert not is_same(mine, mine, same_feed=False)


def item(title: str, guid: str | None, file: str | None, day: int = 1) -> FeedItem:
    return FeedItem(
        title, guid, f"2019-07-{day:02}T00:00:00Z", enclosure=Enclosure(f"https://a.com/{file}") if file else None
    )


def test_a_guid_on_different_episodes_is_not_believed() -> None:
    feed = Feed("x", items=(item("One", "1", "1.mp3"), item("Two", "1", "2.mp3"), item("Three", "3", "3.mp3")))
    identities, notes = identify(feed)
    assert [found.guid for found in identities] == [None, None, "3"]
    assert [found.address for found in identities] == ["a.com/1.mp3", "a.com/2.mp3", "a.com/3.mp3"]
    assert len(notes) == 1
    assert "the same guid ('1')" in notes[0]
    assert not any(is_same(one, other, True) for n, one in enumerate(identities) for other in identities[:n])


def test_an_item_that_is_there_twice_is_one() -> None:
    (one, other), notes = identify(Feed("x", items=(item("One", "1", "1.mp3"), item("one ", "1", "1.mp3"))))
    assert is_same(one, other, True)
    assert one.guid == "1"
    assert notes == ()


def test_an_address_of_different_episodes_is_not_believed() -> None:
    feed = Feed("x", items=tuple(item(f"Day {day}", f"g{day}", "latest.mp3", day=1) for day in (1, 2, 3)))
    identities, _ = identify(feed)
    assert {found.address for found in identities} == {None}
    assert not any(is_same(one, other, True) for n, one in enumerate(identities) for other in identities[:n])


@given(
    st.lists(
        st.builds(
            item,
            st.sampled_from("AB"),
            st.sampled_from(["1", "2", None]),
            st.sampled_from(["1.mp3", "2.mp3", None]),
            st.integers(1, 2),
        ),
        max_size=5,
    )
)
def test_being_the_same_goes_both_ways_and_is_true_of_oneself(items: list[FeedItem]) -> None:
    identities, _ = identify(Feed("x", items=tuple(items)))
    for one in identities:
        assert is_same(one, one, True)
        for other in identities:
            assert is_same(one, other, True) == is_same(other, one, True)
