"""Check a sentence's claims against the quotes that it cites: its numbers, names and quoted words. Pure.

These checks find additions, not reversals: a sentence that denies what its quote says, or attributes words to another
speaker named there, has all its names and numbers in the quote. Only one simple reversal is found: a negation where no
cited quote has one. The rules are for English; elsewhere they refuse more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from ..phrasing import MONTHS
from ..text.terms import STOP_WORDS, content_stems, fold_word, stem, terms
from ..types import Quote

__all__ = ["numbers", "objection", "sources_of"]


# Words that often begin a sentence and are not names.
_STARTERS = frozenset(
    """according additionally agencies all also although another anyone authorities both campaigners citizens companies
    company concerns critics despite due each eight either even every everyone experts few finally first five four
    further furthermore given hence however including instead journalists last later lawyers like many meanwhile
    moreover most much nearly neither nine nobody none nonetheless nor nothing notably officials often on one others
    overall participants people perhaps police politicians quote recently reporters researchers residents scientists
    second seven several similarly since six some somebody someone sometimes speakers specifically still studies study
    such supporters technology ten therefore third three thus today together two unlike until upon users using via
    whereas whether within yes yesterday yet""".split()
)

_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "mn": 6, "billion": 9, "bn": 9, "trillion": 12, "tn": 12}
_SCALED = re.compile(rf"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)[ -]?({'|'.join(_SCALES)})\b", re.IGNORECASE)
# "two point five billion", spelt in digits.
_POINTED = re.compile(r"(\d+\.\d+) (1(?:000)+)(?!\d)")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
# "1,234,567.8", and "1.234.567" as other languages write it.
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}")
_YEAR_IN_TWO = re.compile(r"(?<![\d.,])(1[1-9]|20) (\d\d)(?![\d.,]\d|\d)")
# "one of them" and "first of all" count nothing; "one in three" and "one million" do.
_UNCOUNTED = re.compile(
    r"(?<![\w-])(?:(?<!ty )(?<!hundred and )(?<!thousand and )"
    r"one(?! (?:in|out|per|percent|hundred|thousand|million|billion|trillion|point|half)\b)"
    r"|(?<!ty )(?:first|seconds?)|dozens|hundreds|thousands|millions|billions|trillions)(?![\w-])",
    re.IGNORECASE,
)
_VAGUE = {"half": "0.5", "halves": "0.5", "dozen": "12", "twice": "2", "thrice": "3"}
_CROWDS = frozenset("dozens hundreds thousands millions billions trillions".split())
_NEGATION = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|without)\b|n['’]t\b", re.IGNORECASE)
# Text that a terminal or a page could turn into a link.
_ADDRESS = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b")
_QUOTED = re.compile(r"[“”\"„«»]([^“”\"„«»]+)[“”\"„«»]")
# If the quote says "I wrote it", a sentence may say that the speaker wrote it.
_FIRST_PERSON = frozenset({"i", "we"})
# Verbs for what a speaker does in her own quote; other verbs state facts about her, which a quote rarely has.
_REPORTING = frozenset(
    map(
        stem,
        """accord account add admit advise advocate agree announce answer argue ask assert assume believe call
        caution claim comment compare complain conclude confirm consider criticise criticize declare demand
        deny describe disagree discuss doubt emphasise emphasize estimate expect explain express fear feel
        find guess hope imagine insist introduce joke list mean mention name note observe opinion outline
        point praise predict prefer present propose put question quote recall recommend refer regard remark
        remember reply report respond said say see speak spoke state stress suggest sum summarise summarize
        suppose talk tell think thought told urge view want warn wonder words worry""".split(),
    )
)
# How many words may stand between a speaker's name and this verb ("according to Dr. Ann Lee", "Ann Lee, a lawyer,
# says").
_REPORTED_BEFORE, _REPORTED_AFTER = 4, 5
# How many words may stand between two parts of a name in a quote ("MIT Lab" of "MIT Media Lab").
_APART = 2


def objection(sentence: str, cited: Sequence[Quote], beside: Sequence[str] = ()) -> str | None:
    """Return in a clause why the cited quotes do not support ``sentence``, or ``None`` if nothing is found.

    ``beside`` are other texts (the question, quotes that are not cited): a word that occurs there in lower case is not
    a name when it begins the sentence.
    """
    sources = [sources_of(quote) for quote in cited]
    return (
        _strange_quotation(sentence, [quote.text for quote in cited])
        or _strange_address(sentence, sources)
        or _strange_number(sentence, sources)
        or _strange_name(sentence, sources, beside)
        or _joined_name(sentence, sources)
        or _strange_deed(sentence, cited)
        or _strange_negation(sentence, sources)
        or _nothing_in_common(sentence, sources)
    )


def sources_of(quote: Quote) -> str:
    """Return all that a sentence may take from a quote: its words, speaker, show, title and date."""
    episode = quote.episode
    parts = [quote.text, quote.speaker, episode.show, episode.title, episode.published]
    month = re.match(r"\d{4}-(\d\d)", episode.published or "")
    if month and 1 <= int(month[1]) <= 12:
        parts.append(MONTHS[int(month[1]) - 1])
    return " . ".join(part for part in parts if part)


def numbers(text: str) -> frozenset[str]:
    """Return the values that ``text`` names in digits or English words, each as plain digits.

    "2 million", "two million" and "2,000,000" are one value; "hundreds" is itself. "One" counts where it is no pronoun.
    """
    from text_to_num import alpha2digit

    plain = unicodedata.normalize("NFKC", text)
    words = [fold_word(term.word) for term in terms(plain)]
    plain = _SCALED.sub(lambda found: _scaled(found[1], found[2]), _UNCOUNTED.sub(" ", plain))
    spelt = alpha2digit(plain.replace("-", " "), "en", 0)
    spelt = _POINTED.sub(lambda found: format(Decimal(found[1]) * Decimal(found[2]), "f"), spelt)
    spelt = _YEAR_IN_TWO.sub(r"\1\2", spelt)
    values = {value for found in _DIGITS.findall(spelt) for value in _values(found)}
    return frozenset(values | {_VAGUE[w] for w in words if w in _VAGUE} | {w for w in words if w in _CROWDS})


def _scaled(digits: str, scale: str) -> str:
    return format(Decimal(digits.replace(",", "")).scaleb(_SCALES[scale.lower()]), "f")


def _values(found: str) -> Iterator[str]:
    if _GROUPED.fullmatch(found):
        found = found.replace(",", "") if "," in found else found.replace(".", "")
    for part in found.split(","):
        # "3.0" is 3, and "3.2.1" is a version, not a number.
        yield format(Decimal(part).normalize(), "f") if part.count(".") < 2 else part


def _strange_number(sentence: str, sources: Sequence[str]) -> str | None:
    strange = numbers(sentence) - numbers(" . ".join(sources))
    return f"the number {min(strange)} is in no quote that it cites" if strange else None


def _strange_address(sentence: str, sources: Sequence[str]) -> str | None:
    strange = (
        a for a in _ADDRESS.findall(sentence) if not any(a.casefold() in source.casefold() for source in sources)
    )
    return next(
        (f"“{address[:80]}” looks like an address and is in no quote that it cites" for address in strange), None
    )


def _strange_quotation(sentence: str, texts: Sequence[str]) -> str | None:
    """Quotation marks promise the speaker's own words."""
    said = [f" {' '.join(_words(text))} " for text in texts]
    for found in _QUOTED.findall(sentence):
        if not any(f" {' '.join(_words(found))} " in text for text in said):
            return f"“{found.strip()[:80]}” is in quotation marks and in no quote that it cites"
    return None


