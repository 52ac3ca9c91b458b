"""A publisher's words keep every letter and get the recogniser's times; the differences are kept for the reader."""

from __future__ import annotations

import json
import math
import random
import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transcribing.alignment import Alignment, Difference, align
from kb.types import Segment, Word

from .conftest import MATERIAL


def spoken(text: str, pace: float = 0.3, begin: float = 0.0, probability: float | None = 0.9) -> list[Word]:
    """Return the words of ``text`` as a recogniser gives them, each ``pace`` seconds long, with leading spaces."""
    return [
        Word(f" {word}", begin + k * pace, begin + (k + 1) * pace, probability) for k, word in enumerate(text.split())
    ]


def segments(*texts: str) -> list[Segment]:
    return [Segment(None, None, text, f"speaker {k % 2}") for k, text in enumerate(texts)]


def words_of(alignment: Alignment) -> list[Word]:
    return [word for segment in alignment.segments for word in segment.words]


def misheard(words: list[Word], rate: float, rng: random.Random) -> list[Word]:
    """Drop, replace and invent words as a recogniser does (3 : 5 : 2), and shake all times by 50 ms."""
    vocabulary = [word.text for word in words]
    heard = []
    for word in words:
        fate = rng.random()
        start, end = word.start or 0.0, word.end or 0.0
        if fate >= 0.3 * rate:
            text = rng.choice(vocabulary) if fate < 0.8 * rate else word.text
            heard.append(Word(text, max(0.0, start + rng.gauss(0, 0.05)), end, 0.9))
        if fate > 1 - 0.2 * rate:
            heard.append(Word(rng.choice(vocabulary), end, end, 0.2))
    return heard


def share_near(alignment: Alignment, starts: list[float], seconds: float = 0.3) -> float:
    got = [word.start for word in words_of(alignment)]
    assert len(got) == len(starts)
    return sum(abs((g or 0.0) - s) <= seconds for g, s in zip(got, starts, strict=True)) / len(starts)


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]", text.casefold()))


# For all transcripts and all mishearings

vocabulary = st.sampled_from(["the", "a", "and", "data", "The", "99", "web", "site", "website", "don't", "—", "twenty-five", "日本"])  # fmt: skip
texts = st.lists(vocabulary, min_size=1, max_size=12).map(" ".join)
times = st.none() | st.floats(allow_nan=True, allow_infinity=True)
heard_words = st.lists(st.builds(Word, vocabulary | st.text(max_size=5), times, times, st.none() | st.floats(0, 1)))


@given(st.lists(texts | st.text(max_size=30), max_size=6), heard_words)
def test_every_letter_stays_and_no_time_goes_back(written: list[str], heard: list[Word]) -> None:
    result = align(segments(*written), heard, minimum_coverage=0.0)
    assert [(segment.text, segment.speaker) for segment in result.segments] == [
        (segment.text, segment.speaker) for segment in segments(*written)
    ]
    assert 0 <= result.coverage <= 1
    if result.refused:
        assert result.segments == tuple(segments(*written))
        return
    assert [[word.text for word in segment.words] for segment in result.segments] == [text.split() for text in written]
    words = words_of(result)
    for word in words:
        assert word.start is not None
        assert word.end is not None
        assert math.isfinite(word.end)
        assert 0 <= word.start <= word.end
    assert all(a.end <= b.start for a, b in pairwise(words))  # type: ignore[operator]
    for segment in result.segments:
        assert (segment.start, segment.end) == ((segment.words[0].start, segment.words[-1].end) if segment.words else (None, None))  # fmt: skip


@given(st.lists(texts, min_size=1, max_size=6), st.data())
def test_a_perfect_recogniser_gives_its_own_times(written: list[str], data: st.DataObject) -> None:
    heard = spoken(" ".join(written), data.draw(st.floats(0.01, 5)))
    result = align(segments(*written), heard)
    if result.refused:
        assert not re.search(r"\w", " ".join(written))
        return
    assert result.coverage == 1
    assert result.differences == ()
    for got, wanted in zip(words_of(result), heard, strict=True):
        if re.search(r"\w", got.text):
            assert (got.start, got.end, got.probability) == pytest.approx((wanted.start, wanted.end, 0.9))


