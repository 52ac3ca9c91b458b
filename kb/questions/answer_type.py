"""The kind of answer that a question expects: who, when, how many, how much money. Pure.

The expected answer type of question answering (Hovy et al., "Question Answering in Webclopedia", TREC 2000), by regular
expressions alone.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["AnswerType", "shows", "wanted"]

AnswerType = Literal["money", "number", "duration", "amount", "time", "person"]

_PAID = (
    "pay|pays|paid|costs?|charged?|charges|raised?|earns?|earned|worth|spend|spends|spent|sells?|sold|money|fee|price"
)
_UNIT = "(?:second|minute|hour|day|night|week|month|year|decade)s?"
#: The words before the thing that is counted.
_NUMBER_ASKED = re.compile(r"\bhow many\b|\bwhat (?:percent(?:age)?|share|rate|number)s?\b|\bin percent\b", re.I)
#: The first that fits counts.
_WANTED: dict[AnswerType, re.Pattern[str]] = {
    "money": re.compile(
        rf"\bhow much\b[^?]*\b(?:{_PAID})\b|\bhow many (?:dollars|euros|pounds|millions|billions)\b|"
        r"\bwhat (?:(?:is|was|are|were) (?:the|its|their|his|her) )?(?:\w+ )?"
        r"(?:price|salary|budget|fees?|advance|bonus)\b|"
        r"\bwhat (?:do|does|did)\b[^?]*(?<!\bthe )(?<!\bits )(?<!\bof )\b(?:cost|pay|charge|earn)\b",
        re.I,
    ),
    "duration": re.compile(rf"\bhow (?:long|old|often)\b|\bhow many {_UNIT}\b", re.I),
    "number": _NUMBER_ASKED,
    "amount": re.compile(r"\bhow (?:much|far)\b", re.I),
    "time": re.compile(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b", re.I),
    "person": re.compile(r"\bwho(?:m|se)?\b", re.I),
}
#: Numbers in words, as a part of a pattern; without "one", which is mostly a pronoun.
_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|millions?|billions?"
    "|half|zero|none"
)
_COUNTED = rf"\d|\b(?:{_NUMBER_WORDS})\b"
_CALENDAR = (
    "January|February|March|April|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday"
    "|Friday|Saturday|Sunday"
)
_SHOWN: dict[AnswerType, re.Pattern[str]] = {
    "money": re.compile(
        r"[$€£]\s?\d|\b\d[\d,.]*\s?k\b|\b(?:dollars|euros|pounds|bucks|cents|grand|hundred|thousand|million|billion|free)\b",
        re.I,
    ),
    "duration": re.compile(rf"{_COUNTED}|\b{_UNIT}\b|\b(?:daily|weekly|monthly|yearly|once|twice)\b", re.I),
    "number": re.compile(_COUNTED, re.I),
    "amount": re.compile(_COUNTED, re.I),
    "time": re.compile(
        rf"\b(?:1[89]|20)\d\d\b|\b(?:{_CALENDAR}|yesterday|today|ago|recently|last (?:year|week|month))\b"
    ),
    "person": re.compile(rf"(?<=[^.?!\s]\s)(?!(?:{_CALENDAR})\b)[A-Z][a-z]+|\b[A-Z][a-z]+ [A-Z][a-z]+"),
}


def wanted(question: str) -> AnswerType | None:
    """Return the kind of evidence that ``question`` asks for, if it says so."""
    return next((kind for kind, pattern in _WANTED.items() if pattern.search(question)), None)


def shows(kind: AnswerType, sentence: str) -> bool:
    """Return whether ``sentence`` holds evidence of that kind."""
    return _SHOWN[kind].search(sentence) is not None
