"""What is kept of a passage for the reader: it comes back as it went in, within int8, and other bytes are refused."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.embedding.kept import is_kept, keep, kept, unit
from kb.embedding.transformer import Head, TokenVectors

WIDTH, NARROW = 12, 5


def head(seed: int = 0) -> Head:
    drawn = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray:
        return drawn.standard_normal(shape).astype(np.float32)

    return Head(
        weights(5), weights(WIDTH), weights(WIDTH), weights(NARROW, WIDTH), weights(3, WIDTH), weights(3, WIDTH)
    )


HEAD = head()


@st.composite
def passages(draw: st.DrawFn) -> TokenVectors:
    """A passage of sentences of a few tokens; some were cut off and have none."""
    lengths = draw(st.lists(st.integers(0, 6), max_size=5))
    vectors = np.random.default_rng(draw(st.integers(0, 1_000))).standard_normal((sum(lengths) + 2, WIDTH))
    vectors *= draw(st.sampled_from([1e-12, 1.0, 300.0]))
    ends = np.cumsum([1, *lengths]).tolist()
    return TokenVectors(vectors.astype(np.float32), tuple(pairwise(ends)))


@given(st.lists(passages(), max_size=4))
def test_what_is_kept_comes_back_within_the_rounding(some: list[TokenVectors]) -> None:
    blobs = [keep(tokens, HEAD) for tokens in some]
    assert all(is_kept(blob, HEAD, len(tokens.spans)) for blob, tokens in zip(blobs, some, strict=True))
    found = kept(blobs, HEAD)
    spans = [tokens.vectors[start:end] for tokens in some for start, end in tokens.spans]
    assert found.sentences.tolist() == [len(tokens.spans) for tokens in some]
    assert found.counts.tolist() == [len(span) for span in spans]
    assert found.means.shape == (len(spans), WIDTH)
    for mean, span in zip(found.means, spans, strict=True):
        expected = span.mean(axis=0) if len(span) else np.zeros(WIDTH)
        assert np.allclose(mean, expected, atol=max(1e-9, np.abs(expected).max()) / 127)
    every = np.concatenate([*spans, np.zeros((0, WIDTH), np.float32)])
    assert np.allclose(found.tokens, unit(every @ HEAD.narrow.T), atol=0.51 / 127)


@given(passages(), st.data())
def test_damaged_bytes_are_refused_and_never_give_what_is_no_number(some: TokenVectors, data: st.DataObject) -> None:
    blob = bytearray(keep(some, HEAD))
    kind = data.draw(st.sampled_from(["cut", "longer", "changed", "other"]))
    if kind == "cut":
        blob = blob[: data.draw(st.integers(0, len(blob) - 1))]
    elif kind == "longer":
        blob += data.draw(st.binary(min_size=1, max_size=NARROW + 1))
    elif kind == "changed":
        for place in data.draw(st.lists(st.integers(0, len(blob) - 1), min_size=1, max_size=6)):
            blob[place] = data.draw(st.integers(0, 255))
    else:
        blob = bytearray(data.draw(st.binary(max_size=200)))
    if kind in ("cut", "longer"):
        assert not any(is_kept(bytes(blob), HEAD, sentences) for sentences in range(7))
    if any(is_kept(bytes(blob), HEAD, sentences) for sentences in (len(some.spans), *range(7))):
        found = kept([bytes(blob)], HEAD)
        assert np.isfinite(found.means).all()
        assert np.isfinite(found.tokens).all()
        assert int(found.counts.sum()) == len(found.tokens)
    elif len(blob) < 2 or int.from_bytes(blob[:2], "little") < 7:
        with pytest.raises(ValueError, match=r"."):
            kept([bytes(blob)], HEAD)


@pytest.mark.parametrize("scale", [np.nan, np.inf, -1.0, 3e38])
def test_a_scale_that_is_none_is_refused(scale: float) -> None:
    tokens = TokenVectors(np.ones((3, WIDTH), np.float32), ((0, 3),))
    blob = bytearray(keep(tokens, HEAD))
    assert is_kept(bytes(blob), HEAD, 1)
    assert not is_kept(bytes(blob), HEAD, 2)
    blob[4:8] = np.float32(scale).tobytes()  # after the number of sentences and of the first one's tokens
    assert not is_kept(bytes(blob), HEAD, 1)


def test_nothing_kept_is_nothing_read() -> None:
    found = kept([], HEAD)
    assert (len(found.tokens), len(found.counts), len(found.means), len(found.sentences)) == (0, 0, 0, 0)
