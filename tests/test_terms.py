"""Words as search sees them, held against the full-text index itself."""

from __future__ import annotations

import sqlite3
import string
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions.query import analyse
from kb.text.stemming import base_language
from kb.text.terms import (
    STOP_WORDS,
    content_terms,
    fold_word,
    index_text,
    language_of,
    matching_spans,
    phrase_expression,
    stem,
    terms,
)
from kb.text.unspaced import RUN
from tests.strategies import hostile_text, storable_text

# Words at the edges of the rules: accents, ligatures, wide and narrow letters, capitals without small ones, the longest.
AWKWARD = "naïve École façade Straße Ångström Señor İstanbul Việt GPT4 4th ﬁnd ＡＢＣ ｶﾞｽ ℋ ⒈ ² ͺ ½ x yy ﷺ".split()
AWKWARD += ["x" * 61 + "ing", "x" * 62 + "ing", "ß" * 31 + "s", "文" * 900, "e" + "\u0301" * 900, "น" + "\u0e49" * 900]
# A word or two of many scripts; Thai, Burmese, Khmer and decomposed letters carry marks that belong to them.
UNSPACED = "三峡水坝 ダムは完成しました ｶﾞｽ が 서울에서 น้ำท่วม เมื่อไหร่ ນ້ຳ ជនកម្ពុជា မြန်မာ 水 か\u3099 ᄉ\u1165ᄋ\u116e\u11af".split()
SPACED = "हिन्दी বাংলা தமிழ் العَرَبِيَّة שָׁלוֹם Ελλάδα Москва e\u0301te".split()
LANGUAGES = "en de fr es pt it nl sv da no fi hu ru ar hi el tr zh ja ko th km my vi uk".split()


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE VIRTUAL TABLE passages USING fts5 (text, tokenize = 'ascii');"
        "CREATE VIRTUAL TABLE found USING fts5vocab (passages, 'instance');"
    )
    yield connection
    connection.close()


def indexed(index: sqlite3.Connection, text: str, language: str | None = None) -> list[str]:
    """The terms that FTS5 keeps of ``text``, in order."""
    index.execute("DELETE FROM passages")
    index.execute("INSERT INTO passages (text) VALUES (?)", (index_text(text, language),))
    return [term for (term,) in index.execute("SELECT term FROM found ORDER BY offset")]


def matches(index: sqlite3.Connection, expression: str) -> bool:
    return bool(index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (expression,)).fetchall())


_texts = hostile_text | st.lists(st.sampled_from(AWKWARD + UNSPACED + SPACED + ["的", "の", "，", " ", "-"])).map(
    "".join
)
_languages = st.sampled_from(LANGUAGES)


@given(_texts, _languages)
def test_the_index_keeps_the_terms_and_nothing_else(index: sqlite3.Connection, text: str, language: str) -> None:
    assert [term.forms for term in terms(text, [language])] == [(kept,) for kept in indexed(index, text, language)]


@pytest.mark.parametrize("language", [None, "en-US", "EN"])
def test_english_terms_are_compared_as_they_are_indexed(index: sqlite3.Connection, language: str | None) -> None:
    text = "Naïve databases — résumés, trekking; IT'S \u0130stanbul"
    assert [str(term) for term in terms(text)] == indexed(index, text, language)


@given(_texts)
def test_terms_say_where_their_words_stand(text: str) -> None:
    start = -1
    for term in terms(text):
        assert text[term.start : term.end] == term.word
        assert start < term.start < term.end
        assert term == stem(term.word)
        start = term.start


