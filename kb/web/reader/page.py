"""The reader: an episode's transcript with its sound, quotes in the margin, and forms for corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from ...addresses import parse_address
from ...catalogue import RevisionNote
from ...catalogue.question_log import QuestionLog, asked_within
from ...errors import UsageError
from ...inputs import LONGEST_NAME
from ...knowledge_base import KnowledgeBase
from ...phrasing import OLDER_SOUND, role_name
from ...text.adverts import as_advert
from ...transcripts.canonical import Canonical
from ...transcripts.corrections import TurnChange, changes
from ...transcripts.timings import TimedSpan
from ...translatable import phrase
from ...types import Episode, Filters, Remark, Turn
from ..ask.cards import origin_note
from ..server.templating import Markup, render
from .times import shown_times
from .transcript import MarkedQuote, is_timed_by_word, shown_turns
from .translation import shown_translating

__all__ = ["episode_address", "reader_html"]

#: Quotes of a question that are marked in the margin.
_MOST_MARKED = 20
#: Most speakers of the library that are suggested as names.
_MOST_NAMES = 200
#: Most characters shown of a change.
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class ShownSpeaker:
    """Who speaks, in which role, how much of all that is said (0..1), and when the longest turn begins (seconds)."""

    name: str | None
    role: str | None
    share: float
    heard_at: float | None


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision by its number: how it was made, and when (UTC)."""

    number: int
    made: str
    when: str
    address: str


def episode_address(episode_id: str, **more: object) -> str:
    """Return the reader's address, with a moment (``t``), a question (``q``), a quote or a revision."""
    known = {name: value for name, value in more.items() if value is not None and value != ""}
    return f"/episode/{url_quote(episode_id, safe='')}{'?' + urlencode(known) if known else ''}"


def reader_html(
    kb: KnowledgeBase,
    episode_id: str,
    revision: int | None = None,
    question: str = "",
    quote_id: str = "",
    questions: QuestionLog | None = None,
) -> Markup:
    """Return the body of an episode's page; ``NotFound`` and ``UsageError`` tell what is wrong with the address."""
    episode = kb.episode(episode_id)
    current = kb.revisions.latest(episode_id)
    marked: list[MarkedQuote] = []
    if quote_id:
        address = parse_address(quote_id)
        if address.episode_id != episode_id:
            there = f"/quote/{quote_id}"
            raise UsageError(
                phrase(
                    "The quote %(quote)s is not of this episode; open %(address)s.",
                    quote=repr(quote_id),
                    address=there,
                )
            )
        quote = kb.quote(quote_id)  # compared with the catalogue, as everywhere
        revision = quote.revision
        marked.append(MarkedQuote(0, quote.char_start, quote.char_end))
    shown = revision or current
    canonical = kb.canonical(episode_id, shown)
    spans = canonical.timings.within(0, len(canonical.text))
    asked = question if question.strip() and shown == current else ""
    found = _found(kb, episode_id, asked) if asked else []
    if asked and questions:
        questions.note(asked_within(len(found)), asked)
    translations = kb.translations.of(episode_id, shown, canonical)
    return render(
        "reader/page.html",
        episode=episode,
        shown=shown,
        current=current,
        address=episode_address(episode_id),
        caution=OLDER_SOUND if episode.audio else "",
        playable=episode.audio is not None and len(canonical.timings) > 0,
        editable=shown == current,
        length=episode.duration or canonical.timings.end_at(len(canonical.text)),
        link=episode.url if episode.url and episode.url.startswith(("https://", "http://")) else None,
        cautions=_cautions(kb, episode, shown, canonical, spans),
        question=asked,
        found=found,
        chapters=kb.chapters.of(episode_id),
        speakers=_speakers(canonical, episode),
        names="\n".join(_names(kb, episode)) if shown == current else "",
        revisions=[_revision(episode_id, note) for note in reversed(kb.revisions.notes(episode_id))],
        changed=_changed(kb, episode_id, shown),
        longest_name=LONGEST_NAME,
        translating=shown_translating(kb, episode, bool(translations)) if shown == current else None,
        times=shown_times(kb, episode) if shown == current else None,
        turns=shown_turns(canonical, spans, marked + found, _inserted(kb, episode_id, shown), translations),
    )


