"""How much a text looks like a speaker's name: ``Jane Doe`` does, ``The question is`` does not."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

__all__ = [
    "Likeness",
    "is_heading",
    "is_numbered",
    "is_opener",
    "is_titled",
    "is_unknown",
    "likeness",
    "tidy",
]


class Likeness(IntEnum):
    """What may stand before a colon, from never a name to always a name.

    The higher the value, the fewer occurrences make it a name; see ``habit``.
    """

    NO = 0  # the beginning of a sentence, or a heading
    PHRASE = 1  # words of a sentence that may describe somebody: "Man in the blue coat"
    LIKELY = 2  # as some people write names: "orsolya kiss", "Doerr, Jane"
    SURE = 3  # as names are printed: "Jane Doe", "Speaker 1", "THE WITNESS"


_LONGEST = 80
_MOST_TOKENS = 7
_FEW_TOKENS = 4


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTICLES = _words(
    """al bin bint ben da das de del della den der di do dos du e el et i ibn la las le los of ten ter the und van vom
    von y zu zum zur af av till ap o ó ní mac 't 's"""
)
#: Words for speakers without a printed name.
_ROLES = _words(
    """actor agent anchor announcer applicant attendee attorney audience bailiff barrister boy caller chair chairman
    chairperson chairwoman child chorus clerk clip co-host coach commentator commissioner committee coroner
    correspondent council counsel councillor court crowd customer daughter defendant delegate deponent deputy
    detective dispatcher doctor dr editor expert father female foreman foreperson girl guest host hostess
    interpreter interviewee interviewer judge juror jury lawyer lecturer listener magistrate male man mayor member
    minister moderator mother mr mrs ms narrator nurse officer official operator panelist panellist participant
    passenger patient person petitioner plaintiff player pm police politician president presenter producer prof
    professor prosecutor protester questioner reader recording registrar reporter representative resident respondent
    secretary sen senator singer soldier speaker spokesman spokesperson spokeswoman stenographer student subject
    superintendent teacher technician tourist translator user viewer visitor voice voiceover volunteer warden
    witness woman worker"""
)
#: Words that may stand beside a role.
_BESIDE_ROLES = _words(
    """a an and another at first for from in of off older on other second sixth third fourth fifth the unidentified
    unknown unnamed voice with young younger"""
)
# Words before a colon that are not a name: alone, first of several, last of several, with a number.
_HEADINGS = _words(
    """again also analysis answer answers background because besides breaking but caption caution chapter clarification
    conclusion copyright correction credit credits date description disclaimer disclosure duration email episode
    example exclusive fact finally first here hint hosts guests how image introduction keywords last link links
    listen location look meaning more next no note notes now number ok okay one opinion page part participants
    people photo plus point problem published question questions quote recorded reminder remember result results
    rule season second section see so solution source sources speakers spoiler step summary tags then third time tip
    title today tomorrow topic topics transcript transcription translation truth two update video warning watch
    website well what when where who why yes yesterday yet monday tuesday wednesday thursday friday saturday sunday
    audio file language attendees hello hi thanks thank sure right yeah yep nope"""
)
_OPENERS = _words(
    """a about after all am an and any are as at be been because before being but by can could did do does each every
    for from had has have he her here here's hers him his how i i'm if in into is it it's its just learn let's like
    make may me might more must my no not of on one only or our out over remember said saw say says shall she should
    since so some such take tell than that that's the their them then there there's these they think this those to
    told too under until up us was we we're were what what's when where which while who whom whose why will with
    without would yes you you're your"""
)
# Words that name a part of a page and never a person, anywhere in a phrase.
_OF_PAGES = _words(
    """acknowledgements ad agenda ads advert advertisement advertisements affiliate appendix bibliography bonus chapters
    contact contents contribute corrections disclosures donate download downloads episodes facebook faq follow
    footnotes further headlines highlights instagram learn mentioned newsletter notes outline overview patreon picks
    previous reading recap recommended references register related resources rss share shownotes sign sponsor
    sponsored sponsors subscribe support timestamps transcripts trailer twitter upcoming website welcome youtube"""
)
_FIRST_NAMES = _words("an may will")
_GIVEN_NAMES = _words("an at do in may my on per will")  # common words that are also given names
_LINKS = _words("and at by for from in of on the to vs with")  # within a title: "Ken Thompson at SCALE"
_DAYS = _words("monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight yesterday")
_CLOSERS = _words(
    "answer correction disclosure example line news note notes point question reminder result summary update warning"
)
_COUNTED = _words(
    "act chapter day episode example fact number page part point question rule scene season section step tip"
)
_NUMBERED = re.compile(
    r"(?:speaker|spk|voice|person|participant|caller|man|woman|guest|channel)[ _#-]{0,3}(?:[0-9]{1,4}|[a-z])"
    r"|s[ _#-]?[0-9]{1,2}"
)
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]*\*[0-9*]*|\+[0-9][0-9 ()-]{5,}")  # a caller's number, partly hidden
_WITHIN = re.compile(r"\s[(\[][^()\[\]]{1,40}[)\]](?=\s)")
_AND = re.compile(r"\s+(?:[|/&+·•]|and|und|et|y|og|och|-|–|—)\s+|\s*[|/]\s*|,\s+")
_PARTICLE = 3  # the most letters of a particle that is not listed
_ABBREVIATED = 5  # the most letters of an abbreviation before a full stop: "Dr.", "Sen.", "Prof."
_BESIDE_LETTERS = frozenset(".'’`‘ʼ´-‐‑_#&@·‿°*\u200c\u200d")


