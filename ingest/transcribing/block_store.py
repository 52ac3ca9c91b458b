"""Storage of finished blocks, so that a transcription can resume after a kill at any moment.

A store keeps texts under a key and a number; ``put`` must be atomic and durable. The key has all that changes the
words: the sound, the model, the settings, the libraries. A text also names its stretch of sound, so
blocks that another version of the detector cut differently are decoded again and never put in the wrong place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Protocol

from ingest.sound.blocks import BLOCKS_VERSION, Block
from ingest.transcribing.languages import SpokenLanguage
from ingest.transcribing.loading import EngineSettings, model_identity
from ingest.transcribing.rehearing import Again
from kb.types import Segment, Word

__all__ = ["BlockStore", "Heard", "dump", "parse", "result_key"]

#: Increase it when the same block gives other words than before.
RESULT_VERSION = 3


_RUNTIME = {"faster-whisper": "ctranslate2", "openai-whisper": "torch"}


class BlockStore(Protocol):
    """Where finished blocks go; several files may be in one store."""

    def get(self, key: str, number: int) -> str | None:
        """Return the text put under this key and number, ``None`` where there is none."""

    def put(self, key: str, number: int, text: str) -> None:
        """Store ``text`` (some kB) durably before returning; an older one is replaced."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The engine's result for one block, before the review."""

    segments: tuple[Segment, ...]
    spoken: SpokenLanguage
    #: The result of a second decoding, if there was one.
    again: Again | None = None


def result_key(sha256: str, settings: EngineSettings, channel: int | None) -> str:
    """Return the key of a recording's blocks; ``settings`` have every ``auto`` resolved."""
    parts = asdict(settings)
    for name in ("model", "name", "threads"):  # the path, name and threads do not change the words
        del parts[name]
    parts["channel"] = channel
    parts["sha256"] = sha256
    parts["identity"] = model_identity(settings.model)
    parts["libraries"] = [version(library) for library in (settings.engine, _RUNTIME[settings.engine])]
    parts["versions"] = [BLOCKS_VERSION, RESULT_VERSION]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def dump(block: Block, heard: Heard) -> str:
    """Return the text that keeps ``heard`` for ``block``."""
    segments = [
        {
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
            "words": [[word.text, word.start, word.end, word.probability] for word in segment.words],
            "avg_logprob": segment.avg_logprob,
            "no_speech_prob": segment.no_speech_prob,
        }
        for segment in heard.segments
    ]
    kept = {
        "span": _span(block),
        "spoken": [heard.spoken.language, heard.spoken.guess, heard.spoken.probability],
        "again": heard.again and [heard.again.trouble, heard.again.second],
        "segments": segments,
    }
    return json.dumps(kept, ensure_ascii=False)


def parse(text: str | None, block: Block) -> Heard | None:
    """Return what ``dump`` kept; ``None`` where there is nothing, or it is damaged or for another stretch of sound."""
    if text is None:
        return None
    try:
        kept = json.loads(text)
        if kept["span"] != _span(block):
            return None
        segments = tuple(_segment(segment) for segment in kept["segments"])
        again = None if kept["again"] is None else Again(*kept["again"])
        language, guess, probability = kept["spoken"]
        return Heard(segments, SpokenLanguage(str(language), str(guess), float(probability)), again)
    except (ValueError, TypeError, KeyError):
        return None


def _span(block: Block) -> list[float]:
    return [block.start, block.end]


def _segment(kept: dict[str, Any]) -> Segment:
    return Segment(
        start=kept["start"],
        end=kept["end"],
        text=kept["text"],
        words=tuple(Word(*word) for word in kept["words"]),
        avg_logprob=kept["avg_logprob"],
        no_speech_prob=kept["no_speech_prob"],
    )
