"""What a feed says of an episode that is in, said otherwise: taken up, told, and never over what a person wrote."""

from __future__ import annotations

from dataclasses import replace

from ingest.podcasts.following import FeedOptions
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Person

from .corrected import only, republish, served
from .show import Show, follow, look, statuses, told, visits
from .site import plain


def test_what_the_feed_says_otherwise_is_taken_up_and_told(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    old = kb.ask("What was passed by the council?").quotes[0]
    more = (
        '<podcast:person role="guest">Eve</podcast:person><podcast:season>2</podcast:season>'
        '<podcast:chapters url="/c.json" type="application/json+chapters"/>'
    )
    show.site.pages["/c.json"] = plain(b'{"chapters": [{"startTime": 5, "title": "Bob"}]}')
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="A, put right", more=more, day=9)
    [report] = look(kb)
    [item] = report.items
    assert (item.status, item.reason) == ("corrected", "title, date, season, people, chapters")
    episode = only(kb)
    assert (episode.title, episode.published, episode.season) == ("A, put right", "2019-07-09", "2")
    assert episode.people == (Person("Eve", "guest"),)
    assert kb.catalogue.chapters.of(episode.id) == (Chapter(5.0, "Bob"),)
    assert kb.current(episode.id).number == 1
    assert kb.quote(old.id).text == old.text
    assert kb.search("put right")[0].episode.id == episode.id
    [kept] = kb.catalogue.feeds.items(taken.id)
    assert kept.corrected == item.reason
    assert kept.corrected_at
    assert look(kb)[0].unchanged
    assert statuses(look(kb, override=FeedOptions(limit=9))[0]) == {"A, put right": "known"}


def test_what_a_person_edited_stays_and_the_correction_is_told(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    kb.corrections.edit(replace(only(kb), title="Mine"))
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="Theirs", more="<podcast:episode>7</podcast:episode>")
    [report] = look(kb)
    assert [(item.status, item.reason) for item in report.items] == [
        ("corrected", "number, title (kept as it is here)")
    ]
    assert (only(kb).title, only(kb).number) == ("Mine", "7")
    assert kb.catalogue.edits.fields(only(kb).id) == ("title",)


def test_a_sidecar_beats_the_feed(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    """From the moment at which it is there: when it is taken in, and when the feed says something new."""
    from ingest.queue.batch import ingest

    [source] = kb.home.glob("media/city-desk/*.vtt")
    source.with_suffix(".toml").write_text('title = "By hand"\nseason = "9"\n')
    ingest(kb, [source])
    assert (only(kb).title, only(kb).season) == ("By hand", "9")
    numbered = "<podcast:season>2</podcast:season><podcast:episode>7</podcast:episode>"
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="Theirs", more=numbered)
    look(kb)
    assert (only(kb).title, only(kb).season, only(kb).number) == ("By hand", "9", "7")
    show.site.pages["/b.vtt"] = served(told("Ann", "bridge"))
    republish(show, sound="/a.mp3", transcript="/b.vtt", title="Theirs again")
    look(kb)
    assert (only(kb).title, kb.current(only(kb).id).number) == ("By hand", 2)


def test_a_sidecar_beats_the_feed_at_the_first_time(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    """A recording that could not be heard waits in the queue; meanwhile somebody writes what it is."""
    from ingest.queue.batch import work

    show.site.pages["/a.wav"] = plain(b"no sound at all" * 100, "audio/wav")
    show.episode("a", sound="/a.wav", more="<podcast:episode>7</podcast:episode>")
    follow(kb, show)
    look(kb)
    [source] = kb.home.glob("media/city-desk/*.wav")
    source.write_bytes(speech)
    source.with_suffix(".toml").write_text('title = "By hand"\n')
    work(kb, kb.catalogue.jobs.all())
    assert (only(kb).title, only(kb).number, only(kb).show) == ("By hand", "7", "City Desk")


def test_an_option_for_the_shows_name_beats_the_feed(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("a", transcript="/a.vtt")
    follow(kb, show, FeedOptions(show="Town"))
    look(kb)
    republish(show, transcript="/a.vtt", title="B")
    look(kb)
    assert (only(kb).show, only(kb).title) == ("Town", "B")


def test_an_episode_that_is_in_is_followed_beyond_the_limit(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    kb.catalogue.feeds.follow(show.url, "", FeedOptions(limit=1, private=("127.0.0.1",)).to_json())
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="A, put right", day=8)
    show.site.pages["/b.vtt"] = served(told("Eve", "bridge"))
    show.episode("b", transcript="/b.vtt", day=15)
    show.episode("never wanted", transcript="/c.vtt", day=1)
    assert statuses(look(kb)[0]) == {"b": "fetched", "A, put right": "corrected"}
    assert {episode.title for episode in kb.catalogue.episodes.all()} == {"A, put right", "b"}


def test_the_hosts_of_a_show_change_no_old_episode(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    show.title = "City Desk</title><podcast:person>Zoe</podcast:person><title>City Desk"
    show.publish()
    assert statuses(look(kb)[0]) == {"a": "known"}
    assert only(kb).people == ()


def test_an_item_that_is_there_twice_does_not_change_at_every_look(
    kb: KnowledgeBase, show: Show, taken: Followed
) -> None:
    show.site.pages["/b.vtt"] = served(told("Ann", "bridge"))
    show.episode("a", title="A, put right", sound="/a.mp3", transcript="/b.vtt", hour=22)
    show.episode("a", title="A", sound="/a.mp3", transcript="/a.vtt", hour=20)
    look(kb)
    assert (only(kb).title, kb.current(only(kb).id).number) == ("A, put right", 2)
    for _ in range(2):
        [report] = look(kb, override=FeedOptions(limit=9))
        assert [item.status for item in report.items] == ["known"] * 3
    assert kb.current(only(kb).id).number == 2


def test_what_was_taken_in_before_corrections_were_followed(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    """An older Verbatim's day is put right, what a person edited stays, and neither is called a correction."""
    [item] = kb.catalogue.feeds.items(taken.id)
    kb.catalogue.feeds.keep(replace(item, told=None, versions=None, asked_at=None))
    kb.corrections.edit(replace(only(kb), title="Mine"))
    republish(show, sound="/a.mp3", transcript="/a.vtt", written="Tue, 09 Jul 2019 09:07:00 +1200")
    visits(show.site)
    assert statuses(look(kb)[0]) == {"a": "known"}
    assert (only(kb).title, only(kb).published) == ("Mine", "2019-07-09")
    assert visits(show.site) == ["/feed.xml", "/a.vtt"]
    assert kb.current(only(kb).id).number == 1
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="B", written="Tue, 09 Jul 2019 09:07:00 +1200")
    assert statuses(look(kb)[0]) == {"B": "corrected"}
