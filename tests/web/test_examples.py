"""Example questions on the start page: from the newest episodes alone, and found once until something changes."""

from __future__ import annotations

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
from kb.web.ask.examples import example_questions


def add(kb: KnowledgeBase, n: int, subject: str) -> None:
    words = f"We spoke of {subject} again, and {subject} it was."
    segments = (Segment(0, 2, words, f"Ann Lee{n}"), Segment(2, 4, words, f"Ann Lee{n}"))
    episode = Episode(f"e{n}", "A show", f"Title {n}", published=f"2020-01-{n + 1:02}")
    kb.add(episode, Transcript(segments), Source(f"x:{n}", f"{n:064}"))


def test_examples_read_a_few_episodes_and_only_once(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        add(kb, n, "facial recognition")
    read: list[str] = []
    texts = kb.segments

    def told(episode_id: str, revision: int | None = None) -> object:
        read.append(episode_id)
        return texts(episode_id, revision)

    monkeypatch.setattr(kb, "segments", told)
    monkeypatch.setattr(kb.catalogue.episodes, "all", lambda: pytest.fail("every episode was read"))
    first = example_questions(kb)
    assert first
    assert all("facial recognition" in question for question in first)
    assert read == [f"e{n}" for n in range(11, 5, -1)]  # the newest six
    assert example_questions(kb) == first
    assert len(read) == 6
    add(kb, 20, "solar panels")
    assert "solar panels" in example_questions(kb)[0]
    assert len(read) == 12


def test_an_empty_base_has_no_examples(kb: KnowledgeBase) -> None:
    assert example_questions(kb) == ()
