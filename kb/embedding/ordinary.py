"""Ordinary words, as the built-in transformer knows them, to tell a rare name from a common word."""

from __future__ import annotations

import functools
import json

from .transformer import FOLDER

__all__ = ["ordinary_words"]


@functools.cache
def ordinary_words() -> frozenset[str]:
    """Return ordinary English words and common names: the vocabulary of the built-in reader."""
    vocabulary = json.loads((FOLDER / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isalpha())
