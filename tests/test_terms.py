"""Words as search sees them, held against the tokenizer that the full-text index really uses."""

from __future__ import annotations

import sqlite3
import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions import analyse
from kb.terms import STOP_WORDS, content_terms, fold_word, stem, terms
from tests.conftest import MATERIAL
from tests.strategies import hostile_text, storable_text

# Words on which stemmers differ: FTS5's later rules, doubled consonants, y, short words, accents, the longest.
AWKWARD = """
    probably assembly assemblies apology apologies technologies methodology trekking revving savvy happy sky flying ying
    ies eed sses feed agreed caresses ponies caress cats plastered bled motoring sing conflated troubled sized hopping
    tanned falling hissing fizzed failing filing relational conditional valenci hesitanci digitizer conformabli radicalli
    differentli vileli analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness
    formaliti sensitiviti sensibiliti triplicate formative formalize electriciti electrical hopeful goodness revival
    allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption
    homologou communism activate angulariti homologous effective bowdlerize probate rate cease controll roll syzygy
    naïve École façade Straße Ångström Señor İstanbul Việt databases driver’s licence 2019 4th GPT4 x yy
""".split()
AWKWARD += ["x" * 61 + "ing", "x" * 62 + "ing", "ß" * 31 + "s", "ß" * 32 + "s"]


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE VIRTUAL TABLE passages USING fts5 (text, tokenize = 'porter unicode61 remove_diacritics 2');"
        "CREATE VIRTUAL TABLE found USING fts5vocab (passages, 'instance');"
    )
    yield connection
    connection.close()


def indexed(index: sqlite3.Connection, text: str) -> list[str]:
    """The terms that FTS5 makes of ``text``, in order."""
    index.execute("DELETE FROM passages")
    index.execute("INSERT INTO passages (text) VALUES (?)", (text,))
    return [term for (term,) in index.execute("SELECT term FROM found ORDER BY offset")]


def test_stems_are_the_indexes_own(index: sqlite3.Connection) -> None:
    text = " ".join(AWKWARD)
    assert [str(term) for term in terms(text)] == indexed(index, text)


def test_stems_of_a_real_text_are_the_indexes_own(index: sqlite3.Connection) -> None:
    files = sorted((MATERIAL / "changelog").glob("*/*.md"))
    assert len(files) > 12
    words = sorted({term.word for file in files for term in terms(file.read_text("utf-8"))})
    assert len(words) > 6_000
    assert [stem(word) for word in words] == indexed(index, " ".join(words))


_ENDINGS = (
    "s es sses ies ed eed ing ational bly logy logies ness ement ion y ability ical e ll ate iz alize ant ful".split()
)
_words = st.builds(
    "{}{}{}".format,
    st.text(string.ascii_letters + string.digits, max_size=8),
    st.sampled_from([*_ENDINGS, ""]),
    st.sampled_from([*_ENDINGS, ""]),
).filter(bool)


@given(st.lists(_words, min_size=1, max_size=50))
def test_stems_of_any_ascii_words_are_the_indexes_own(index: sqlite3.Connection, words: list[str]) -> None:
    assert [stem(word) for word in words] == indexed(index, " ".join(words))


_latin = st.text(
    st.sampled_from(string.ascii_letters + string.whitespace + "'’-_.,àéîõüçñřßøłđÅÉ\u0301\u0308\u0327"), max_size=80
)


@given(_latin)
def test_words_with_accents_are_cut_where_the_index_cuts_them(index: sqlite3.Connection, text: str) -> None:
    assert [str(term) for term in terms(text)] == indexed(index, text)


@given(hostile_text)
def test_terms_say_where_their_words_stand(text: str) -> None:
    end = 0
    for term in terms(text):
        assert text[term.start : term.end] == term.word
        assert end <= term.start < term.end
        assert term == stem(term.word)
        end = term.end


@given(hostile_text)
def test_content_terms_are_the_terms_that_are_no_stop_words(text: str) -> None:
    kept = [(t.start, t.end) for t in content_terms(text)]
    assert kept == [(t.start, t.end) for t in terms(text) if fold_word(t.word) not in STOP_WORDS]


def test_halves_of_contractions_are_stop_words() -> None:
    assert [t.word for t in content_terms("What's she say? They don't, they won't, I'm not; Shahani's IDs")] == [
        "say", "won", "Shahani", "IDs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?!",
        "the of and",
        "what's GPT-4?",
        'a "quoted" b',
        "NEAR(a b)",
        "x AND NOT y",
        "col:x * ^y",
        "50% + $3",
        "\x00 \ud800",
    ],
)
def test_a_question_never_breaks_the_index(index: sqlite3.Connection, question: str) -> None:
    index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (analyse(question).expression,)).fetchall()


@given(storable_text | st.text())
def test_no_question_breaks_the_index(index: sqlite3.Connection, question: str) -> None:
    index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (analyse(question).expression,)).fetchall()


def test_the_longest_question_does_not_break_the_index(index: sqlite3.Connection) -> None:
    """FTS5 limits how deep an expression may be; hundreds of words in a row must not reach it."""
    letters = string.ascii_lowercase
    question = " ".join(a + b for a in letters for b in letters)
    query = analyse(question)
    assert len(query.terms) > 600
    index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (query.expression,)).fetchall()


@given(_latin)
def test_a_question_finds_the_text_that_holds_its_words(index: sqlite3.Connection, text: str) -> None:
    """What the expression looks for is what the index keeps, for every word that it keeps."""
    query = analyse(text)
    indexed(index, text)
    found = index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (query.expression,)).fetchall()
    assert bool(found) == bool(query.terms)