def tidy(name: str) -> str:
    """Return a name as it is stored: composed characters (NFC), one kind of apostrophe, no marks around it."""
    name = unicodedata.normalize("NFC", name).replace("`", "'").replace("´", "'")
    return " ".join(name.split()).strip(" *:：﹕፦|,;\u200e\u200f\u061c")


def is_unknown(name: str) -> bool:
    """Tell whether a label says in words that the speaker is not known."""
    return name.casefold() in ("unknown speaker", "unknown", "speaker unknown", "speaker ?", "?", "??", "???")


def is_numbered(name: str) -> bool:
    """Tell the labels that recognisers give to voices: ``SPEAKER_00``, ``Speaker 1``, ``Speaker A``, ``S01``."""
    return len(name) <= _LONGEST and _NUMBERED.fullmatch(name.casefold()) is not None


def is_opener(text: str) -> bool:
    """Tell a word that sentences begin with and that is somebody's first name too: ``An``, ``In``, ``So``."""
    return text.casefold() in _OPENERS and _is_capital(text)


def is_titled(text: str) -> bool:
    """Tell a few words that all begin with a capital, whatever they say."""
    tokens = text.split()
    return 0 < len(tokens) <= _FEW_TOKENS and all(map(_is_capital, tokens)) and any(map(str.isalpha, text))


def is_heading(text: str) -> bool:
    """Tell what stands before a colon but is nobody's name: ``Note``, ``Step 2``, ``Editor's Note``."""
    words = text.casefold().replace("’", "'").split()
    if not words:
        return False
    if len(words) == 1:
        return words[0] in _HEADINGS or words[0] in _OPENERS
    if words[-1] in _DAYS:
        return True
    counted = len(words) == 2 and words[0] in _COUNTED and (words[1][-1].isdigit() or words[1] in _HEADINGS)
    return counted or words[-1] in _CLOSERS or words[0] in ("editor's", "editors'")


@lru_cache(4096)
def likeness(text: str) -> Likeness:
    """Return how much ``text`` looks like somebody's name; bounded work, whatever the text."""
    if not 0 < len(text) <= _LONGEST:
        return Likeness.NO
    text = _WITHIN.sub("", tidy(text))
    if is_numbered(text) or is_unknown(text):
        return Likeness.SURE
    if len(text) == 1 and text.isalpha() and text == text.upper():
        return Likeness.LIKELY  # "Q", "A", a speaker's letter
    if text.casefold() in _GIVEN_NAMES and _is_capital(text):
        return Likeness.LIKELY
    if _TELEPHONE.fullmatch(text):
        return Likeness.LIKELY
    parts = [part for part in _AND.split(text) if part]
    if not parts or is_heading(text):
        return Likeness.NO
    found = [_of_one(part) for part in parts]
    if len(parts) == 1:
        return found[0]
    if "|" in text:  # "Rita Moll | Harbour Office": the office's name does not matter
        return min(found[0], Likeness.LIKELY)
    return min(*found, Likeness.LIKELY if "," in text else Likeness.SURE)


def _of_one(text: str) -> Likeness:
    tokens = [bare for token in text.split() if (bare := token.strip('"“”„«»'))]
    if not 1 <= len(tokens) <= _MOST_TOKENS or not all(map(_is_wordlike, tokens)) or is_heading(text):
        return Likeness.NO
    if any(_ends_sentence(token) for token in tokens[:-1]) or len(tokens[-1].rstrip(".")) == 0:
        return Likeness.NO
    plain = [token.casefold().strip(".").replace("’", "'") for token in tokens]
    if any(word in _OF_PAGES for word in plain) and not any(word in _ROLES for word in plain):
        return Likeness.NO
    if found := _by_role(tokens, plain):
        return found
    if not any(letter.isalpha() for letter in text):
        return Likeness.NO
    if text.upper() == text.lower():  # a script without capitals
        return Likeness.SURE if len(text) <= 12 else Likeness.LIKELY if len(tokens) <= 4 else Likeness.PHRASE
    if all(
        _is_capital(token) or (place and word in _PARTICLES)
        for place, (token, word) in enumerate(zip(tokens, plain, strict=True))
    ):
        return _of_capitals(tokens, plain)
    return _of_mixed(tokens, plain)


