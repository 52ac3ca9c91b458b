"""Blocks: cut in silence, at most 28 s, every spoken window in one, and the same however the sound arrives."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sound.blocks import LEAST, LONGEST, LONGEST_BLOCK, PAD, SILENCE, SPEECH, BlockSpan, Cutter, blocks
from ingest.sound.voice_activity import WINDOW, speech_probabilities
from kb.types import SAMPLE_RATE
from tests.sounds import READING, chord, noise, reading, silence, speech, tune

calm = settings(deadline=None)  # the machine may be busy with something else


def _spans(probabilities: list[float], *cuts: int) -> list[BlockSpan]:
    cutter = Cutter()
    edges = [0, *sorted(cuts), len(probabilities)]
    found = [span for a, b in itertools.pairwise(edges) for span in cutter.feed(probabilities[a:b])]
    return found + list(cutter.finish())


# Runs of windows with one probability: speech, silence and doubt of any length, up to several blocks.
runs = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 400)), max_size=12)
recordings = runs.map(lambda parts: [p for p, length in parts for _ in range(length)])


@calm
@given(recordings)
def test_spans_are_short_ordered_and_apart(probabilities):
    spans = _spans(probabilities)
    assert all(0 < span.end - span.start <= LONGEST for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.start >= 0 and span.end <= len(probabilities) for span in spans)
    for span in spans:
        inside = [edge for run in span.runs for edge in run]
        assert inside == sorted(inside)
        assert span.start <= inside[0] <= inside[-1] <= span.end


@calm
@given(recordings)
def test_no_spoken_window_is_lost_but_for_single_clicks(probabilities):
    covered = np.zeros(len(probabilities), bool)
    for span in _spans(probabilities):
        covered[span.start : span.end] = True
    spoken = np.array(probabilities) >= SPEECH if probabilities else np.zeros(0, bool)
    lost = np.flatnonzero(spoken & ~covered)
    # What is left out is a click: fewer windows than a word has, alone between two silences or two cuts.
    for window in lost:
        neighbours = lost[np.abs(lost - window) < PAD]
        assert len(neighbours) < LEAST


@calm
@given(recordings, st.lists(st.integers(0, 2_000), max_size=5))
def test_the_same_spans_however_the_probabilities_arrive(probabilities, cuts):
    assert _spans(probabilities, *(min(cut, len(probabilities)) for cut in cuts)) == _spans(probabilities)


@calm
@given(st.integers(LEAST, 500), st.integers(0, 3 * SILENCE))
def test_a_silence_of_two_seconds_ends_a_block(length, pause):
    spans = _spans([0.9] * length + [0.0] * pause + [0.9] * 20)
    assert len(spans) == (2 if pause >= SILENCE else 1)


def test_a_long_speech_is_cut_in_its_last_good_pause():
    pauses = {400: 30, 600: 16, 700: 3}  # windows: where and how long
    probabilities = [0.9] * 1_200
    for at, length in pauses.items():
        probabilities[at : at + length] = [0.1] * length
    first, second = _spans(probabilities)
    assert 600 <= first.end <= 616
    assert first.end <= second.start <= 616
    assert second.runs[0][0] == 616


def test_without_a_good_pause_the_longest_is_taken_and_without_any_the_weakest_window():
    probabilities = [0.9] * 1_000
    probabilities[500:508] = [0.1] * 8
    probabilities[700:703] = [0.1] * 3
    assert 500 <= _spans(probabilities)[0].end <= 508
    weak = [0.9] * 1_000
    weak[555] = 0.51
    assert _spans(weak)[0].end == 555


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 100_000), max_size=6))
def test_the_stream_detects_what_the_library_detects_on_the_whole(lengths):
    from faster_whisper.vad import get_vad_model

    sound = speech(10, 16)
    edges = np.minimum(np.cumsum([0, *lengths]), len(sound))
    parts = [sound[a:b] for a, b in zip(edges, [*edges[1:], len(sound)], strict=True)]
    streamed = list(speech_probabilities(parts))
    found = np.concatenate([probabilities for _, probabilities in streamed])
    padded = np.pad(sound, (0, -len(sound) % WINDOW))
    whole = get_vad_model()(padded.copy()).reshape(-1)
    np.testing.assert_allclose(found[:-1], whole[:-1], atol=1e-5)  # the library blanks the very end of its input
    np.testing.assert_array_equal(np.concatenate([samples for samples, _ in streamed]), sound)


def _in_parts(sound: np.ndarray, size: int):
    return (sound[at : at + size] for at in range(0, len(sound), size))


def test_blocks_of_the_reading_hold_every_word():
    found = list(blocks(_in_parts(reading(), 160_000)))
    assert [block.number for block in found] == list(range(len(found)))
    assert all(block.end - block.start <= LONGEST_BLOCK for block in found)
    sentences = json.loads(READING.with_suffix(".json").read_text())
    for start in (moment for sentence in sentences for moment in sentence["word_starts"]):
        assert any(block.start <= start + 0.05 and start <= block.end for block in found), start


def test_a_block_is_the_sound_at_its_offset_and_the_same_from_any_chunks():
    sound = speech(0, 90)
    first, second = (list(blocks(_in_parts(sound, size))) for size in (160_000, 7_777))
    assert [(a.start, a.end, a.speech) for a in first] == [(b.start, b.end, b.speech) for b in second]
    for block, again in zip(first, second, strict=True):
        at = round(block.start * SAMPLE_RATE)
        np.testing.assert_array_equal(block.samples, sound[at : at + len(block.samples)])
        np.testing.assert_array_equal(block.samples, again.samples)


@pytest.mark.parametrize("quiet", [silence(20), noise(20), noise(20, 0.3), chord(20), tune(20)])
def test_nothing_spoken_gives_no_block(quiet):
    assert list(blocks(_in_parts(quiet, 160_000))) == []


def test_speech_after_ten_minutes_of_silence_keeps_its_second_in_little_memory():
    def sound():
        for _ in range(60):
            yield silence(10)
        yield speech(0, 15)

    tracemalloc.start()
    found = list(blocks(sound()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [round(stretch[0]) for stretch in found[0].speech[:1]] == [600]
    assert found[0].start == pytest.approx(600.05, abs=0.2)
    assert peak < 30e6
