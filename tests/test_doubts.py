"""Doubts: nothing is changed, nothing is hidden, and the real engines' inventions are caught."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transcribing.doubts import MARGIN, review, unheard
from kb.types import Segment, Word

SPEECH = ((0.0, 1_000.0),)


calm = settings(deadline=None)  # the machine may be busy with something else


def _said(text: str, start: float = 10.0, seconds: float | None = None, probability: float = 0.9, **more) -> Segment:
    """A segment whose words share its time evenly, at 14 characters a second unless told otherwise."""
    words = text.split()
    seconds = len(text) / 14 if seconds is None else seconds
    step = seconds / max(len(words), 1)
    timed = tuple(Word(w, start + i * step, start + (i + 1) * step, probability) for i, w in enumerate(words))
    return Segment(start, start + seconds, text, words=timed, **more)


texts = st.lists(
    st.sampled_from(
        ["no", "yes", "well", "thank", "you", "the", "people", "say", "Untertitel", "字幕由", "ご視聴", "so", "1,000"]
    ),
    max_size=60,
)
segments = st.builds(
    _said,
    texts.map(" ".join),
    st.floats(0, 900),
    st.one_of(st.none(), st.floats(0, 40)),
    st.floats(0, 1),
    avg_logprob=st.one_of(st.none(), st.floats(-5, 0)),
    no_speech_prob=st.one_of(st.none(), st.floats(0, 1)),
)
wordless = st.builds(Segment, st.none(), st.none(), st.text(max_size=200))
recordings = st.lists(st.one_of(segments, wordless), max_size=8)
edges = st.lists(st.floats(0, 1_000), max_size=8, unique=True).map(sorted)
speeches = edges.map(lambda moments: tuple(zip(moments[::2], moments[1::2], strict=False)))


@calm
@given(recordings, speeches)
def test_kept_and_dropped_are_the_segments_themselves_in_order(found, speech):
    judged = review(found, speech)
    dropped = [segment for doubt in judged.dropped for segment in doubt.segments]
    assert sorted(map(id, [*judged.kept, *dropped])) == sorted(map(id, found))
    places = {id(segment): place for place, segment in enumerate(found)}
    for pile in (judged.kept, *(doubt.segments for doubt in judged.doubts)):
        order = [places[id(segment)] for segment in pile]
        assert order == sorted(order)
    assert all(doubt.signs and "\n" not in doubt.reason.split("”")[-1] for doubt in judged.doubts)


@calm
@given(recordings, speeches)
def test_judging_what_was_kept_drops_nothing_more(found, speech):
    assert review(review(found, speech).kept, speech).dropped == ()


@calm
@given(st.lists(segments, max_size=5))
def test_where_nobody_speaks_nothing_is_kept(found):
    assert review(found, ()).kept == ()


@calm
@given(st.lists(segments, max_size=6), speeches)
def test_unheard_stretches_are_spoken_and_have_no_word(found, speech):
    for start, end in unheard(found, speech):
        assert end - start >= 2.0
        assert any(a <= start and end <= b for a, b in speech)
        assert not any(
            word.start < end and word.end > start and word.end > word.start for s in found for word in s.words
        )


@calm
@given(speeches)
def test_without_any_word_all_longer_speech_is_unheard(speech):
    assert unheard([], speech) == tuple((a, b) for a, b in speech if b - a >= 2.0)


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no, no.",
        "Yeah.",
        "Thank you very much for joining us today, it was a pleasure.",
        "We shall fight on the beaches, we shall fight on the landing grounds, we shall fight in the fields.",
        "One two three four five six seven eight nine ten eleven twelve thirteen.",
        "はい、そうですね。今日はよろしくお願いします。",
        "Thanks for listening.",
        "The subtitle of the book is By the Sea.",
    ],
)
def test_speech_is_kept_without_a_doubt(text):
    judged = review([_said(text)], SPEECH)
    assert [segment.text for segment in judged.kept] == [text]
    assert judged.doubts == ()


@pytest.mark.parametrize(
    ("segment", "sign"),
    [
        (_said("I don't know. " * 8), "loop"),
        (_said("the " * 30), "loop"),
        (_said("So the first thing is that " + "we are going to " * 6), "loop"),
        (_said("本当に" * 10), "loop"),
        (_said("A long sentence that has much too many letters for one blink of an eye.", seconds=0.4), "too fast"),
        (_said("♪ ♪"), "no words"),
        (_said("!!!!!!!!"), "no words"),
        (_said("Something mumbled", probability=0.2, no_speech_prob=0.8), "unsure"),
        (_said("Untertitel im Auftrag des ZDF, 2017", no_speech_prob=0.5), "credit"),
        (_said("Subtitles by the Amara.org community", no_speech_prob=0.7), "credit"),
        (_said("ご視聴ありがとうございました", seconds=3, no_speech_prob=0.4), "credit"),
    ],
)
def test_inventions_are_dropped_with_their_sign(segment, sign):
    judged = review([segment], SPEECH)
    assert judged.kept == ()
    assert judged.dropped[0].signs == (sign,)


@pytest.mark.parametrize(
    ("segment", "sign"),
    [
        (_said("Something mumbled", probability=0.2, no_speech_prob=0.1), "unsure"),
        (Segment(10.0, 12.0, "No words given", avg_logprob=-1.4), "unsure"),
        (_said("Thanks for watching!", no_speech_prob=0.01), "credit"),
        (_said("The auctioneer said this at a rather terrifying pace.", seconds=1.2), "too fast"),
        (_said("Half of this is said behind the end of every voice", start=999.0, seconds=6), "silence"),
    ],
)
def test_one_bad_sign_alone_is_a_doubt_and_no_loss(segment, sign):
    judged = review([segment], SPEECH)
    assert judged.kept == (segment,)
    assert [(doubt.signs, doubt.dropped) for doubt in judged.doubts] == [((sign,), False)]


def test_a_sentence_over_a_blip_of_voice_is_too_much():
    sentence = _said(
        "But then they are turning around and handing the files over to the officers.", start=0, seconds=2.4
    )
    judged = review([sentence], ((0.3, 0.6), (2.1, 2.2)))
    assert judged.kept == ()
    assert judged.doubts[0].reason == (
        "“But then they are turning around and handing the files ov…” at 0:00 was left out: "
        "63 characters in 0.4 s of voice are too many."
    )


def test_a_word_near_speech_counts_as_spoken():
    assert review([_said("Yes.", start=5.0, seconds=0.4)], ((5.4 + MARGIN - 0.01, 8.0),)).kept
    assert not review([_said("Yes.", start=5.0, seconds=0.4)], ((5.4 + MARGIN + 0.01, 8.0),)).kept


def test_a_sentence_repeated_over_and_over_is_dropped_whole_as_one_doubt():
    around = [_said("So what do you think?", start=1.0), _said("Let us go on.", start=200.0)]
    found = [_said("You know what I mean.", start=10.0 * i) for i in range(1, 10)]
    judged = review([around[0], *found, around[1]], SPEECH)
    assert judged.kept == tuple(around)
    (doubt,) = judged.doubts
    assert (doubt.signs, doubt.segments, doubt.dropped) == (("loop",), tuple(found), True)
    assert doubt.reason == (
        "“You know what I mean.” at 0:10 was left out: the recogniser says “you know what i mean” 9 times in a row."
    )


def test_a_loop_of_several_segments_in_turn_is_one_doubt():
    found = [_said(text, start=10.0 * i) for i, text in enumerate(["Thank you.", "Thank you very much."] * 5)]
    judged = review([_said("We end here."), *found], SPEECH)
    assert [segment.text for segment in judged.kept] == ["We end here."]
    assert [doubt.segments for doubt in judged.doubts] == [tuple(found)]


def test_two_people_may_say_yeah_in_turn():
    found = [_said("Yeah.", start=10.0 * i) for i in range(8)]
    assert review(found, SPEECH).kept == tuple(found)


def test_rounds_that_take_no_time_are_no_turns_of_two_people():
    """As a reporter met them: "Yeah." eleven times, two of zero length."""
    found = [_said("Yeah.", start=10.0 + i, seconds=0.0 if i in (4, 9) else 0.4) for i in range(11)]
    (doubt,) = review(found, SPEECH).doubts
    assert (doubt.segments, doubt.dropped) == (tuple(found), True)


def test_a_segment_without_length_is_left_out_with_its_reason():
    found = [_said("And that was all."), _said("Bye.", start=30.0, seconds=0.0)]
    judged = review(found, SPEECH)
    assert judged.kept == (found[0],)
    assert [doubt.reason for doubt in judged.doubts] == ["“Bye.” at 0:30 was left out: it takes no time at all."]


def test_where_a_voice_is_heard_without_words():
    found = [_said("Here somebody speaks.", start=2.0, seconds=2.0), _said("And here again.", start=9.0, seconds=1.0)]
    assert unheard(found, ((2.0, 10.5), (20.0, 21.0), (30.0, 33.0))) == ((4.0, 9.0), (30.0, 33.0))
