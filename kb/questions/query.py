"""Question analysis: its content words, the speakers, shows and dates that it names, and the expected answer type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..text.stemming import ENGLISH
from ..text.terms import (
    STOP_WORDS,
    Term,
    content_terms,
    fold_word,
    language_of,
    phrase_expression,
    phrase_terms,
    terms,
)
from .answer_type import AnswerType, wanted
from .names import names_among
from .periods import Period, period_in

__all__ = ["MAX_QUESTION", "Query", "analyse", "quotations", "telling_terms"]

#: Longer questions are cut, because each word costs a look-up.
MAX_QUESTION = 2_000

# Words that frame a question rather than say what it is about ("What did she say about ...").
_SCAFFOLD = frozenset(
    """say says said saying tell tells told talk talks talked speak speaks spoke discuss discussed describe described
    explain explained mention mentioned think thinks thought believe believed call called ask asked answer comment
    commented claim claimed exactly well much many lot thing things really actually anyone anybody someone somebody
    something anything please according also ever episode show segment interview programme program podcast broadcast
    quote quotes speaker speakers""".split()
)
_ON = frozenset("on in of from".split())
_QUOTED = re.compile(r'["“„«]([^"“”„«»]{3,300})["”“»]|[「『《]([^「」『』《》]{2,300})[」』》]')
_AUXILIARIES = frozenset("did do does has have would".split())
_SPEECH = frozenset(
    """say said says think thinks thought tell told call called describe described explain explained argue argued claim
    claimed mention mentioned ask asked believe believed respond answer warn warned mean put""".split()
)
_SPOKEN = frozenset("view opinion words point concern argument answer question".split())


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search needs it."""

    text: str
    #: Its content words as stems, each once, in order.
    terms: tuple[Term, ...]
    #: Known speakers that it names.
    speakers: tuple[str, ...] = ()
    #: Words that name speakers, shows and dates, not the topic: they help to find passages, but are no evidence.
    clues: tuple[Term, ...] = ()
    #: Known shows that it names.
    shows: tuple[str, ...] = ()
    period: Period | None = None
    #: The text in quotation marks, as folded words: it must occur exactly.
    phrases: tuple[tuple[str, ...], ...] = ()
    #: FTS5 expressions that find them.
    quoted: tuple[str, ...] = ()
    #: The question as it was asked, where ``text`` spells a name otherwise or is only its beginning.
    asked: str = ""
    #: ``text`` is only the beginning of what was asked.
    is_cut: bool = False
    #: Names that occur nowhere, with their spelling in the library.
    respelt: tuple[tuple[str, str], ...] = ()
    #: It asks for what those speakers said, not what was said about them.
    spoken: bool = False
    wants: AnswerType | None = None
    #: Its content words that are names, without shows and dates.
    names: tuple[Term, ...] = ()

    @property
    def has_topic(self) -> bool:
        """Return whether it has a topic, and does not only ask what somebody said."""
        names = {str(term) for name in self.speakers for term in terms(name)} if self.spoken else set()
        return any(str(term) not in names for term in self.terms)

    @property
    def expression(self) -> str:
        """Return an FTS5 expression that finds any of the words, and every phrase."""
        words = " OR ".join(term.expression for term in self.terms + self.clues) or '""'  # the empty one finds nothing
        return " AND ".join(f"({part})" for part in (words, *self.quoted)) if self.quoted else words