def _strange_name(sentence: str, sources: Sequence[str], beside: Sequence[str]) -> str | None:
    known = {word for source in sources for word in map(stem, _words(source))}
    first = True
    for term in terms(sentence):
        if _is_name(term.word) and term not in known and not (first and _ordinary(term.word, beside)):
            return f"“{term.word}” is in no quote that it cites"
        first = False
    return None


def _is_name(word: str) -> bool:
    """Return whether ``word`` is written like a name; "WHO" and "US" are, "Who" and "I" are not."""
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()) and fold_word(word) in STOP_WORDS:
        return False
    return any(letter.isupper() for letter in word)


def _ordinary(word: str, beside: Sequence[str]) -> bool:
    """Return whether a word that begins a sentence is not a name."""
    plain = fold_word(word)
    if plain in STOP_WORDS or plain in _STARTERS:
        return True
    wanted = stem(word)
    return any(term.word.islower() and term == wanted for text in beside for term in terms(text))


def _joined_name(sentence: str, sources: Sequence[str]) -> str | None:
    """The first name of one person and the surname of another make the name of a third person."""
    places = [_places(source) for source in sources]
    names = {w for source in sources for w in _names(source)} - {w for source in sources for w in _lower(source)}
    for first, second in pairwise(terms(sentence)):
        together = sentence[first.end : second.start] == " "
        if together and _capital(first.word) and _capital(second.word) and first in names and second in names:
            near = any(
                0 < b - a <= _APART + 1
                for found in places
                for a in found.get(str(first), ())
                for b in found.get(str(second), ())
            )
            if not near:
                return f"nobody is called “{first.word} {second.word}” in the quotes that it cites"
    return None


def _strange_deed(sentence: str, cited: Sequence[Quote]) -> str | None:
    """A speaker's name is not in her own quote: only "I" in the quote supports a claim about what she did."""
    spoken_of = {word for quote in cited for word in _words(f"{quote.text} {quote.episode.title}")}
    of_themselves = {
        word for quote in cited if _FIRST_PERSON & set(_words(quote.text)) for word in _words(quote.speaker or "")
    }
    speakers = {word for quote in cited for word in _words(quote.speaker or "")} - spoken_of - of_themselves
    found = list(terms(sentence))
    for place, term in enumerate(found):
        if fold_word(term.word) in speakers and _capital(term.word):
            near = found[max(0, place - _REPORTED_BEFORE) : place] + found[place + 1 : place + 1 + _REPORTED_AFTER]
            if _REPORTING.isdisjoint(near):
                return f"“{term.word}” speaks in the quotes that it cites, which do not say this"
    return None


def _strange_negation(sentence: str, sources: Sequence[str]) -> str | None:
    found = _NEGATION.search(_QUOTED.sub(" ", sentence))
    if found is None or any(_NEGATION.search(source) for source in sources):
        return None
    return f"it says “{found[0]}”, but no quote that it cites does"


def _nothing_in_common(sentence: str, sources: Sequence[str]) -> str | None:
    shared = set(content_stems(sentence)) & {word for source in sources for word in content_stems(source)}
    return None if shared else "it shares no content word with the quotes that it cites"


def _words(text: str) -> list[str]:
    return [fold_word(term.word) for term in terms(text)]


def _places(text: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms(text)):
        places.setdefault(str(term), []).append(place)
    return places


def _capital(word: str) -> bool:
    return word[:1].isupper()


def _names(text: str) -> set[str]:
    return {str(term) for term in terms(text) if _capital(term.word)}


def _lower(text: str) -> set[str]:
    return {str(term) for term in terms(text) if term.word.islower()}
