"""Both real engines on the reading the tiny model knows, the settings that cannot be, and blocks heard to their end."""

from __future__ import annotations

import difflib
import itertools
import json
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sound.blocks import Block, blocks
from ingest.transcribing.hearing import REST, ROUNDS, hear
from ingest.transcribing.loading import EngineSettings, load, model_identity, resolved
from kb.errors import ModelNotAvailable, UsageError, VerbatimError
from kb.types import SAMPLE_RATE, Segment, Word
from tests.conftest import ROOT, environment
from tests.models.tiny import ct2_folder, openai_checkpoint
from tests.sounds import READING, speech

pytestmark = [
    pytest.mark.slow,
    # whisper.timing hands a tensor to numpy.median; ours to bear, not to mend
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    # whisper.tokenizer leaves its vocabulary open
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]

SECONDS = 70.3  # of the reading: three blocks, eight sentences
ENGINES = ("faster-whisper", "openai-whisper")


def _settings(engine: str, **more) -> EngineSettings:
    model = ct2_folder() if engine == "faster-whisper" else openai_checkpoint()
    return EngineSettings(model, engine=engine, device="cpu", threads=1, beam_size=more.pop("beam_size", 1), **more)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    return load(_settings(request.param))


@pytest.fixture(scope="module")
def some_blocks():
    return list(blocks([speech(0, SECONDS)]))


def _plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def _known_words(end: float) -> list[tuple[str, float]]:
    """The reading's words before ``end`` and when they begin, known from the synthesis."""
    sentences = json.loads(READING.with_suffix(".json").read_text())
    return [
        (word, start)
        for sentence in sentences
        for word, start in zip(sentence["text"].split(), sentence["word_starts"], strict=True)
        if sentence["end"] <= end
    ]


def test_words_and_their_times(engine, some_blocks):
    found = [w for block in some_blocks for s in hear(engine, [block], "en")[0] for w in s.words]
    known = _known_words(SECONDS)
    left = ["".join(_plain(word)) for word, _ in known]
    right = ["".join(_plain(word.text)) for word in found]
    matches = difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    pairs = [(known[m.a + i][1], found[m.b + i].start) for m in matches for i in range(m.size)]
    assert len(pairs) / max(len(left), len(right)) > 0.97
    errors = [abs(start - begin) for start, begin in pairs]
    assert np.median(errors) < 0.15
    assert np.quantile(errors, 0.95) < 0.6


def test_segments_are_well_formed(engine, some_blocks):
    for block in some_blocks:
        moments = []
        for segment in hear(engine, [block], "en")[0]:
            at = 0
            for word in segment.words:
                at = segment.text.index(word.text, at) + len(word.text)
                moments += [word.start, word.end]
                assert word.text == word.text.strip() != ""
                assert 0 <= word.probability <= 1
            assert at == len(segment.text.rstrip())
            assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)
            assert segment.avg_logprob <= 0
            assert 0 <= segment.no_speech_prob <= 1
        assert all(type(moment) is float and block.start <= moment <= block.end + 0.001 for moment in moments)
        starts = moments[::2]
        assert all(a <= b for a, b in itertools.pairwise(starts))


def test_the_same_sound_gives_the_same_segments(engine, some_blocks):
    piece = some_blocks[1].samples
    assert engine.transcribe([piece], "en") == engine.transcribe([piece], "en")


def test_a_batch_hears_what_each_block_alone_says(some_blocks):
    alone, together = (load(_settings("faster-whisper", batch=batch)) for batch in (1, 4))
    for group in (some_blocks[:2], some_blocks[2:]):
        for one, many in zip([hear(alone, [b], "en")[0] for b in group], hear(together, group, "en"), strict=True):
            assert [segment.text for segment in one] == [segment.text for segment in many]
            for a, b in zip(one, many, strict=True):
                assert a.start == pytest.approx(b.start, abs=0.3)