def analyse(
    question: str, speakers: Iterable[str] = (), shows: Iterable[str] = (), languages: Sequence[str] = (ENGLISH,)
) -> Query:
    """Analyse ``question``.

    ``speakers`` and ``shows`` are the names that the knowledge base knows, ``languages`` the languages of its episodes.
    """
    asked = " ".join(question.split())
    text = _beginning(asked)
    content = tuple(content_terms(text, languages))
    telling = _telling(content)
    quoted = quotations(text)
    named = _named(text, speakers)
    spoken = any(_asks_for_words_of(text, name) for name in named)
    names = {stem for name in named for stem in map(str, terms(name))} if spoken else set()
    aired = {show: span for show in shows if (span := _show_in(text, show))}
    places = list(aired.values())
    if (period := period_in(text)) is not None:
        places.append(period[1:])
    found = tuple(dict.fromkeys(telling or content))
    elsewhere = tuple(term for term in found if not any(a <= term.start and term.end <= b for a, b in places))
    about = tuple(term for term in elsewhere if term not in names)
    return Query(
        text=text,
        terms=about or found,
        speakers=named,
        clues=tuple(term for term in found if term not in about) if about else (),
        shows=tuple(aired),
        period=None if period is None else period[0],
        phrases=tuple(tuple(fold_word(term.word) for term in phrase_terms(phrase)) for phrase in quoted),
        quoted=tuple(phrase_expression(phrase, languages) for phrase in quoted),
        asked="" if text == asked else asked,
        is_cut=text != asked,
        spoken=spoken,
        wants=wanted(text),
        names=names_among(elsewhere, text, language_of(text, languages)),
    )


def telling_terms(text: str) -> tuple[Term, ...]:
    """Return the content words of a question, none for "what did she say?"."""
    return _telling(content_terms(text))


def _beginning(text: str) -> str:
    """Return as many whole words of ``text`` as are read; a text without spaces is cut anywhere."""
    if len(text) <= MAX_QUESTION:
        return text
    return text[: MAX_QUESTION + 1].rpartition(" ")[0] or text[:MAX_QUESTION]


def _telling(content: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(term for term in content if fold_word(term.word) not in _SCAFFOLD)


def quotations(text: str) -> tuple[str, ...]:
    """Return the text in quotation marks, if it is more than one word."""
    return tuple(said for match in _QUOTED.finditer(text) if len(phrase_terms(said := match[1] or match[2])) > 1)


def _show_in(text: str, show: str) -> tuple[int, int] | None:
    """Return where ``text`` names a show; a show of one common word only counts after "on", "in", "of" or "from"."""
    name = [fold_word(term.word) for term in phrase_terms(show)]
    if not name:
        return None
    found = list(terms(text))
    words = [fold_word(term.word) for term in found]
    for place in range(len(words) - len(name) + 1):
        if words[place : place + len(name)] == name:
            before = words[place - 1] if place else ""
            if len(name) > 1 or (before in _ON and found[place].word[:1].isupper()):
                return found[place].start, found[place + len(name) - 1].end
    return None


def _named(text: str, speakers: Iterable[str]) -> tuple[str, ...]:
    """Return the speakers whose full name or surname stands in ``text``."""
    words = [fold_word(term.word) for term in terms(text)]
    present = set(words)
    joined = f" {' '.join(words)} "
    found = []
    for speaker in speakers:
        name = _folded(speaker)
        if not name:
            continue
        surname = name[-1]
        if f" {' '.join(name)} " in joined or (
            len(surname) > 2 and surname in present and surname not in STOP_WORDS | _SCAFFOLD
        ):
            found.append(speaker)
    return tuple(found)


@lru_cache(maxsize=65_536)  # every question is compared with every name
def _folded(name: str) -> tuple[str, ...]:
    return tuple(fold_word(term.word) for term in phrase_terms(name))


def _asks_for_words_of(text: str, name: str) -> bool:
    """Return whether a clause asks "did NAME say", "according to NAME" or for "NAME's view"; linear in the text."""
    surname = _folded(name)[-1]
    return any(_asks([fold_word(term.word) for term in terms(clause)], surname) for clause in text.split("?"))


def _asks(words: list[str], surname: str) -> bool:
    asked = reported = named = False
    for place, word in enumerate(words):
        if word == surname:
            named = named or asked
            if reported or (
                words[place + 1 : place + 2] == ["s"] and not _SPOKEN.isdisjoint(words[place + 2 : place + 3])
            ):
                return True
        elif named and word in _SPEECH:
            return True
        asked = asked or word in _AUXILIARIES
        reported = reported or (word == "to" and words[max(0, place - 1) : place] == ["according"])
    return False
