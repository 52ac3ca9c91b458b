"""How much of a question each sentence says: in its own words, or in words of like meaning. Pure.

Every telling word of the question looks for the word that is likest to it in the sentence, as in late interaction
(ColBERT: Khattab and Zaharia 2020, arXiv:2004.12832), but by vectors of words outside any text. One vector for a whole
sentence loses the one word that mattered among all the others; this does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .terms import Term, stem, words_of

__all__ = ["COUNTS", "Matches", "word_matches"]

#: ``[sentence, term]``, in 0..1.
Matches = NDArray[np.float32]

#: Words of this cosine count ``_LIKE``, those of a lesser one their share of it; set, as all of search's weights, on
#: ``dev`` of ``bench/questions``. A like word is not the word: "cabbage" is as near to
#: "turnip" as "physician" is to "doctor".
_NEAR = 0.6
_LIKE = 0.85
#: What a term has to be said at least to be covered.
COUNTS = 0.8


def word_matches(
    terms: Sequence[Term], sentences: Sequence[str], vectors: Callable[[Sequence[str]], NDArray[np.float32]]
) -> Matches:
    """Return how well each sentence says each term: 1 for the word itself, less for words that are only like it.

    ``vectors`` gives each word's unit vector, shape ``(len(words), any)``.
    """
    found = np.zeros((len(sentences), len(terms)), dtype=np.float32)
    spoken = [words_of(sentence) for sentence in sentences]
    distinct = list(dict.fromkeys(word for words in spoken for word in words))
    if not distinct or not terms:
        return found
    alike = _LIKE * np.clip(vectors([term.word for term in terms]) @ vectors(distinct).T / _NEAR, 0, 1)
    stems = [stem(word) for word in distinct]
    for row, term in enumerate(terms):
        alike[row, [column for column, other in enumerate(stems) if other == term]] = 1
    place = {word: column for column, word in enumerate(distinct)}
    for number, words in enumerate(spoken):
        if words:
            found[number] = alike[:, [place[word] for word in words]].max(axis=1)
    return found