@given(st.lists(texts, min_size=1, max_size=6), st.data())
def test_each_word_is_heard_or_in_a_difference(written: list[str], data: st.DataObject) -> None:
    """Drops, insertions and substitutions: nothing that differs goes unsaid."""
    heard = []
    for word in " ".join(written).split():
        heard += data.draw(st.sampled_from([[word], [word], [word], [], ["uh", word], ["something"]]))
    result = align(segments(*written), spoken(" ".join(heard)), minimum_coverage=0.0)
    if result.refused:
        return
    unsure = {word.text for word in words_of(result) if word.probability is None and re.search(r"\w", word.text)}
    assert unsure == {word for difference in result.differences for word in difference.publisher.split()}
    assert all(difference.publisher or difference.heard for difference in result.differences)
    for difference in result.differences:
        assert 0 <= difference.start <= difference.end <= 0.3 * len(heard) + 0.001
    if not result.differences:
        assert letters(" ".join(written)) == letters(" ".join(heard))


@given(st.lists(texts, min_size=1, max_size=4))
def test_the_same_input_gives_the_same_alignment(written: list[str]) -> None:
    heard = misheard(spoken(" ".join(written)), 0.4, random.Random(1))
    assert align(segments(*written), heard) == align(segments(*written), heard)


# What counts as the same, and what does not


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("It’s the FBI’s!", "its the fbi's"),
        ("a twenty-five-year plan", "a twenty five year plan"),
        ("my website is up", "my web site is up"),
        ("my web site is up", "my website is up"),
        ("Cafe\u0301 — now", "café now"),
        ("ﬁnal, “quoted”", "final quoted"),
        ("今日は晴れ。", "今日 は 晴れ"),
    ],
)
def test_case_punctuation_and_parting_do_not_count(written: str, heard: str) -> None:
    result = align(segments(written), spoken(heard))
    assert (result.coverage, result.differences) == (1.0, ())
    assert {word.probability for word in words_of(result) if re.search(r"\w", word.text)} == {0.9}


def test_a_compound_gets_the_time_of_its_parts() -> None:
    result = align(segments("my website is up"), spoken("my web site is up", pace=1.0))
    assert [(word.start, word.end) for word in words_of(result)] == [(0, 1), (1, 3), (3, 4), (4, 5)]
    result = align(segments("my web site is up"), spoken("my website is up", pace=1.0))
    assert [word.start for word in words_of(result)] == pytest.approx([0, 1, 1 + 3 / 7, 2, 3])


@pytest.mark.parametrize(
    ("written", "heard", "difference"),
    [
        ("we met in Utah again", "we met in Iowa again", Difference("Utah", "Iowa", 0.9, 1.2, "changed")),
        ("it was 99 percent sure", "it was ninety nine percent sure", Difference("99", "ninety nine", 0.6, 1.2, "number")),
        ("in 2015 they came", "in 2016 they came", Difference("2015", "2016", 0.3, 0.6, "changed")),
        ("we never said that", "we never never said that", Difference("", "never", 0.3, 0.6, "unwritten")),
        ("he did not say so", "he did say so", Difference("not", "", 0.6, 0.6, "unheard")),
    ],
)  # fmt: skip
def test_the_publisher_says_and_we_hear(written: str, heard: str, difference: Difference) -> None:
    result = align(segments(written), spoken(heard))
    assert len(result.differences) == 1
    got = result.differences[0]
    assert (got.publisher, got.heard, got.kind) == (difference.publisher, difference.heard, difference.kind)
    if got.kind != "unwritten":  # which of two equal words is the added one, nobody can tell
        assert (got.start, got.end) == (pytest.approx(difference.start), pytest.approx(difference.end))


def test_a_replaced_word_takes_the_time_of_what_was_heard_and_is_marked() -> None:
    result = align(segments("we met in Utah again"), spoken("we met in Iowa again"))
    assert words_of(result)[3] == Word("Utah", pytest.approx(0.9), pytest.approx(1.2), None)


