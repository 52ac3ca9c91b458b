"""The program's data types as frozen dataclasses; modules exchange only these.

Times are seconds (float) from the start of the audio, ``None`` where the source gave none.
Character offsets count code points of a revision's canonical text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "SAMPLE_RATE",
    "UNKNOWN_SPEAKER",
    "Answer",
    "Attribution",
    "Chapter",
    "Chunk",
    "Episode",
    "Filters",
    "Hit",
    "ImportResult",
    "Person",
    "Quote",
    "Remark",
    "Searched",
    "Segment",
    "Transcript",
    "Turn",
    "Word",
]

#: Sample rate of all sound here: Whisper, voice activity detection and clips use it.
SAMPLE_RATE = 16_000

#: Printed for an unknown speaker; our own readers of files turn it back into none.
UNKNOWN_SPEAKER = "Unknown speaker"

#: Who made the words: the publisher, a speech recogniser, a person who typed them, or unknown.
Origin = Literal["publisher", "machine", "person", "unknown"]
#: The verdict on an answer.
Verdict = Literal["answers", "nearest", "none"]

#: How a speaker is known: named by the file itself (a voice tag, a field), by a label in the text, by a diarization, or
#: carried over from earlier words with a label.
Attribution = Literal["given", "label", "diarization", "carried"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was spoken or recognised; ``probability`` is the recogniser's, in 0..1."""

    text: str
    start: float | None
    end: float | None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one speaker's words, as an engine or a subtitle file gives it."""

    start: float | None
    end: float | None
    text: str
    speaker: str | None = None
    words: tuple[Word, ...] = ()
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    #: How ``speaker`` is known; without meaning where that is ``None``.
    attribution: Attribution = "given"
    #: Another, unnamed speaker begins here (``>>``).
    new_voice: bool = False
    #: Why this is an advertisement, in a sentence; ``None``: it is none, as far as its source says.
    advert: str | None = None
    #: The speaker reads out somebody else's text: the source has it as a block quote.
    read_out: bool = False


