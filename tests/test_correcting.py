"""Corrected turns: the words as written, the times of unchanged words as they were, nothing else touched."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.canonical import Canonical, canonicalise, fold
from kb.correcting import Change, changes, correct_turn
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.types import Segment, Transcript, Word

from .conftest import SEGMENT


def spoken(*turns: tuple[str, str], timed: bool = True) -> Canonical:
    """Return turns of ``(speaker, words)``; each word, or each turn, takes a second a word."""
    segments = []
    at = 0.0
    for speaker, text in turns:
        words = text.split()
        timed_words = tuple(Word(word, at + n, at + n + 0.9, 0.4) for n, word in enumerate(words))
        segments.append(Segment(at, at + len(words), text, speaker, timed_words if timed else ()))
        at += len(words)
    return canonicalise(Transcript(tuple(segments)))


def heard(canonical: Canonical) -> list[tuple[str, float, float]]:
    spans = canonical.timings.within(0, len(canonical.text))
    return [(canonical.text[s.char_start : s.char_end], s.start, s.end) for s in spans]


TALK = (("Ann", "he called it a drag net yesterday"), ("Bo", "did he really"))


def test_a_replaced_word_keeps_its_time_and_loses_the_recognisers_probability() -> None:
    new = correct_turn(spoken(*TALK), 1, "did she really")
    assert new.text == "he called it a drag net yesterday\n\ndid she really"
    assert heard(new)[-3:] == [("did", 7.0, 7.9), ("she", 8.0, 8.9), ("really", 9.0, 9.9)]
    assert [span.probability for span in new.timings.within(35, len(new.text))] == [0.4, None, 0.4]


def test_words_that_become_one_share_their_time() -> None:
    new = correct_turn(spoken(*TALK), 0, "he called it a dragnet yesterday")
    assert heard(new)[3:6] == [("a", 3.0, 3.9), ("dragnet", 4.0, 5.9), ("yesterday", 6.0, 6.9)]


def test_an_inserted_word_lies_between_its_neighbours() -> None:
    new = correct_turn(spoken(*TALK), 1, "did he say really")
    place = new.text.index("say")
    assert heard(new)[-2:] == [("he", 8.0, 8.9), ("really", 9.0, 9.9)]
    assert (new.timings.start_at(place), new.timings.end_at(place + 3)) == (8.9, 9.0)


def test_a_cue_keeps_its_times_whatever_its_words() -> None:
    new = correct_turn(spoken(*TALK, timed=False), 0, "she called it nothing of the sort")
    assert heard(new) == [("she called it nothing of the sort", 0.0, 7.0), ("did he really", 7.0, 10.0)]


@pytest.mark.parametrize(
    ("turn", "text", "said"), [(2, "x", "no turn 3"), (0, " \n", "empty"), (0, "x" * 200_001, "200,001")]
)
def test_what_cannot_be_is_refused(turn: int, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        correct_turn(spoken(*TALK), turn, text)


WORDS = st.lists(st.sampled_from(["a", "b", "cé", "dd", "𝄞e", "?"]), min_size=1, max_size=9).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=4), st.data(), WORDS, st.booleans())
def test_nothing_but_the_turn_changes(texts: list[str], data: st.DataObject, text: str, timed: bool) -> None:
    old = spoken(*((f"S{n}", words) for n, words in enumerate(texts)), timed=timed)
    turn = data.draw(st.integers(0, len(texts) - 1))
    new = correct_turn(old, turn, text)
    said = [new.text[t.char_start : t.char_end] for t in new.turns]
    assert said == [*texts[:turn], fold(text), *texts[turn + 1 :]]
    assert [replace(t, char_start=0, char_end=0) for t in new.turns] == [
        replace(t, char_start=0, char_end=0) for t in old.turns
    ]
    spans = new.timings.within(0, len(new.text))
    assert len(spans) == len(new.timings)
    assert all(a.char_end <= b.char_start and a.end <= b.start for a, b in pairwise(spans))
    assert all(s.char_start < s.char_end for s in spans)
    if fold(text) == texts[turn]:
        assert new.timings.to_bytes() == old.timings.to_bytes()
    for was, now in zip(old.turns, new.turns, strict=True):
        if was is not old.turns[turn]:
            assert old.timings.start_at(was.char_start) == new.timings.start_at(now.char_start)


def test_what_changed_is_told_by_turns() -> None:
    old, new = (
        spoken(*TALK),
        spoken(("Ann", "he called it a dragnet yesterday"), ("Cy", "did he really"), ("Ann", "yes")),
    )
    assert changes(old, new) == (
        Change(0, "Ann", "he called it a drag net yesterday", "he called it a dragnet yesterday"),
        Change(1, "Cy", "Bo", "Cy"),
        Change(2, "Ann", "", "yes"),
    )
    assert changes(old, old) == ()


def test_a_correction_is_a_revision_with_who_and_when(corpus_kb: KnowledgeBase) -> None:
    before = corpus_kb.canonical(SEGMENT)
    quote = corpus_kb.ask("Who described the collaboration as a dragnet?").quotes[0]
    turn = next(n for n, t in enumerate(before.turns) if t.char_start <= quote.char_start < t.char_end)
    said = before.text[before.turns[turn].char_start : before.turns[turn].char_end]
    assert corpus_kb.correct(SEGMENT, 1, turn, said, "Eva") == 1  # nothing changed
    assert corpus_kb.correct(SEGMENT, 1, turn, said.replace("dragnet", "trawl net"), "Eva") == 2
    corpus_kb.sync()
    assert corpus_kb.quote(quote.id).text == quote.text  # the old address says what it said
    assert "trawl net" in corpus_kb.ask("Who called it a trawl net?").quotes[0].text
    assert corpus_kb.current(SEGMENT).origin == "publisher"
    first, second = corpus_kb.catalogue.corrections.revisions(SEGMENT)
    assert (first.number, first.correction) == (1, None)
    assert second.correction is not None
    assert (second.correction.made_from, second.correction.what, second.correction.by) == (1, "words", "Eva")
    with pytest.raises(UsageError, match="Somebody else corrected this"):
        corpus_kb.correct(SEGMENT, 1, turn, "other", "Bo")
    assert all(finding.ok for finding in corpus_kb.check())


def test_renaming_a_speaker_notes_who_did(corpus_kb: KnowledgeBase) -> None:
    episode = corpus_kb.catalogue.episodes.get(SEGMENT)
    assert corpus_kb.edit(episode, {"Aarti Shahani": "A. Shahani"}, "Eva")[1] == "revised"
    note = corpus_kb.catalogue.corrections.revisions(SEGMENT)[-1].correction
    assert note is not None
    assert (note.what, note.by) == ("speakers", "Eva")
    corpus_kb.remove(SEGMENT)
    assert corpus_kb.catalogue.corrections.revisions(SEGMENT) == ()
