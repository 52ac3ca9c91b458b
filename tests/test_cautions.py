"""What a reader is told to mind about a quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kb.answers.cautions
from kb.answers.cautions import as_phrases, cautions
from kb.translatable import Phrase


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("He said it was a dragnet.", True),
        ("Alvaro Bedoya - he called the ICE-DMV tag-teaming a dragnet.", True),
        ("According to the report, it failed.", True),
        ("The state allegedly knew.", True),
        ("I said it was wrong.", False),
        ("They never asked, he told us.", True),
        ("San Francisco outlawed it.", False),
        ("", False),
        ("I still like it. Still think it's a cool language.", False),
        ("That said, it works.", False),
        ("Who wrote the contract?", False),
        ("You can see all the API calls and the rules.", False),
        ("ICE calls it a success.", True),
        ("The man who wrote it is here.", False),
        ("He called it a dragnet.", True),
        ("The agency told The Washington Post that it is safe.", True),
        ("But the ICE spokesperson said that it helps.", True),
        ("A person named Alessio came inbound and said yes.", True),
        ("Hyrum’s law says this: all will be used.", True),
        ("He concludes: it is over.", True),
        ("Then the British government announced that it stops.", True),
        ("It is what the investor had said.", True),
        ("The company behind it says it is not going to sell.", True),
        ("These are so-called weak licenses.", False),
        ("You think Minecraft, you think mods.", False),
        ("The Vatican called NORAD.", False),
        ("I have this TV called The Frame.", False),
        ("In Vitess called VReplication, it runs.", False),
        ("They called out our co-founders.", False),
        ("What is it called?", False),
        ("It is good because it tells you something.", False),
        ("It’s hard to argue with it.", False),
    ],
)
def test_words_of_others_are_told(text: str, reported: bool) -> None:
    assert cautions(text, 0, len(text), (0, len(text))) == (
        ("The speaker reports somebody else’s words or views.",) if reported else ()
    )


_TOLD = "The quote is part of a sentence, whose other part says “{}”; see the context."


@pytest.mark.parametrize(
    ("before", "quote", "after", "word"),
    [
        ("I would not say that ", "the city did well", ".", "not"),
        ("", "The city did well", ", or rather it didn’t.", "didn’t"),
        ("", "It isn't taking into account what a state wants.", " Never mind.", None),
        ("That is not so. ", "The city did well", " in spring.", None),
        ("That is not so! ", "The city did well.", " Not badly.", None),
        ("They never asked (not once). ", "The city did well", "", None),
        ("No.\n\n", "The city did well", "\n\nNo.", None),
        ("I do not know. We ask whether or not ", "the city did well", ".", None),
        ("否。", "市は良くやった", "。not", None),
    ],
)
def test_a_negation_that_a_quote_leaves_out_is_told(before: str, quote: str, after: str, word: str | None) -> None:
    whole = before + quote + after
    told = cautions(whole, len(before), len(before) + len(quote), (0, len(whole)))
    assert [each for each in told if each != _PART] == ([_TOLD.format(word)] if word else [])


_PART = "The quote is part of a longer sentence; see the context."


@pytest.mark.parametrize(
    ("before", "quote", "after", "told"),
    [
        ("It did well in spring, ", "and the summer was good too.", " Yes.", True),
        ("Yes. ", "It did well in spring,", " and the summer was good too.", True),
        ("Yes! ", "It did well in spring.", " And the summer was good too.", False),
        ("“Yes.” ", "It did well", "", False),
        ("and so on " * 50, "it did well", " and the summer was good too", False),
        ("", "it did well", " and so on" * 50, False),
    ],
)
def test_a_part_of_a_sentence_is_told_where_sentences_end_at_all(
    before: str, quote: str, after: str, told: bool
) -> None:
    whole = before + quote + after
    found = cautions(whole, len(before), len(before) + len(quote), (0, len(whole)))
    assert found == ((_PART,) if told else ())


@pytest.mark.parametrize(
    ("before", "quote", "after", "told"),
    [
        ("The gree", "nhouses were full.", "", True),
        ("", "The greenhou", "ses were full.", True),
        ("The ", "greenhouses", " were full.", False),
        ("It’s ", "well", "-known.", True),
        ("Er sagt: ", "„Gewächshäuser“", ".", False),
        ("市は", "良くやった", "と言う。", False),
    ],
)
def test_a_quote_that_cuts_a_word_is_told(before: str, quote: str, after: str, told: bool) -> None:
    whole = before + quote + after
    found = cautions(whole, len(before), len(before) + len(quote), (0, len(whole)))
    assert ("The quote begins or ends inside a word." in found) == told


_BEGINS = "The quote begins inside quotation marks; see the context for whose words these are."
_ENDS = "The quote ends before the quotation marks in it close; see the context."


@pytest.mark.parametrize(
    ("before", "quote", "after", "told"),
    [
        ('And he was like "I was a leech. ', "I just loved the free stuff.", ' Sorry." And we laughed.', _BEGINS),
        ("They mean “Don’t give up. ", "Push through.", "” And so on.", _BEGINS),
        ("It is so. ", "They mean \"Don't give up.", ' Push through."', _ENDS),
        ("It is so. ", 'They mean "push through" and nothing else.', "", None),
        ('They mean "push through." ', "And I agree.", "", None),
        ("He is 6'7\" tall. ", "And I am not.", "", None),
        ('Another said "stop.\n\n', "And I agree.", "", None),
        ('Another said "stop. ', "And I agree.", " Nobody closes it.", None),
        ('Another said "stop. ', "And I agree.", ' So is "that" here.', None),
    ],
)
def test_a_quotation_that_a_quote_cuts_is_told(before: str, quote: str, after: str, told: str | None) -> None:
    whole = before + quote + after
    found = cautions(whole, len(before), len(before) + len(quote), (0, len(whole)))
    assert [each for each in found if each in (_BEGINS, _ENDS)] == ([told] if told else [])


def test_a_sentence_goes_no_further_than_its_turn() -> None:
    whole = "I never did the city did well and I do not"
    assert cautions(whole, 12, 29, (12, 29)) == ()
    assert cautions(whole, 12, 29, (0, 29)) == (_TOLD.format("never"),)


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_any_text_is_borne(text: str, start: int, end: int) -> None:
    assert len(cautions(text, min(start, len(text)), min(end, len(text)), (0, len(text)))) <= 3


def test_every_caution_that_was_stored_can_be_translated() -> None:
    known = [each for each in vars(kb.answers.cautions).values() if isinstance(each, Phrase)]
    assert len(known) > 5
    assert all(isinstance(each, Phrase) for each in as_phrases([str(each) for each in known]))