@given(_texts)
def test_content_terms_are_the_terms_that_are_no_stop_words(text: str) -> None:
    """Where words have spaces between them; elsewhere stop words part what stands around them."""
    spaced = RUN.sub(" ", text)
    kept = [(t.start, t.end) for t in content_terms(spaced)]
    assert kept == [(t.start, t.end) for t in terms(spaced) if fold_word(t.word) not in STOP_WORDS]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "databases", "database"),
        ("en", "résumé", "resumes"),
        ("de", "Krankheiten", "Krankheit"),
        ("de-AT", "Häuser", "Hauses"),
        ("fr", "élections", "élection"),
        ("es", "investigaciones", "investigación"),
        ("pt", "partidos", "partido"),
        ("ru", "плотины", "плотину"),
        ("fi", "talossa", "talosta"),
        ("tr", "evlerde", "evlerden"),
        ("uk", "ГРЕБЛЯ", "гребля"),
        ("ja", "ｶﾞｽ", "ガス"),
        ("ko", "서울", unicodedata.normalize("NFD", "서울")),
        ("ar", "العَرَبِيَّة", "العربية"),
    ],
)
def test_forms_of_a_word_meet(index: sqlite3.Connection, language: str, one: str, other: str) -> None:
    indexed(index, one, language)
    (term, *_) = terms(other, [base_language(language)])
    assert matches(index, term.expression)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("กา", "ก้า"), ("news", "new"), ("水坝", "坝水")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("三峡水坝建成于2006年。", "水坝什么时候建成的？", ["水坝", "建成"]),
        ("三峡水坝建成于2006年。", "水呢", ["水"]),
        ("三峡水壩建成於2006年。", "水壩何時建成", ["水壩", "建成"]),
        ("黒部ダムは1963年に完成した。", "黒部ダムはいつ完成しましたか", ["黒部", "部ダ", "ダム", "完成", "成し"]),
        ("서울에서 댐을 지었다", "서울의 댐은 언제?", ["서울"]),
        ("ปีนี้เกิดน้ำท่วมใหญ่ในภาคใต้", "น้ำท่วมเมื่อไหร่", ["น้ำท่", "ท่ว", "วม"]),
        ("ນ້ຳຖ້ວມໃຫຍ່", "ນ້ຳຖ້ວມ", ["ນ້ຳຖ້", "ຖ້ວ", "ວມ"]),
        ("ទឹកជំនន់ធំ", "ទឹកជំនន់", ["ទឹក", "កជំ", "ជំន", "នន់"]),
        ("ရေကြီးမှုဖြစ်ပွား", "ရေကြီးမှု", ["ရေကြီး", "ကြီးမှု"]),
    ],
)
def test_words_are_found_where_nothing_parts_them(
    index: sqlite3.Connection, text: str, asked: str, words: list[str]
) -> None:
    indexed(index, text, "zh")
    found = list(content_terms(asked, ["zh"]))
    assert [term.word for term in found if matches(index, term.expression)] == words


def test_a_phrase_is_found_within_a_longer_run(index: sqlite3.Connection) -> None:
    indexed(index, "著名的三峡大坝，建成", "zh")
    assert matches(index, phrase_expression("三峡大坝", ["zh"]))
    assert matches(index, phrase_expression("大坝，建", ["zh"]))
    assert not matches(index, phrase_expression("三峡坝", ["zh"]))
    assert not matches(index, phrase_expression("", ["zh"]))


@given(_texts, _languages)
def test_a_text_holds_itself_as_a_phrase(index: sqlite3.Connection, text: str, language: str) -> None:
    kept = indexed(index, text, language)
    assert matches(index, phrase_expression(text, [language])) == bool(kept)


@given(_texts, st.lists(_languages, min_size=1, max_size=4, unique=True))
def test_a_question_finds_its_own_words_in_any_language(
    index: sqlite3.Connection, text: str, languages: list[str]
) -> None:
    """What the expression looks for is what the index keeps, for every word that it keeps."""
    indexed(index, text, languages[-1])
    for term in content_terms(text, languages):
        assert matches(index, term.expression), term


@given(_texts)
def test_what_matches_is_marked(text: str) -> None:
    found = list(terms(text))
    assert set(matching_spans(text, found)) == {(term.start, term.end) for term in found}


def test_other_forms_are_marked_by_the_language_of_the_text() -> None:
    wanted = list(content_terms("Krankheit", ["en", "de"]))
    assert matching_spans("Viele Krankheiten", wanted, "de") == ((6, 17),)
    assert matching_spans("Viele Krankheiten", wanted, "en") == ()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Was hat die Regierung über den Damm gesagt?", "de"),
        ("What did the government say about the dam?", "en"),
        ("Qu'est-ce que le gouvernement a dit sur le barrage ?", "fr"),
        ("Damm", "de"),
        ("", "de"),
    ],
)
def test_a_question_tells_its_language_by_its_stop_words(question: str, language: str) -> None:
    assert language_of(question, ["de", "fr"]) == language


def test_a_word_of_one_language_is_no_stop_word_of_another() -> None:
    assert [t.word for t in content_terms("Did the war make them die?", ["de", "en"])] == ["war", "make", "die"]
    assert [t.word for t in content_terms("Was war die Ursache?", ["de", "en"])] == ["Ursache"]


def test_a_hostile_text_takes_no_long_time() -> None:
    """A megabyte of one letter, mark or particle, in one word or many."""
    started = time.process_time()
    for letter in ("a", "s", "文", "の", "เ", "ำ", "\u0301", "\u17d2", "ᄉ", "이", "\u0949"):
        text = letter * 200_000
        index_text(text, "ru")
        sum(1 for _ in content_terms(text[:2_000], ["zh"]))
    assert time.process_time() - started < 20


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
