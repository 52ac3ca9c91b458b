"""The tokenizer: whole words, several forms of one word sharing a vector, and pieces for words never seen.

A word ends in ``$`` inside the tokenizer, so that the word "bed" is no piece of "bedoya": what WordPiece (Wu et al.
2016, arXiv:1609.08144) cuts an unseen name into are pieces learnt as pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from .texts import Text

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

__all__ = ["Vocabulary", "build_vocabulary", "count_words"]

UNKNOWN, STRAY = "[UNK]", "$"
_LONGEST_WORD = 40
#: Rarer letters are no pieces.
_LETTERS = 150
#: A form this many times as frequent as its base is a word of its own: "Rails" is no plural.
_OWN_WORD = 4
#: How often a word of each source counts: the small ones would drown, and MedQuAD would bring every drug's name.
_SHARES = {"changelog": 1.0, "openstax": 3.0, "medquad": 0.3, "wordnet": 1.0}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer, and for each of its tokens the row of the matrix that holds its vector; row 0 means nothing."""

    tokenizer: Tokenizer
    rows: NDArray[np.int32]

    @property
    def size(self) -> int:
        """The number of rows."""
        return int(self.rows.max()) + 1


def normaliser() -> Normalizer:
    """Return what turns "Ångström's" into "angstrom$ s$"."""
    return normalizers.Sequence(
        [
            normalizers.NFD(),
            normalizers.Lowercase(),
            normalizers.StripAccents(),
            normalizers.Replace(Regex(r"^[^\p{L}\p{N}]+"), ""),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}]+|\z"), "$ "),
        ]
    )


def count_words(texts: Iterable[Text]) -> Counter[str]:
    """Return how many passages and pairs hold each word, weighed by source."""
    counts: Counter[str] = Counter()
    normalise = normaliser().normalize_str
    for text in texts:
        share = _SHARES[text.source]
        for part in (*(" ".join(p) for p in text.passages), *(f"{p.query} {p.passage}" for p in text.pairs)):
            for word in set(normalise(part).split()):
                counts[word[:-1]] += share
    return counts


def build_vocabulary(
    counts: Mapping[str, float], bases: Mapping[str, str], rows: int, pieces: int, lowest: float = 2.0
) -> Vocabulary:
    """Return a vocabulary of ``rows`` vectors, ``pieces`` of them for parts of words.

    ``bases`` gives a word's base form, whose vector it shares. Words counted less than ``lowest`` are left to pieces.
    """
    ranked = sorted(
        (w for w, n in counts.items() if n >= lowest and 1 < len(w) <= _LONGEST_WORD), key=lambda w: (-counts[w], w)
    )
    parts = _pieces(ranked, counts, pieces)
    row_of: dict[str, int] = {}
    tokens = dict.fromkeys((UNKNOWN, STRAY), 0)
    for part in parts:
        tokens.setdefault(part, len(tokens) - 1)
    used = max(tokens.values()) + 1
    for word in ranked:
        base = _base(word, counts, bases)
        if base not in row_of and used < rows:
            row_of[base] = used
            used += 1
        if base in row_of:
            tokens[f"{word}$"] = row_of[base]
    numbered = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(numbered, unk_token=UNKNOWN, max_input_chars_per_word=_LONGEST_WORD))
    tokenizer.normalizer = normaliser()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return Vocabulary(tokenizer, np.array(list(tokens.values()), dtype=np.int32))


def _base(word: str, counts: Mapping[str, float], bases: Mapping[str, str]) -> str:
    base = bases[word]
    return word if counts[word] > _OWN_WORD * counts.get(base, 0) else base


def _pieces(words: Iterable[str], counts: Mapping[str, float], size: int) -> list[str]:
    """Return the pieces that WordPiece's trainer finds in the words, and every letter, with and without the end."""
    trained = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    trained.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    shown = {f"{word}$": min(8, 1 + int(counts[word] / 20)) for word in words}
    seen = Counter(letter for word, times in shown.items() for letter in word * times)
    letters = sorted(sorted(seen), key=seen.__getitem__, reverse=True)[:_LETTERS]
    # The trainer numbers the letters inside words, and leaves out the rarest, in the order of a hash table, which is
    # another one in every process; of two pieces equally frequent it takes the one of lower numbers. So they are
    # numbered beforehand, and words with rarer letters left out.
    numbered = [UNKNOWN, *letters, *(f"##{letter}" for letter in letters)]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=numbered, show_progress=False)
    known = set(letters)
    lines = (" ".join([word] * times) for word, times in shown.items() if known.issuperset(word))
    trained.train_from_iterator(lines, trainer)
    return [token for token in sorted(trained.get_vocab(), key=trained.get_vocab().__getitem__) if token != UNKNOWN]
