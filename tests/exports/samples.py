"""Saved quotes with whatever the outside, and whoever takes notes, may have put into them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from kb.catalogue import LedgerEntry
from kb.saved.quotes import SavedQuote, Standing
from kb.types import Episode, Person, Quote
from tests.citations.samples import SEED, episodes, quote_of, texts

WHEN = "2026-11-23T10:00:00+00:00"
#: What the issue names: each has to come through every format unharmed and harmless.
HOSTILE = (
    '"quoted" & {braced} \\back\\slash `tick` <b>bold</b> [x](y) [^1] ![i](j) *stars* _under_ $x$ ~~no~~ | a |',
    "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://evil.example\",\"x\")", "＝1",
    "🎙️ emoji 👩‍👩‍👧", "مرحبا بكم في البرنامج", "שלום \u202eevil\u202c", "first\r\nsecond\rthird\nfourth",
    "a\x00b\x07c\x1bd\x0be", "\ufeffmark", "tab\there", "_x0041_ &amp; &#60; ]]> <!-- --> </script><script>alert(1)</script>",
    "# no heading", "1. no list", "> no quote", "---\n---", "a | b\n--|--", "[^1]: no note", "x" * 500, "e\u0301 ﬁ İ",
)  # fmt: skip

HOSTILE_EPISODE = Episode(
    "e1", HOSTILE[0], '=cmd|"/c calc"!A1', published="2020-02-02", url='https://example.org/"><script>?a=b&c={d}',
    people=(Person("@Ann {Lee}", "<host>"),), publisher="A & B", audio_note="=2+2",
)  # fmt: skip


def saved(quote: Quote, note: str = "", tags: tuple[str, ...] = (), remark: str = "", by: str = "Eve") -> SavedQuote:
    return SavedQuote(quote, Standing("current"), note, tags, (LedgerEntry("disputed", by, remark, WHEN),))


def hostile_quotes() -> list[SavedQuote]:
    """One quote for each hostile text, which is its note, remark, tag and speaker as well."""
    quotes = (quote_of(replace(HOSTILE_EPISODE, id=f"e{n}"), text, text, 60.0 * n) for n, text in enumerate(HOSTILE))
    return [saved(quote, quote.text, (quote.text,), quote.text, quote.text) for quote in quotes]


def seed_quote(text: str = "He called it a dragnet.", start: float = 214.5) -> SavedQuote:
    return saved(quote_of(SEED, text, "Alvaro Bedoya", start), "For the lede", ("ICE", "DMV"), "a word")


@st.composite
def any_quotes(draw: st.DrawFn) -> list[SavedQuote]:
    some = []
    for place in range(draw(st.integers(1, 3))):
        said = draw(texts.filter(bool))
        quote = quote_of(draw(episodes), said, draw(st.none() | texts), 12.0, char_start=1000 * place)
        some.append(saved(quote, draw(texts), tuple(draw(st.lists(texts, max_size=2))), draw(texts), "Eve"))
    return some
