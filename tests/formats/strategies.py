"""Segments as the parsers give them, for round trips."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from ingest.formats.labels import reads_back
from ingest.formats.naming import is_unknown
from kb.text.cleaning import fold
from kb.types import Segment, Word

#: For tests whose examples may be large: a busy machine is no failure.
patient = settings(deadline=None)

#: Everything that a format could take for its own: tags, times, entities, arrows, labels, numbers.
SNARES = [
    "<i>", "</v>", "<v Bob>", "<00:00:01.000>", "<script>", "&amp;", "&lt;", "&#60;", "&", "-->", "00:00:01.000",
    "1", "42", "Bob:", "Note:", "Unknown speaker:", "NOTE", "STYLE", "WEBVTT", "{\\an8}", "{", ">>", "<b", "--", ">",
    "**Bob:**", "[00:01]", "\\", "é", "ß", "\u200b", "a\u200b", "\u2060b", "主持人：", "שלום", "“so”", "I", "said", "no.",
]  # fmt: skip
texts = (
    st.lists(st.sampled_from(SNARES) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), min_size=1)
    .map(lambda parts: fold(" ".join(parts)))
    .filter(bool)
)
any_speakers = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(fold).filter(bool)
names = (
    st.sampled_from(["Sarah", "Bob", "Jane Doe", "Ursula von der Leyen", "SPEAKER_01", "Speaker 2", "O’Neil", "李雷"])
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(fold)
).filter(lambda name: reads_back(name) and not is_unknown(name) and (not name.isupper() or name == "SPEAKER_01"))


milliseconds = st.integers(0, 20_000) | st.integers(0, 3_599_999_999)


@st.composite
def segments(draw: st.DrawFn, speakers: st.SearchStrategy[str], with_words: bool) -> Segment:
    text, speaker = draw(texts), draw(st.none() | speakers)
    tokens = text.split()
    count = 2 * len(tokens) if with_words and draw(st.booleans()) else 0
    times = [ms / 1000 for ms in sorted(draw(st.lists(milliseconds, min_size=count + 2, max_size=count + 2)))]
    words = tuple(
        Word(token, times[1 + 2 * place], times[2 + 2 * place]) for place, token in enumerate(tokens[: count // 2])
    )
    return Segment(times[0], times[-1], text, speaker, words)


def spoken(speakers: st.SearchStrategy[str], with_words: bool = False) -> st.SearchStrategy[tuple[Segment, ...]]:
    return st.lists(segments(speakers, with_words), min_size=1, max_size=6).map(tuple)
