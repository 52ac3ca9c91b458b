"""Corrected turns: the words as written, the times of unchanged words as they were, nothing else touched."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.text.cleaning import fold
from kb.transcripts.canonical import Canonical, canonicalise
from kb.transcripts.corrections import TurnChange, changes, correct_turn
from kb.transcripts.timings import When
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


def test_an_empty_line_parts_a_turn_and_each_part_has_its_times_and_its_speaker() -> None:
    new = correct_turn(spoken(*TALK), 0, "he called it \n \r\n a dragnet\n\n\nyesterday", ["Ann", "", "Bo"])
    assert new.text == "he called it\n\na dragnet\n\nyesterday\n\ndid he really"
    assert [(t.speaker, t.start, t.end) for t in new.turns] == [
        ("Ann", 0.0, 2.9),  # to its last word
        (None, 3.0, 5.9),
        ("Bo", 6.0, 7.0),
        ("Bo", 7.0, 10.0),
    ]
    assert heard(new)[:6] == [
        ("he", 0.0, 0.9), ("called", 1.0, 1.9), ("it", 2.0, 2.9),
        ("a", 3.0, 3.9), ("dragnet", 4.0, 5.9), ("yesterday", 6.0, 6.9),
    ]  # fmt: skip


def test_a_caption_that_is_parted_is_timed_by_its_characters() -> None:
    new = correct_turn(spoken(("Ann", "aaaa bbbb"), timed=False), 0, "aaaa\n\nbbbb", ["Ann", "Bo"])
    assert [(said, round(start, 1), round(end, 1)) for said, start, end in heard(new)] == [
        ("aaaa", 0.0, 0.8),
        ("bbbb", 1.2, 2.0),
    ]


def test_a_long_stretch_that_is_parted_gets_no_time_in_its_middle() -> None:
    old = canonicalise(Transcript((Segment(0.0, 490.0, "aaaa bbbb cccc", "Ann"), Segment(490.0, None, "so", "Bo"))))
    new = correct_turn(old, 0, "aaaa\n\nbbbb\n\ncccc", ["Ann", "Bo"])
    assert [(t.start, t.end) for t in new.turns] == [(0.0, None), (None, None), (None, 490.0), (490.0, None)]
    assert new.timings.when(0, 4) == When(0.0, None, 0.0, 490.0)
    assert new.timings.when(6, 10) == When(None, None, 0.0, 490.0)
    assert new.timings.when(18, 20) == When(490.0, None, 490.0, None)


def test_marks_stay_before_their_words() -> None:
    segments = (Segment(10.0, None, "one two"), Segment(300.0, None, "three four five"), Segment(None, 900.0, "six"))
    old = canonicalise(Transcript(segments))
    assert [(s.char_start, s.start) for s in old.timings.spans()] == [(0, 10.0), (8, 300.0), (27, 900.0)]
    for text, marks in {
        "one two three four five six": [(0, 10.0), (8, 300.0), (27, 900.0)],
        "well one three four six": [(5, 10.0), (9, 300.0), (23, 900.0)],
        "one 2 three": [(0, 10.0), (6, 300.0), (11, 900.0)],
        "one zwei drei vier 4 five six": [(0, 10.0), (29, 900.0)],  # whether "drei" was said before or after?
    }.items():
        new = correct_turn(old, 0, text)
        assert [(s.char_start, s.start) for s in new.timings.spans()] == marks, text


def test_words_that_stay_may_be_anothers() -> None:
    old = spoken(*TALK)
    new = correct_turn(old, 1, "did he really", ["Cy"])
    assert (new.text, new.timings.to_bytes()) == (old.text, old.timings.to_bytes())
    assert [turn.speaker for turn in new.turns] == ["Ann", "Cy"]
    assert correct_turn(old, 1, "did he really", [" "]).turns[1].speaker is None
    assert correct_turn(old, 1, "did he\n\nreally", ["Cy"]).turns[2].speaker == "Bo"  # who is not named stays


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


@given(st.lists(WORDS, min_size=1, max_size=3), st.data(), st.lists(WORDS, min_size=1, max_size=4), st.booleans())
def test_parts_are_turns_in_the_order_of_the_words(
    texts: list[str], data: st.DataObject, parts: list[str], timed: bool
) -> None:
    old = spoken(*((f"S{n}", words) for n, words in enumerate(texts)), timed=timed)
    turn = data.draw(st.integers(0, len(texts) - 1))
    names = data.draw(st.lists(st.sampled_from(["Ann", "Bo", ""]), max_size=5))
    new = correct_turn(old, turn, "\n\n".join(parts), names)
    assert [new.text[t.char_start : t.char_end] for t in new.turns] == [*texts[:turn], *parts, *texts[turn + 1 :]]
    said_by = [*(name or None for name in names), *[f"S{turn}"] * len(parts)][: len(parts)]
    assert [t.speaker for t in new.turns[turn : turn + len(parts)]] == said_by
    spans = new.timings.within(0, len(new.text))
    assert all(a.char_end <= b.char_start and a.end <= b.start for a, b in pairwise(spans))
    assert all(any(t.char_start <= s.char_start < s.char_end <= t.char_end for t in new.turns) for s in spans)
    begun = [t.start for t in new.turns if t.start is not None]
    assert begun == sorted(begun)


def test_what_changed_is_told_by_turns() -> None:
    old, new = (
        spoken(*TALK),
        spoken(("Ann", "he called it a dragnet yesterday"), ("Cy", "did he really"), ("Ann", "yes")),
    )
    assert changes(old, new) == (
        TurnChange(0, "Ann", "he called it a drag net yesterday", "he called it a dragnet yesterday"),
        TurnChange(1, "Cy", "Bo", "Cy"),
        TurnChange(2, "Ann", "", "yes"),
    )
    assert changes(old, old) == ()


def test_a_correction_is_a_revision_with_who_and_when(corpus_kb: KnowledgeBase) -> None:
    before = corpus_kb.canonical(SEGMENT)
    quote = corpus_kb.ask("Who described the collaboration as a dragnet?").quotes[0]
    turn = next(n for n, t in enumerate(before.turns) if t.char_start <= quote.char_start < t.char_end)
    said = before.text[before.turns[turn].char_start : before.turns[turn].char_end]
    assert corpus_kb.corrections.correct(SEGMENT, 1, turn, said, "Eva") == 1  # nothing changed
    assert corpus_kb.corrections.correct(SEGMENT, 1, turn, said.replace("dragnet", "trawl net"), "Eva") == 2
    corpus_kb.sync()
    assert corpus_kb.quote(quote.id).text == quote.text  # the old address says what it said
    assert "trawl net" in corpus_kb.ask("Who called it a trawl net?").quotes[0].text
    assert corpus_kb.current(SEGMENT).origin == "publisher"
    first, second = corpus_kb.catalogue.corrections.revisions(SEGMENT)
    assert (first.number, first.correction) == (1, None)
    assert second.correction is not None
    assert (second.correction.made_from, second.correction.what, second.correction.by) == (1, "words", "Eva")
    with pytest.raises(UsageError, match="Somebody else corrected this"):
        corpus_kb.corrections.correct(SEGMENT, 1, turn, "other", "Bo")
    assert all(finding.ok for finding in corpus_kb.check())


def test_a_turn_of_the_wrong_speaker_is_put_right(corpus_kb: KnowledgeBase) -> None:
    quote = corpus_kb.ask("Who described the collaboration as a dragnet?").quotes[0]
    before = corpus_kb.canonical(SEGMENT)
    turn = next(n for n, t in enumerate(before.turns) if t.char_start <= quote.char_start < t.char_end)
    said = before.text[before.turns[turn].char_start : before.turns[turn].char_end]
    assert corpus_kb.corrections.correct(SEGMENT, 1, turn, said, "Eva", ["Aarti Shahani"]) == 1  # so it was
    parted = said.replace(quote.text, f"\n\n{quote.text}\n\n")
    assert corpus_kb.corrections.correct(SEGMENT, 1, turn, parted, "Eva", ["Aarti Shahani", "Alvaro Bedoya"]) == 2
    corpus_kb.sync()
    (again,) = corpus_kb.ask("Who described the collaboration as a dragnet?", k=1).quotes
    assert (again.text, again.speaker, again.start) == (quote.text, "Alvaro Bedoya", quote.start)
    assert corpus_kb.quote(quote.id).speaker == "Aarti Shahani"  # as it was cited
    noted = corpus_kb.catalogue.corrections.revisions(SEGMENT)[1].correction
    assert noted is not None
    assert (noted.what, noted.by) == ("speakers", "Eva")
    assert all(finding.ok for finding in corpus_kb.check())


def test_renaming_a_speaker_notes_who_did(corpus_kb: KnowledgeBase) -> None:
    episode = corpus_kb.catalogue.episodes.get(SEGMENT)
    assert corpus_kb.corrections.edit(episode, {"Aarti Shahani": "A. Shahani"}, "Eva")[1] == "revised"
    note = corpus_kb.catalogue.corrections.revisions(SEGMENT)[-1].correction
    assert note is not None
    assert (note.what, note.by) == ("speakers", "Eva")
    corpus_kb.remove(SEGMENT)
    assert corpus_kb.catalogue.corrections.revisions(SEGMENT) == ()
