"""The two libraries under one protocol; ``whisper.py`` chooses between them.

Both run deterministically and leave nothing out: temperature 0, no earlier text as a prompt (it
spreads one error over the rest), and no silent skipping. ``doubts.py`` decides what is doubtful, with a
reason. Only a piece that went wrong is decoded again with other settings, which also give the same result every time.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.transcribing.loading import EngineSettings, LoadedEngine, missing
from kb.errors import UsageError, VerbatimError
from kb.translatable import phrase
from kb.types import SAMPLE_RATE, Segment, Word

__all__ = ["FasterWhisper", "OpenAIWhisper", "check_translates", "clear_errors", "has_gpu"]

Samples = NDArray[np.float32]

LONGEST_INPUT = 30  # seconds that Whisper hears at a time
SLOT = LONGEST_INPUT * SAMPLE_RATE

# Settings for a second decoding. faster-whisper's batches do not sample, so it gets another beam, and repeated words
# a small penalty; openai-whisper samples, with a fixed seed.
NARROW, WIDE = 1, 5
REPEATING = 1.1
TEMPERATURE, DRAWS, SEED = 0.4, 5, 20_190_708


class FasterWhisper:
    """faster-whisper on a CTranslate2 folder."""

    def __init__(self, settings: EngineSettings) -> None:
        from faster_whisper import BatchedInferencePipeline
        from faster_whisper.feature_extractor import FeatureExtractor

        for name in ("model.bin", "config.json", "tokenizer.json"):  # without the last the library calls the hub
            if not (settings.model / name).is_file():
                raise missing(settings.model / name)
        self.settings = settings
        self._model = _remembering_model(
            str(settings.model),
            device=settings.device,
            compute_type=settings.compute_type,
            cpu_threads=settings.threads,
            local_files_only=True,
        )
        mels = self._model.model.n_mels
        if self._model.feature_extractor.mel_filters.shape[0] != mels:  # no preprocessor_config.json in the folder
            self._model.feature_extractor = FeatureExtractor(feature_size=mels)
        self._pipeline = BatchedInferencePipeline(self._model)
        _check_language(settings, self._model.supported_languages, self._model.model.is_multilingual)

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows other languages than English, and translates them."""
        return bool(self._model.model.is_multilingual)

    def detect_language(self, samples: Samples) -> tuple[str, float]:
        """See ``whisper.Engine``."""
        if not self.is_multilingual:
            return "en", 1.0
        with clear_errors(self.settings):
            token, probability = self._model.model.detect_language(self._encoded(samples))[0][0]
        return str(token)[2:-2], float(probability)

    def _encoded(self, samples: Samples) -> Any:
        """Encode a piece as the library's ``transcribe`` does, so that the model can reuse it there."""
        from faster_whisper.audio import pad_or_trim

        return self._model.encode(pad_or_trim(self._model.feature_extractor(samples[:SLOT])[..., :-1])[np.newaxis])

    def transcribe(
        self, pieces: Sequence[Samples], language: str, again: bool = False
    ) -> tuple[tuple[Segment, ...], ...]:
        """See ``whisper.Engine``."""
        results: list[list[Segment | None]] = [[] for _ in pieces]
        # Laid out 30 s apart, so that the library's rounding of a clip's start to 10 ms changes nothing.
        sound = np.zeros(len(pieces) * SLOT, np.float32)
        clips = []
        for number, piece in enumerate(pieces):
            sound[number * SLOT : number * SLOT + len(piece)] = piece
            start = number * LONGEST_INPUT
            clips.append({"start": start, "end": start + (len(piece) + 0.5) / SAMPLE_RATE})
        for segment in self._decoded(sound, clips, language, again):
            number = int(segment.seek / 100 // LONGEST_INPUT)  # a clip's segments carry its start as ``seek``
            words = [(word.word, word.start, word.end, word.probability) for word in segment.words or ()]
            clock = _Clock(number * LONGEST_INPUT, len(pieces[number]) / SAMPLE_RATE)
            results[number].append(_segment(vars(segment), words, clock))
        return tuple(tuple(filter(None, result)) for result in results)

    def _decoded(self, sound: Samples, clips: list[dict[str, float]], language: str, again: bool) -> list[Any]:
        if not clips:
            return []
        settings = self.settings
        other_beam = NARROW if settings.beam_size > NARROW else WIDE
        with clear_errors(settings):
            # The batched pipeline decodes each clip once, alone; the other one continues from its earlier guesses.
            segments, _ = self._pipeline.transcribe(
                sound,
                clip_timestamps=clips,
                batch_size=settings.batch,
                language=language,
                task=settings.task,
                beam_size=other_beam if again else settings.beam_size,
                repetition_penalty=REPEATING if again else 1.0,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=False,
                word_timestamps=settings.task == "transcribe",
                initial_prompt=settings.initial_prompt,
                hotwords=settings.hotwords,
                vad_filter=False,
            )
            return list(segments)


def _remembering_model(*arguments: Any, **options: Any) -> Any:
    """Return a ``WhisperModel`` that encodes a piece only once for both its language and its words.

    On a CPU encoding is a third to a half of the work.
    """
    from faster_whisper import WhisperModel

    class Remembering(WhisperModel):  # type: ignore[misc]
        _last: tuple[NDArray[np.float32], Any] | None = None

        def encode(self, features: NDArray[np.float32]) -> Any:
            last = self._last  # read once: another thread may replace it meanwhile
            if last is None or not np.array_equal(last[0], features):
                last = self._last = (features, super().encode(features))
            return last[1]

    return Remembering(*arguments, **options)


class OpenAIWhisper:
    """openai-whisper on a checkpoint, one piece after the other."""

    def __init__(self, settings: EngineSettings) -> None:
        # Else numba resets PyTorch's threads at the first word times, and all is six times slower.
        os.environ.setdefault("NUMBA_NUM_THREADS", "1")
        import torch
        import whisper
        from whisper.tokenizer import LANGUAGES

        if not settings.model.is_file():
            raise missing(settings.model)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self.settings = settings
        self._model = whisper.load_model(str(settings.model), device=settings.device)
        heads = whisper._ALIGNMENT_HEADS.get(settings.model.stem)
        if heads is not None:  # a model loaded by path does not know its alignment heads
            self._model.set_alignment_heads(heads)
        _check_language(settings, LANGUAGES, self._model.is_multilingual)

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows other languages than English, and translates them."""
        return bool(self._model.is_multilingual)

    def detect_language(self, samples: Samples) -> tuple[str, float]:
        """See ``whisper.Engine``."""
        if not self.is_multilingual:
            return "en", 1.0
        import whisper

        sound = whisper.pad_or_trim(samples)
        mel = whisper.log_mel_spectrogram(sound, self._model.dims.n_mels).to(self._model.device)
        with clear_errors(self.settings):
            _, probabilities = self._model.detect_language(mel)
        language = max(probabilities, key=probabilities.__getitem__)
        return str(language), float(probabilities[language])

    def transcribe(
        self, pieces: Sequence[Samples], language: str, again: bool = False
    ) -> tuple[tuple[Segment, ...], ...]:
        """See ``whisper.Engine``."""
        return tuple(tuple(self._heard(piece, language, again)) for piece in pieces)

    def _heard(self, piece: Samples, language: str, again: bool) -> Iterator[Segment]:
        import whisper

        settings = self.settings
        prompt = " ".join(filter(None, (settings.hotwords, settings.initial_prompt)))  # it has no hotwords
        how = {"temperature": TEMPERATURE, "best_of": DRAWS} if again else {"temperature": 0.0}
        with clear_errors(settings), _seeded(settings.device) if again else nullcontext():
            result = whisper.transcribe(
                self._model,
                piece,
                language=language,
                task=settings.task,
                beam_size=settings.beam_size,
                **how,
                fp16=settings.compute_type == "float16",
                condition_on_previous_text=False,
                initial_prompt=prompt or None,
                word_timestamps=settings.task == "transcribe",
                no_speech_threshold=None,  # it would skip speech silently
                logprob_threshold=None,
                compression_ratio_threshold=None,
            )
        clock = _Clock(0.0, len(piece) / SAMPLE_RATE)
        for found in result["segments"]:
            words = [(word["word"], word["start"], word["end"], word["probability"]) for word in found.get("words", ())]
            segment = _segment(found, words, clock)
            if segment is not None:
                yield segment


_random_lock = threading.Lock()  # PyTorch's random numbers are one sequence for all threads


@contextmanager
def _seeded(device: str) -> Iterator[None]:
    """Use the same random numbers each time, without changing the program's own sequence."""
    import torch

    with _random_lock, torch.random.fork_rng([torch.cuda.current_device()] if device == "cuda" else []):
        torch.manual_seed(SEED)
        yield


@dataclass(frozen=True, slots=True)
class _Clock:
    """Converts an engine's times to times within a piece that starts at ``start`` and lasts ``length`` seconds."""

    start: float
    length: float

    def __call__(self, seconds: float) -> float:
        return round(min(max(float(seconds) - self.start, 0.0), self.length), 3)


def _segment(
    found: Mapping[str, Any], words: Iterable[tuple[str, float, float, float]], clock: _Clock
) -> Segment | None:
    """Return an engine's segment as our own type, with times within the piece that never go back."""
    text = found["text"].strip()
    if not text:
        return None
    timed: list[Word] = []
    for word, start, end, probability in words:
        if word.strip():
            begin = max(clock(start), timed[-1].start or 0.0) if timed else clock(start)
            timed.append(
                Word(word.strip(), begin, max(clock(end), begin), round(min(max(float(probability), 0), 1), 4))
            )
    start, end = clock(found["start"]), clock(found["end"])
    if timed:
        start, end = timed[0].start or 0.0, timed[-1].end or 0.0
    return Segment(
        start=start,
        end=max(start, end),
        text=text,
        words=tuple(timed),
        avg_logprob=_finite(found["avg_logprob"]),
        no_speech_prob=_finite(found["no_speech_prob"]),
    )


def _finite(number: float) -> float | None:
    """Return the number rounded; ``None`` for not-a-number, which half precision gives on some GPUs."""
    return round(float(number), 4) if math.isfinite(number) else None


def check_translates(engine: LoadedEngine) -> None:
    """Raise ``UsageError`` if a loaded model knows only English."""
    if isinstance(engine, FasterWhisper | OpenAIWhisper) and not engine.is_multilingual:
        raise _only_english(engine.settings)


def _only_english(settings: EngineSettings) -> UsageError:
    return UsageError(
        phrase(
            "The model %(model)s knows only English and does not translate; use a larger one.",
            model=settings.model.name,
        )
    )


def _check_language(settings: EngineSettings, known: Iterable[str], multilingual: bool) -> None:
    if not multilingual and (settings.language not in (None, "en") or settings.task == "translate"):
        raise _only_english(settings)
    if settings.language is not None and settings.language not in known:
        raise UsageError(
            phrase(
                "Whisper knows no language %(language)s; use a code such as en, de or fr.",
                language=repr(settings.language),
            )
        )


def has_gpu(engine: str) -> bool:
    """Return whether this engine's library finds a CUDA GPU here."""
    if engine == "faster-whisper":
        import ctranslate2

        return bool(ctranslate2.get_cuda_device_count() > 0)
    import torch

    return torch.cuda.is_available()


@contextmanager
def clear_errors(settings: EngineSettings) -> Iterator[None]:
    """Turn the libraries' errors for a damaged model or a full GPU into one sentence with a remedy."""
    try:
        yield
    except VerbatimError:
        raise
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        if "out of memory" in first.lower():
            raise VerbatimError(
                phrase(
                    "The %(device)s has too little memory for %(model)s. Use a smaller model, the compute type "
                    "int8 or a smaller batch.",
                    device=settings.device,
                    model=settings.model.name,
                )
            ) from error
        if "libcu" in first or "CUDA" in first:
            raise VerbatimError(
                phrase("The GPU cannot be used (%(reason)s). Choose the device cpu.", reason=first)
            ) from error
        raise VerbatimError(
            phrase(
                "The model %(model)s failed in %(engine)s (%(reason)s). If it is damaged, fetch it again; if it "
                "belongs to the other engine, name that engine.",
                model=str(settings.model),
                engine=settings.engine,
                reason=first,
            )
        ) from error