def test_no_pieces_and_no_sound_are_no_error(engine):
    assert engine.transcribe([], "en") == ()
    assert len(engine.transcribe([np.zeros(SAMPLE_RATE, np.float32)], "en")) == 1
    assert engine.detect_language(speech(0, 10)) == ("en", 1.0)


# Settings


def test_auto_is_resolved_to_what_this_machine_has():
    cpu = EngineSettings(Path("m"), device="cpu")
    assert (resolved(cpu).compute_type, resolved(cpu).batch) == ("int8", 1)
    assert resolved(replace(cpu, engine="openai-whisper")).compute_type == "float32"
    assert resolved(replace(cpu, batch=3)).batch == 3
    assert resolved(resolved(cpu)) == resolved(cpu)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"engine": "kaldi"}, "There is no engine 'kaldi'; choose faster-whisper or openai-whisper."),
        ({"beam_size": 0}, "The beam size must be at least 1"),
        ({"language": "xx"}, "knows only English"),
        ({"language": "de"}, "The model ct2 knows only English and does not translate; use a larger one."),
        ({"task": "translate"}, "does not translate"),
        ({"compute_type": "int7"}, "failed in faster-whisper"),
        ({"engine": "openai-whisper", "compute_type": "int8"}, "openai-whisper does not compute in int8 here"),
    ],
)
def test_settings_that_cannot_be(change, message):
    with pytest.raises(VerbatimError) as error:
        load(replace(EngineSettings(ct2_folder(), device="cpu"), **change))
    assert message.replace("ct2", ct2_folder().name) in str(error.value)


