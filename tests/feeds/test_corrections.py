"""What a publisher corrects becomes a new revision, and what was cited before still resolves."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.formats import parse
from ingest.podcasts import corrections
from ingest.podcasts.following import FeedOptions, FeedReport
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Episode, Person

from .. import sounds
from .show import Show, follow, look, statuses, told, visits
from .site import Answer, Visit, plain, status

READING = Path(__file__).parents[2] / "corpus" / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"


def served(body: bytes, content_type: str = "text/vtt") -> Answer:
    """Serve a document as a server does that knows its versions."""
    return plain(body, content_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def republish(show: Show, name: str = "a", **change: object) -> None:
    show.items.clear()
    show.episode(name, **change)  # type: ignore[arg-type]


def later(kb: KnowledgeBase, feed: Followed) -> list[FeedReport]:
    """Look again after so long that every server is asked about its files."""
    for item in kb.catalogue.feeds.items(feed.id):
        kb.catalogue.feeds.keep(replace(item, asked_at="2019-08-01T00:00:00+00:00"))
    return look(kb)


def only(kb: KnowledgeBase) -> Episode:
    [episode] = kb.catalogue.episodes.all()
    return episode


def notes(kb: KnowledgeBase) -> str:
    episode = only(kb).id
    return str(kb.catalogue.episodes.remarks(episode, kb.current(episode).number))


@pytest.fixture
def taken(kb: KnowledgeBase, show: Show) -> Followed:
    """A feed with one episode that is in, and what was asked for until then forgotten."""
    show.site.pages |= {"/a.vtt": served(told()), "/a.mp3": served(b"\xff" * 400, "audio/mpeg")}
    show.episode("a", sound="/a.mp3", transcript="/a.vtt")
    feed = follow(kb, show)
    look(kb)
    visits(show.site)
    return feed


# What the feed says


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


# Transcripts


def test_a_transcript_at_another_address_becomes_a_revision(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    old = kb.ask("What was passed by the council?").quotes[0]
    show.site.pages["/a-2.vtt"] = served(told("Ann", "bridge"))
    republish(show, sound="/a.mp3", transcript="/a-2.vtt")
    [report] = look(kb)
    assert [(item.status, item.reason) for item in report.items] == [("corrected", "transcript")]
    assert [result.status for result in report.results] == ["revised"]
    new = kb.ask("What was passed by the council?").quotes[0]
    assert new.text == "The bridge was passed on Monday by the city council."
    assert kb.quote(old.id).text == old.text == "The budget was passed on Monday by the city council."
    assert "The publisher corrected this transcript; revision 1 has the words before that" in notes(kb)
    folder = kb.home / "media" / "city-desk"
    assert (folder / "2019-07-08-a.1.vtt").read_bytes() == told()
    assert (folder / "2019-07-08-a.vtt").read_bytes() == told("Ann", "bridge")
    assert visits(show.site) == ["/feed.xml", "/a-2.vtt"]
    assert look(kb)[0].unchanged
    assert all(finding.ok for finding in kb.check())


def test_a_transcript_of_another_format_is_of_the_same_episode(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    srt = b"1\n00:00:00,000 --> 00:00:04,000\nThe bridge was passed on Monday.\n"
    show.site.pages["/a.srt"] = served(srt, "application/x-subrip")
    link = '<podcast:transcript url="/a.srt" type="application/x-subrip"/>'
    republish(show, sound="/a.mp3", more=link)
    assert statuses(look(kb)[0]) == {"a": "corrected"}
    assert kb.text(only(kb).id) == "The bridge was passed on Monday."
    assert kb.current(only(kb).id).number == 2
    assert only(kb).audio
    [item] = kb.catalogue.feeds.items(taken.id)
    assert (item.state, Path(item.source or "").name) == ("in", "2019-07-08-a.srt")
    republish(show, sound="/a.mp3", transcript="/a.vtt", title="B")  # and back
    assert statuses(look(kb)[0]) == {"B": "corrected"}
    assert kb.current(only(kb).id).number == 3
    assert kb.text(only(kb).id).startswith("The budget")


def test_a_transcript_replaced_at_its_address_is_noticed(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    """The feed says nothing of it, so its server is asked from time to time."""
    show.site.pages["/a.vtt"] = served(told("Ann", "bridge"))
    assert look(kb)[0].items == ()
    assert visits(show.site) == ["/feed.xml"]  # just now it was the same
    [report] = later(kb, taken)
    assert (report.unchanged, [item.reason for item in report.items]) == (True, ["transcript"])
    assert kb.text(only(kb).id).startswith("The bridge")
    assert kb.current(only(kb).id).number == 2
    visits(show.site)
    assert later(kb, taken)[0].items == ()
    asked = [visit for visit in show.site.visits if visit.path == "/a.vtt"]
    assert [visit.headers["If-None-Match"] for visit in asked] == [
        f'"{hashlib.sha256(told("Ann", "bridge")).hexdigest()[:16]}"'
    ]
    assert kb.current(only(kb).id).number == 2


def test_by_hand_everything_is_asked_for(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    show.site.pages["/a.vtt"] = served(told("Ann", "bridge"))
    [report] = look(kb, recheck=True)
    assert [item.reason for item in report.items] == ["transcript"]


def test_other_bytes_of_the_same_words_are_no_correction(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    show.site.pages["/a.vtt"] = served(told().replace(b"WEBVTT", b"WEBVTT - made again"))
    assert later(kb, taken)[0].items == ()
    assert kb.current(only(kb).id).number == 1
    visits(show.site)
    later(kb, taken)
    assert kb.current(only(kb).id).number == 1


def test_a_new_transcript_that_cannot_be_had_is_told_and_tried_again(
    kb: KnowledgeBase, show: Show, taken: Followed
) -> None:
    show.site.pages["/b.vtt"] = status(503)
    republish(show, sound="/a.mp3", transcript="/b.vtt", title="B")
    [report] = look(kb)
    assert (statuses(report), report.failed) == ({"B": "corrected"}, False)  # its title is
    assert "its new transcript could not be fetched" in str(report.notes)
    assert (only(kb).title, kb.current(only(kb).id).number) == ("B", 1)
    show.site.pages["/b.vtt"] = served(told("Ann", "bridge"))
    [report] = look(kb)
    assert [item.reason for item in report.items] == ["transcript"]
    assert kb.text(only(kb).id).startswith("The bridge")


def test_a_page_instead_of_a_transcript_is_no_correction(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    show.site.pages["/a.vtt"] = served(b"<html><body>Log in to read on</body></html>", "text/html")
    [report] = later(kb, taken)
    assert (report.items, report.notes) == ((), ())
    assert kb.text(only(kb).id).startswith("The budget")


def test_words_that_a_person_corrected_are_named_in_the_revision_after(
    kb: KnowledgeBase, show: Show, taken: Followed
) -> None:
    kb.corrections.correct(only(kb).id, 1, 0, "The budget was passed on Tuesday.", "Kim")
    show.site.pages["/a.vtt"] = served(told("Ann", "bridge"))
    later(kb, taken)
    assert kb.current(only(kb).id).number == 3
    assert "revision 2 has the words before that, as Kim had corrected them" in notes(kb)
    assert "Tuesday" in kb.catalogue.episodes.text(only(kb).id, 2)


def test_a_feed_that_moved_is_followed_where_it_is(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    kb.catalogue.feeds.unfollow(taken.id)
    moved = Show(show.site, "/moved.xml", items=list(show.items))
    moved.publish()
    follow(kb, moved)
    assert statuses(look(kb)[0]) == {"a": "known"}
    show.site.pages["/a-2.vtt"] = served(told("Ann", "bridge"))
    republish(moved, sound="/a.mp3", transcript="/a-2.vtt", title="B")
    assert [item.reason for item in look(kb)[0].items] == ["title, transcript"]
    assert (only(kb).title, kb.current(only(kb).id).number) == ("B", 2)


def test_two_feeds_of_one_episode_do_not_correct_each_other(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    other = Show(show.site, "/other.xml")
    show.site.pages["/o.vtt"] = served(told("Ann", "bridge"))
    other.episode("a", sound="/a.mp3", transcript="/o.vtt", title="a", more="<podcast:season>3</podcast:season>")
    follow(kb, other)
    for _ in range(2):
        reports = look(kb, override=FeedOptions(limit=9))
        assert [statuses(report) for report in reports] == [{"a": "known"}] * 2
    assert (kb.current(only(kb).id).number, only(kb).season) == (1, None)


def test_questions_are_limited_and_nothing_is_forgotten(
    kb: KnowledgeBase, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "_MOST_QUESTIONS", 2)
    for n in range(1, 6):
        show.site.pages |= {f"/{n}.vtt": served(told(f"Ann {n}")), f"/new/{n}.vtt": served(told(f"Ann {n}", "bridge"))}
        show.episode(f"e{n}", transcript=f"/{n}.vtt", day=n)
    follow(kb, show)
    look(kb)
    show.items = [item.replace('url="/', 'url="/new/') for item in show.items]
    show.publish()
    corrected = []
    for _ in range(4):
        visits(show.site)
        corrected.append(sum(status == "corrected" for status in statuses(look(kb)[0]).values()))
        assert len(visits(show.site)) <= 3
    assert corrected == [2, 2, 1, 0]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", range(1, 16))
def test_a_correction_that_is_killed_is_neither_lost_nor_made_twice(
    kb: KnowledgeBase, show: Show, taken: Followed, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    show.site.pages["/a-2.vtt"] = served(told("Ann", "bridge"))
    republish(show, sound="/a.mp3", transcript="/a-2.vtt", title="B")
    database = kb.catalogue._database
    transaction, left = type(database).transaction, [moment]

    def counted(self: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return transaction(self)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "transaction", counted)
        with suppress(Killed):
            look(kb)
    look(kb)
    assert (only(kb).title, kb.current(only(kb).id).number) == ("B", 2)
    assert kb.text(only(kb).id).startswith("The bridge")
    assert kb.catalogue.jobs.all() == ()
    assert [item.corrected for item in kb.catalogue.feeds.items(taken.id)] in (["title, transcript"], ["transcript"])
    look(kb)
    assert kb.current(only(kb).id).number == 2
    assert [path.name for path in sorted(kb.home.glob("media/city-desk/*.vtt"))] == [
        "2019-07-08-a.1.vtt",
        "2019-07-08-a.vtt",
    ]


# Recordings


@pytest.fixture(scope="module")
def put_right(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Another stretch of the reading than ``speech``."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    sounds.write(path, sounds.speech(20, 32), "pcm_s16le")
    return path.read_bytes()


def heard(kb: KnowledgeBase, show: Show, speech: bytes) -> Followed:
    show.site.pages["/a.wav"] = served(speech, "audio/wav")
    show.episode("a", sound="/a.wav")
    feed = follow(kb, show)
    look(kb)
    visits(show.site)
    return feed


def test_a_recording_replaced_at_its_address_is_heard_anew(
    kb: KnowledgeBase, show: Show, speech: bytes, put_right: bytes
) -> None:
    feed = heard(kb, show, speech)
    old, duration = kb.text(only(kb).id), only(kb).duration
    show.site.pages["/a.wav"] = served(put_right, "audio/wav")
    [report] = later(kb, feed)
    assert [(item.status, item.reason) for item in report.items] == [("corrected", "recording")]
    episode = only(kb)
    assert kb.current(episode.id).number == 2
    assert kb.text(episode.id) != old
    assert kb.catalogue.episodes.text(episode.id, 1) == old
    assert episode.duration != duration
    assert Path(episode.audio or "").read_bytes() == put_right
    assert (kb.home / "media" / "city-desk" / "2019-07-08-a.1.wav").read_bytes() == speech
    assert "which is kept as 2019-07-08-a.1.wav" in notes(kb)
    assert later(kb, feed)[0].items == ()
    assert len(list(kb.home.glob("media/city-desk/*"))) == 2
    assert all(finding.ok for finding in kb.check())


def test_a_recording_at_another_address_is_compared(
    kb: KnowledgeBase, show: Show, speech: bytes, put_right: bytes
) -> None:
    heard(kb, show, speech)
    show.site.pages |= {"/b.wav": served(speech, "audio/wav"), "/c.wav": served(put_right, "audio/wav")}
    republish(show, sound="/b.wav")
    assert statuses(look(kb)[0]) == {"a": "known"}  # as long as the one that is here: it has moved
    assert len(show.site.asked("/b.wav")) == 1
    republish(show, sound="/c.wav")
    assert [item.reason for item in look(kb)[0].items] == ["recording"]
    assert Path(only(kb).audio or "").read_bytes() == put_right


def test_a_length_that_the_feed_tells_is_cause_to_ask_a_server_that_names_no_version(
    kb: KnowledgeBase, show: Show, speech: bytes, put_right: bytes
) -> None:
    show.site.pages["/a.wav"] = plain(speech, "audio/wav")
    show.episode("a", more=f'<enclosure url="/a.wav" type="audio/wav" length="{len(speech)}"/>')
    follow(kb, show)
    look(kb)
    show.site.pages["/a.wav"] = plain(put_right, "audio/wav")
    republish(show, more=f'<enclosure url="/a.wav" type="audio/wav" length="{len(put_right)}"/>')
    assert [item.reason for item in look(kb)[0].items] == ["recording"]


def test_a_host_that_puts_advertisements_in_is_not_believed(kb: KnowledgeBase, show: Show, taken: Followed) -> None:
    """It sends other bytes, and names another version, every time."""

    def answer(visit: Visit) -> None:
        body = b"\xff" * (500 + len(show.site.visits))
        visit.answer(200, body, Content_Type="audio/mpeg", ETag=f'"{len(body)}"')

    show.site.pages["/a.mp3"] = answer
    for _ in range(2):
        assert later(kb, taken)[0].items == ()
    assert Path(only(kb).audio or "").read_bytes() == b"\xff" * 400


def test_a_show_that_moves_is_not_fetched_again(kb: KnowledgeBase, show: Show) -> None:
    """A new host sends recordings of other lengths, because it puts other advertisements in."""
    for n in range(1, 9):
        show.site.pages |= {
            f"/{n}.vtt": served(told(f"Ann {n}")),
            f"/{n}.mp3": served(b"\xff" * (400 + n), "audio/mpeg"),
            f"/new/{n}.mp3": served(b"\xff" * (500 + n), "audio/mpeg"),
        }
        show.episode(f"e{n}", sound=f"/{n}.mp3", transcript=f"/{n}.vtt", day=n)
    follow(kb, show)
    look(kb)
    visits(show.site)
    show.items = [re.sub(r'enclosure url="', 'enclosure url="/new', item) for item in show.items]
    show.publish()
    [report] = look(kb)
    assert sum(status == "corrected" for status in statuses(report).values()) == 3
    assert "as when a show moves" in str(report.notes)
    visits(show.site)
    assert look(kb)[0].unchanged
    show.publish()
    look(kb, override=FeedOptions(limit=99))
    assert not [path for path in visits(show.site) if path.endswith("mp3")]


def test_a_transcript_without_times_is_timed_by_the_new_recording(
    kb: KnowledgeBase, show: Show, speech: bytes, tmp_path: Path
) -> None:
    """The publisher puts two seconds of an announcement before the same words, which somebody here has corrected."""
    said = parse(READING, READING.read_bytes()).segments[0].text
    sounds.write(tmp_path / "a.wav", np.concatenate([sounds.silence(2), sounds.speech(0, 15)]), "pcm_s16le")
    show.site.pages |= {
        "/a.txt": served(f"Ann: {said}\n".encode(), "text/plain"),
        "/a.wav": served(speech, "audio/wav"),
    }
    show.episode("a", sound="/a.wav", more='<podcast:transcript url="/a.txt" type="text/plain"/>')
    feed = follow(kb, show)
    look(kb)
    episode = only(kb)
    kb.corrections.correct(episode.id, 1, 0, f"{said} Indeed.", "Kim")
    show.site.pages["/a.wav"] = served((tmp_path / "a.wav").read_bytes(), "audio/wav")
    assert [item.reason for item in later(kb, feed)[0].items] == ["recording"]
    assert (kb.current(episode.id).number, kb.current(episode.id).origin) == (3, "publisher")
    assert kb.text(episode.id) == f"{said} Indeed."  # what was corrected here stays
    starts = [kb.catalogue.episodes.timings(episode.id, number).start_at(0) or 0.0 for number in (1, 3)]
    assert starts[1] - starts[0] == pytest.approx(2, abs=0.5)