def _cautions(
    kb: KnowledgeBase, episode: Episode, revision: int, canonical: Canonical, spans: Sequence[TimedSpan]
) -> list[str]:
    """Return cautions about a transcript and its sound, a sentence each."""
    made = kb.revisions.get(episode.id, revision)
    by = " ".join(part for part in (made.engine, made.model) if part)
    notes = [origin_note(made.origin, by or None, episode.audio is not None)]
    notes += [episode.audio_note] if episode.audio_note else []
    if episode.audio is None:
        notes.append(phrase("There is no audio for this episode; this is the transcript alone."))
    elif not len(canonical.timings):
        notes.append(phrase("This transcript has no times, so the audio cannot follow it."))
    elif not is_timed_by_word(canonical.text, spans):
        notes.append(phrase("Times are those of captions; within a caption, a word’s time is estimated."))
    return notes


def _inserted(kb: KnowledgeBase, episode_id: str, revision: int) -> list[Remark]:
    """Return the remarks on what only this copy of the recording has."""
    found = (remark for remark in kb.revisions.remarks(episode_id, revision) if remark.kind == "inserted")
    return [replace(remark, note=as_advert(remark.note)) for remark in found]


def _found(kb: KnowledgeBase, episode_id: str, question: str) -> list[MarkedQuote]:
    """Return a question's quotes in this episode, numbered in the transcript's order."""
    answer = kb.ask(question, _MOST_MARKED, Filters(episodes=(episode_id,)))
    quotes = sorted(answer.quotes, key=lambda quote: quote.char_start)
    return [MarkedQuote(n, quote.char_start, quote.char_end) for n, quote in enumerate(quotes, 1)]


def _speakers(canonical: Canonical, episode: Episode) -> list[ShownSpeaker]:
    """Return the speakers, who says most first."""
    said: Counter[str | None] = Counter()
    longest: dict[str | None, Turn] = {}
    for turn in canonical.turns:
        said[turn.speaker] += _length(turn)
        if turn.speaker not in longest or _length(turn) > _length(longest[turn.speaker]):
            longest[turn.speaker] = turn
    total = sum(said.values()) or 1
    return [
        ShownSpeaker(name, role_name(episode.role_of(name)), n / total, longest[name].start)
        for name, n in said.most_common()
    ]


def _length(turn: Turn) -> int:
    return turn.char_end - turn.char_start


def _names(kb: KnowledgeBase, episode: Episode) -> list[str]:
    """Return suggested names for a speaker: the episode's people, then the library's most frequent speakers."""
    heard = kb.facets.speakers()[:_MOST_NAMES]
    return list(dict.fromkeys([person.name for person in episode.people] + [each.value for each in heard]))


def _revision(episode_id: str, note: RevisionNote) -> ShownRevision:
    made = note.correction
    if made and made.made_from < note.number - 1:
        how = phrase("revision %(number)s restored by %(name)s", number=made.made_from, name=made.by)
    elif made and made.what == "words":
        how = phrase("words corrected by %(name)s", name=made.by)
    elif made and made.what == "times":
        how = phrase("times changed by %(name)s", name=made.by) if made.by else phrase("times changed")
    elif made:
        how = phrase("speakers corrected by %(name)s", name=made.by)
    else:
        how = phrase("taken in") if note.number == 1 else phrase("taken in again or edited")
    when = (made.made_at if made else note.created_at)[:16].replace("T", " ")
    return ShownRevision(note.number, how, when, episode_address(episode_id, revision=note.number))


def _changed(kb: KnowledgeBase, episode_id: str, shown: int) -> list[TurnChange]:
    """Return what a revision changed, cut to the length shown here."""
    if shown < 2:
        return []
    told = changes(kb.canonical(episode_id, shown - 1), kb.canonical(episode_id, shown))
    return [replace(each, before=each.before[:_LONGEST], after=each.after[:_LONGEST]) for each in told]
