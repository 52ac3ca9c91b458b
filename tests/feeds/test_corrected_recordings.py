"""A recording that the publisher replaces is heard anew, and one that only moved is not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ingest.formats import parse
from ingest.podcasts.following import FeedOptions
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase

from .. import sounds
from .corrected import later, notes, only, republish, served
from .show import Show, follow, look, statuses, told, visits
from .site import Visit, plain

READING = Path(__file__).parents[2] / "corpus" / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"


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