def test_a_gpu_that_is_not_there():
    """In a process that sees none, for this machine may have one."""
    program = "import sys; from pathlib import Path; from ingest.transcribing.loading import *; load(EngineSettings(Path(sys.argv[1]), device='cuda'))"
    done = subprocess.run(
        [sys.executable, "-c", program, ct2_folder()],
        cwd=ROOT,
        env={**environment(ct2_folder()), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr.splitlines()[-1].endswith(
        "UsageError: No CUDA GPU can be used here; choose the device cpu or auto."
    )


# Models


def _no_network(*_):
    raise AssertionError("the network was asked")


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json"])
def test_a_model_without_one_of_its_files_asks_nobody(name, tmp_path, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    shutil.copytree(ct2_folder(), tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    with pytest.raises(ModelNotAvailable, match=re.escape(f"{tmp_path / 'model' / name}")):
        load(EngineSettings(tmp_path / "model", device="cpu"))


@pytest.mark.parametrize("engine_name", ENGINES)
def test_a_model_that_is_not_there_or_damaged(engine_name, tmp_path):
    settings = replace(_settings(engine_name), model=tmp_path / "gone")
    with pytest.raises(ModelNotAvailable, match="kb models fetch"):
        load(settings)
    with pytest.raises(ModelNotAvailable):
        model_identity(tmp_path / "gone")
    broken = tmp_path / "broken"
    if engine_name == "faster-whisper":
        shutil.copytree(ct2_folder(), broken)
        (broken / "model.bin").write_bytes(b"\0" * 1_000)
    else:
        broken.write_bytes(b"\0" * 1_000)
    with pytest.raises(VerbatimError, match="If it is damaged, fetch it again"):
        load(replace(settings, model=broken))


def test_identity_follows_the_content_and_not_the_place(tmp_path):
    shutil.copytree(ct2_folder(), tmp_path / "a")
    assert model_identity(tmp_path / "a") == model_identity(ct2_folder())
    shutil.copy(openai_checkpoint(), tmp_path / "other name.pt")
    assert model_identity(tmp_path / "other name.pt") == model_identity(openai_checkpoint())
    content = bytearray((tmp_path / "a" / "model.bin").read_bytes())
    content[-100] ^= 1
    (tmp_path / "a" / "model.bin").write_bytes(content)
    assert model_identity(tmp_path / "a") != model_identity(ct2_folder())


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory):
    """A multilingual model of random weights: it says nonsense, in any language."""
    import torch
    import whisper

    torch.manual_seed(0)
    dims = whisper.model.ModelDimensions(80, 1500, 32, 2, 1, 51_865, 448, 32, 2, 1)
    model = whisper.model.Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.01)  # else whatever lay in memory
    path = tmp_path_factory.mktemp("model") / "polyglot.pt"
    torch.save({"dims": vars(dims), "model_state_dict": model.state_dict()}, path)
    return EngineSettings(path, engine="openai-whisper", device="cpu", threads=1, beam_size=1)


def test_a_multilingual_model_detects_a_language_and_takes_any_it_knows(polyglot):
    language, probability = load(polyglot).detect_language(speech(0, 5))
    assert re.fullmatch("[a-z]{2,3}", language)
    assert 0 < probability < 1
    assert load(replace(polyglot, language="de", task="translate"))
    with pytest.raises(UsageError, match="Whisper knows no language 'klingon'; use a code such as en, de or fr"):
        load(replace(polyglot, language="klingon"))


def test_nonsense_is_well_formed_too(polyglot):
    for segment in load(polyglot).transcribe([speech(0, 5)], "de")[0]:
        assert 0 <= segment.start <= segment.end <= 5
        assert segment.text.strip()
        assert all(0 <= word.probability <= 1 for word in segment.words)


def test_a_model_that_computes_no_numbers_is_sure_of_nothing(polyglot, tmp_path):
    """Half precision on some GPUs gives not-a-number for everything, and a text of exclamation marks."""
    import torch

    checkpoint = torch.load(polyglot.model, weights_only=True)
    checkpoint["model_state_dict"]["decoder.positional_embedding"][:] = torch.nan
    torch.save(checkpoint, tmp_path / "nan.pt")
    for segment in load(replace(polyglot, model=tmp_path / "nan.pt")).transcribe([speech(0, 5)], "de")[0]:
        assert segment.avg_logprob is None
        assert all(word.probability == 0 for word in segment.words)


# Heard to the end


class Forgetful:
    """An engine that says the number of every second it hears, but stops after a few, as Whisper sometimes does."""

    settings = EngineSettings(Path("none"))

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.calls = 0

    def transcribe(self, pieces, language, again=False):
        self.calls += 1
        return tuple(tuple(self._said(piece)) for piece in pieces)

    def _said(self, piece):
        for second in range(min(self.patience, len(piece) // SAMPLE_RATE)):
            value = str(int(piece[second * SAMPLE_RATE]))
            yield Segment(float(second), second + 1.0, value, words=(Word(value, float(second), second + 1.0, 0.9),))


def _counted_block(number: int, start: float, seconds: int) -> Block:
    samples = np.repeat(np.arange(seconds, dtype=np.float32), SAMPLE_RATE)
    return Block(number, start, samples, ((start, start + seconds),))


@settings(deadline=None)
@given(st.integers(1, 30), st.lists(st.integers(1, 28), min_size=1, max_size=4))
def test_what_an_engine_leaves_out_is_heard_again(patience, lengths):
    group = [_counted_block(number, 100.0 * number, length) for number, length in enumerate(lengths)]
    engine = Forgetful(patience)
    for block, segments, length in zip(group, hear(engine, group, "en"), lengths, strict=True):
        reach = min(length, patience * ROUNDS)
        assert [segment.text for segment in segments] == [str(second) for second in range(reach)]
        assert [segment.start - block.start for segment in segments] == list(range(reach))
        assert [word.start for segment in segments for word in segment.words] == [s.start for s in segments]
    assert engine.calls <= ROUNDS


def test_what_has_no_voice_is_not_heard_again():
    block = _counted_block(0, 0.0, 10)
    engine = Forgetful(4)
    hear(engine, [Block(0, 0.0, block.samples, ((0.0, 4.0 + REST / 2),))], "en")
    assert engine.calls == 1
    deaf = Forgetful(0)
    assert hear(deaf, [block], "en") == ((),)
    assert deaf.calls == 1