def test_unheard_words_stay_with_their_sentence() -> None:
    """Between two sentences lies a pause of ten seconds; nobody speaks in the middle of it."""
    heard = spoken("the end of it came", begin=0) + spoken("now we begin the next part", begin=11.5)
    result = align(segments("The end of it came soon.", "And now we begin the next part."), heard)
    soon, begins = words_of(result)[5:7]
    assert (soon.text, begins.text) == ("soon.", "And")
    assert soon.start == pytest.approx(1.5)
    assert begins.end == pytest.approx(11.5)
    assert begins.start > 11  # type: ignore[operator]


def test_probability_is_the_lowest_of_the_parts() -> None:
    heard = [Word("twenty", 0, 1, 0.9), Word("five", 1, 2, 0.4), Word("years", 2, 3, None)]
    assert [word.probability for word in words_of(align(segments("twenty-five years"), heard))] == [0.4, None]


# Whole recordings


@pytest.fixture(scope="module")
def reading() -> tuple[list[Segment], list[Word]]:
    """The segment's transcript, and its words with the starts that are known from the synthesis."""
    turns = json.loads((MATERIAL / "reading/reading.json").read_text())
    transcript = [Segment(None, None, turn["text"], turn["speaker"]) for turn in turns]
    truth = [
        Word(word, start, end, 0.9)
        for turn in turns
        for word, start, end in zip(
            turn["text"].split(), turn["word_starts"], [*turn["word_starts"][1:], turn["end"]], strict=True
        )
    ]
    return transcript, truth


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_95_percent_of_the_starts_are_right_within_300_ms(
    reading: tuple[list[Segment], list[Word]], rate: float
) -> None:
    transcript, truth = reading
    for seed in range(5):
        result = align(transcript, misheard(truth, rate, random.Random(seed)))
        assert result.refused is None
        assert share_near(result, [word.start or 0.0 for word in truth]) >= 0.95


def test_a_missing_turn_and_an_advertisement_leave_the_rest_in_place(
    reading: tuple[list[Segment], list[Word]],
) -> None:
    """An advertisement of 60 s in the audio only, and a turn that only the transcript has."""
    transcript, truth = reading
    advertisement = spoken("this podcast is brought to you by the people of the company that is in the city " * 12)
    half = len(truth) // 2
    cut = truth[half].start or 0.0
    later = [Word(word.text, (word.start or 0) + 60, (word.end or 0) + 60, word.probability) for word in truth[half:]]
    heard = truth[:half] + [Word(w.text, cut + (w.start or 0), cut + (w.end or 0), 0.9) for w in advertisement] + later
    only_written = segments("An editor wrote this sentence, nobody in the studio ever said it.")
    result = align([*transcript[:10], *only_written, *transcript[10:]], heard)
    added = result.segments[10]
    assert {word.probability for word in added.words} <= {None, 0.9}
    kept = Alignment(result.segments[:10] + result.segments[11:], (), 1.0)
    assert share_near(kept, [word.start or 0.0 for word in truth[:half] + later]) >= 0.99
    longest = max(result.differences, key=lambda difference: len(difference.heard))
    assert longest.kind == "unwritten"
    assert len(longest.heard.split()) >= len(advertisement) - 3


def test_an_advertisement_attracts_no_word_of_an_unheard_sentence() -> None:
    """All its words occur there, one here and one there; a sentence that nobody heard must not be spread over them."""
    before, unheard, after = "we stop here.", "The city is in the company of people.", "And then we went on."
    words = unheard.rstrip(".").lower().split()
    advertisement = " ".join(f"{word} {'buy a thing ' * 6}" for word in words)
    result = align(segments(before, unheard, after), spoken(f"{before} {advertisement} {after}"))
    sentence = result.segments[1]
    assert (sentence.end or 0) - (sentence.start or 0) < 5
    assert result.segments[2].start == pytest.approx(0.3 * (3 + len(advertisement.split())))


