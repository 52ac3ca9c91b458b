"""The interface's answers: the fields of the types, with the keys of ``kb/wire.py`` and descriptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, Literal, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from ...catalogue import Collection, HeardAgain, HeardOtherwise, HearingStatus, LedgerEntry
from ...types import Chunk, Episode, Hit, Origin, Person, Quote, Remark, Searched, Spoken, Verdict
from ...wire import HIT_EPISODE, HIT_KEYS, QUOTE_KEYS, QUOTED_EPISODE

__all__ = [
    "AnswerShape",
    "ChangedShape",
    "CollectionShape",
    "CollectionWithQuotes",
    "DoneShape",
    "EpisodePage",
    "EpisodeShape",
    "FoundFeedShape",
    "HitShape",
    "Problem",
    "QuoteShape",
    "SavedQuoteShape",
    "SavedShape",
    "Shape",
    "UploadShape",
    "of",
]


S = TypeVar("S", bound="Shape")


class Shape(BaseModel):
    """An answer's shape; other fields are errors."""

    model_config = ConfigDict(extra="forbid")


def of(source: type, *more: type, keys: Sequence[str] = ()) -> Callable[[type[S]], type[S]]:
    """Give a shape the fields of a dataclass: all, or those of ``keys``, which may be ``more`` dataclasses' too.

    A shape's own definition of a field wins, and its further fields follow. So a new field of a type is automatically
    in the interface and in its description.
    """
    hints = {name: hint for each in (*more, source) for name, hint in get_type_hints(each).items()}

    def shaped(shape: type[S]) -> type[S]:
        own = dict(shape.model_fields)
        found: dict[str, Any] = {}
        for key in keys or [field.name for field in fields(source)]:
            told = own.pop(key, None)
            found[key] = (hints[key], ...) if told is None else (told.annotation, told)
        found |= {key: (told.annotation, told) for key, told in own.items()}
        return create_model(shape.__name__, __base__=Shape, __doc__=shape.__doc__, __module__=__name__, **found)  # type: ignore[arg-type]

    return shaped


class Problem(Shape):
    """What went wrong."""

    error: str = Field(description="A sentence for a person: what was wrong, and what would be right.")


@of(Person)
class PersonShape(Shape):
    pass


@of(Remark)
class RemarkShape(Shape):
    pass


@of(Episode, keys=QUOTED_EPISODE)
class QuoteEpisode(Shape):
    published: str | None = Field(description="An ISO date.")
    audio_note: str | None = Field(description="A note to show wherever the audio plays.")


@of(Quote, keys=QUOTE_KEYS)
class QuoteShape(Shape):
    """Whole sentences of one speaker, letter for letter, read back and compared just now."""

    id: str = Field(description="The quote's address, EPISODE@REVISION:START-END; it resolves for ever.")
    start: float | None = Field(description="Seconds from the start of the audio; null where no time is known.")
    earliest: float | None = Field(description="The words were not said before; the start where that is known.")
    latest: float | None = Field(description="The words were not said after; the end where that is known.")
    char_start: int = Field(description="Code points from the start of the revision's text.")
    confidence: float | None = Field(description="The recogniser's; null for a publisher's transcript.")
    link: str = Field(description="The quote's page on this server.")
    origin: Origin = Field(description="Who wrote the words down.")
    engine: str | None = Field(description="The recogniser, if that is known.")
    remarks: list[RemarkShape]
    episode: QuoteEpisode


@of(Searched)
class SearchedShape(Shape):
    problem: str | None = Field(
        description="Why nothing was searched: the filters leave nothing, or the question has no word to search for."
    )
    notes: list[str] = Field(description="What was cut, left out or not found, a sentence each.")


class AnswerShape(Shape):
    """Cited or silent: quotes, or ``answered: false`` with what was searched and the nearest misses."""

    question: str
    answered: bool = Field(description="Whether the quotes answer; true for the verdict 'answers' alone.")
    verdict: Verdict = Field(
        description="'answers': the quotes answer; 'nearest': they come nearest, judge for yourself; 'none': none does."
    )
    quotes: list[QuoteShape]
    searched: SearchedShape
    nearest: list[QuoteShape]


