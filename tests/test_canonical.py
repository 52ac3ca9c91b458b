"""The one text that everything is a slice of: nothing lost, nothing invented, nothing that cannot be stored."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise

import pytest
from hypothesis import given

from ingest.formats import parse
from kb.text.cleaning import UNSEEN, fold
from kb.transcripts.canonical import TURN_BREAK, Canonical, canonicalise
from kb.types import Segment, Transcript, Turn, Word
from tests.conftest import CORPUS
from tests.strategies import hostile_text, hostile_transcripts, timed_transcripts

VTT = CORPUS / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"


def visible(text: str) -> str:
    """What a reader sees of ``text``: no white space, and nothing that has no width and is no spelling."""
    shown = (c for c in text if c.isspace() or not re.match(f"[{UNSEEN}\u200b]", c))
    return "".join("".join(shown).split())


@given(hostile_text)
def test_folding_keeps_what_is_visible_and_is_done_once(text: str) -> None:
    folded = fold(text)
    assert visible(folded) == visible(text)
    assert fold(folded) == folded
    assert not re.search(r"^\s|\s$|[^\S ]|  ", folded)


@given(hostile_transcripts())
def test_every_visible_character_is_kept_in_order(transcript: Transcript) -> None:
    text = canonicalise(transcript).text
    assert visible(text) == "".join(visible(segment.text) for segment in transcript.segments)


@given(hostile_transcripts())
def test_the_text_can_be_stored_and_holds_no_control_characters(transcript: Transcript) -> None:
    text = canonicalise(transcript).text
    assert text.encode("utf-8").decode("utf-8") == text
    assert {c for c in text if unicodedata.category(c) in ("Cc", "Cs")} <= {"\n"}


@given(hostile_transcripts())
def test_the_turns_are_the_text(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    assert TURN_BREAK.join(canonical.text[t.char_start : t.char_end] for t in canonical.turns) == canonical.text
    for turn in canonical.turns:
        said = canonical.text[turn.char_start : turn.char_end]
        assert said
        assert said == fold(said)
        assert turn.speaker is None or turn.speaker == fold(turn.speaker) != ""
    assert all(a.speaker != b.speaker for a, b in pairwise(canonical.turns))


@given(hostile_transcripts())
def test_times_are_times_or_nothing(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    times = [time for turn in canonical.turns for time in (turn.start, turn.end) if time is not None]
    for span in canonical.timings.within(0, len(canonical.text)):
        times += [span.start, span.end]
        assert span.start <= span.end
    assert all(math.isfinite(time) and 0 <= time < 3_600_000 for time in times)


@given(hostile_transcripts())
def test_a_timed_span_begins_and_ends_with_a_word_or_is_a_segment(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    whole = [segment.text for segment in transcript.segments]
    words = [word.text for segment in transcript.segments for word in segment.words]
    known = tuple({fold(text) for text in whole + words} - {""})
    end = 0
    for span in canonical.timings.within(0, len(canonical.text)):
        assert end <= span.char_start < span.char_end <= len(canonical.text)
        said = canonical.text[span.char_start : span.char_end]
        assert said.startswith(known)
        assert said.endswith(known)
        end = span.char_end


@given(timed_transcripts())
def test_word_times_come_back_to_the_millisecond(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    given_times = list(_given_times(transcript))
    spans = canonical.timings.within(0, len(canonical.text))
    assert [(canonical.text[s.char_start : s.char_end], s.start, s.end) for s in spans] == given_times
    for span in spans:
        assert canonical.timings.start_at(span.char_start) == span.start
        assert canonical.timings.end_at(span.char_end) == span.end


def _given_times(transcript: Transcript) -> Iterator[tuple[str, float, float]]:
    for segment in transcript.segments:
        timed = [(fold(w.text), w.start, w.end) for w in segment.words if fold(w.text)]
        if not timed and fold(segment.text):
            timed = [(fold(segment.text), segment.start, segment.end)]
        yield from ((text, start, end) for text, start, end in timed if start is not None and end is not None)


def of(*segments: Segment) -> Canonical:
    return canonicalise(Transcript(segments))


def test_segments_of_one_speaker_make_one_turn() -> None:
    canonical = of(
        Segment(0.0, 1.0, " Hello \n there. ", "Ann"),
        Segment(1.0, 2.0, "And more.", " Ann "),
        Segment(2.0, 3.0, "  ", "Bob"),
        Segment(3.0, 4.0, "Hi.", "Bob"),
        Segment(4.0, 5.0, "Who?", None),
        Segment(5.0, 6.0, "Me.", ""),
    )
    assert canonical.text == "Hello there. And more.\n\nHi.\n\nWho? Me."
    assert canonical.turns == (
        Turn("Ann", 0.0, 2.0, 0, 22),
        Turn("Bob", 3.0, 4.0, 24, 27),
        Turn(None, 4.0, 6.0, 29, 37),
    )


def test_what_cannot_be_printed_or_stored_is_dropped() -> None:
    canonical = of(Segment(0.0, 1.0, "a\x00b\x1b\x7f\x9f \ud83d\udfffc\x85d\u2028e\u00a0f", "\udc80Ann\x07", ()))
    assert canonical.text == "ab c d e f"
    assert canonical.turns[0].speaker == "Ann"


def test_an_empty_transcript_is_an_empty_text() -> None:
    canonical = of()
    assert (canonical.text, canonical.turns, len(canonical.timings)) == ("", (), 0)


def test_words_that_the_text_does_not_hold_lose_no_others() -> None:
    words = (
        Word("one", 0.0, 0.5),
        Word("(cough)", 0.5, 0.6),
        Word(" two,", 0.6, 1.0),
        Word("", 1, 1),
        Word("three", 1.0, 1.5),
    )
    canonical = of(Segment(0.0, 2.0, "One, no: one two, three.", "Ann", words))
    assert [(canonical.text[s.char_start : s.char_end], s.start) for s in canonical.timings.within(0, 99)] == [
        ("one", 0.0), ("two,", 0.6), ("three", 1.0),
    ]  # fmt: skip


def test_a_phrase_that_is_timed_as_a_whole_is_one_span() -> None:
    """WebVTT's ``<00:01.000>two words <00:02.000>more`` times both words together."""
    words = (Word("two", 1.0, None), Word("words", None, None), Word("-", None, 2.0), Word("more", 2.0, 2.5))
    canonical = of(Segment(0.0, 3.0, "two words - more", "Ann", words))
    assert [(canonical.text[s.char_start : s.char_end], s.start, s.end) for s in canonical.timings.within(0, 99)] == [
        ("two words -", 1.0, 2.0), ("more", 2.0, 2.5),
    ]  # fmt: skip


