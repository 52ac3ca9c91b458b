"""The reader: an episode's transcript with its sound, its quotes in the margin, and what a person may mend."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from ...addresses import parse_address
from ...catalogue import RevisionNote
from ...errors import UsageError
from ...inputs import LONGEST_NAME
from ...knowledge_base import KnowledgeBase
from ...phrasing import OLDER_SOUND
from ...timecode import clock
from ...transcripts.canonical import Canonical
from ...transcripts.corrections import Change, changes
from ...types import Chapter, Episode, Filters
from ..ask.cards import escape, origin_note
from ..server.wording import long_date
from .transcript import Marked, is_timed_by_word, turns_html

__all__ = ["episode_address", "reader_html"]

#: Quotes of a question that are marked in the margin.
_MOST_MARKED = 20


def episode_address(episode_id: str, **more: object) -> str:
    """Return the reader's address, with a moment (``t``), a question (``q``), a quote or a revision."""
    known = {name: value for name, value in more.items() if value is not None and value != ""}
    return f"/episode/{url_quote(episode_id, safe='')}{'?' + urlencode(known) if known else ''}"


def reader_html(
    kb: KnowledgeBase, episode_id: str, revision: int | None = None, question: str = "", quote_id: str = ""
) -> str:
    """Return the body of an episode's page; ``NotFound`` and ``UsageError`` tell what is wrong with the address."""
    episode = kb.catalogue.episodes.get(episode_id)
    current = kb.catalogue.episodes.current_revision(episode_id)
    marked: list[Marked] = []
    if quote_id:
        address = parse_address(quote_id)
        if address.episode_id != episode_id:
            raise UsageError(f"The quote {quote_id!r} is not of this episode; open /quote/{quote_id}.")
        quote = kb.quote(quote_id)  # compared with the catalogue, as everywhere
        revision = quote.revision
        marked.append(Marked(0, quote.char_start, quote.char_end))
    shown = revision or current
    canonical = kb.canonical(episode_id, shown)
    leading = ""
    if question.strip() and shown == current:
        leading, found = _found(kb, episode_id, question)
        marked += found
    playable = episode.audio is not None and len(canonical.timings) > 0
    editable = shown == current
    turns = "".join(turns_html(canonical, marked, playable, editable))
    sound = (
        f' data-audio="/audio/{url_quote(episode.id)}" data-title="{escape(episode.title)}"'
        f' data-note="{escape(episode.audio_note or "")}"'
        if playable
        else ""
    )
    return (
        f'<article class="vb-reader" data-episode="{escape(episode_id)}" data-revision="{shown}"{sound}>'
        f"{_head(kb, episode, shown, canonical)}{_older(episode, shown, current)}{leading}"
        f"{_chapters(kb, episode_id, playable)}{_speakers(canonical, episode, editable)}"
        f"{_revisions(kb, episode_id, shown)}"
        f'{_tools(playable)}<h2 class="vb-live">Transcript</h2>'
        f'<div class="vb-transcript" lang="{escape(episode.language or "")}">{turns}</div></article>'
    )


def _head(kb: KnowledgeBase, episode: Episode, revision: int, canonical: Canonical) -> str:
    facts = [f'<cite dir="auto">{escape(episode.show)}</cite>']
    if episode.published:
        facts.append(f'<time datetime="{escape(episode.published)}">{escape(long_date(episode.published))}</time>')
    length = episode.duration or canonical.timings.end_at(len(canonical.text))
    facts += [clock(length)] if length else []
    if episode.url and episode.url.startswith(("https://", "http://")):
        facts.append(f'<a href="{escape(episode.url)}" rel="noreferrer">Publisher’s page</a>')
    made = kb.catalogue.episodes.revision(episode.id, revision)
    by = " ".join(part for part in (made.engine, made.model) if part)
    notes = [origin_note(made.origin, by or None)]
    notes += [escape(episode.audio_note)] if episode.audio_note else []
    if episode.audio is None:
        notes.append("There is no audio for this episode; this is the transcript alone.")
    elif not len(canonical.timings):
        notes.append("This transcript has no times, so the audio cannot follow it.")
    elif not is_timed_by_word(canonical):
        notes.append("Times are those of captions; within a caption, a word’s time is about right.")
    told = "".join(f'<p class="vb-note" dir="auto">{note}</p>' for note in notes)
    dot = '<span class="vb-dot" aria-hidden="true"> · </span>'
    return (
        f'<header class="vb-head"><p class="vb-source">{dot.join(facts)}</p><h1 dir="auto">{escape(episode.title)}</h1>'
        f"{told}</header>"
    )


def _older(episode: Episode, shown: int, current: int) -> str:
    if shown == current:
        return ""
    link = f'<a href="{escape(episode_address(episode.id))}">Read the present one</a>'
    sound = f" {OLDER_SOUND}" if episode.audio else ""
    told = f"This is revision {shown}; the transcript is at revision {current} now. {link}.{sound}"
    return f'<p class="vb-problem">{told}</p>'


def _found(kb: KnowledgeBase, episode_id: str, question: str) -> tuple[str, list[Marked]]:
    """Return the line over the transcript that leads to a question's quotes in this episode, and their places."""
    answer = kb.ask(question, _MOST_MARKED, Filters(episodes=(episode_id,)))
    quotes = sorted(answer.quotes, key=lambda quote: quote.char_start)
    marked = [Marked(n, quote.char_start, quote.char_end) for n, quote in enumerate(quotes, 1)]
    asked = f'<span dir="auto">“{escape(question)}”</span>'
    if not marked:
        return f'<p class="vb-found">Nothing in this episode answers {asked}.</p>', []
    links = " ".join(f'<a href="#quote-{mark.number}">{mark.number}</a>' for mark in marked)
    many = "quote answers" if len(marked) == 1 else "quotes answer"
    return f'<p class="vb-found">{len(marked)} {many} {asked} here: {links}</p>', marked