ADVERTISEMENTS = [
    "this podcast is brought to you by the people of the company that is in the city and we are going to tell you about "
    "what they have to say about the data that you give them today on your phone if you go to the website now you can "
    "get ten percent off your first order of the year and now we go back to the show with our guest on the line",
    "support for npr and the following message come from the state of data a company that has been using the technology "
    "of facial recognition for law enforcement agencies " * 2,
]


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_no_word_is_drawn_into_an_advertisement(reading: tuple[list[Segment], list[Word]], rate: float) -> None:
    """Advertisements between any two sentences, at 10 % of words misheard: nothing near one is off by seconds."""
    transcript, truth = reading
    for advertisement in ADVERTISEMENTS:
        for cut in [k + 1 for k, word in enumerate(truth[20:-20], start=20) if word.text[-1] in ".?!"][::4]:
            rng = random.Random(cut)
            inserted = spoken(advertisement, begin=(truth[cut - 1].end or 0.0) + 0.3)
            length = (inserted[-1].end or 0.0) + 0.3 - (truth[cut - 1].end or 0.0)
            later = [Word(w.text, (w.start or 0) + length, (w.end or 0) + length, 0.9) for w in truth[cut:]]
            heard = misheard(truth[:cut], rate, rng) + inserted + misheard(later, rate, rng)
            near = slice(cut - 12, cut + 12)
            found = words_of(align(transcript, heard))[near]
            for word, wanted in zip(found, (truth[:cut] + later)[near], strict=True):
                assert abs((word.start or 0) - (wanted.start or 0)) < 3, (cut, word)


def test_a_word_does_not_lie_on_both_sides_of_an_advertisement() -> None:
    before, after = "it was a plan for twenty", "five years of work in the city."
    advertisement = "brought here by a shop " * 6
    result = align(segments(f"It was a plan for twenty-{after}"), spoken(f"{before} {advertisement} {after}"))
    twenty = words_of(result)[5]
    assert (twenty.text, twenty.probability) == ("twenty-five", None)
    assert (twenty.start, twenty.end) == (pytest.approx(1.5), pytest.approx(1.8))
    assert words_of(result)[6].start == pytest.approx(0.3 * (7 + 30))


def test_a_leap_of_some_words_into_an_advertisement_is_undone() -> None:
    before, after = "We met him in the old town today.", "Then we went on to the next place."
    advertisement = f"now a word about today {'buy a thing ' * 6}"
    heard = f"we met him in the old town {advertisement} {after}"  # today itself was not heard
    today = words_of(align(segments(before, after), spoken(heard)))[7]
    assert (today.text, today.probability) == ("today.", None)
    assert today.start == pytest.approx(0.3 * 7)


@pytest.mark.slow
def test_two_hours_are_aligned_in_bounded_memory() -> None:
    text = (MATERIAL / "changelog/founderstalk/founders-talk-90.md").read_text()
    lines = [line for line in text.splitlines() if line.strip()]
    truth = spoken(" ".join(lines), pace=0.36)
    assert len(truth) > 18_000
    heard = misheard(truth, 0.15, random.Random(1))
    tracemalloc.start()
    result = align(segments(*lines), heard)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert share_near(result, [word.start or 0.0 for word in truth]) >= 0.98
    assert peak < 150_000_000, "a table of all words against all words would take 400 MB at one byte a cell"


# What is refused


def test_another_recording_is_refused_with_the_reason(reading: tuple[list[Segment], list[Word]]) -> None:
    transcript, _ = reading
    other = (MATERIAL / "changelog/afk/away-from-keyboard-1.md").read_text().split()[:800]
    result = align(transcript, spoken(" ".join(other)))
    assert result.segments == tuple(transcript)
    assert result.differences == ()
    assert re.match(r"Only \d+% of the transcript's words were recognised \(50% are needed\)", result.refused or "")


@pytest.mark.parametrize(
    ("written", "heard", "reason"),
    [([], "we hear", "The transcript has no words"), (["— …"], "we hear", "The transcript has no words"), (["text"], "", "No words were heard")],
)  # fmt: skip
def test_nothing_to_align_is_refused_with_the_reason(written: list[str], heard: str, reason: str) -> None:
    result = align(segments(*written), spoken(heard))
    assert (result.refused or "").startswith(reason)
    assert result.segments == tuple(segments(*written))


def test_the_same_word_over_and_over_ends() -> None:
    """Nothing is unique in it, so that there is nothing to anchor; it must neither hang nor fill the memory."""
    result = align(segments("la " * 5000), spoken("la " * 5001))
    assert result.refused or result.coverage > 0.9
