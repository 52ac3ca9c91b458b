"""Answers as HTML. Everything that comes from a transcript or a sidecar is hostile and escaped here, once."""

from __future__ import annotations

import html
from itertools import pairwise
from urllib.parse import quote as url_quote

from ...answers.context import Context, Spoken
from ...phrasing import made_by, play_from, said_when
from ...timecode import clock
from ...types import Answer, Origin, Quote, Remark
from ..server.wording import counted, long_date

__all__ = ["answer_html", "escape", "origin_note", "quote_html", "welcome_html"]


def escape(text: str) -> str:
    """Return ``text`` as harmless HTML; ``$`` and braces too, for Gradio evaluates ``${...}`` in templates."""
    return html.escape(text).replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def answer_html(answer: Answer, contexts: dict[str, Context]) -> str:
    """Return the quotes as cards, or the abstention with its receipt; ``contexts`` by quote id."""
    if answer.verdict == "none":
        return _abstention(answer, contexts)
    n = len(answer.quotes)
    respelt = "".join(_respelt(asked, found) for asked, found in answer.searched.respelt)
    heading = f"{n} {'quote' if n == 1 else 'quotes'} from {_searched(answer)}"
    cards = "".join(quote_html(quote, contexts[quote.id], number) for number, quote in enumerate(answer.quotes, 1))
    if answer.verdict == "answers":
        return (
            f'<section class="vb-answer" aria-label="Answer"><h2 class="vb-count">{heading}</h2>{respelt}{cards}'
            "</section>"
        )
    return (
        '<section class="vb-answer vb-near" aria-label="Nearest passages"><h2>These passages come nearest; judge for '
        f'yourself</h2><p class="vb-count">{heading}. None surely answers.</p>{respelt}{_unknown(answer)}{cards}'
        "</section>"
    )


def _respelt(asked: str, found: str) -> str:
    return f'<p class="vb-note">“{escape(asked)}” occurs nowhere; searched for “{escape(found)}”.</p>'


def quote_html(quote: Quote, context: Context, number: int | None = None) -> str:
    """Return one quote as a card with its source, its sound and its context."""
    label = f"Quote {number}" if number else "Quote"
    place = f' id="quote-{number}"' if number else ""
    badge = f'<span class="vb-number" aria-hidden="true">{number}</span>' if number else ""
    return (
        f'<article class="vb-card" aria-label="{label}"{place}>{badge}'
        f'<blockquote class="vb-quote" dir="auto">“{_marked(quote)}”</blockquote>'
        f'<p class="vb-source">{_source(quote)}</p>'
        f'<div class="vb-actions">{_play(quote)}'
        f'<button type="button" class="vb-button vb-quiet" data-save="{escape(quote.id)}">Save</button>'
        f'<a class="vb-button vb-quiet vb-cite" href="/cite/{url_quote(quote.id)}">Cite</a>'
        f'<details class="vb-more"><summary class="vb-button vb-quiet" aria-label="More">⋯</summary>{_copy(quote)}'
        f'<a class="vb-button vb-quiet" href="{_in_transcript(quote)}">Transcript</a>'
        f'<a class="vb-button vb-quiet" href="/quote/{url_quote(quote.id)}">Link</a></details></div>'
        f"{_notes(quote)}"
        f'<details class="vb-context"><summary>Context</summary>'
        f"{_spoken(context.before)}<p class='vb-said vb-self' dir='auto'>{_name(quote.speaker)}"
        f"<mark>{escape(quote.text)}</mark></p>{_spoken(context.after)}</details></article>"
    )


def welcome_html(episodes: int, passages: int) -> str:
    """Return what stands where the answer will: how much there is to ask, or how to begin."""
    if not episodes:
        return (
            '<section class="vb-empty"><h2>There is nothing to search yet</h2><p>Add transcripts with '
            "<code>kb ingest FOLDER</code> in a terminal; this page finds them as they arrive.</p></section>"
        )
    return (
        f'<section class="vb-welcome"><p>{counted(episodes, "episode")}, {counted(passages, "passage")}. '
        "Every quote is compared with its transcript just before you see it.</p></section>"
    )


def _abstention(answer: Answer, contexts: dict[str, Context]) -> str:
    if answer.searched.problem:
        return (
            '<section class="vb-abstain" aria-label="Nothing was searched"><h2>Nothing was searched</h2>'
            f'<p dir="auto">{escape(answer.searched.problem)}</p></section>'
        )
    nearest = "".join(quote_html(quote, contexts[quote.id]) for quote in answer.nearest)
    near = f'<h3>The nearest passages, which do not answer it</h3><div class="vb-nearest">{nearest}</div>'
    return (
        '<section class="vb-abstain" aria-label="No answer"><h2>Nothing in your library answers this</h2>'
        f"<p>Searched {_searched(answer)}.</p>{_unknown(answer)}{near if answer.nearest else ''}</section>"
    )


def _unknown(answer: Answer) -> str:
    """Return which of the question's words occur nowhere, empty if all do."""
    unknown = answer.searched.unknown_words
    words = ", ".join(f"“{escape(word)}”" for word in unknown)
    told = "Words that occur nowhere" if len(unknown) > 1 else "A word that occurs nowhere"
    return f"<p>{told}: {words}.</p>" if unknown else ""


def _searched(answer: Answer) -> str:
    return f"{counted(answer.searched.passages, 'passage')} of {counted(answer.searched.episodes, 'episode')}"


