"""From a recording to its transcript: decode, cut, transcribe, review; resumable, with progress, in bounded memory.

Decoding and cutting the sound run again on every start, which takes about 1/500 of the programme's length; the
engine's results are stored block by block and reused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ingest.sound.blocks import Block, blocks
from ingest.sound.decoding import sha256_of
from ingest.sound.isolated import IsolatedDecoder
from ingest.sound.reports import AudioReport
from ingest.transcribing.block_store import BlockStore, Heard, dump, parse, result_key
from ingest.transcribing.doubts import Doubt, review, unheard
from ingest.transcribing.hearing import hear
from ingest.transcribing.languages import (
    LISTEN,
    SURE,
    SpokenLanguage,
    first_guess,
    guesses,
    main_language,
    other_languages,
    spoken_in,
)
from ingest.transcribing.loading import EngineSettings, LoadedEngine, load, resolved
from ingest.transcribing.rehearing import Again, hear_again
from kb.errors import AudioError, UsageError, VerbatimError
from kb.timecode import clock
from kb.translatable import phrase, phrases
from kb.types import Segment, Transcript

__all__ = ["Cancelled", "Transcription", "TranscriptionProgress", "transcribe_file", "unchanged"]


class Cancelled(VerbatimError):
    """The user stopped a transcription; what was finished is kept."""


@dataclass(frozen=True, slots=True)
class TranscriptionProgress:
    """How far a transcription is, in seconds of the recording; unknown values are ``None``."""

    done: float
    total: float | None
    #: Seconds of the recording per second of work, measured on the blocks of this run.
    speed: float | None = None
    #: Seconds of work left.
    left: float | None = None
    #: Seconds of speech transcribed in this run.
    heard: float = 0.0


@dataclass(frozen=True, slots=True)
class Transcription:
    """A recording's transcript, and all remarks for a careful reader."""

    transcript: Transcript
    #: Dropped or doubtful segments, each with its reason.
    doubts: tuple[Doubt, ...]
    #: Stretches, in seconds, with a voice but without words.
    unheard: tuple[tuple[float, float], ...]
    #: Where another language is spoken than in most of the recording: from and to which second, and which.
    languages: tuple[tuple[float, float, str], ...]
    #: Blocks that were decoded twice: from and to which second, and the result.
    twice: tuple[tuple[float, float, Again], ...]
    audio: AudioReport
    sha256: str
    #: The key of the blocks in the store; they may be deleted once the transcript is stored.
    key: str
    language_probability: float
    blocks: int
    #: How many of the blocks an earlier run had finished.
    resumed: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each problem."""
        notes = list(self.audio.notes)
        if not self.blocks:
            notes.append(
                phrase(
                    "No voice was heard in %(length)s of sound, so the transcript is empty.",
                    length=clock(self.audio.decoded),
                )
            )
        elif self.language_probability < SURE:
            language = self.transcript.language
            notes.append(
                phrase(
                    "The language is only guessed (%(language)s); name it if it is another.", language=repr(language)
                )
            )
        if self.languages:
            also = ", ".join(f"{language!r}" for language in dict.fromkeys(which for _, _, which in self.languages))
            places = _places([(start, end) for start, end, _ in self.languages])
            notes.append(
                phrase(
                    "Another language is spoken at %(places)s (%(also)s), and was transcribed in that language.",
                    places=places,
                    also=also,
                )
            )
        if self.twice:
            better = sum(again.second for _, _, again in self.twice)
            notes.append(_twice(len(self.twice), better))
        dropped = sum(doubt.dropped for doubt in self.doubts)
        if dropped:
            notes.append(
                phrases(
                    "%(count)s passage was left out: it seems that nobody said this.",
                    "%(count)s passages were left out: it seems that nobody said this.",
                    dropped,
                )
            )
        if self.unheard:
            notes.append(
                phrase("A voice is heard at %(places)s, but no words were recognised.", places=_places(self.unheard))
            )
        return tuple(notes)


def _twice(count: int, better: int) -> str:
    """Return what a second transcription of some places has changed."""
    if better:
        return phrases(
            "%(count)s place was transcribed twice, with other settings; %(better)s second result was better.",
            "%(count)s places were transcribed twice, with other settings; %(better)s second result was better.",
            count,
            better=str(better),
        )
    return phrases(
        "%(count)s place was transcribed twice, with other settings; no second result was better.",
        "%(count)s places were transcribed twice, with other settings; no second result was better.",
        count,
    )


def _places(stretches: Sequence[tuple[float, float]]) -> str:
    places = ", ".join(f"{clock(start)}-{clock(end)}" for start, end in stretches[:5])
    if len(stretches) <= 5:
        return places
    return phrase("%(places)s and %(number)s more places", places=places, number=str(len(stretches) - 5))


def transcribe_file(
    path: Path,
    settings: EngineSettings,
    store: BlockStore | None = None,
    *,
    channel: int | None = None,
    engine: LoadedEngine | None = None,
    progress: Callable[[TranscriptionProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    begins: float = 0.0,
) -> Transcription:
    """Return the transcript of a sound or video file.

    Finished blocks go to ``store``; a later call with the same file and settings continues after them, and its result
    is that of an uninterrupted run. ``channel`` selects one channel. ``engine`` is a model loaded before with the
    same settings, to load it once for many files. ``progress`` is called after each block, ``cancelled`` before.
    ``begins`` is the second of a longer recording at which this piece begins; all times of the result are that one's.

    Raises ``AudioError``, ``ModelNotAvailable``, ``UsageError``, and ``Cancelled`` when ``cancelled`` returns true.
    """
    settings = resolved(settings)
    if engine is not None and engine.settings != settings:
        raise UsageError(phrase("The engine was loaded with other settings than those asked for; load it with these."))
    decoder = IsolatedDecoder(path, channel)
    with unchanged(path):
        sha256 = sha256_of(path)
        run = _Run(settings, store, result_key(sha256, settings, channel), engine)
        meter = _SpeedMeter(decoder.info.duration, progress)
        heard: list[Heard] = []
        spans: list[tuple[float, float]] = []
        speech: list[tuple[float, float]] = []
        for group in _groups(run.knowing_the_language(_later(blocks(decoder), begins)), settings.batch):
            if cancelled is not None and cancelled():
                raise Cancelled(
                    phrase(
                        "%(path)s: stopped at %(time)s. Start it again to go on from there.",
                        path=str(path),
                        time=clock(group[0].start),
                    )
                )
            results, fresh = run.group(group)
            heard += results
            spans += [(block.start, block.end) for block in group]
            speech += [stretch for block in group for stretch in block.speech]
            meter.advance(group[-1].end, sum(block.end - block.start for block in group) if fresh else 0.0)
    meter.finish(decoder.report.decoded)
    return _transcription(run, heard, spans, speech, decoder.report, sha256)


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise ``AudioError`` if the file changes while the block runs: the transcript would fit neither version."""
    before = _state(path)
    yield
    if _state(path) != before:
        raise AudioError(
            path, phrase("changed while it was transcribed."), phrase("Transcribe it again once it is complete.")
        )


