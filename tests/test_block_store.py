"""What is kept of a block that was heard: it comes back as it was, or not at all."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sound.blocks import Block
from ingest.transcribing.block_store import Heard, dump, parse, result_key
from ingest.transcribing.languages import SpokenLanguage
from ingest.transcribing.loading import EngineSettings
from kb.types import Segment, Word
from tests.models.tiny import ct2_folder, openai_checkpoint
from tests.sounds import RATE

times = st.floats(0, 10_000).map(lambda seconds: round(seconds, 3))
words = st.builds(Word, st.text(), times, times, st.floats(0, 1))
segments = st.builds(
    Segment,
    times,
    times,
    st.text(),
    words=st.lists(words, max_size=5).map(tuple),
    avg_logprob=st.none() | st.floats(-9, 0),
)
languages = st.sampled_from(["en", "de"])
spoken = st.builds(SpokenLanguage, languages, languages, st.floats(0, 1))
kept = st.builds(Heard, st.lists(segments, max_size=5).map(tuple), spoken)
BLOCK = Block(3, 1.5, np.zeros(RATE, np.float32), ())


@settings(deadline=None)
@given(kept)
def test_what_is_stored_comes_back(heard):
    text = dump(BLOCK, heard)
    assert parse(text, BLOCK) == heard
    assert parse(text, Block(3, 1.532, BLOCK.samples, ())) is None


leaves = st.none() | st.floats() | st.text()
keys = st.sampled_from(["span", "segments", "spoken", "again", "other"])
values = leaves | st.lists(leaves, max_size=3) | st.dictionaries(keys, leaves | st.lists(leaves, max_size=3))


@settings(deadline=None)
@given(st.text() | values.map(json.dumps))
def test_any_other_text_is_nothing(text):
    assert parse(text, BLOCK) is None


@pytest.mark.slow
def test_the_key_has_every_setting_that_changes_the_words():
    base = EngineSettings(ct2_folder(), device="cpu", compute_type="int8", batch=1)
    changes = {
        "model": openai_checkpoint(),
        "engine": "openai-whisper",
        "device": "cuda",
        "compute_type": "float32",
        "language": "en",
        "task": "translate",
        "initial_prompt": "Dear listeners",
        "hotwords": "Bedoya",
        "beam_size": 1,
        "batch": 2,
    }
    assert {field.name for field in fields(EngineSettings)} == {*changes, "threads", "name"}
    keys = {result_key("a", replace(base, **{name: value}), None) for name, value in changes.items()}
    keys |= {
        result_key("a", base, None),
        result_key("b", base, None),
        result_key("a", base, 0),
        result_key("a", base, 1),
    }
    assert len(keys) == len(changes) + 4
    assert result_key("a", replace(base, threads=7, name="Tiny"), None) == result_key("a", base, None)