#: The note of a remark begins so where another language is spoken than in most of a recording.
OTHER_LANGUAGE = "Another language is spoken here"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a careful reader should know about a transcript, with its place in the recording.

    ``dropped`` and ``doubtful``: ``text`` was recognised but perhaps not said; ``note`` says why.
    ``unheard``: speech without recognised words. ``differs``: ``text`` was recognised where the publisher's transcript
    has ``note``. ``inserted``: sound that only this copy of the recording has, such as an advertisement; ``text`` was
    recognised there. ``note``: a sentence about the whole, or about its place.
    """

    kind: Literal["dropped", "doubtful", "unheard", "differs", "inserted", "note"]
    start: float | None
    end: float | None
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """The transcript of one recording, and who or what made it."""

    segments: tuple[Segment, ...]
    language: str | None = None
    source: Origin = "unknown"
    engine: str | None = None
    model: str | None = None
    #: The engine's settings, as JSON.
    settings: str | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the remarks about the whole, a sentence each."""
        return tuple(remark.note for remark in self.remarks if remark.kind == "note" and remark.start is None)


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a part in an episode; ``role`` is host, reporter, guest, recording, ..."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of an episode: its start in seconds, and its title."""

    start: float
    title: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One broadcast or podcast episode. ``published`` is an ISO date, ``audio`` an absolute path."""

    id: str
    show: str
    title: str
    published: str | None = None
    url: str | None = None
    audio: str | None = None
    people: tuple[Person, ...] = ()
    duration: float | None = None
    language: str | None = None
    publisher: str | None = None
    medium: Literal["radio", "podcast"] = "podcast"
    #: Shown wherever the audio plays, e.g. that it is a synthetic reading.
    audio_note: str | None = None
    season: str | None = None
    #: The episode's number within its season or show, as the publisher counts.
    number: str | None = None

    def role_of(self, speaker: str | None) -> str | None:
        """Return the role in which ``speaker`` appears, if the metadata names it."""
        return next((person.role for person in self.people if person.name == speaker), None)


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted words: ``text[char_start:char_end]`` of the revision."""

    speaker: str | None
    start: float | None
    end: float | None
    char_start: int
    char_end: int
    #: How the speaker is known where the turn begins.
    attribution: Attribution = "given"
    #: Characters of the turn after which the speaker is only carried over, without a label; ``None`` if nowhere.
    carried_after: int | None = None
    #: Why the turn is an advertisement, in a sentence; ``None``: it is none, as far as its source says.
    advert: str | None = None
    #: Where somebody else's text is read out: starts and ends in characters from the turn's beginning, in order.
    read_out: tuple[tuple[int, int], ...] = ()

    def reads_out(self, char_start: int, char_end: int) -> tuple[tuple[int, int], ...]:
        """Return the parts of ``[char_start, char_end)`` of the revision that are read out, from ``char_start`` on."""
        shift = self.char_start - char_start
        moved = ((max(0, start + shift), min(end + shift, char_end - char_start)) for start, end in self.read_out)
        return tuple((start, end) for start, end in moved if start < end)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is embedded and searched: whole sentences, about 120 words, all its speakers."""

    id: str
    episode_id: str
    revision: int
    position: int
    start: float | None
    end: float | None
    char_start: int
    char_end: int
    speakers: tuple[str, ...]
    #: The known times around it, as for a quote; filled in for results that are shown.
    earliest: float | None = None
    latest: float | None = None
    #: Why some of it is an advertisement; filled in for results that are shown.
    advert: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a search; an empty field does not restrict. Dates are ISO dates, both inclusive.

    ``collections`` are names: the episodes that their quotes come from are searched.
    """

    shows: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    episodes: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    #: Advertisements may be quoted too; this restricts nothing.
    ads: bool = False

    def __bool__(self) -> bool:
        return any((self.shows, self.speakers, self.since, self.until, self.episodes, self.collections))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One speaker's words, and where in the revision's text they begin, if known."""

    speaker: str | None
    text: str
    char_start: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found; ranks count from 1, ``None`` where that retriever missed it."""

    chunk: Chunk
    episode: Episode
    text: str
    score: float
    lexical_rank: int | None = None
    vector_rank: int | None = None
    #: Its words turn by turn; filled in for results that are shown.
    turns: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Whole sentences of one speaker, letter for letter; ``id`` is ``EPISODE@REVISION:START-END``."""

    id: str
    episode: Episode
    revision: int
    text: str
    char_start: int
    char_end: int
    speaker: str | None
    #: ``None`` where no time is known; the words were then said between ``earliest`` and ``latest``.
    start: float | None
    end: float | None
    #: The recogniser's mean word probability; ``None`` for a publisher's transcript.
    confidence: float | None = None
    #: How well the quote answers the question it was found for, in 0..1.
    score: float = 0.0
    before: str = ""
    after: str = ""
    origin: Origin = "unknown"
    #: The model that recognised the words, if known.
    engine: str | None = None
    #: Offsets in ``text`` of the words that matched the question.
    highlights: tuple[tuple[int, int], ...] = ()
    #: What is doubtful, or differs from the publisher's transcript, within the quote.
    remarks: tuple[Remark, ...] = ()
    #: Offsets in ``text`` of the words that the recogniser was unsure of, with their probability.
    doubtful: tuple[tuple[int, int, float], ...] = ()
    #: Addresses of the same words in other episodes, such as rebroadcasts.
    elsewhere: tuple[str, ...] = ()
    #: Cautions before using it: reported speech, a "not" left out.
    cautions: tuple[str, ...] = ()
    #: The known times around the words; ``start`` and ``end`` where those are known, ``None`` where nothing is.
    earliest: float | None = None
    latest: float | None = None

    @property
    def link(self) -> str:
        """Return the address of the quote's page, relative to the server."""
        return f"/quote/{self.id}"


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched, and which of the question's words occur nowhere in it."""

    episodes: int
    passages: int
    unknown_words: tuple[str, ...] = ()
    #: Names of the question that occur in the library, but not in the quoted episodes.
    unsaid_names: tuple[str, ...] = ()
    #: Names of the question that occur nowhere, each with the similar-sounding name that was searched for instead.
    respelt: tuple[tuple[str, str], ...] = ()
    #: Why nothing was searched: filters that leave nothing, with the nearest names, or a question without a word to
    #: search for; ``None`` where something was searched.
    problem: str | None = None
    #: What was cut, left out or not found, a sentence each.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes, or ``answered=False`` with what was searched and the nearest misses. Quotes of an answer that is not
    ``answered`` only come nearest; the reader judges.
    """

    question: str
    quotes: tuple[Quote, ...]
    answered: bool
    searched: Searched
    nearest: tuple[Quote, ...] = field(default=())
    #: How many of the quotes, from the first on, are as likely as an answer has to be; ``None``: all.
    likely: int | None = None

    @property
    def verdict(self) -> Verdict:
        """Return whether the quotes answer, come nearest, or do not answer."""
        return "answers" if self.answered else "nearest" if self.quotes else "none"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of ingesting one source; ``error`` is a sentence for a person, set when ``status`` is failed.

    ``notes`` are sentences about problems in what was added: cues without a readable time, doubtful characters.
    """

    source: str
    episode_id: str | None
    status: Literal["added", "revised", "updated", "unchanged", "cancelled", "failed"]
    error: str | None = None
    notes: tuple[str, ...] = ()
