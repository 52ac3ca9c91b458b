"""Words in the form in which a publisher's and a recogniser's are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["SENTENCE_END", "Side"]

#: Chinese and Japanese are written without spaces, so each character is a token.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`")
#: The end of a word that ends a sentence.
SENTENCE_END = re.compile(r"[.?!…。？！]\W*$")


@dataclass(frozen=True, slots=True)
class Side:
    """One side's tokens, the index of each one's word, and its place in that word (in 0..1)."""

    tokens: list[str]
    owner: list[int]
    share: list[tuple[float, float]]

    @classmethod
    def of(cls, words: Sequence[str]) -> Side:
        """Return the tokens of ``words``, without case, punctuation and apostrophes."""
        side = cls([], [], [])
        for position, word in enumerate(words):
            tokens = _TOKEN.findall(unicodedata.normalize("NFKC", word).casefold().translate(_APOSTROPHES))
            side.tokens.extend(tokens)
            side.owner.extend([position] * len(tokens))
            side.share.extend((k / len(tokens), (k + 1) / len(tokens)) for k in range(len(tokens)))
        return side
