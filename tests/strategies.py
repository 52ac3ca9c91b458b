"""What the outside may send: hostile text, speakers, times and whole transcripts."""

from __future__ import annotations

from itertools import cycle

from hypothesis import settings
from hypothesis import strategies as st

from kb.types import Segment, Transcript, Word

# How long an example takes depends on what else the machine does: no test fails for that.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")

#: Fragments that some rule of ours, HTML, FTS5 or a template could take for its own.
SNARES = [
    "Mr.", "Dr.", "U.S.", "no.", "No. 5", "3.5", "p.m.", "...", "…", "?!", "。", "？", "؟", "।", "J.", "e.g.", "Inc.",
    "“", "”", "'", '"', "(", ")", "]", "-", "—", " - ", ",", ";", "and", "but", "The", "he", "I", "\n", "\n\n", "\t",
    "\x00", "\x1c", "\x85", "\ud800", "\u2028", "\u200b", "\u202e", "\ufeff", "e\u0301", "मैं", "مرحبا", "你好", "ﬁ", "İ",
    "<script>alert(1)</script>", "</mark>", "${alert(1)}", "{{x}}", "`", "&amp;", "&#60;", "' onclick='x", '" onx="',
    "AND", "NEAR(", "*", "^", "col:", "GPT-4", "50%", "what's", "x" * 90, "word " * 70, "文" * 800,
]  # fmt: skip


# One character of a drawn string stands for one fragment: far faster to draw than a list of fragments.
def _spelt(fragments: list[str], longest: int) -> st.SearchStrategy[list[str]]:
    keys = "".join(chr(0x4E00 + place) for place in range(len(fragments)))
    return st.text(keys, max_size=longest).map(lambda drawn: [fragments[keys.index(key)] for key in drawn])


hostile_text = st.builds(
    lambda parts, other, glue: glue.join([*parts, other]),
    _spelt(SNARES, 12),
    st.text(max_size=8) | st.text("a \n\x00\x1c\x85\x9f\ud800\udfff\u2028", max_size=8),
    st.sampled_from(["", " "]),
)
#: As ``hostile_text``, but as it looks once it has been taken in: what the catalogue can store.
storable_text = hostile_text.map(lambda text: text.encode("utf-8", "ignore").decode().replace("\x00", ""))
_PROSE = "the he we go city report Bob Ann It 3.5 U.S. Mr. said. ended. what? No. end! so, and".split()
prose = _spelt(_PROSE, 120).map(" ".join)
#: Words without an end in sight, with places where a clause may end.
run_ons = _spelt("so, and we went - there; but which word".split(), 300).map(" ".join)
#: Plain sentences, so long that transcripts made of them give several passages.
long_prose = st.integers(1, 12).map(lambda n: "We went to the town and saw what there was to see. Nobody came! " * n)

speakers = (
    st.none()
    | st.sampled_from(["Ann Lee", "Bob", "  Ann  Lee ", "", " ", "\x00", "O’Neil", "李雷"])
    | st.text(max_size=6)
)
hostile_times = st.none() | st.floats() | st.integers(-10, 10**12).map(float)


@st.composite
def hostile_transcripts(draw: st.DrawFn) -> Transcript:
    """Anything that the types allow: times that are no times, words that are not in the text."""
    words = st.builds(
        Word,
        st.text(max_size=3) | st.sampled_from(SNARES + _PROSE),
        hostile_times,
        hostile_times,
        st.none() | st.floats(0, 1),
    )
    segment = st.builds(
        Segment,
        start=hostile_times,
        end=hostile_times,
        text=hostile_text | prose | long_prose,
        speaker=speakers,
        words=st.lists(words, max_size=3).map(tuple),
    )
    return Transcript(tuple(draw(st.lists(segment, max_size=5))))


@st.composite
def timed_transcripts(draw: st.DrawFn) -> Transcript:
    """Times that rise in whole milliseconds; some segments with their words timed, some without, some untimed."""
    segments = []
    clock = 0
    # A few durations over and over: one drawn for each word would take most of a test's time.
    pauses = cycle(draw(st.lists(st.integers(0, 50), min_size=1, max_size=5)))
    lengths = cycle(draw(st.lists(st.integers(0, 900), min_size=1, max_size=5)))
    sure = cycle(draw(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=3)))
    for text in draw(st.lists(prose | long_prose | storable_text, min_size=1, max_size=4)):
        start = clock = clock + draw(st.integers(0, 2_000))
        words = []
        kind = draw(st.sampled_from(["words", "segment", "untimed"]))
        for token in text.split() if kind == "words" else []:
            begin = clock + next(pauses)
            clock = begin + next(lengths)
            words.append(Word(token, begin / 1000, clock / 1000, next(sure)))
        if kind == "segment":
            clock += draw(st.integers(0, 60_000))
        times = (None, None) if kind == "untimed" else (start / 1000, clock / 1000)
        segments.append(Segment(*times, text, draw(st.sampled_from(["Ann Lee", "Bob", None])), tuple(words)))
    return Transcript(tuple(segments))
