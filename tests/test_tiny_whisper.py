"""Both engines, through their real code, hear the corpus reading with the tiny model of the project."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.types import Word
from tests.conftest import CORPUS
from tests.models.tiny import WEIGHTS, ct2_folder, openai_checkpoint
from training.export_whisper import read_weights, write_weights
from training.lines import Line, corpus_lines
from training.make_reading import EPISODE
from training.score_whisper import (
    Listener,
    faster_listener,
    hear,
    openai_listener,
    score,
    speech_blocks,
    spoken,
)
from training.sound import read_sound
from training.tiny_model import Tiny, mel
from training.utterance import RATE, Sound
from training.whisper_tokenizer import english_tokenizer
from training.windows import Sampler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore:unclosed file.*gpt2.tiktoken:ResourceWarning"  # openai-whisper leaves its token table open
    ),
]

#: Where a sentence of the reading ends.
OPENAI_HEARS = 87.05
LISTENERS = {
    "openai-whisper": lambda: openai_listener(openai_checkpoint()),
    "faster-whisper int8": lambda: faster_listener(ct2_folder(), "int8"),
    "faster-whisper float32": lambda: faster_listener(ct2_folder(), "float32"),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sound() -> Sound:
    return read_sound(CORPUS / f"{EPISODE}.opus")


@pytest.fixture(scope="module")
def reference() -> list[Word]:
    return spoken()


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return corpus_lines()


@pytest.fixture(scope="module", params=list(LISTENERS))
def listener(request: pytest.FixtureRequest) -> Listener:
    return LISTENERS[request.param]()


@pytest.fixture(scope="module")
def quick() -> Listener:
    return LISTENERS["faster-whisper int8"]()


def test_blocks_hold_all_speech_and_are_short(sound: Sound, reference: list[Word]) -> None:
    for longest in (28.0, 10.0):
        blocks = [(start, start + len(block) / RATE) for start, block in speech_blocks(sound, longest)]
        assert all(end - start <= 30 for start, end in blocks)
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(blocks))
        middles = [((word.start or 0) + (word.end or 0)) / 2 for word in reference]
        assert all(any(start <= middle <= end for start, end in blocks) for middle in middles)


def test_the_reading_is_heard(
    listener: Listener, sound: Sound, reference: list[Word], request: pytest.FixtureRequest
) -> None:
    if "openai-whisper" in request.node.name:  # ten times slower: the first sentences are enough
        reference = [word for word in reference if (word.start or 0.0) < OPENAI_HEARS]
        sound = sound[: int(OPENAI_HEARS * RATE)]
    wrong, near = score(reference, hear(listener, sound))
    assert wrong <= 0.03
    assert near >= 0.95


@pytest.mark.parametrize("longest", [10.0, 18.0])
def test_it_is_heard_in_other_blocks_too(quick: Listener, sound: Sound, reference: list[Word], longest: float) -> None:
    wrong, near = score(reference, hear(quick, sound, longest))
    assert wrong <= 0.08
    assert near >= 0.88


def recoded(sound: Sound, path: Path, codec: str, rate: int, bit_rate: int | None = None) -> Sound:
    """Return the sound as another file of the same recording has it."""
    resampler = av.AudioResampler(format="s16p" if codec == "libmp3lame" else "s16", layout="mono", rate=rate)
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
        frame.sample_rate = RATE
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            for packet in stream.encode(piece):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return read_sound(path)


@pytest.mark.parametrize("copy", ["quarter", "double", "mp3", "telephone"])
def test_copies_of_the_reading_are_heard(
    quick: Listener, sound: Sound, reference: list[Word], copy: str, tmp_path: Path
) -> None:
    copies = {
        "quarter": lambda: sound * np.float32(0.25),
        "double": lambda: np.clip(sound * np.float32(2), -1, 1),
        "mp3": lambda: recoded(sound, tmp_path / "copy.mp3", "libmp3lame", 44_100, 64_000),
        "telephone": lambda: recoded(sound, tmp_path / "copy.wav", "pcm_s16le", 8_000),
    }
    wrong, near = score(reference, hear(quick, copies[copy]()))
    assert wrong <= 0.08
    assert near >= 0.88


def soundless() -> dict[str, Sound]:
    time = np.arange(20 * RATE) / RATE
    roots = 110 * 2 ** (np.array([0, 5, 7, 3])[(time // 1.5).astype(int) % 4] / 12)
    phase = 2 * np.pi * np.cumsum(roots) / RATE
    chord = sum(np.sin(phase * interval) for interval in (1, 1.25, 1.5, 2)) * np.exp(-(time % 1.5))
    return {
        "silence": np.zeros(len(time), np.float32),
        "noise": np.random.default_rng(3).normal(0, 0.02, len(time)).astype(np.float32),
        "chords": (0.1 * chord).astype(np.float32),
    }


@pytest.mark.parametrize("kind", ["silence", "noise", "chords"])
def test_what_is_no_speech_gives_no_words(listener: Listener, kind: str) -> None:
    assert listener(soundless()[kind]) == []


def test_no_block_is_cut_from_what_is_no_speech() -> None:
    assert [block for sound in soundless().values() for block in speech_blocks(sound)] == []


def test_both_files_load_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the model asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for make in LISTENERS.values():
        make()


def test_expanding_happens_once_and_leaves_no_scraps(tmp_path: Path) -> None:
    first = openai_checkpoint(tmp_path), ct2_folder(tmp_path)
    times = [path.stat().st_mtime_ns for path in first]
    assert (openai_checkpoint(tmp_path), ct2_folder(tmp_path)) == first
    assert [path.stat().st_mtime_ns for path in first] == times
    assert sorted(path.name for path in first[0].parent.iterdir()) == ["tiny-segment-ct2", "tiny-segment.pt"]
    assert {"model.bin", "tokenizer.json", "preprocessor_config.json"} <= {path.name for path in first[1].iterdir()}


def test_the_weights_are_small_and_survive_being_written(tmp_path: Path) -> None:
    assert WEIGHTS.stat().st_size < 3_000_000
    before = read_weights(WEIGHTS)
    write_weights(before, tmp_path / "copy.npz")
    after = read_weights(tmp_path / "copy.npz")
    assert after.dims == before.dims
    assert after.tensors.keys() == before.tensors.keys()
    assert all(np.array_equal(after.tensors[name], tensor) for name, tensor in before.tensors.items())
    assert np.array_equal(after.full_embedding(), before.full_embedding())


def test_training_goes_on_from_the_weights(lines: list[Line]) -> None:
    model = Tiny(token for line in lines for word in line.words for token in word.tokens)
    model.load(read_weights(WEIGHTS))
    again, weights = model.export(), read_weights(WEIGHTS)
    assert all(np.array_equal(again.tensors[name], tensor) for name, tensor in weights.tensors.items())
    assert np.array_equal(again.full_embedding(), weights.full_embedding())
    sampler = Sampler(lines, [lines], seed=5)
    text, guide, right = model.losses(model.batch([sampler.window() for _ in range(4)]))
    assert right > 0.9
    torch.autograd.backward(text + guide)
    assert all(bool(weight.grad is not None) for weight in model.whisper.decoder.blocks.parameters())


def test_windows_say_what_is_in_them(lines: list[Line]) -> None:
    sampler = Sampler(lines, [lines], seed=1)
    tokenizer = sampler.tokenizer
    episode = {tokenizer.decode(word.tokens) for line in lines for word in line.words}
    for _ in range(60):
        window = sampler.window()
        tokens = [label.token for label in window.labels]
        assert len(window.sound) <= 30 * RATE
        assert list(window.inputs[1:]) == tokens[:-1] or tokens[0] == tokenizer.no_speech
        assert tokens[-1] == tokenizer.eot
        stamps = [token for token in tokens if token >= tokenizer.timestamp_begin]
        assert all(earlier < later for earlier, later in pairwise(stamps))
        assert all(
            0 <= end <= len(window.sound) / RATE + 2 for end in (label.span[1] for label in window.labels if label.span)
        )
        assert {
            f" {word}" for word in tokenizer.decode([token for token in tokens if token < tokenizer.eot]).split()
        } <= episode


def test_the_training_hears_what_the_engines_hear(lines: list[Line]) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    block = lines[8].sound
    features = FeatureExtractor()(block)[:, :-1]
    assert np.abs(mel(block).numpy()[:, : features.shape[1]] - features).max() < 1e-3
    assert not mel(block).numpy()[:, features.shape[1] :].any()


@pytest.fixture(scope="module")
def tokenizer() -> object:
    return english_tokenizer()


@settings(deadline=None)
@given(text=st.text(max_size=60).filter(lambda text: "<|" not in text))
def test_the_tokenizer_numbers_text_as_openai_whisper_does(tokenizer, text: str) -> None:  # type: ignore[no-untyped-def]
    from whisper.tokenizer import get_tokenizer

    assert tokenizer.encode(text).ids == get_tokenizer(False).encode(text)


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8)


def timed(words: list[str], offset: float = 0.0) -> list[Word]:
    return [Word(word, index + offset, index + offset + 1) for index, word in enumerate(words)]


@given(said=WORDS, heard=WORDS)
def test_the_word_error_rate_is_a_distance(said: list[str], heard: list[str]) -> None:
    wrong, near = score(timed(said), timed(heard))
    assert (wrong == 0) == (said == heard)
    assert abs(len(said) - len(heard)) <= wrong * len(said) <= max(len(said), len(heard))
    assert wrong * len(said) == pytest.approx(score(timed(heard), timed(said))[0] * len(heard))
    assert near <= 1


def test_a_start_counts_only_within_the_tolerance() -> None:
    assert score(timed(["One,", "two"]), timed(["one", "TWO!"], 0.29)) == (0.0, 1.0)
    assert score(timed(["One,", "two"]), timed(["one", "TWO!"], 0.31)) == (0.0, 0.0)
    assert score(timed(["one", "two"]), []) == (1.0, 0.0)
