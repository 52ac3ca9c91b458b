"""Follow-up questions: "and what did Washington say?" after "What did Shahani say about DMV photos?". Pure.

A question follows the one before if it begins like one ("and", "what about"), names a person by a pronoun only, or has
no content word of its own. It then takes over what it lacks: the topic, or the speaker whose words are wanted. Where
neither fits into a sentence, the two are joined into one: "Is it too complex for small teams, and what about privacy?"
The rules are few and fixed, so that the same two questions are always read the same way, and what was read can be shown
and undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..text.terms import STOP_WORDS, fold_word, terms
from .query import analyse, telling_terms

__all__ = ["Rewrite", "rewrite"]

_LEAD = re.compile(r"\s*(?:(?:and|but|or|so|then|also)\b[\s,]*)+", re.I)
_ABOUT = re.compile(r"\s*(?:(?:what|how) about|about)\s+", re.I)
_ASIDE = re.compile(r",? and (?:what|how) about [^?]*$", re.I)
# A sentence of its own: it cannot be what somebody "said about".
_SENTENCE = re.compile(
    r"(?:what|when|where|who|whom|whose|which|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
    re.I,
)
# What stands in a question for the topic of the one before.
_ABOUT_IT = re.compile(r"\s+about\s+(?:it|that|this|these|those|them)$", re.I)
_PERSON = re.compile(r"\b(?:he|she|they|him|her|them|his|their)\b", re.I)
_POSSESSIVE = re.compile(r"\b(?:his|their|her(?=\s+\w))\b", re.I)
# "her" before these words is not a possessive: "ask her about", "tell her that".
_HER = re.compile(r"\bher\b(?=\s*(?:$|[?.!,]|about|that|to|on|in|and|or|when|why|how)\b|\s*[?.!,]|\s*$)", re.I)
_NAME = r"[A-Z][\w’'.-]*(?:\s+(?:(?:de|da|van|von|der|la|le|al|bin)\s+)*[A-Z][\w’'.-]*)*"
_VERB = r"(?:say|think|tell|call|describe|explain|argue|claim|mention|ask|believe|answer|respond|warn|mean|put)\w*"
_SUBJECT = re.compile(
    rf"\b(?:did|does|do|has|have|had|would|is|was)\s+({_NAME})\s+(?:\w+\s+)?{_VERB}\b|\baccording to\s+({_NAME})"
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The rewritten question ``text``, and the ``inherited`` words from the question before."""

    text: str
    inherited: tuple[str, ...] = ()


def rewrite(question: str, before: str, speakers: Iterable[str] = ()) -> Rewrite:
    """Return how ``question`` is read after the question ``before``, as that one was read; "" if there was none.

    ``speakers`` are the names that the knowledge base knows. A question that stands on its own comes back as it is.
    """
    asked, known = " ".join(question.split()), tuple(speakers)
    bare = _LEAD.sub("", asked, count=1) if _LEAD.match(asked) else asked
    about = _ABOUT.match(bare)
    subject = _subject(bare[about.end() :] if about else bare, known, alone=bool(about) or bare != asked)
    topic = _without(bare, subject)
    pronoun = bool(_PERSON.search(bare)) and not subject
    if not before.strip() or not (bare != asked or about or pronoun or not telling_terms(bare)):
        return Rewrite(asked)
    earlier = _subject(before, known)
    earlier_topic = _without(before, earlier)
    phrase = _phrase(before, earlier_topic)
    if subject:
        if topic or not earlier_topic:
            return Rewrite(asked)
        bare_name = about or bare.strip(" ?!.,") == subject
        own = f"what did {subject} say" if bare_name else bare
        named = earlier or re.search(r"\babout\b", before, re.I)
        return _with_topic(own, phrase, earlier_topic) if named else _joined(before, own, earlier_topic)
    if pronoun and earlier:
        own = _named(bare, earlier)
        if topic or not earlier_topic:
            return Rewrite(own, (earlier,))
        return _with_topic(own, phrase, (earlier, *earlier_topic))
    if pronoun and topic:  # the question before names no speaker either, but it has a topic
        return Rewrite(asked)
    if topic and earlier and not about and _SENTENCE.match(bare):
        return Rewrite(asked)
    if topic and earlier:
        return Rewrite(f"What did {earlier} say about {_phrase(bare, topic)}?", (earlier,))
    if not earlier_topic:
        return Rewrite(asked)
    return _joined(_ASIDE.sub("", before.rstrip(" ?!.,")) if about else before, bare, earlier_topic)


def _subject(text: str, speakers: tuple[str, ...], alone: bool = False) -> str:
    """Return the speaker whose words ``text`` asks for, as written there; with ``alone``, a name alone is enough."""
    if match := _SUBJECT.search(text):
        subject = match[1] or match[2]
        return "" if subject.endswith(("'s", "’s")) else subject  # in "Mat's wife", somebody else thinks
    query = analyse(text, speakers)
    if not query.speakers or not (alone or query.spoken):
        return ""
    names = {fold_word(term.word) for name in query.speakers for term in terms(name)}
    return " ".join(term.word for term in terms(text) if fold_word(term.word) in names)


def _without(text: str, subject: str) -> tuple[str, ...]:
    """Return the content words of ``text`` as they are written, without the subject's."""
    names = {fold_word(term.word) for term in terms(subject)}
    return tuple(term.word for term in telling_terms(text) if fold_word(term.word) not in names)


def _named(text: str, name: str) -> str:
    """Return ``text`` with a name for its pronouns."""
    text = _POSSESSIVE.sub(f"{name}’s", _HER.sub(name, text))
    return _PERSON.sub(name, text)


def _phrase(text: str, topic: tuple[str, ...]) -> str:
    """Return the part of ``text`` from the first word of ``topic`` to the last, with what stands between them."""
    places = [(term.start, term.end, fold_word(term.word)) for term in terms(text)]
    words = [fold_word(word) for word in topic]
    first = next((start for start, _, word in places if words and word == words[0]), 0)
    last = next((end for _, end, word in reversed(places) if words and word == words[-1]), 0)
    between = [word for start, end, word in places if first <= start and end <= last and word not in STOP_WORDS]
    # A name or a verb that is not part of the topic may stand between; then only the topic's words are used.
    return text[first:last] if between == words else " ".join(topic)


def _with_topic(text: str, phrase: str, inherited: tuple[str, ...]) -> Rewrite:
    """Return ``text`` asked about ``phrase``."""
    stem = _ABOUT_IT.sub("", text.rstrip(" ?!.,"))
    return Rewrite(f"{stem[:1].upper()}{stem[1:]} about {phrase}?", inherited)


def _joined(before: str, text: str, inherited: tuple[str, ...]) -> Rewrite:
    """Return both questions as one sentence."""
    first, second = before.strip().rstrip(" ?!.,"), text.strip().rstrip(" ?!.,")
    begin = re.match(r"\w+", second)
    if begin and begin[0] != "I" and fold_word(begin[0]) in STOP_WORDS:
        second = second[:1].lower() + second[1:]
    return Rewrite(f"{first}, and {second}?" if second else f"{first}?", inherited)