@of(Episode, keys=HIT_EPISODE)
class HitEpisode(Shape):
    pass


@of(Spoken)
class SpokenShape(Shape):
    """One speaker's words."""


@of(Hit, Chunk, keys=HIT_KEYS)
class HitShape(Shape):
    """A passage that fits."""

    id: str
    text: str
    turns: list[SpokenShape] = Field(description="The same words turn by turn.")
    start: float | None = Field(description="Seconds; null where no time is known.")
    earliest: float | None = Field(description="The words were not said before.")
    latest: float | None = Field(description="The words were not said after.")
    episode: HitEpisode


@of(Episode)
class EpisodeShape(Shape):
    """What is known of an episode."""

    audio: str | None = Field(description="The address of its sound on this server.")
    people: list[PersonShape]
    duration: float | None = Field(description="Seconds.")


class EpisodePage(Shape):
    """One page of the episodes."""

    total: int = Field(description="The number on all pages.")
    page: int
    size: int
    episodes: list[EpisodeShape]


class UploadShape(Shape):
    """A group of files that are taken in together."""

    id: str
    jobs: list[int] = Field(default=[], description="Those that were queued.")
    refused: list[str] = Field(default=[], description="A sentence for each file that was not.")


class DoneShape(Shape):
    """How much was done: files written, jobs taken up or dropped, feeds looked at or left."""

    done: int


class FoundFeedShape(Shape):
    """A feed that can be followed."""

    url: str
    title: str
    episodes: int | None
    transcripts: int | None = Field(description="Episodes with a transcript of the publisher's.")


@of(Collection, keys=("name", "quotes", "added_at"))
class CollectionShape(Shape):
    """A collection of saved quotes."""

    quotes: int = Field(description="How many quotes it has.")


@of(Quote, keys=("id", "text", "speaker"))
class PlaceShape(Shape):
    id: str = Field(description="The address in the current revision.")


@of(LedgerEntry)
class EntryShape(Shape):
    """Who compared a quote with the sound, when, and what they found."""


@of(HeardOtherwise)
class HeardOtherwiseShape(Shape):
    """Where another hearing differs."""

    first: str = Field(description="What the quote says; empty where it has nothing.")
    second: str = Field(description="What was heard; empty where nothing was.")
    kind: str = Field(description="changed, unheard, unwritten, or number: figures on one side.")


@of(HeardAgain)
class HearingShape(Shape):
    """What an engine and a model heard where a quote was said."""

    first: str = Field(description="What the quote's own words are called: a model, or the transcript.")
    settings: dict[str, Any] = Field(description="What was asked for.")
    sound: str = Field(description="The SHA-256 of the recording.")
    words: int = Field(description="How many words the quote has.")
    agreed: int = Field(description="How many of them were heard as they are written.")
    differences: list[HeardOtherwiseShape]
    agrees: bool = Field(description="Whether every word was heard as it is written, and no other.")
    told: str = Field(description="All this as a sentence.")


class SavedQuoteShape(Shape):
    """A saved quote in its own words, and what has become of them."""

    quote: QuoteShape
    note: str
    tags: list[str]
    status: HearingStatus
    history: list[EntryShape] = Field(description="The ledger's entries, oldest first.")
    hearings: list[HearingShape] = Field(description="What other recognisers heard there, oldest first.")
    standing: Literal["current", "unchanged", "changed", "deleted", "gone", "damaged"]
    told: str = Field(description="The state of its words as a sentence; empty where there is nothing to say.")
    now: PlaceShape | None = Field(description="Where the words are in the current revision, if that is another.")


class CollectionWithQuotes(CollectionShape):
    """A collection with its quotes in order."""

    items: list[SavedQuoteShape]


class SavedShape(Shape):
    """What was saved."""

    id: str
    saved: bool = Field(description="False if it was in the collection already.")


class ChangedShape(Shape):
    """What was changed."""

    id: str
    place: int | None = Field(description="Where it stands now, from 1; null if it was not moved.")
