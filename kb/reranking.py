"""The best passages put in a better order by a cross-encoder, which reads question and passage together.

A cross-encoder from sentence-transformers (Nogueira and Cho 2019, arXiv:1901.04085) tells apart what words and vectors
cannot, at the price of a model run for each passage; so it sees only the best of them, and for a limited time.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .errors import ModelNotAvailable
from .local_models import find_model
from .quotes import Passage

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["NONE", "CrossEncoderReranker", "Scorer", "rerank"]

#: The name that stands for going without.
NONE = "none"

_BATCH = 8
#: Seconds after which no further batch is begun; a question waits no longer than this and one batch.
_MOST_SECONDS = 10.0
_REMEDY = (
    "Give --reranker the folder of a cross-encoder from sentence-transformers (a copy from another machine will do), "
    f"or '--reranker {NONE}' to go without."
)
#: What a cross-encoder's weights are for; any other model would be given a head of random numbers.
_HEADS = ("ForSequenceClassification", "ForCausalLM")


class Scorer(Protocol):
    """What reranking needs of a model."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers, in 0..1, for as many of the first texts as there was time for."""


def rerank(scorer: Scorer, question: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return ``passages`` with those that were scored first, best first; what was not keeps its order behind them."""
    scores = scorer.scores(question, [passage.hit.text for passage in passages])
    scored = [
        replace(passage, hit=replace(passage.hit, score=round(score, 4)))
        for passage, score in zip(passages, scores, strict=False)
    ]
    rest = [replace(passage, hit=replace(passage.hit, score=0.0)) for passage in passages[len(scores) :]]
    return (*sorted(scored, key=lambda passage: -passage.hit.score), *rest)


class CrossEncoderReranker:
    """The cross-encoder called ``name``, a local folder or a model in the hub cache; safe to use from several threads.

    It is looked for when it is first needed, or when ``find`` is called, and never downloaded.
    """

    def __init__(self, name: str, seconds: float = _MOST_SECONDS) -> None:
        self.name = name
        self._seconds = seconds
        self._guard = threading.Lock()
        self._loaded: CrossEncoder | None = None

    def find(self) -> Path:
        """Return its folder; ``ModelNotAvailable`` when it is not on this machine, or is no cross-encoder."""
        folder = find_model(self.name, "cross-encoder", _REMEDY)
        _check_head(self.name, folder)
        return folder

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers, in 0..1, for as many of the first texts as there was time for."""
        with self._guard:
            model = self._model()
            until = time.monotonic() + self._seconds
            logits: list[float] = []
            for start in range(0, len(texts), _BATCH):
                if start and time.monotonic() > until:
                    break
                pairs = [(question, text) for text in texts[start : start + _BATCH]]
                # The model's own last step differs from card to card; ours is always the sigmoid.
                found = model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, activation_fn=_unchanged)
                logits += np.asarray(found, dtype=np.float64).reshape(len(pairs)).tolist()
        return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).tolist() if logits else []

    def _model(self) -> CrossEncoder:
        if self._loaded is None:
            folder = self.find()
            from sentence_transformers import CrossEncoder

            try:
                model = CrossEncoder(str(folder), local_files_only=True)
            except Exception as error:  # whatever its loaders raise: SafetensorError is a bare Exception
                raise _unusable(self.name, folder, str(error)) from error
            if model.num_labels != 1:
                raise _unusable(self.name, folder, f"it sorts into {model.num_labels} classes")
            self._loaded = model
        return self._loaded


def _check_head(name: str, folder: Path) -> None:
    try:
        with (folder / "config.json").open("rb") as file:
            found = json.loads(file.read(1_000_000)).get("architectures")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise _unusable(name, folder, f"config.json: {error}") from error
    architectures = found if isinstance(found, list) else []
    if not any(str(architecture).endswith(_HEADS) for architecture in architectures):
        made_for = ", ".join(map(str, architectures)) or "nothing that is said"
        raise _unusable(name, folder, f"it is made for {made_for}")


def _unusable(name: str, folder: Path, reason: str) -> ModelNotAvailable:
    return ModelNotAvailable(name, [str(folder)], f"The files there are no usable cross-encoder ({reason}). {_REMEDY}")


def _unchanged(scores: Any) -> Any:
    return scores
