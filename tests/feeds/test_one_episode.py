"""An episode is one, whatever becomes of its feed, its address, its guid and its files."""

from __future__ import annotations

from pathlib import Path

from ingest.podcasts.following import FeedOptions
from kb.knowledge_base import KnowledgeBase

from .show import Show, follow, look, statuses, told, visits
from .site import plain, status


def test_an_episode_that_moves_is_not_taken_in_twice(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages |= {"/1.vtt": plain(told()), "/1.mp3": plain(b"\xff" * 1000, "audio/mpeg")}
    show.episode("one", sound="/1.mp3?token=1", transcript="/1.vtt")
    follow(kb, show)
    look(kb)
    visits(show.site)
    for change in (
        {"sound": "/1.mp3?token=2"},  # another token
        {"sound": "/1.mp3?token=3", "guid": "urn:new"},  # a host with guids of its own
        {
            "sound": "https://cdn.example.com/9.mp3",
            "guid": "urn:newer",
            "transcript": "/2.vtt",
        },  # republished elsewhere
        {"sound": "https://op3.dev/e/cdn.example.com/9.mp3", "title": "One (corrected)", "guid": "urn:newer"},
    ):
        show.items.clear()
        show.episode("one", **change)  # type: ignore[arg-type]
        [report] = look(kb)
        assert set(statuses(report).values()) == {"corrected" if "title" in change else "known"}, change
        asked = visits(show.site)
        assert asked[0] == "/feed.xml"
        assert asked[1:] == [path for path in [change.get("transcript")] if path]  # which is not there
    assert [episode.title for episode in kb.catalogue.episodes.all()] == ["One (corrected)"]


def test_a_feed_that_moves_brings_its_episodes_along(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/1.vtt"] = plain(told())
    show.episode("one", transcript="/1.vtt")
    old = follow(kb, show)
    look(kb)
    kb.catalogue.feeds.unfollow(old.id)
    moved = Show(show.site, "/moved.xml", items=list(show.items))
    moved.publish()
    follow(kb, moved)
    visits(show.site)
    [report] = look(kb)
    assert statuses(report) == {"one": "known"}
    assert visits(show.site) == ["/moved.xml"]
    assert [item.state for item in kb.catalogue.feeds.items(report.feed.id)] == ["in"]


def test_two_feeds_that_count_1_2_3_are_two(kb: KnowledgeBase, show: Show) -> None:
    other = Show(show.site, "/other.xml", "Other Desk")
    show.site.pages |= {"/1.vtt": plain(told()), "/2.vtt": plain(told("Eve", "bridge"))}
    show.episode("the budget", guid="1", transcript="/1.vtt")
    other.episode("the bridge", guid="1", transcript="/2.vtt")
    follow(kb, show)
    follow(kb, other)
    look(kb)
    assert sorted(episode.title for episode in kb.catalogue.episodes.all()) == ["the bridge", "the budget"]


def test_the_same_recording_under_two_feeds_is_one_episode_with_two_sources(
    kb: KnowledgeBase, show: Show, speech: bytes
) -> None:
    other = Show(show.site, "/other.xml", "Best of Town")
    show.site.pages |= {"/a.wav": plain(speech), "/copy.wav": plain(speech), "/a.vtt": plain(told())}
    show.episode("The budget", sound="/a.wav", transcript="/a.vtt")
    other.episode("Rerun: a budget", sound="/copy.wav", day=20)
    follow(kb, show)
    follow(kb, other)
    _, report = look(kb)
    assert statuses(report) == {"Rerun: a budget": "same recording"}
    [episode] = kb.catalogue.episodes.all()
    [item] = kb.catalogue.feeds.items(report.feed.id)
    assert (item.state, item.episode_id, item.source) == (
        "in",
        episode.id,
        show.site.url("/copy.wav").replace("http:", "https:"),
    )
    assert not list((kb.home / "media" / "best-of-town").iterdir())
    visits(show.site)
    other.episode("new", transcript="/a.vtt", day=21)
    look(kb)
    assert visits(show.site) == ["/feed.xml", "/other.xml", "/a.vtt"]


def test_a_guid_that_every_item_has_is_told_and_not_believed(kb: KnowledgeBase, show: Show) -> None:
    for name in ("one", "two", "three"):
        show.site.pages |= {f"/{name}.vtt": plain(told(name)), f"/{name}.mp3": plain(name.encode() * 400, "audio/mpeg")}
        show.episode(name, guid="0", sound=f"/{name}.mp3", transcript=f"/{name}.vtt")
    follow(kb, show)
    [report] = look(kb)
    assert set(statuses(report).values()) == {"fetched"}
    assert "the same guid ('0')" in report.notes[0]
    assert kb.catalogue.episodes.count() == 3
    show.publish()
    [report] = look(kb, override=FeedOptions(limit=3))
    assert set(statuses(report).values()) == {"known"}


def test_bulletins_of_one_title_and_day_are_all_taken(kb: KnowledgeBase, show: Show) -> None:
    for hour in (6, 12, 18):
        show.site.pages[f"/{hour}.vtt"] = plain(told(f"Ann {hour}", f"vote of {hour}"))
        show.episode(f"n{hour}", title="The News", transcript=f"/{hour}.vtt", hour=hour)
    follow(kb, show)
    look(kb)
    assert kb.catalogue.episodes.count() == 3


def test_a_transcript_that_comes_later_replaces_the_machines(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    show.site.pages |= {"/a.wav": plain(speech), "/a.vtt": plain(told())}
    show.episode("a", sound="/a.wav")
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert kb.current(episode.id).origin == "machine"
    show.items.clear()
    show.episode("a", sound="/a.wav", transcript="/a.vtt")
    visits(show.site)
    [report] = look(kb)
    assert [result.status for result in report.results] == ["revised"]
    assert kb.current(episode.id).origin == "publisher"
    assert visits(show.site) == ["/feed.xml", "/a.vtt"]
    look(kb, override=FeedOptions(limit=9))
    assert visits(show.site) == ["/feed.xml"]


def test_a_recording_that_comes_later_is_added(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/a.mp3": status(503)}
    show.episode("a", sound="/a.mp3", transcript="/a.vtt")
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert episode.audio is None
    show.site.pages["/a.mp3"] = plain(b"\xff" * 400, "audio/mpeg")
    visits(show.site)
    [report] = look(kb)
    assert visits(show.site) == ["/feed.xml", "/a.mp3"]
    assert [result.status for result in report.results] == ["updated"]
    [episode] = kb.catalogue.episodes.all()
    assert Path(episode.audio or "").read_bytes() == b"\xff" * 400
    assert look(kb)[0].unchanged


def test_a_translation_is_nobodys_own_words(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    show.site.pages |= {"/a.wav": plain(speech), "/a.es.vtt": plain(told())}
    show.episode("a", sound="/a.wav", more='<podcast:transcript url="/a.es.vtt" type="text/vtt" language="es"/>')
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert kb.current(episode.id).origin == "machine"
    assert "/a.es.vtt" not in visits(show.site)