def _marked(quote: Quote) -> str:
    """Return the quote's words: those that matched the question marked, those the recogniser doubted underlined."""
    cuts = {0, len(quote.text), *(place for span in quote.highlights for place in span)}
    cuts |= {place for start, end, _ in quote.doubtful for place in (start, end)}
    return "".join(_piece(quote, start, end) for start, end in pairwise(sorted(cuts)))


def _piece(quote: Quote, start: int, end: int) -> str:
    """Return a stretch of the quote in which nothing begins or ends."""
    piece = escape(quote.text[start:end])
    for first, last, probability in quote.doubtful:
        if first <= start and end <= last:
            told = f"The recogniser gave this word {probability:.0%}"
            piece = f'<span class="vb-doubt" title="{told}" tabindex="0">{piece}</span>'
    marked = any(first <= start and end <= last for first, last in quote.highlights)
    return f"<mark>{piece}</mark>" if marked else piece


def _source(quote: Quote) -> str:
    episode = quote.episode
    role = episode.role_of(quote.speaker)
    # Each has a direction of its own: a right-to-left title must not turn what stands beside it round.
    parts = [f'<strong class="vb-speaker" dir="auto">{escape(quote.speaker or "Unknown speaker")}</strong>']
    if role:
        parts.append(f'<span class="vb-role" dir="auto">{escape(role)}</span>')
    parts.append(f'<cite dir="auto">{escape(episode.show)}</cite>')
    parts.append(f'<span class="vb-title" dir="auto">{escape(episode.title)}</span>')
    if episode.published:
        day = escape(long_date(episode.published))
        parts.append(f'<time datetime="{escape(episode.published)}">{day}</time>')
    if when := said_when(quote):
        parts.append(f'<span class="vb-time">{when.removeprefix("at ")}</span>')
    return '<span class="vb-dot" aria-hidden="true"> · </span>'.join(parts)


def _play(quote: Quote) -> str:
    start, end = play_from(quote), quote.latest if quote.end is None else quote.end
    if quote.episode.audio is None:
        return '<span class="vb-silent">No audio for this episode</span>'
    if start is None:
        return '<span class="vb-silent">The transcript has no times to play from</span>'
    at = clock(start)
    return (
        f'<button type="button" class="vb-button vb-play" data-audio="/audio/{url_quote(quote.episode.id)}" '
        f'data-start="{start:.3f}" data-end="{"" if end is None else f"{end:.3f}"}" '
        f'data-title="{escape(quote.episode.title)}" data-note="{escape(quote.episode.audio_note or "")}" '
        f'aria-label="Play this quote from {at}">'
        f'<span class="vb-icon" aria-hidden="true"></span>Play from {at}</button>'
        f'<button type="button" class="vb-button vb-quiet" data-heard="{escape(quote.id)}" aria-pressed="false">'
        "Heard</button>"
    )


def _copy(quote: Quote) -> str:
    """Return the button that copies the quotation with its source as plain text."""
    episode = quote.episode
    where = [quote.speaker or "Unknown speaker", episode.show, f"“{episode.title}”"]
    where += [long_date(episode.published)] if episode.published else []
    where += [when] if (when := said_when(quote)) else []
    text = f"“{quote.text}” ({', '.join(where)})"
    return f'<button type="button" class="vb-button vb-quiet vb-copy" data-copy="{escape(text)}">Copy</button>'


def _notes(quote: Quote) -> str:
    notes = [origin_note(quote.origin, quote.engine)]
    if quote.doubtful:
        notes.append("Words with a dotted line are doubtful.")
    notes += [_difference(remark) for remark in quote.remarks if remark.kind == "differs"]
    notes += [f"Doubtful: {escape(remark.note)}" for remark in quote.remarks if remark.kind == "doubtful"]
    notes += [escape(caution) for caution in quote.cautions]
    if quote.elsewhere:
        links = ", ".join(f'<a href="/quote/{url_quote(place)}">{escape(place)}</a>' for place in quote.elsewhere[:5])
        notes.append(f"The same words elsewhere: {links}.")
    if quote.episode.audio_note:
        notes.append(escape(quote.episode.audio_note))
    return "".join(f'<p class="vb-note" dir="auto">{note}</p>' for note in notes)


def origin_note(origin: Origin, engine: str | None) -> str:
    """Return a sentence, as HTML, on who wrote a transcript down."""
    told = escape(made_by(origin, engine))
    told = told[0].upper() + told[1:]
    return f"{told}: listen before you quote." if origin in ("machine", "unknown") else f"{told}."


def _in_transcript(quote: Quote) -> str:
    """Return where the reader shows the quote among what was said."""
    return f"/episode/{url_quote(quote.episode.id, safe='')}?quote={url_quote(quote.id, safe='')}"


def _difference(remark: Remark) -> str:
    heard = f"“{escape(remark.text)}”" if remark.text else "nothing"
    says = f"says “{escape(remark.note)}”" if remark.note else "has nothing"
    return f"The written transcript {says}; we hear {heard}."


def _spoken(said: tuple[Spoken, ...]) -> str:
    return "".join(f'<p class="vb-said" dir="auto">{_name(s.speaker)}{escape(s.text)}</p>' for s in said)


def _name(speaker: str | None) -> str:
    return f'<b dir="auto">{escape(speaker or "Unknown speaker")}</b> '
