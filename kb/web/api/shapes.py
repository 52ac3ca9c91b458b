"""What the interface answers with: the keys of ``kb/wire.py``, so that a change of one without the other fails."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...catalogue import Status
from ...types import Verdict
from ..background.feeds import FeedState

__all__ = [
    "AnswerShape",
    "ChangedShape",
    "CollectionShape",
    "CollectionWithQuotes",
    "DoneShape",
    "EpisodePage",
    "EpisodeShape",
    "FeedShape",
    "FinishedShape",
    "FoundFeedShape",
    "HitShape",
    "JobShape",
    "JobState",
    "Problem",
    "QueueShape",
    "QuoteShape",
    "SavedQuoteShape",
    "SavedShape",
    "UploadShape",
]


JobState = Literal["queued", "running", "interrupted", "failed"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Shape):
    """What went wrong."""

    error: str = Field(description="A sentence for a person: what was wrong, and what would be right.")


class PersonShape(_Shape):
    name: str
    role: str


class QuoteEpisode(_Shape):
    id: str
    title: str
    show: str
    published: str | None = Field(description="An ISO date.")
    url: str | None
    audio_note: str | None = Field(description="What has to be said wherever the audio plays.")


class RemarkShape(_Shape):
    kind: Literal["dropped", "doubtful", "unheard", "differs", "note"]
    start: float | None
    end: float | None
    text: str
    note: str


class QuoteShape(_Shape):
    """Whole sentences of one speaker, letter for letter, read back and compared just now."""

    id: str = Field(description="The quote's address, EPISODE@REVISION:START-END; it resolves for ever.")
    text: str
    speaker: str | None
    start: float | None = Field(description="Seconds from the start of the audio; null where no time is known.")
    end: float | None
    earliest: float | None = Field(description="The words were not said before; the start where that is known.")
    latest: float | None = Field(description="The words were not said after; the end where that is known.")
    char_start: int = Field(description="Code points from the start of the revision's text.")
    char_end: int
    revision: int
    score: float
    confidence: float | None = Field(description="The recogniser's; null for a publisher's transcript.")
    before: str
    after: str
    link: str = Field(description="The quote's page on this server.")
    origin: Literal["publisher", "machine", "person", "unknown"] = Field(description="Who wrote the words down.")
    engine: str | None = Field(description="The recogniser, if that is known.")
    remarks: list[RemarkShape]
    elsewhere: list[str]
    cautions: list[str]
    episode: QuoteEpisode


class SearchedShape(_Shape):
    episodes: int
    passages: int
    unknown_words: list[str]
    respelt: list[tuple[str, str]]
    problem: str | None = Field(description="Why the filters left nothing to search, with the nearest names.")


class AnswerShape(_Shape):
    """Cited or silent: quotes, or ``answered: false`` with what was searched and the nearest misses."""

    question: str
    answered: bool = Field(description="Whether the quotes answer; true for the verdict 'answers' alone.")
    verdict: Verdict = Field(
        description="'answers': the quotes answer; 'nearest': they come nearest, judge for yourself; 'none': none does."
    )
    quotes: list[QuoteShape]
    searched: SearchedShape
    nearest: list[QuoteShape]


class HitEpisode(_Shape):
    id: str
    title: str
    show: str


class HitShape(_Shape):
    """A passage that fits."""

    id: str
    text: str
    speakers: list[str]
    start: float | None = Field(description="Seconds; null where no time is known.")
    end: float | None
    earliest: float | None = Field(description="The words were not said before.")
    latest: float | None = Field(description="The words were not said after.")
    char_start: int
    char_end: int
    revision: int
    score: float
    lexical_rank: int | None
    vector_rank: int | None
    episode: HitEpisode


class EpisodeShape(_Shape):
    """What is known of an episode."""

    id: str
    show: str
    title: str
    published: str | None
    url: str | None
    audio: str | None = Field(description="Where this server plays it.")
    people: list[PersonShape]
    duration: float | None = Field(description="Seconds.")
    language: str | None
    publisher: str | None
    medium: Literal["radio", "podcast"]
    audio_note: str | None
    season: str | None
    number: str | None


class EpisodePage(_Shape):
    """One page of the episodes."""

    total: int = Field(description="Of all pages.")
    page: int
    size: int
    episodes: list[EpisodeShape]


class JobShape(_Shape):
    """A source that is not in yet."""

    id: int
    name: str
    state: JobState
    reason: str | None = Field(description="Why it failed, a sentence.")
    done: float | None = Field(description="Seconds of the recording transcribed so far.")
    total: float | None = Field(description="Of so many.")
    added_at: str
    updated_at: str


class FinishedShape(_Shape):
    """What became of a source since the server was started."""

    name: str
    episode_id: str | None
    status: Literal["added", "revised", "updated", "unchanged", "cancelled", "failed"]
    error: str | None


class QueueShape(_Shape):
    """The queue, oldest first, and what left it last."""

    working: bool = Field(description="Whether anybody takes sources in, this server or 'kb ingest'.")
    unfinished: int
    jobs: list[JobShape] = Field(description="The first 500.")
    finished: list[FinishedShape]


class UploadShape(_Shape):
    """A group of files that are taken in together."""

    id: str
    jobs: list[int] = Field(default=[], description="Those that were queued.")
    refused: list[str] = Field(default=[], description="A sentence for each file that was not.")


class DoneShape(_Shape):
    """How much was done: files written, jobs taken up or dropped, feeds looked at or left."""

    done: int


class FoundFeedShape(_Shape):
    """A feed that can be followed."""

    url: str
    title: str
    episodes: int | None
    transcripts: int | None = Field(description="Episodes with a transcript of the publisher's.")


class FeedCorrectionShape(_Shape):
    """What a publisher corrected of an episode that is in."""

    episode_id: str
    title: str
    what: str = Field(description="In words, such as “title, transcript”.")
    noticed: str = Field(description="The day on which it was noticed.")


class FeedShape(_Shape):
    """A feed that is followed."""

    id: int
    url: str
    title: str
    state: FeedState
    doing: str = Field(description="What is done with it just now, in words.")
    checked_at: str | None
    problem: str | None
    episodes: dict[str, int] = Field(description="Its episodes, counted by what became of them.")
    failures: list[str] = Field(description="A sentence for each of its episodes that failed; the first 20.")
    corrections: list[FeedCorrectionShape] = Field(description="What its publisher corrected last, the newest first.")


class CollectionShape(_Shape):
    """A collection of saved quotes."""

    name: str
    quotes: int = Field(description="How many it has.")
    added_at: str


class PlaceShape(_Shape):
    id: str = Field(description="The address in the current revision.")
    text: str
    speaker: str | None


class EntryShape(_Shape):
    """Who compared a quote with the sound, when, and what they found."""

    status: Status
    by: str
    remark: str
    entered_at: str


class SavedQuoteShape(_Shape):
    """A saved quote in its own words, and what has become of them."""

    quote: QuoteShape
    note: str
    tags: list[str]
    status: Status
    history: list[EntryShape] = Field(description="The ledger's entries, oldest first.")
    standing: Literal["current", "unchanged", "changed", "deleted", "gone", "damaged"]
    told: str = Field(description="The standing as a sentence; empty where there is nothing to say.")
    now: PlaceShape | None = Field(description="Where the words are in the current revision, if that is another.")


class CollectionWithQuotes(CollectionShape):
    """A collection with its quotes in order."""

    items: list[SavedQuoteShape]


class SavedShape(_Shape):
    """What was saved."""

    id: str
    saved: bool = Field(description="False if it was in the collection already.")


class ChangedShape(_Shape):
    """What was changed."""

    id: str
    place: int | None = Field(description="Where it stands now, from 1; null if it was not moved.")