def _of_capitals(tokens: list[str], plain: list[str]) -> Likeness:
    """Judge words that all begin with a capital: names, but also the beginnings of headings."""
    if plain[-1] in _PARTICLES and not _is_capital(tokens[-1]):
        return Likeness.PHRASE
    if not tokens[0][0].isalpha() and tokens[0][0] not in "'’‘ʼ":  # "50 Cent", "2nd Caller"
        return Likeness.LIKELY if len(tokens) > 1 else Likeness.PHRASE
    if any(word in _OPENERS for word in plain if word not in _PARTICLES | _FIRST_NAMES) or (
        plain[0] in _OPENERS | _HEADINGS and plain[0] not in _FIRST_NAMES
    ):
        # "An Nguyen" and "Per Olsen" are people, "What Next" is not: speakers recur.
        if not any(token[:1].isalpha() for token in tokens[1:]):
            return Likeness.NO  # "At 10"
        return Likeness.LIKELY if len(tokens) <= 4 else Likeness.PHRASE
    return Likeness.SURE if len(tokens) <= 6 else Likeness.LIKELY


def _of_mixed(tokens: list[str], plain: list[str]) -> Likeness:
    named = all(_is_capital(token) or word in _PARTICLES for token, word in zip(tokens, plain, strict=True))
    if named and _is_capital(tokens[-1]) and plain[0] not in _OPENERS:
        return Likeness.SURE  # "de la Cruz", "van Dyke"
    if all(_is_capital(token) or word in _LINKS for token, word in zip(tokens, plain, strict=True)) and (
        _is_capital(tokens[0]) and _is_capital(tokens[-1]) and plain[0] not in _OPENERS
    ):
        return Likeness.LIKELY  # "Ken Thompson at SCALE": the source of a clip
    spoken = [word for place, word in enumerate(plain) if word in _OPENERS or (not place and word in _HEADINGS)]
    if spoken:
        return Likeness.PHRASE if len(tokens) > 2 and plain[0] not in _OPENERS | _HEADINGS else Likeness.NO
    if (
        _is_capital(tokens[0])
        and _is_capital(tokens[-1])
        and all(_is_capital(token) or (len(token) <= _PARTICLE and token.isalpha()) for token in tokens)
    ):
        return Likeness.LIKELY  # "Ng'ang'a wa Thiong'o": particles of a language that is not listed
    if not any(_is_capital(token) for token in tokens):
        return Likeness.LIKELY if len(tokens) <= 3 else Likeness.PHRASE
    return Likeness.PHRASE


def _by_role(tokens: list[str], plain: list[str]) -> Likeness | None:
    """Judge what holds a role, such as ``THE WITNESS`` or ``2nd caller``; ``None`` for others."""
    if not any(word in _ROLES or word.rstrip("s") in _ROLES for word in plain):
        return None
    for token, word in zip(tokens, plain, strict=True):
        known = word in _ROLES or word.rstrip("s") in _ROLES or word in _BESIDE_ROLES
        if not (known or _is_capital(token) or word[0].isdigit()):
            return None
        if word in _OPENERS and word not in _BESIDE_ROLES:
            return None
    if plain[0] in ("a", "an", "at", "for", "from", "in", "of", "with", "and", "on", "off") or plain[
        -1
    ] in _BESIDE_ROLES - {"voice"}:
        return Likeness.PHRASE
    if plain[0] == "the" and tokens[0] != tokens[0].upper():
        return Likeness.LIKELY  # "The president: no" occurs in news prose too
    return Likeness.SURE if tokens[0][0].isdigit() or _is_capital(tokens[0]) else Likeness.LIKELY


def _is_wordlike(token: str) -> bool:
    """Tell a token of letters, their marks, digits and what stands between these in names."""
    alphanumeric = False
    for letter in token:
        kind = unicodedata.category(letter)[0]
        if kind in "LN":
            alphanumeric = True
        elif kind not in "MS" and letter not in _BESIDE_LETTERS:
            return False
    return alphanumeric or token in ("&", "#", "-") or unicodedata.category(token[0])[0] == "S"


def _ends_sentence(token: str) -> bool:
    return token.endswith(".") and len(token.strip(".")) > _ABBREVIATED and "-" not in token


def _is_capital(token: str) -> bool:
    """Tell a token that begins, or goes on after a particle (``al-Khatib``), with a capital; digits, other scripts."""
    bare = token.lstrip("#'’‘ʼ&-@$")
    if not bare:
        return token in ("&", "#", "-", "$", "@")
    first = bare[0]
    if first.isdigit() or first != first.lower() or first.upper() == first.lower():
        return True
    return any(letter != letter.lower() for letter in bare[1:])
