"""Corrections that meet: other turns merge, the same turn is a conflict that loses nothing, and any can be undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.catalogue import Source
from kb.errors import Conflict, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.corrections import correct_turn, restore_turns
from kb.transcripts.merging import Placed, changed_turns, placed
from kb.transcripts.timings import Timings
from kb.types import Episode, Segment, Transcript

from .conftest import SEGMENT
from .test_correcting import spoken

WORDS = st.lists(st.sampled_from(["yes", "no", "well"]), min_size=1, max_size=3).map(" ".join)


@pytest.fixture
def talk(kb: KnowledgeBase) -> KnowledgeBase:
    """Three turns, two of which say the same."""
    said = (("Ann", "Yes."), ("Bo", "Is it true?"), ("Ann", "Yes."))
    segments = tuple(Segment(float(n), n + 1.0, text, name) for n, (name, text) in enumerate(said))
    kb.add(Episode("talk", "Show", "Talk"), Transcript(segments), Source("talk", "1"))
    return kb


def said(kb: KnowledgeBase, episode_id: str = "talk") -> list[tuple[str | None, str]]:
    found = kb.canonical(episode_id)
    return [(turn.speaker, found.text[turn.char_start : turn.char_end]) for turn in found.turns]


def test_corrections_of_other_turns_merge(talk: KnowledgeBase) -> None:
    assert talk.corrections.correct("talk", 1, 0, "Yes.\n\nOf course.", "Eva", ["Ann", "Cy"]) == 2
    assert talk.corrections.correct("talk", 1, 2, "Yes, indeed.", "Bo", ["Ann"]) == 3  # written over revision 1
    assert talk.corrections.correct("talk", 1, 1, "Is that true?", "Bo") == 4
    assert said(talk) == [("Ann", "Yes."), ("Cy", "Of course."), ("Bo", "Is that true?"), ("Ann", "Yes, indeed.")]
    talk.sync()
    assert all(finding.ok for finding in talk.check())


def test_the_same_turn_is_a_conflict_that_says_where(talk: KnowledgeBase) -> None:
    talk.corrections.correct("talk", 1, 0, "Oh yes.\n\nOf course.", "Eva")
    talk.corrections.correct("talk", 2, 2, "Is it so?", "Eva")
    with pytest.raises(Conflict, match="Somebody else corrected this turn") as raised:
        talk.corrections.correct("talk", 1, 1, "Is that true?", "Bo")
    assert (raised.value.revision, raised.value.turn, raised.value.count) == (3, 2, 1)
    assert talk.corrections.correct("talk", 1, 1, "Is it so?", "Bo") == 3  # both wrote the same
    with pytest.raises(Conflict) as parted:
        talk.corrections.correct("talk", 1, 0, "No.", "Bo")
    assert (parted.value.turn, parted.value.count) == (0, 2)
    assert talk.corrections.correct("talk", 3, 0, "No.", "Bo", count=2) == 4  # having seen both
    assert said(talk) == [("Ann", "No."), ("Bo", "Is it so?"), ("Ann", "Yes.")]


def test_turns_are_found_where_all_times_moved_as_well() -> None:
    old = spoken(("Ann", "the river rose"), ("Bo", "did it"), ("Ann", "it did"))
    parted = correct_turn(old, 0, "the river\n\nrose")
    spans = [replace(span, start=span.start + 60, end=span.end + 60) for span in parted.timings.spans()]
    turns = tuple(replace(t, start=(t.start or 0) + 60, end=(t.end or 0) + 60) for t in parted.turns)
    new = replace(parted, turns=turns, timings=Timings.from_spans(spans))
    assert placed([old, new], 2) == Placed(3, 1)
    assert not placed([old, new], 0).same


def test_a_speaker_renamed_meanwhile_keeps_the_new_name(talk: KnowledgeBase) -> None:
    talk.corrections.edit(talk.catalogue.episodes.get("talk"), {"Ann": "Ann Lee"}, "Eva")
    assert talk.corrections.correct("talk", 1, 0, "Yes!", "Bo", ["Ann"]) == 3
    assert said(talk)[0] == ("Ann Lee", "Yes!")
    with pytest.raises(Conflict):
        talk.corrections.correct("talk", 1, 2, "Yes!", "Bo", ["Cy"])


def test_two_turns_become_one(talk: KnowledgeBase) -> None:
    assert talk.corrections.correct("talk", 1, 0, "Yes. Is it true?", "Eva", ["Ann"], count=2) == 2
    assert said(talk) == [("Ann", "Yes. Is it true?"), ("Ann", "Yes.")]
    merged = talk.canonical("talk").turns[0]
    assert (merged.start, merged.end) == (0.0, 2.0)
    with pytest.raises(UsageError, match="There is no turn 4"):
        talk.corrections.correct("talk", 2, 1, "Yes.", "Eva", count=3)


def test_undoing_restores_words_speakers_and_times(corpus_kb: KnowledgeBase) -> None:
    first = corpus_kb.canonical(SEGMENT)
    corpus_kb.corrections.correct(SEGMENT, 1, 3, "Something else.\n\nAnd more.", "Eva", ["Bo", "Cy"])
    assert corpus_kb.corrections.undo(SEGMENT, 2, "Eva") == 3
    restored = corpus_kb.canonical(SEGMENT)
    assert (restored.text, restored.turns) == (first.text, first.turns)
    assert restored.timings.to_bytes() == first.timings.to_bytes()
    noted = corpus_kb.catalogue.corrections.revisions(SEGMENT)[-1].correction
    assert noted is not None
    assert (noted.made_from, noted.by) == (1, "Eva")
    with pytest.raises(UsageError, match="not a person's correction"):
        corpus_kb.corrections.undo(SEGMENT, 1, "Eva")
    corpus_kb.sync()
    assert all(finding.ok for finding in corpus_kb.check())


def test_undoing_leaves_what_others_corrected_since(talk: KnowledgeBase) -> None:
    talk.corrections.correct("talk", 1, 0, "Yes.\n\nOf course.", "Eva")
    talk.corrections.correct("talk", 2, 3, "No.", "Bo")
    assert talk.corrections.undo("talk", 2, "Eva") == 4
    assert said(talk) == [("Ann", "Yes."), ("Bo", "Is it true?"), ("Ann", "No.")]
    with pytest.raises(Conflict):
        talk.corrections.undo("talk", 2, "Eva")  # these turns are no more
    assert talk.corrections.undo("talk", 4, "Eva") == 5
    assert said(talk)[1] == ("Ann", "Of course.")


@given(texts=st.lists(WORDS, min_size=2, max_size=5), data=st.data())
def test_a_turn_is_found_again_and_what_changed_can_be_restored(texts: list[str], data: st.DataObject) -> None:
    old = spoken(*((f"S{n}", text) for n, text in enumerate(texts)))
    turn = data.draw(st.integers(0, len(texts) - 1))
    count = data.draw(st.integers(1, len(texts) - turn))
    new = correct_turn(old, turn, "\n\n".join(data.draw(st.lists(WORDS, min_size=1, max_size=3))), ["S9"], count)
    shift = len(new.turns) - len(old.turns)
    for other in [*range(turn), *range(turn + count, len(texts))]:
        assert placed([old, new], other) == Placed(other if other < turn else other + shift, 1)
    was, became = changed_turns(old, new)
    restored = restore_turns(new, became.first, became.count, old, was.first, was.count)
    assert (restored.text, restored.turns) == (old.text, old.turns)