def _state(path: Path) -> tuple[int, int] | None:
    """Return the file's size and time of change; ``None`` if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _later(stream: Iterator[Block], seconds: float) -> Iterator[Block]:
    """Yield the blocks with times that are ``seconds`` later."""
    for block in stream:
        speech = tuple((start + seconds, end + seconds) for start, end in block.speech)
        yield replace(block, start=block.start + seconds, speech=speech) if seconds else block


def _groups(stream: Iterator[Block], size: int) -> Iterator[Sequence[Block]]:
    """Yield blocks in groups that are the same in every run: the grouping may change results a little."""
    while group := list(islice(stream, size)):
        yield group


def _transcription(
    run: _Run,
    heard: Sequence[Heard],
    spans: Sequence[tuple[float, float]],
    speech: Sequence[tuple[float, float]],
    audio: AudioReport,
    sha256: str,
) -> Transcription:
    settings = run.settings
    spoken = [block.spoken for block in heard]
    language, probability = main_language(spoken, spans) if heard else (settings.language or "en", 1.0)
    judged = review([segment for block in heard for segment in block.segments], speech, guesses(spoken, spans))
    transcript = Transcript(
        segments=judged.kept,
        language="en" if settings.task == "translate" else language,
        source="machine",
        engine=settings.engine,
        model=settings.name or settings.model.name,
    )
    return Transcription(
        transcript=transcript,
        doubts=judged.doubts,
        unheard=unheard(judged.kept, speech),
        languages=other_languages(spoken, spans),
        twice=tuple((*span, block.again) for span, block in zip(spans, heard, strict=True) if block.again),
        audio=audio,
        sha256=sha256,
        key=run.key,
        language_probability=probability,
        blocks=len(heard),
        resumed=run.resumed,
    )


class _Run:
    """The transcription of one recording, without the blocks that are in the store."""

    def __init__(
        self, settings: EngineSettings, store: BlockStore | None, key: str, engine: LoadedEngine | None
    ) -> None:
        self.settings = settings
        self._language = settings.language or "en"  # of the block before
        self.resumed = 0
        self._store = store
        self.key = key
        self._engine = engine

    @property
    def engine(self) -> LoadedEngine:
        """Return the model, loaded when the first block needs it: a finished transcription needs none."""
        if self._engine is None:
            self._engine = load(self.settings)
        return self._engine

    def knowing_the_language(self, stream: Iterator[Block]) -> Iterator[Block]:
        """Yield ``stream`` once its first language is known: named, or from an earlier run or the first blocks."""
        first = list(islice(stream, LISTEN))
        earlier = self._kept(first[0]) if first else None
        if earlier is not None:
            self._language = earlier.spoken.language
        elif first and self.settings.language is None:
            self._language = first_guess(self.engine, first)
        yield from first
        yield from stream

    def group(self, group: Sequence[Block]) -> tuple[list[Heard], bool]:
        """Return the result for each block, and whether the engine had to decode it in this run."""
        kept = [self._kept(block) for block in group]
        known = [heard for heard in kept if heard is not None]
        if len(known) == len(group):
            self.resumed += len(group)
            self._language = known[-1].spoken.language
            return known, False
        spoken = [self._spoken(block) for block in group]
        words: dict[int, tuple[Segment, ...]] = {}
        for language in dict.fromkeys(each.language for each in spoken):
            alike = [block for block, each in zip(group, spoken, strict=True) if each.language == language]
            words.update(zip((block.number for block in alike), hear(self.engine, alike, language), strict=True))
        fresh = []
        for block, each in zip(group, spoken, strict=True):
            better, again = hear_again(self.engine, block, each.language, words[block.number])
            fresh.append(Heard(better, each, again))
            if self._store is not None:
                self._store.put(self.key, block.number, dump(block, fresh[-1]))
        return fresh, True

    def _spoken(self, block: Block) -> SpokenLanguage:
        """Return the language to decode ``block`` in; the next block's depends on it."""
        if self.settings.language is not None:
            return SpokenLanguage(self.settings.language, self.settings.language, 1.0)
        spoken = spoken_in(self.engine, block, self._language)
        self._language = spoken.language
        return spoken

    def _kept(self, block: Block) -> Heard | None:
        return None if self._store is None else parse(self._store.get(self.key, block.number), block)


class _SpeedMeter:
    """Measures the speed on the blocks of this run; skipped finished blocks would make it too high."""

    def __init__(self, total: float | None, tell: Callable[[TranscriptionProgress], None] | None) -> None:
        self._total = total
        self._tell = tell
        self._heard = 0.0
        self._since = time.monotonic()
        self._report(TranscriptionProgress(0.0, total))

    def advance(self, done: float, heard: float) -> None:
        """Report that the recording is done up to ``done``; the engine has just transcribed ``heard`` seconds."""
        self._heard += heard
        speed = self._heard / max(time.monotonic() - self._since, 1e-3) if self._heard else None
        total = None if self._total is None else max(self._total, done)
        left = (total - done) / speed if speed is not None and total is not None else None
        self._report(TranscriptionProgress(done, total, speed, left, self._heard))

    def finish(self, length: float) -> None:
        """Report that everything is done; ``length`` is the decoded length."""
        self._report(TranscriptionProgress(length, length, left=0.0))

    def _report(self, progress: TranscriptionProgress) -> None:
        if self._tell is not None:
            self._tell(progress)