@pytest.mark.parametrize("time", [-1.0, math.nan, math.inf, -math.inf, 1e12])
def test_a_time_that_is_none_is_no_time(time: float) -> None:
    canonical = of(Segment(time, time, "So.", "Ann", (Word("So.", time, time),)), Segment(1.0, 2.0, "Yes.", "Ann"))
    assert canonical.turns == (Turn("Ann", None, 2.0, 0, 8),)  # the time of "Yes." is not that of "So."
    assert [s.start for s in canonical.timings.within(0, 8)] == [1.0]


def test_the_example_episode() -> None:
    transcript = parse(VTT, VTT.read_bytes())
    canonical = canonicalise(transcript)
    cues = re.findall(r"<v ([^>]+)>(.*)", VTT.read_text("utf-8"))
    spoken = [
        (name, " ".join(re.sub(r"<[\d:.]+>", "", words) for _, words in said))
        for name, said in groupby(cues, key=lambda cue: cue[0])
    ]
    assert [(t.speaker, canonical.text[t.char_start : t.char_end]) for t in canonical.turns] == spoken
    assert {t.speaker for t in canonical.turns} == {"Audie Cornish", "Aarti Shahani", "Alvaro Bedoya"}


def test_the_example_episodes_words_have_the_files_own_times() -> None:
    canonical = canonicalise(parse(VTT, VTT.read_bytes()))
    stamps = [
        (word, stamp)
        for begin, payload in re.findall(r"^([\d:.]+) --> .*\n<v [^>]+>(.*)", VTT.read_text("utf-8"), re.MULTILINE)
        for stamp, word in re.findall(r"<([\d:.]+)>([^<]+)", f"<{begin}>{payload}")
    ]
    spans = canonical.timings.within(0, len(canonical.text))
    assert len(stamps) > 500
    assert [(canonical.text[s.char_start : s.char_end], _clock(s.start)) for s in spans] == [
        (word.strip(), stamp) for word, stamp in stamps
    ]


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"
