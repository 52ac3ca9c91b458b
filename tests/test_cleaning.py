"""One cleaner for every door: what a text, a name or a title shows is what it holds."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest.feeds import parse_feed
from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.catalogue import Source
from kb.inputs import checked_lines
from kb.knowledge_base import KnowledgeBase
from kb.text.cleaning import fold, visible
from kb.types import Chapter, Episode, Person, Segment, Transcript, Word

#: What makes a text show as another one, cannot be seen and is no spelling, or cannot be stored.
UNSEEN = sorted(
    {chr(n) for n in range(0x20) if chr(n) not in "\t\n\v\f\r\x1c\x1d\x1e\x1f"}
    | {chr(n) for n in range(0x7F, 0xA0) if n != 0x85}
    | set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206f\u2060\u2061\u2064\ufeff\ufff9\ufffb\ufffe"
    )
)
SPELLING = "می\u200cخواهم क्\u200dष 👩\u200d🚒 ក\u200bខ שלום\u200f!"  # joiners, parting, a mark of direction
dirt = st.lists(st.sampled_from(UNSEEN), min_size=1, max_size=4).map("".join)
dirty = st.lists(st.tuples(st.sampled_from(["evil", "words", "of", "Ann"]), dirt), min_size=1, max_size=5).map(
    lambda parts: " ".join(word[:1] + mark + word[1:] + mark for word, mark in parts)
)


def is_clean(text: str) -> bool:
    return not any(c in UNSEEN or unicodedata.category(c) == "Cs" for c in text)


def stored(home: Path) -> list[str]:
    """Return every text of the catalogue, whatever its table."""
    database = sqlite3.connect(home / "catalogue.sqlite3")
    tables = [
        row[0]
        for row in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
    ]
    found = []
    for table in tables:
        for row in database.execute(f'SELECT * FROM "{table}"'):
            found += [cell for cell in row if isinstance(cell, str)]
    database.close()
    return found


@given(st.text(st.characters(), max_size=40) | dirty)
def test_what_is_folded_is_one_clean_line(text: str) -> None:
    assert is_clean(fold(text))
    assert fold(text) == " ".join(fold(text).split()) == fold(fold(text))
    assert is_clean(visible(text))
    assert is_clean(checked_lines(text, "A note"))


def test_spelling_stays() -> None:
    assert fold(SPELLING) == SPELLING == visible(SPELLING)
    assert fold("\u200b one\u200b \u200b two") == "one two"


@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(words=dirty, name=dirty, title=dirty)
def test_nothing_unseen_is_stored_whichever_door_it_came_through(
    words: str, name: str, title: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("doors")
    with KnowledgeBase(folder / "home") as kb:
        # an engine's words, with a title, people and chapters from anywhere
        segments = (Segment(0, 2, words, name, (Word(words, 0, 2, 0.5),)), Segment(2, 4, "And more.", "Bo"))
        told = Episode("", title, title, people=(Person(name, name),), publisher=title, season=title, number=title)
        episode_id, _ = kb.add(told, Transcript(segments), Source("x:1", "1" * 64))
        kb.catalogue.chapters.write(episode_id, [Chapter(0, title)])
        # a person's corrections
        kb.corrections.correct(episode_id, 1, 0, f"{words} {words}", "Ann", [name])
        known = kb.catalogue.episodes.get(episode_id)
        kb.corrections.edit(
            Episode(**{**fields(known), "title": f"x{title}", "people": (Person(f"x{name}", "host"),)}), {"Bo": name}
        )
        kb.catalogue.speaker_names.remember(known.show, {"Speaker 1": name})
        # files
        words_of_file = re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe]", "", words)  # with those, a file is no text
        (folder / "a.srt").write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{words_of_file}\n", "utf-8")
        (folder / "b.json").write_text(
            json.dumps({"version": "1", "segments": [{"speaker": name, "startTime": 0, "endTime": 1, "body": words}]})
        )
        (folder / "b.meta.json").write_text(json.dumps({"title": title, "people": [{"name": name, "role": title}]}))
        results = ingest(kb, find_sources([folder / "a.srt", folder / "b.json"]))
        assert [result.status for result in results] == ["added", "added"], results
        # a feed
        channel = f"<title>{words_of_file}</title><item><title>{words_of_file}</title><guid>g</guid></item>"
        feed = parse_feed(f'<rss version="2.0"><channel>{channel}</channel></rss>'.encode(), "https://example.org/f")
        assert is_clean(feed.title)
        assert all(is_clean(item.title) for item in feed.items)
    for text in stored(folder / "home"):
        assert is_clean(text), text.encode("unicode_escape")


def fields(episode: Episode) -> dict[str, object]:
    return {name: getattr(episode, name) for name in Episode.__slots__}


def test_a_stored_revision_stays_as_it_is_and_citable(kb: KnowledgeBase) -> None:
    episode_id, _ = kb.add(
        Episode("old", "A show", "A title"),
        Transcript((Segment(0, 2, "He said PLACE it.", "Ann"), Segment(2, 4, "Did he?", "Bo"))),
        Source("x:1", "1" * 64),
    )
    kb.close()
    old = "He said \u202eECALP\u202c it."  # what an older Verbatim let in
    import hashlib

    database = sqlite3.connect(kb.home / "catalogue.sqlite3")
    text = f"{old}\n\nDid he?"
    shift = len(old) - len("He said PLACE it.")
    database.execute("UPDATE revisions SET text = ?, sha256 = ?", (text, hashlib.sha256(text.encode()).hexdigest()))
    database.execute("UPDATE turns SET char_end = char_end + ? WHERE position = 0", (shift,))
    database.execute(
        "UPDATE turns SET char_start = char_start + ?, char_end = char_end + ? WHERE position = 1", (shift, shift)
    )
    database.commit()
    database.close()
    with KnowledgeBase(kb.home) as opened:
        assert opened.text(episode_id) == text
        assert opened.quote(f"old@1:0-{len(old)}").text == old
        assert opened.corrections.correct(episode_id, 1, 1, "Did she?", "Ann") == 2
        assert opened.text(episode_id) == f"{old}\n\nDid she?"
        assert opened.quote(f"old@1:0-{len(old)}").text == old
