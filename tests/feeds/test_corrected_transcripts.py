"""A transcript that the publisher corrects becomes a new revision, and what was cited before still resolves."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.podcasts import corrections
from ingest.podcasts.following import FeedOptions
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase

from .corrected import later, notes, only, republish, served
from .show import Show, follow, look, statuses, told, visits
from .site import status


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
    assert "The publisher corrected this transcript; revision 1 has the earlier words" in notes(kb)
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
    assert "revision 2 has the earlier words, as Kim had corrected them" in notes(kb)
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
