"""Times that move with their words, also those of words that a person corrected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import Canonical, canonicalise
from kb.transcripts.clocks import Clock, moved_alike
from kb.transcripts.corrections import correct_turn
from kb.types import Episode, Segment, Transcript, Word

TALK = (
    ("Ann", "the river rose in the night"),
    ("Bo", "nobody closed the gates then"),
    ("Ann", "they stood open until noon"),
)


def talk(shift: float = 0.0, since: float = 6.0, by_word: bool = True) -> tuple[Segment, ...]:
    """Return a talk of a second a word, the words from second ``since`` on ``shift`` seconds later."""
    found = []
    at = 0
    for speaker, text in TALK:
        words = [
            Word(word, begin := at + n + (shift if at + n >= since else 0.0), begin + 0.9)
            for n, word in enumerate(text.split())
        ]
        found.append(Segment(words[0].start, words[-1].end, text, speaker, tuple(words) if by_word else ()))
        at += len(words)
    return tuple(found)


def canonical(shift: float = 0.0, since: float = 6.0, by_word: bool = True) -> Canonical:
    return canonicalise(Transcript(talk(shift, since, by_word)))


def times(found: Canonical) -> dict[str, float]:
    return {found.text[s.char_start : s.char_end]: s.start for s in found.timings.within(0, len(found.text))}


def test_what_is_between_two_words_moves_as_the_word_before_it() -> None:
    clock = Clock.between(canonical(), canonical(30.0))
    assert [clock.by(second) for second in (0.0, 5.5, 6.0, 20.0)] == [0.0, 0.0, 30.0, 30.0]
    assert clock.by(6.0, ending=True) == 0.0
    assert clock.moved(None) is None


def test_a_clock_finds_words_in_a_text_that_was_corrected() -> None:
    then = correct_turn(canonical(30.0), 1, "nobody had closed the gate then")
    clock = Clock.between(canonical(), then)
    assert (clock.by(5.0), clock.by(8.0), clock.by(15.0)) == (0.0, 30.0, 30.0)
    assert Clock.between(canonical(), correct_turn(canonical(), 1, "nobody shut the gates then")).is_same


def test_corrections_within_a_caption_are_no_shift() -> None:
    """A caption's words are timed by their letters, so a correction before them moves the estimate."""
    caption = canonical(by_word=False)
    assert Clock.between(caption, correct_turn(caption, 0, "the slow old brown river rose in the night")).is_same


def test_an_inserted_stretch_within_a_caption_parts_the_words_again() -> None:
    one = canonicalise(Transcript((Segment(0.0, 10.0, "one two three four", "Ann"),)))
    parted = (Segment(0.0, 4.1, "one two", "Ann"), Segment(44.1, 50.0, "three four", "Ann"))
    other = correct_turn(one, 0, "one two three fours")
    found = moved_alike(other, one, canonicalise(Transcript(parted)))
    spans = [(found.text[s.char_start : s.char_end], round(s.start), round(s.end)) for s in found.timings.spans()]
    assert spans == [("one two", 0, 4), ("three fours", 44, 50)]


def test_words_without_a_time_on_the_other_clock_have_none() -> None:
    cut = canonical()
    spans = [span for span in cut.timings.spans() if not 6 <= span.start < 11]
    lost = replace(cut, timings=type(cut.timings).from_spans(spans))
    found = moved_alike(correct_turn(cut, 1, "nobody shut the gates then"), cut, lost)
    assert set(times(found)) == {*TALK[0][1].split(), *TALK[2][1].split()}
    assert found.turns[1].start is None


@pytest.mark.parametrize("by_word", [True, False])
def test_a_move_is_taken_back_to_the_millisecond(by_word: bool) -> None:
    before, after = canonical(by_word=by_word), canonical(30.0, by_word=by_word)
    assert moved_alike(after, after, before).timings.to_bytes() == before.timings.to_bytes()
    assert moved_alike(after, after, before).turns == before.turns


def test_what_was_corrected_after_a_move_stays_when_it_is_taken_back() -> None:
    before, after = canonical(), canonical(30.0)
    found = moved_alike(correct_turn(after, 1, "nobody shut the gates then"), after, before)
    assert found.text.split("\n\n")[1] == "nobody shut the gates then"
    expected = {("shut" if word == "closed" else word): start for word, start in times(before).items()}
    assert times(found) == expected


def test_undoing_a_correction_does_not_bring_the_old_times_back(kb: KnowledgeBase) -> None:
    """The words of before came back with the times of before, 30 seconds too early."""
    episode = Episode("talk", "Show", "Talk")
    source = Source("file:///talk.vtt", "1")
    kb.add(episode, Transcript(talk(), source="publisher"), source)
    kb.corrections.correct("talk", 1, 1, "nobody shut the gates then", "Eve")
    moved = moved_alike(kb.canonical("talk"), canonical(), canonical(30.0))
    kb.revisions.write(episode, moved)
    made = kb.corrections.undo("talk", 2, "Eve")
    found = kb.canonical("talk", made)
    assert found.text == canonical().text
    assert times(found) == times(canonical(30.0))
    assert [turn.start for turn in found.turns] == [turn.start for turn in canonical(30.0).turns]
