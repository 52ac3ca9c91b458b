"""What a sentence may say of the quotes that it cites: no number, name or quotation that they do not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.summary.claims import numbers, objection
from kb.types import Episode, Quote
from tests.strategies import hostile_text, prose

SEGMENT = Episode("ice", "All Things Considered", "ICE Turned To DMV Databases", "2019-07-08")


def quote(text: str, speaker: str | None = "Aarti Shahani") -> Quote:
    return Quote("ice@1:0-9", SEGMENT, 1, text, 0, 9, speaker, 1.0, 2.0)


DRAGNET = quote("Alvaro Bedoya one of the Georgetown lawyers - he called the ICE-DMV tag-teaming a dragnet.")
WOMEN = quote("But with darker-skinned women it failed to identify them as women 1 out of 3 times.")
CITY = quote("San Francisco recently banned the use of facial recognition by police and city agencies.")
LAB = quote("Well last year the MIT Media Lab did a study of two million faces. They didn't publish it.")
EDITOR = quote("OverType looks sweet! Its author calls it an under-engineered editor.", "Jerod Santo")
HOSPITAL = quote("I checked myself into a hospital, and I was there for close to three weeks.", "Justin Dorfman")
QUESTION = "Which cities restricted facial recognition, and how well does software work?"


@pytest.mark.parametrize(
    "same",
    [
        ["two million", "2 million", "2-million", "2,000,000", "2000000", "$2m", "2 Million", "two-million", "2.0 million", "２,０００,０００"],
        ["2.5 billion", "2,500,000,000", "2.5bn", "two point five billion"],
        ["3", "three", "Three", "3.0", "third", "3rd", "٣"],
        ["21", "twenty-one", "twenty one", "twenty-first", "21st"],
        ["1 in 3", "one in three", "one out of 3"],
        ["101", "one hundred and one", "a hundred and one"],
        ["1994", "nineteen ninety-four", "1994's"],
        ["half", "a half", "0.5"],
        ["hundreds", "Hundreds of people"],
        ["", "one of them", "first of all", "no number", "no one"],
    ],
)  # fmt: skip
def test_a_value_is_one_however_it_is_written(same: list[str]) -> None:
    assert len({numbers(each) for each in same}) == 1, [numbers(each) for each in same]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("three", "3000"), ("hundreds", "100"), ("2 million", "2 billion"), ("1.5", "15"), ("20", "21"), ("99", "9.9"),
        ("a million", "millions"), ("2019", "2018"), ("twenty", "twenty-one"), ("1,5", "1.5"),
    ],
)  # fmt: skip
def test_other_values_are_others(one: str, other: str) -> None:
    assert numbers(one) - numbers(other)


@given(st.integers(0, 10**15))
def test_grouped_digits_are_the_plain_number(value: int) -> None:
    assert numbers(f"about {value:,} people") == numbers(str(value)) == {str(value)}


@given(hostile_text | prose)
def test_numbers_of_anything(text: str) -> None:
    """Whatever comes, the values are plain and the same again."""
    plain = text.encode("utf-8", "ignore").decode()
    assert numbers(plain) == numbers(plain)
    assert all(value.isascii() for value in numbers(plain) if value.isdigit())


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("San Francisco banned the use of facial recognition.", [CITY]),
        ("It failed with darker-skinned women one out of three times.", [WOMEN]),
        ("One lawyer, Alvaro Bedoya, called it “a dragnet”.", [DRAGNET]),
        ("In July 2019, All Things Considered reported that San Francisco banned it.", [CITY]),
        ("Bedoya's word for the ICE-DMV tag-teaming was a dragnet, said Aarti Shahani.", [DRAGNET]),
        (
            "Police may no longer use it in San Francisco, and it failed 1 out of 3 times with women.",
            [CITY, LAB, WOMEN],
        ),
        ("A MIT Lab looked at 2,000,000 faces.", [LAB]),
        ("Facial recognition was banned.", [CITY]),
        ("Software fails women.", [WOMEN]),  # "software" is a word of the question
        ("Overall, agencies were banned from it.", [CITY]),
        ("They did not publish the study.", [LAB]),
        ("The Lab did a study; they “didn't publish it”.", [LAB]),
        ("According to Jerod Santo, the OverType editor looks sweet.", [EDITOR]),
        ("Jerod Santo, its admirer, says that OverType is under-engineered.", [EDITOR]),
        ("OverType looks sweet, said Jerod Santo.", [EDITOR]),
        ("Justin Dorfman was in hospital for close to three weeks.", [HOSPITAL]),
    ],
)
def test_a_sentence_that_rests_on_its_quotes_is_let_through(sentence: str, cited: list[Quote]) -> None:
    assert objection(sentence, cited, [QUESTION]) is None


@pytest.mark.parametrize(
    ("sentence", "cited", "reason"),
    [
        ("It failed with darker-skinned women 1 out of 4 times.", [WOMEN], "the number 4"),
        ("It failed 34% of women.", [WOMEN], "the number 34"),
        ("The study had two billion faces.", [LAB], "the number 2000000000"),
        ("The study had thousands of faces.", [LAB], "the number thousands"),
        ("Half of the women were missed.", [WOMEN], "the number 0.5"),
        ("San Francisco banned it in 2018.", [CITY], "the number 2018"),
        ("San Francisco banned it in May.", [CITY], "“May”"),
        ("Oakland banned the use of facial recognition.", [CITY], "“Oakland”"),
        ("San Francisco banned it, and so did Oakland's police.", [CITY], "“Oakland”"),
        ("San Francisco banned it.", [WOMEN], "“San”"),
        ("Bedoya called it a dragnet.", [CITY], "“Bedoya”"),
        ("The WHO banned the use of it by police.", [CITY], "“WHO”"),
        ("Its maker FaceCorp failed to identify women.", [WOMEN], "“FaceCorp”"),
        ("Alvaro Shahani called it a dragnet.", [DRAGNET], "nobody is called “Alvaro Shahani”"),
        ("He called it “a dragnet of citizens”.", [DRAGNET], "in quotation marks"),
        ('He called it "an outrage".', [DRAGNET], "in quotation marks"),
        ("San Francisco has not banned the use of facial recognition.", [CITY], "it says “not”"),
        ("San Francisco didn’t ban it.", [CITY], "it says “n’t”"),
        ("The lawyers at evil.example called it a dragnet.", [DRAGNET], "evil.example"),
        ("Cabbages are green.", [DRAGNET], "“Cabbages”"),
        ("They are wonderful.", [DRAGNET], "shares no content word"),
        ("GPT-4 failed to identify women.", [WOMEN], "the number 4"),
        # What real models of 1.5 billion weights wrote of the one who spoke.
        ("Jerod Santo created the OverType editor.", [EDITOR], "“Jerod” speaks"),
        ("The OverType editor is Santo's.", [EDITOR], "“Santo” speaks"),
        ("Aarti Shahani is one of the Georgetown lawyers.", [DRAGNET], "“Aarti” speaks"),
    ],
)
def test_what_the_quotes_do_not_say_is_not_let_through(sentence: str, cited: list[Quote], reason: str) -> None:
    assert reason in (objection(sentence, cited, [QUESTION]) or "")


def test_what_cannot_be_found_out_is_let_through() -> None:
    """The limits, as the documentation states them: nothing here reads the sense of a sentence."""
    assert objection("San Francisco allowed the use of facial recognition by police.", [CITY]) is None
    assert objection("Aarti Shahani says that software allowed women.", [WOMEN]) is None


@given(hostile_text | prose, hostile_text | prose)
def test_any_sentence_and_quote_give_a_reason_or_none(sentence: str, text: str) -> None:
    plain, said = (each.encode("utf-8", "ignore").decode() for each in (sentence, text))
    reason = objection(plain, [quote(said, None)], [said])
    assert reason is None or reason


@given(prose.filter(lambda text: any(map(str.isalpha, text))))
def test_a_quote_rests_on_itself(text: str) -> None:
    assert objection(text, [quote(text)]) in (None, "it shares no content word with the quotes that it cites")
