"""``kb hear --collection``: transcribe every quote of a collection again, and keep the results with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import ReadOnly, VerbatimError
from .app import opened
from .deeds import note
from .rehearing import UNHEARD, excerpt_of, hearing_json, like_before

if TYPE_CHECKING:
    from ingest.transcribing.recordings import Recogniser, Request
    from ingest.transcribing.second_hearing import Excerpt, SecondHearing

    from ..catalogue import HeardAgain, Revision
    from ..knowledge_base import KnowledgeBase
    from ..types import Quote

__all__ = ["hear_collection"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A quote to transcribe again: its recording, the request, and its words."""

    quote: Quote
    made: Revision
    excerpt: Excerpt
    audio: Path
    sound: str
    request: Request
    first: str

    @property
    def settings(self) -> str:
        """Return the request as JSON, without the options that were not given."""
        return json.dumps({name: value for name, value in asdict(self.request).items() if value not in (None, False)})


def hear_collection(name: str, asked: Request, as_json: bool) -> None:
    """Transcribe all quotes of a collection again; each result is kept at once, and none is made twice.

    A failure is printed once for each reason; the rest goes on, and the command ends with exit code 1.
    """
    from .printing import print_json

    done: list[dict[str, Any]] = []
    failed: list[tuple[str, str]] = []

    def fail(quotes: Sequence[Quote], error: VerbatimError) -> None:
        failed.extend((quote.id, str(error)) for quote in quotes)
        more = f" and {len(quotes) - 1} more" if len(quotes) > 1 else ""
        typer.echo(f"kb: {quotes[0].id}{more}: {error}", err=True)

    with opened() as kb:
        if kb.read_only:
            raise ReadOnly(kb.home)
        wanted: list[_Wanted] = []
        sounds: dict[Path, str] = {}
        for saved in kb.collections.quotes(name):
            try:
                each = _wanted(kb, saved.quote, asked, sounds)
            except VerbatimError as error:
                fail([saved.quote], error)
                continue
            if not kb.second_hearings.has(each.quote.id, each.settings, each.sound):
                wanted.append(each)
            elif not as_json:
                typer.echo(f"unchanged  {each.quote.id}")
        recognisers: dict[Request, Recogniser] = {}
        wanted.sort(key=lambda each: (str(each.audio), each.settings, each.excerpt.start))
        for (audio, _), group in groupby(wanted, key=lambda each: (each.audio, each.settings)):
            rest = list(group)
            try:
                for found in _heard(audio, rest, recognisers):
                    each = rest.pop(0)
                    done.append(hearing_json(each.quote.id, each.made, found, each.first, is_old=False))
                    told = _keep(kb, each, found)
                    if not as_json:
                        typer.echo(f"heard      {each.quote.id}: {told}")
            except VerbatimError as error:  # of the recording or the model; earlier results are kept
                fail([each.quote for each in rest], error)
        note(kb, "heard a collection again", [name] if done else [])
    if as_json:
        problems = [{"place": place, "error": problem} for place, problem in failed]
        print_json({"collection": name, "heard": done, "failed": problems})
    if failed:
        raise typer.Exit(1)


def _wanted(kb: KnowledgeBase, quote: Quote, asked: Request, sounds: dict[Path, str]) -> _Wanted:
    from ingest.sound.decoding import sha256_of

    from ..saved.hearings import first_label

    made = kb.revisions.get(quote.episode.id, quote.revision)
    audio = kb.recording(quote.episode.id, UNHEARD)
    if audio not in sounds:
        sounds[audio] = sha256_of(audio)
    first = first_label(kb.revisions, made)
    return _Wanted(quote, made, excerpt_of(kb, quote), audio, sounds[audio], like_before(asked, made), first)


def _heard(audio: Path, wanted: Sequence[_Wanted], recognisers: dict[Request, Recogniser]) -> Iterator[SecondHearing]:
    """Yield the results in the order of ``wanted``; each model is loaded once."""
    from ingest.transcribing.recordings import Recogniser
    from ingest.transcribing.second_hearing import hear_excerpts

    request = wanted[0].request
    if request not in recognisers:
        recognisers[request] = Recogniser(request)
    for _, found in hear_excerpts(audio, [each.excerpt for each in wanted], recognisers[request]):
        yield found


def _keep(kb: KnowledgeBase, wanted: _Wanted, found: SecondHearing) -> str:
    """Keep a result with its quote, and return it as a sentence."""
    from ..saved.hearings import told

    hearing = _kept(wanted, found)
    kb.second_hearings.add(wanted.quote, hearing)
    return told(hearing)


def _kept(wanted: _Wanted, found: SecondHearing) -> HeardAgain:
    from ..catalogue import HeardAgain, HeardOtherwise

    return HeardAgain(
        first=wanted.first,
        engine=found.engine,
        model=found.model,
        language=found.language,
        settings=wanted.settings,
        sound=wanted.sound,
        start=found.start,
        end=found.end,
        heard=found.heard,
        words=found.words,
        agreed=found.agreed,
        differences=tuple(
            HeardOtherwise(each.start, each.end, each.kind, each.publisher, each.heard) for each in found.differences
        ),
        remarks=found.remarks,
    )
