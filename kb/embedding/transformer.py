"""The built-in transformer: text to the contextual vectors of its tokens.

Made by ``python -m training.reader``; six layers of 384 (all-MiniLM-L6-v2's), int8 weights, run by onnxruntime on the
processor. Only this module imports ``onnxruntime``.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import ModelNotAvailable
from .protocol import Text, Vectors

__all__ = ["FOLDER", "Head", "TokenVectors", "Transformer", "loaded"]

#: Where the model lies.
FOLDER = Path(__file__).parent.parent / "models" / "verbatim-reader"
#: Most tokens that are read of a question, a heading, a sentence and a passage; the rest is ignored.
_QUESTION, _HEADING, _SENTENCE, _PASSAGE = 40, 40, 70, 288
_CLS, _SEP = 101, 102
#: Questions whose vectors are cached, 60 kB each.
_QUESTIONS = 64
#: More threads than these gain nothing on texts of this length.
_MOST_THREADS = 4


class TokenVectors(NamedTuple):
    """The vectors of a text's tokens, shape ``(tokens, width)``, and the span of each of its sentences. A sentence
    beyond the limit has an empty span.
    """

    vectors: Vectors
    spans: tuple[tuple[int, int], ...]


class Head(NamedTuple):
    """The few weights by which the reader compares a question with sentences; see ``reader``."""

    #: Of the sentence's late interaction, its cosine, its passage's late interaction, the one with the sentence before
    #: it, and the constant.
    mix: Vectors
    #: Maps a question's token to its weight, shape ``(width,)``, and a sentence's mean to how much it looks like an
    #: answer.
    weight: Vectors
    answer: Vectors
    #: Maps a token to its stored form, ``(narrow, width)``.
    narrow: Vectors
    #: Map the means of question and sentence into a common space, each ``(any, width)``.
    down_q: Vectors
    down_s: Vectors


class Transformer:
    """The encoder in ``folder`` with the reader's head; safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load it; raises ``ModelNotAvailable`` when its files are missing, damaged or of another shape."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(_MOST_THREADS, os.cpu_count() or 1))
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave cores for other questions
        try:
            files = [(folder / name).read_bytes() for name in ("reader.onnx", "tokenizer.json", "head.npz")]
            self._tokenizer = Tokenizer.from_buffer(files[1])
            self._session = onnxruntime.InferenceSession(files[0], options, providers=["CPUExecutionProvider"])
            self.width = int(self._session.get_outputs()[0].shape[2])
            self.head = _head(files[2], self.width)
            if [given.name for given in self._session.get_inputs()] != ["ids", "mask"]:
                raise ValueError("its inputs differ")
        except Exception as error:  # onnxruntime's own errors are bare Exceptions
            raise ModelNotAvailable(
                folder.name, [str(folder)], f"The files there are not the built-in model ({error}); install it again."
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # The embedding and the reader encode the same question, and people repeat questions.
        self._question = lru_cache(_QUESTIONS)(self._run_question)
        self.digest = hashlib.sha256(b"".join(files)).hexdigest()[:16]

    def passages(self, texts: Sequence[Text]) -> list[TokenVectors]:
        """Return the tokens' vectors of passages; about 12 ms each on one core."""
        packed = (self._packed(text) for text in texts)
        return [TokenVectors(self._run(ids), spans) for ids, spans in packed]

    def question(self, text: str) -> Vectors:
        """Return the tokens' vectors of a question, shape ``(tokens, width)``; they can only be read."""
        return self._question(text)

    def _run_question(self, text: str) -> Vectors:
        found = self._run([_CLS, *self._ids(text)[: _QUESTION - 2], _SEP])
        found.flags.writeable = False
        return found

    def _packed(self, text: Text) -> tuple[list[int], tuple[tuple[int, int], ...]]:
        ids = [_CLS, *self._ids(text.heading)[:_HEADING]]
        spans = []
        for sentence in text.sentences:
            found = self._ids(sentence)[:_SENTENCE][: max(0, _PASSAGE - 1 - len(ids))]
            spans.append((len(ids), len(ids) + len(found)))
            ids += found
        return [*ids, _SEP], tuple(spans)

    def _ids(self, text: str) -> list[int]:
        # A lone surrogate cannot be passed to the tokenizer; text beyond the limit is not tokenised.
        plain = text[: 20 * _PASSAGE].encode("utf-8", "replace").decode("utf-8")
        found: list[int] = self._tokenizer.encode(plain, add_special_tokens=False).ids
        return found

    def _run(self, ids: list[int]) -> Vectors:
        # One text a run: the scales of int8 activations are taken over a run, so that in a batch a text's vectors would
        # depend on its neighbours. Texts of this length gain nothing from a batch.
        given = np.array([ids], dtype=np.int64)
        found: Vectors = self._session.run(None, {"ids": given, "mask": np.ones_like(given)})[0][0]
        return found


@lru_cache(maxsize=2)
def loaded(folder: Path = FOLDER) -> Transformer:
    """Return the transformer in ``folder``, loaded once: the embedding and the reader share it."""
    return Transformer(folder)


def _head(data: bytes, width: int) -> Head:
    # Not by its path: numpy leaves a file open that it cannot read.
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        head = Head(*(file[name].astype(np.float32) for name in Head._fields))
    shapes = {"mix": (5,), "weight": (width,), "answer": (width,), "down_s": head.down_q.shape}
    wrong = next((name for name, shape in shapes.items() if getattr(head, name).shape != shape), None)
    if wrong or head.narrow.ndim != 2 or head.narrow.shape[1] != width or head.down_q.shape[1:] != (width,):
        raise ValueError(f"its {wrong or 'narrow or down_q'} has another shape")
    return head
