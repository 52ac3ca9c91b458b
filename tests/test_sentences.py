"""Sentences: a table checked by hand, and what holds for every text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.sentences import MAX_CHARS, MAX_WORDS, split_sentences, word_count
from tests.conftest import ROOT
from tests.strategies import hostile_text, prose, run_ons

# The sentences of each text; what is joined by spaces must come apart again.
TABLE: dict[str, list[str]] = {
    "plain": ["We met.", "They left!", "Did they?", "Yes."],
    "U.S. before a small letter": ["Most U.S. citizens agree.", "The U.S. is large."],
    "U.S. before a name": ["The U.S. Senate met.", "It voted."],
    "U.S. at the end": ["He left the U.S.", "They stayed."],
    "agencies": ["F.B.I. agents came.", "Call the F.B.I.", "Now."],
    "Mr.": ["Mr. Smith met Mrs. Jones.", "Ms. Lee did not."],
    "titles": ["Dr. Bedoya and Prof. Lee spoke.", "Sen. Warren, Rep. Lofgren and Gov. Cuomo came.", "Gen. Hayden left."],
    "capital titles": ["MR. BEDOYA: It is so.", "DR. LEE agrees."],
    "saint and street": ["St. Mary lived on Main St.", "It is long."],
    "number": ["See No. 5 and no. 7.", "Then No. 8."],
    "no, the answer": ["No.", "Absolutely not.", "I said no.", "People laughed."],
    "am, the verb": ["That is who I am.", "Everyone knows it."],
    "versus": ["Roe vs. Wade is old.", "Brown v. Board is older."],
    "initials": ["J. Edgar Hoover ran it.", "J.R.R. Tolkien did not.", "George W. Bush was asked."],
    "I": ["It was I.", "Then he left."],
    "letters": ["It was plan B.", "We had none."],
    "company": ["He works at Apple Inc.", "It is big.", "Apple Inc. and Alphabet Inc. Class A rose."],
    "etc.": ["Faces, names, etc. are kept.", "Phones, etc.", "They keep it."],
    "e.g.": ["Some firms, e.g. Amazon, sell it.", "Others, i.e. Microsoft, do not."],
    "degrees": ["Ph.D. students know.", "She has a Ph.D.", "Her work is known."],
    "time of day": ["At 5 p.m. Eastern we met.", "It was 9 a.m.", "We were late.", "At 6 p.m. on Monday we left."],
    "months": ["It began on Jan. 5 and ended on Sept. 11.", "In Feb. Congress met."],
    "decimals": ["It rose 3.5 percent to $4.50.", "It fell 0.1.", "Version 2.10.3 is out."],
    "thousands": ["They searched 641,000,000 photos.", "21 states allow it."],
    "an address on the web": ["Go to npr.org for more.", "Write to news@npr.org."],
    "ellipsis inside": ["Well... maybe it is.", "I… think so."],
    "ellipsis at the end": ["I wonder...", "Never mind.", "And then…", "Nothing."],
    "many marks": ["What?!", "Really?!?", "No way!!!", "Yes."],
    "quoted question": ["“What is this?” he asked.", "“Nothing.”", "She left."],
    "straight quotes": ['"Is it legal?" she asked.', 'He said: "Go."', "'Why?'", "Nobody knew."],
    "guillemets": ["«Oui.»", "Il part.", "« Non ! »"],
    "brackets": ["(Laughter.)", "We went on.", "[Music.]", "It ended (at last.)", "So."],
    "question inside": ["He asked what for? and left.", "We know why."],
    "dashes": ["It is - well - odd.", "That is using driver's license photos -- and more.", "Yes — no — maybe."],
    "dash before an answer": ["Is it?", "- Yes.", "- No!"],
    "broken off": ["But you can't -", ],
    "a name in small letters": ["We bought an iPhone. eBay had one.", "So there."],
    "semicolon and colon": ["One thing: this; that.", "Two."],
    "no mark at the end": ["We met.", "And that is all"],
    "a recogniser's bare words": ["so you know we went there and he said well what do you mean and i said nothing"],
    "a recogniser's small letters": ["yeah. so we went there. and that was it."],
    "only marks": ["?!"],
    "Arabic": ["مرحبا بك.", "كيف حالك؟", "أنا بخير."],
    "Urdu": ["یہ جملہ ہے۔", "دوسرا جملہ ہے۔"],
    "Hindi": ["यह वाक्य है।", "दूसरा वाक्य है।"],
    "German": ["Die Straße ist lang.", "Über uns ist nichts.", "Ärzte kamen."],
    "Spanish": ["¿Qué es esto?", "¡Nada!", "Él se fue."],
    "Greek": ["Καλημέρα.", "Πώς είσαι;", ],
    "Korean": ["안녕하세요.", "어떻게 지내세요?", "네."],
}  # fmt: skip
# Where our rule is known to read on, or to stop; a change here changes what is quoted.
KNOWN_LIMITS: dict[str, list[str]] = {
    "a small letter begins no sentence": ["yeah. so we went there. and that was it."],
    "an unlisted abbreviation before a capital": ["He read Gaz.", "Officielle aloud."],
    "an abbreviation before a word that seldom begins": ["Smith works at Yahoo Inc. Nobody else does."],
    "a Greek question mark is a semicolon": ["Πώς είσαι; Καλά."],
}


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize("sentences", [*TABLE.values(), *KNOWN_LIMITS.values()], ids=[*TABLE, *KNOWN_LIMITS])
def test_table(sentences: list[str]) -> None:
    assert pieces(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("你好。今天天气很好！你觉得呢？是的", ["你好。", "今天天气很好！", "你觉得呢？", "是的"]),
        ("「行こう。」と彼は言った。そうだ。", ["「行こう。」", "と彼は言った。", "そうだ。"]),
        ("No space.After it. Then", ["No space.After it.", "Then"]),
        ("  \n One. \n\n Two.\t", ["One.", "Two."]),
        ("", []),
        (" \n\t\u2028", []),
    ],
)
def test_without_single_spaces(text: str, sentences: list[str]) -> None:
    assert pieces(text) == sentences


def test_a_run_on_of_ten_thousand_words_is_cut_without_losing_a_word() -> None:
    words = ["so", "we", "went", "there", "and", "he", "said", "nothing", "about", "it"] * 1_000
    found = pieces(" ".join(words))
    assert " ".join(found) == " ".join(words)
    assert all(MAX_WORDS / 2 <= word_count(piece) <= MAX_WORDS for piece in found[:-1])
    assert all(piece.startswith(("and ", "so ")) for piece in found[1:])  # cut before a conjunction, where there is one


def test_a_run_on_without_conjunctions_is_cut_at_the_limit() -> None:
    found = pieces("word " * 10_000)
    assert [word_count(piece) for piece in found] == [MAX_WORDS] * (10_000 // MAX_WORDS) + [10_000 % MAX_WORDS]


def test_a_script_without_spaces_is_cut_at_the_limit() -> None:
    found = pieces("文" * 10_000)
    assert "".join(found) == "文" * 10_000
    assert max(map(len, found)) == MAX_CHARS


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("one two  three", 3), ("今天天气很好", 4), ("สวัสดีครับ", 6), ("GPT-4 and 文字", 4)]
)
def test_word_count(text: str, count: int) -> None:
    assert word_count(text) == count


texts = hostile_text | prose | run_ons | st.text()


@given(texts, st.data())
def test_spans_are_exact_sorted_disjoint_and_cover_every_visible_character(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    finish = data.draw(st.integers(begin, len(text)))
    cursor = begin
    for start, end in split_sentences(text, begin, finish):
        assert cursor <= start < end <= finish
        assert not text[cursor:start].strip()
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        cursor = end
    assert not text[cursor:finish].strip()


@given(texts)
def test_no_sentence_is_longer_than_the_limits(text: str) -> None:
    for piece in pieces(text):
        assert len(piece.split()) <= MAX_WORDS
        assert len(piece) <= MAX_CHARS


@given(texts, texts)
def test_what_stands_outside_the_span_does_not_matter(before: str, text: str) -> None:
    """A turn's sentences are its own, whoever spoke before."""
    offset = len(before) + 1
    inside = list(split_sentences(f"{before} {text} The end.", offset, offset + len(text)))
    assert [(start - offset, end - offset) for start, end in inside] == list(split_sentences(text))


@given(texts)
def test_a_sentence_is_one_sentence(text: str) -> None:
    """Passages are cut again when they are searched; the same sentences must come of it."""
    for piece in pieces(text):
        assert pieces(piece) == [piece]


_HOSTILE = """
from kb.text.sentences import split_sentences
n = 100_000
for text in [
    "." * n, "!?" * n, "…" * n, '"' * n, ".\\"" * n, '. "' * n, ")" * n, " " * n, "\\n" * n, "- " * n, ". " * n, "。" * n,
    "」" * n, "a." * n, "A. " * n, "Mr. " * n, "no. " * n, "a" * n, "文" * n, "," * n, ", " * n, " -" * n, "and " * n,
    "." * n + "x", "." + '"' * n + "x", "." + " " * n + "x", "." + "-" * n + "X", ". " + "(" * n, "\\u0301" * n,
]:
    end = 0
    for start, stop in split_sentences(text):
        assert end <= start < stop
        end = stop
"""


@pytest.mark.slow
def test_hostile_texts_take_bounded_work() -> None:
    """A square of 100,000 would take hours; the deadline is generous."""
    subprocess.run([sys.executable, "-c", _HOSTILE], cwd=ROOT, check=True, timeout=120)
