"""Episodes and quotes to cite: real ones, and what the outside may send."""

from __future__ import annotations

from hypothesis import strategies as st

from kb.types import Episode, Person, Quote
from tests.strategies import SNARES, hostile_text

SEED = Episode(
    id="npr-2019-07-08-ice-dmv-facial-recognition",
    show="All Things Considered",
    title="ICE Turned To DMV Driver's License Databases For Help With Facial Recognition",
    published="2019-07-08",
    publisher="NPR",
    medium="radio",
    language="en",
    people=(
        Person("Audie Cornish", "host"),
        Person("Aarti Shahani", "reporter"),
        Person("Alvaro Bedoya", "recording"),
    ),
)

#: What some format, or a reader of it, could take for its own.
MARKS = [
    '"', "“”", "‘’", "'", "&", "{", "}", "{}", "\\", "%", "$", "#", "_", "~", "^", "*", "`", "[x](y)", "![", "[^1]", "](",
    "]:", "<b>", "&amp;", "\r\n", "\nER  - ", "TY  - BOOK", "@misc{x,", "@", ",", " and ", "=1+1", "--", "===", "# h",
    "1. ", "1) ", "> ", "- ", "+ ", "🎙️", "مرحبا", "שלום", "李雷", "Ñandú", "e\u0301", "\u202eevil\u202c", "\ue000",
    "\ue001", "]]>", "<!--", "-->", "</script>", "\u2028", "\x00", "\ud800", "javascript:alert(1)", "=HYPERLINK(1)", "?", "!",
    ".", "...", "…", ":", "A: B", "DOI: 10.1/x", "\\textbf{x}", "$$", "\\(", "\\[", "/", "|", "\t", "\ufeff", "’s", "Jr.",
]  # fmt: skip

texts = (
    st.lists(st.sampled_from(MARKS + SNARES[:40] + ["word", "The", "of", "ICE"]), max_size=6).map(" ".join)
    | hostile_text
)
names = (
    st.sampled_from(
        [
            "Ann Lee",
            "Bob",
            "Mary Louise Kelly",
            "Ludwig van Beethoven",
            "李雷",
            "NPR Staff",
            "Speaker 1",
            "King, Martin Luther, Jr.",
        ]
    )
    | texts
)
roles = st.sampled_from(["host", "co-host", "reporter", "guest", "recording", "executive producer", "", "🎙"]) | texts
people = st.lists(st.builds(Person, names, roles), max_size=4).map(tuple)
dates = st.none() | st.sampled_from(
    ["2019-07-08", "2019-07", "2019", "0001-01-01", "9999-12-31", "2019-02-30", "", "soon"]
)
urls = st.none() | st.sampled_from(
    [
        "https://www.npr.org/x",
        "http://a.b/c?d=e&f=g#h",
        "https://a.b/{x}%20\"<'`|\\^_~",
        "javascript:alert(1)",
        "file:///etc",
        "https://a.b/é ü",
    ]
)
numbers = st.none() | st.sampled_from(["12", "0", "3a"]) | texts

episodes = st.builds(
    Episode,
    id=st.sampled_from(["e1", "e2", "e-3", "Ünï_4"]),
    show=texts,
    title=texts,
    published=dates,
    url=urls,
    people=people,
    duration=st.none() | st.floats(0, 1e6),
    language=st.sampled_from([None, "en", "en-GB", "de", "he"]) | texts,
    publisher=st.none() | st.just("NPR") | texts,
    medium=st.sampled_from(["radio", "podcast"]),
    season=numbers,
    number=numbers,
)


def quote_of(
    episode: Episode, text: str = "He called it a dragnet.", speaker: str | None = "Alvaro Bedoya", start: float | None = 161.0,
    char_start: int = 10,
) -> Quote:  # fmt: skip
    """Return a quote from an episode, as the knowledge base would."""
    char_end = char_start + max(1, len(text))
    end = None if start is None else start + 5
    quote_id = f"{episode.id}@1:{char_start}-{char_end}"
    return Quote(quote_id, episode, 1, text, char_start, char_end, speaker, start, end)


quotes = st.builds(
    quote_of,
    episodes,
    texts,
    st.none() | names,
    st.none() | st.floats(0, 1e5),
    st.integers(0, 3),
)
sources = st.lists(episodes | quotes, min_size=1, max_size=4)
