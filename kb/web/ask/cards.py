"""Answers as HTML: the cards of quotes, and the text around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...answers.cautions import as_phrases
from ...answers.context import Context
from ...phrasing import (
    LESS_LIKELY,
    NO_NAME,
    difference,
    long_date,
    made_by,
    placed_at,
    play_from,
    respelt,
    role_name,
    said_when,
    unknown_words,
)
from ...translatable import joined, phrase
from ...types import Answer, Origin, Quote
from ..server.languages import translate
from ..server.templating import Markup, render
from .address import Grouping

__all__ = ["answer_html", "origin_note", "quotation", "quote_cautions", "quote_html", "welcome_html"]

#: Most other places of the same words on a card.
_MOST_ELSEWHERE = 5


@dataclass(frozen=True, slots=True)
class QuotePiece:
    """A part of a quote; ``doubt`` says why it is doubtful, ``marked`` that it matched the question."""

    text: str
    doubt: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Cards under the heading ``name``, which they have in common; a single group without a name has all cards."""

    name: str
    cards: list[Markup]


def answer_html(
    answer: Answer,
    contexts: dict[str, Context],
    more: str = "",
    groupings: Sequence[Grouping] = (),
    group: str = "",
) -> Markup:
    """Return the quotes as cards, or the abstention with what was searched; ``contexts`` by quote id.

    ``more`` is the address of the same answer with more quotes, ``groupings`` are the ways to group them, and ``group``
    is the one that is shown.
    """
    if answer.verdict == "none":
        numbered = [(quote, quote_html(quote, contexts[quote.id])) for quote in answer.nearest]
    else:
        numbered = [
            (quote, quote_html(quote, contexts[quote.id], number)) for number, quote in enumerate(answer.quotes, 1)
        ]
    return render(
        "ask/answer.html",
        verdict=answer.verdict,
        problem=answer.searched.problem,
        episodes=answer.searched.episodes,
        notes_on_search=(*respelt(answer.searched), *answer.searched.notes),
        unknown=unknown_words(answer.searched, answer.answered),
        quotes=len(numbered),
        groups=list(_groups(numbered, group, answer.likely)),
        groupings=groupings,
        more=more,
    )


def _groups(cards: Sequence[tuple[Quote, Markup]], by: str, likely: int | None) -> Iterator[Group]:
    """Yield the cards group by group, that of the best quote first, each in the order of the answer.

    Without ``by``, the first ``likely`` are one group, and the others are said to be less likely.
    """
    named: dict[str | None, Group] = {}
    for number, (quote, card) in enumerate(cards, 1):
        episode = quote.episode
        key, name = {
            "episode": (episode.id, episode.title),
            "speaker": (quote.speaker, quote.speaker or NO_NAME),
        }.get(by, ("", "") if likely is None or number <= likely else ("less", LESS_LIKELY))
        named.setdefault(key, Group(name, [])).cards.append(card)
    yield from named.values()


def quote_html(quote: Quote, context: Context, number: int | None = None, is_there: bool = True) -> Markup:
    """Return one quote as a card with its source, its sound and its context.

    If its episode was removed, there is no link to it.
    """
    return render(
        "quotes/card.html",
        quote=quote,
        context=context,
        number=number,
        is_there=is_there,
        pieces=tuple(_pieces(quote)),
        role=role_name(quote.episode.role_of(quote.speaker)),
        when=placed_at(quote),
        start=play_from(quote),
        end=quote.latest if quote.end is None else quote.end,
        copied=quotation(quote),
        cautions=quote_cautions(quote),
        elsewhere=quote.elsewhere[:_MOST_ELSEWHERE],
    )


def welcome_html(episodes: int) -> Markup:
    """Return the text shown before an answer: the size of the library, or how to begin."""
    return render("ask/welcome.html", episodes=episodes)


def _pieces(quote: Quote) -> Iterator[QuotePiece]:
    """Yield the quote's words; those that matched the question are marked, those the recogniser doubted have a note."""
    cuts = {0, len(quote.text), *(place for span in quote.highlights for place in span)}
    cuts |= {place for start, end, _ in quote.doubtful for place in (start, end)}
    for start, end in pairwise(sorted(cuts)):
        doubts = [f"{given:.0%}" for first, last, given in quote.doubtful if first <= start and end <= last]
        doubt = phrase("The recogniser gave this word %(share)s", share=doubts[0]) if doubts else ""
        marked = any(first <= start and end <= last for first, last in quote.highlights)
        yield QuotePiece(quote.text[start:end], doubt, marked)


def quotation(quote: Quote) -> str:
    """Return the quotation with its source, as plain text."""
    episode = quote.episode
    where = [quote.speaker or NO_NAME, episode.show, f"“{episode.title}”"]
    where += [long_date(episode.published)] if episode.published else []
    where += [when] if (when := said_when(quote)) else []
    return joined("", (f"“{quote.text}” (", joined(", ", where), ")"))


def quote_cautions(quote: Quote) -> list[str]:
    """Return the cautions about the quote, a sentence each."""
    notes = [origin_note(quote.origin, quote.engine, quote.episode.audio is not None)]
    if quote.doubtful:
        notes.append(phrase("Words with a dotted line are doubtful."))
    notes += [_sentence(difference(remark)) for remark in quote.remarks if remark.kind == "differs"]
    notes += [phrase("Doubtful: %(note)s", note=remark.note) for remark in quote.remarks if remark.kind == "doubtful"]
    return [*notes, *as_phrases(quote.cautions)]


def origin_note(origin: Origin, engine: str | None, has_audio: bool) -> str:
    """Return a sentence on who or what made a transcript, and how to make sure of its words."""
    told = translate(made_by(origin, engine))
    told = told[0].upper() + told[1:]
    if origin in ("machine", "unknown") and has_audio:
        return phrase("%(transcript)s: listen before you quote.", transcript=told)
    if origin in ("machine", "unknown"):
        return phrase("%(transcript)s: compare it with the recording before you quote.", transcript=told)
    return f"{told}."


def _sentence(text: str) -> str:
    """Return a phrase as a sentence of its own, in the present language."""
    told = translate(text)
    return f"{told[:1].upper()}{told[1:]}."
