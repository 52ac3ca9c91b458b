"""How well sentences say a question's words, with the vectors of the built-in model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.embedding import StaticEmbedder
from kb.matching import COUNTS, Matches, word_matches
from kb.terms import Term, stems, terms, words_of
from tests.conftest import CORPUS, SEGMENT
from tests.strategies import hostile_text, prose

EMBEDDER = StaticEmbedder()

#: Words of a real broadcast with those that are like them, and names and noise that the model has never seen.
SPOKEN = sorted(set(words_of((CORPUS / f"{SEGMENT}.vtt").read_text("utf-8"))))
ALIKE = (
    "physician doctor attorney lawyer cop policeman salary wages automobile car cabbage turnip Monday Tuesday".split()
)
UNSEEN = "Xerbedoya Xerbedoia Quzzgrth bgrlpf zzxqv Wuldrikson".split()
#: Some names of the broadcast it has not seen either.
SEEN = [word for word in SPOKEN + ALIKE if EMBEDDER.embed_passages([word]).any()]

any_words = st.sampled_from(SPOKEN + ALIKE) | st.sampled_from(UNSEEN)
sentences = st.lists(any_words, max_size=12).map(" ".join) | prose | hostile_text


def match(question: str, *said: str) -> Matches:
    return word_matches(tuple(terms(question)), said, EMBEDDER.embed_words)


def share(word: str, sentence: str) -> float:
    """Return how well ``sentence`` says the one word."""
    ((found,),) = match(word, sentence)
    return float(found)


@given(st.lists(any_words, min_size=1, max_size=6), sentences, st.data())
def test_a_word_that_is_said_itself_counts_fully(asked: list[str], rest: str, data: st.DataObject) -> None:
    said = data.draw(st.sampled_from(asked))
    before = data.draw(st.booleans())
    found = match(" ".join(asked), f"{said} {rest}" if before else f"{rest} {said.upper()}")
    for term, matched in zip(terms(" ".join(asked)), found[0], strict=True):
        if term.word == said:
            assert matched == 1


@given(st.lists(any_words | prose, max_size=6).map(" ".join), st.lists(sentences, max_size=6))
def test_only_the_word_itself_counts_fully(question: str, said: list[str]) -> None:
    asked = list(terms(question))
    found = match(question, *said)
    assert found.shape == (len(said), len(asked))
    assert found.dtype == np.float32
    for sentence, shares in zip(said, found, strict=True):
        held = stems(sentence)
        for term, matched in zip(asked, shares, strict=True):
            assert matched == 1 if term in held else 0 <= matched < 1


@pytest.mark.parametrize(
    ("asked", "said"), [("licenses", "license"), ("scanning", "scans"), ("ÁLVARO", "Alvaro"), ("police", "Police")]
)
def test_another_form_of_a_word_is_the_word_itself(asked: str, said: str) -> None:
    assert share(asked, f"Then {said}, they told us.") == 1


@pytest.mark.parametrize(
    ("asked", "like", "unlike"), [("doctor", "physician", "cabbage"), ("lawyer", "attorney", "car")]
)
def test_a_like_word_counts_more_than_an_unlike_one_and_less_than_itself(asked: str, like: str, unlike: str) -> None:
    near, far = share(asked, f"The {like} went home."), share(asked, f"The {unlike} went home.")
    assert 0 <= far < COUNTS
    assert far + 0.2 < near < 1


@given(st.sampled_from(UNSEEN), st.lists(st.sampled_from(SEEN), max_size=12))
def test_a_word_that_the_model_has_never_seen_is_like_none_that_it_has(name: str, said: list[str]) -> None:
    assert share(name, " ".join(said)) == 0
    assert not match(" ".join(said), name).any()


def test_a_misspelt_name_is_like_the_name() -> None:
    assert 1 > share("Xerbedoya", "I am Xerbedoia.") > COUNTS


@given(st.lists(any_words, min_size=1, max_size=5).map(" ".join), st.lists(sentences, min_size=1, max_size=6))
def test_a_sentence_says_the_same_whatever_stands_beside_it(question: str, said: list[str]) -> None:
    together = match(question, *said)
    for sentence, shares in zip(said, together, strict=True):
        assert np.allclose(match(question, sentence)[0], shares, atol=1e-6)
    assert np.allclose(match(question, *reversed(said))[::-1], together, atol=1e-6)


@given(st.lists(any_words, min_size=2, max_size=5), sentences)
def test_a_word_is_said_the_same_whatever_else_is_asked(asked: list[str], sentence: str) -> None:
    (together,) = match(" ".join(asked), sentence)
    alone = [share(word, sentence) for word in asked]
    assert np.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("said", [(), ("",), ("", " ", "... — !")])
@pytest.mark.parametrize("asked", ["", "police", "police scan"])
def test_where_nothing_is_said_nothing_matches(asked: str, said: tuple[str, ...]) -> None:
    found = match(asked, *said)
    assert found.shape == (len(said), len(asked.split()))
    assert not found.any()


def test_a_sentence_without_words_says_nothing_beside_one_that_has_them() -> None:
    assert match("police", "", "The police came.", "...").tolist() == [[0], [1], [0]]


def test_the_model_is_not_asked_where_there_is_nothing_to_compare() -> None:
    def never(words: object) -> Matches:
        raise AssertionError(words)

    assert word_matches((), ["police"], never).shape == (1, 0)
    assert word_matches([Term.at("police", 0, 6)], ["", "..."], never).tolist() == [[0], [0]]