def _chapters(kb: KnowledgeBase, episode_id: str, playable: bool) -> str:
    chapters = kb.catalogue.episodes.chapters(episode_id)
    if not chapters:
        return ""
    items = "".join(f"<li>{_chapter(chapter, playable)}</li>" for chapter in chapters)
    return _panel("Chapters", len(chapters), f'<ol class="vb-chapters">{items}</ol>')


def _chapter(chapter: Chapter, playable: bool) -> str:
    told = f'<span class="vb-time">{clock(chapter.start)}</span> <span dir="auto">{escape(chapter.title)}</span>'
    if not playable:
        return told
    return f'<button type="button" class="vb-chapter" data-at="{chapter.start:.2f}">{told}</button>'


def _panel(name: str, count: int, inside: str) -> str:
    return f'<details class="vb-panel"><summary>{name} ({count})</summary>{inside}</details>'


def _speakers(canonical: Canonical, episode: Episode, editable: bool) -> str:
    said: Counter[str | None] = Counter()
    for turn in canonical.turns:
        said[turn.speaker] += turn.char_end - turn.char_start
    total = sum(said.values()) or 1
    rows = "".join(
        _speaker(episode, name, n / total, number, editable) for number, (name, n) in enumerate(said.most_common())
    )
    return _panel("Speakers", len(said), f'<ul class="vb-speakers">{rows}</ul>')


def _speaker(episode: Episode, name: str | None, share: float, number: int, editable: bool) -> str:
    role = episode.role_of(name)
    shown = f'<b dir="auto">{escape(name or "Unknown speaker")}</b>'
    told = f"{escape(role)}, " if role else ""
    form = (
        f'<form method="post" action="/episode/{url_quote(episode.id, safe="")}/speaker" class="vb-rename">'
        f'<input type="hidden" name="speaker" value="{escape(name)}">'
        f'<label for="name-{number}">Call this speaker</label>'
        f'<input id="name-{number}" name="name" required maxlength="{LONGEST_NAME}" value="{escape(name)}">'
        f'<label for="by-{number}">Your name</label>'
        f'<input id="by-{number}" class="vb-by" name="by" required maxlength="{LONGEST_NAME}" autocomplete="name">'
        '<button class="vb-button vb-quiet">Rename everywhere here</button></form>'
        if name and editable
        else ""
    )
    return f'<li><p>{shown} <span class="vb-note">{told}{share:.0%} of the words</span></p>{form}</li>'


def _revisions(kb: KnowledgeBase, episode_id: str, shown: int) -> str:
    notes = kb.catalogue.corrections.revisions(episode_id)
    if len(notes) < 2:
        return ""
    items = "".join(_revision(episode_id, note, shown) for note in reversed(notes))
    changed = ""
    if shown > 1:
        told = changes(kb.canonical(episode_id, shown - 1), kb.canonical(episode_id, shown))
        rows = "".join(map(_change, told))
        changed = f'<h3>What revision {shown} changed</h3><ul class="vb-changes">{rows or "<li>Times only.</li>"}</ul>'
    return _panel("Revisions", len(notes), f'<ol class="vb-revisions" reversed>{items}</ol>{changed}')


def _revision(episode_id: str, note: RevisionNote, shown: int) -> str:
    made = note.correction
    how = (
        f"revision {made.made_from} restored by {escape(made.by)}"
        if made and made.made_from < note.number - 1
        else f"{'words corrected' if made.what == 'words' else 'speakers corrected'} by {escape(made.by)}"
        if made
        else "taken in"
        if note.number == 1
        else "taken in anew or edited"
    )
    when = escape((made.made_at if made else note.created_at)[:16].replace("T", " ")) + " UTC"
    name = f"Revision {note.number}"
    link = (
        f'<b aria-current="true">{name}</b>'
        if note.number == shown
        else f'<a href="{escape(episode_address(episode_id, revision=note.number))}">{name}</a>'
    )
    return f"<li>{link} <span class='vb-note' dir='auto'>{how}, {when}</span></li>"


def _change(change: Change) -> str:
    before = f'<del dir="auto">{escape(change.before[:600])}</del> ' if change.before else ""
    after = f'<ins dir="auto">{escape(change.after[:600])}</ins>' if change.after else ""
    return f'<li><a href="#turn-{change.turn + 1}">Turn {change.turn + 1}</a> {before}{after}</li>'


def _tools(playable: bool) -> str:
    """Return the bar over the transcript: search inside, follow along, links of a moment and of marked words."""
    sound = (
        '<button type="button" class="vb-tiny" id="follow" aria-pressed="true">Follow along</button>'
        '<button type="button" class="vb-tiny" id="moment">Link to this moment</button>'
        if playable
        else ""
    )
    return (
        '<div class="vb-tools"><form role="search" class="vb-find" id="find">'
        '<input type="search" id="find-words" data-slash aria-label="Search this transcript" '
        'placeholder="Search inside" autocomplete="off" maxlength="200">'
        '<output for="find-words" id="find-count"></output>'
        '<button type="button" class="vb-tiny" id="find-before" aria-label="Previous match">↑</button>'
        '<button class="vb-tiny" id="find-next" aria-label="Next match">↓</button></form>'
        f'{sound}<button type="button" class="vb-tiny" id="quote-this" hidden>Quote the marked words</button></div>'
    )
