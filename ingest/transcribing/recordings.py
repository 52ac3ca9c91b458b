"""From a recording to a transcript: words, speakers, and remarks for a careful reader."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kb.text.times import english_only
from kb.translatable import phrase
from kb.types import OTHER_LANGUAGE, SAMPLE_RATE, Remark, Segment, Transcript, Word

from ..diarization import (
    Diarizer,
    SpeakerSpan,
    add_speakers,
    assign_speakers,
    has_speaker_models,
    pyannote_diarizer,
    sherpa_diarizer,
    split_by_channel,
)
from ..models.finding import find_model
from ..models.voices import voices_folder
from ..sound.clips import cut, to_flac
from ..sound.isolated import IsolatedDecoder, probe
from .alignment import align
from .block_store import BlockStore
from .loading import EngineSettings, LoadedEngine, is_multilingual, load, resolved, translating
from .outlook import best_installed, smallest_installed
from .rehearing import Again
from .request import ENGINES, Request
from .time_checking import check_times, most_heard
from .time_remarks import note
from .transcription import Cancelled, Transcription, TranscriptionProgress, transcribe_file
from .translating import PieceTranslation, translate

if TYPE_CHECKING:
    from ..models.finding import Engine

__all__ = ["Listening", "Recognised", "Recogniser", "Request", "Transcriber"]

#: The model to request when none is installed, so that the error says how to get one.
_FIRST_MODEL = "small"
#: The most letters of the library's names in a model's prompt, about half of its limit.
_LONGEST_HOTWORDS = 400


@dataclass(frozen=True, slots=True)
class Recognised:
    """A transcript, the key of its blocks in the store (empty: none), and the length of the sound in seconds.

    ``fits``: whether its times are known to be those of the recording, not of a publisher's other copy.
    """

    transcript: Transcript
    key: str = ""
    duration: float | None = None
    fits: bool = True
    #: Whether its times were compared with what is heard.
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Listening:
    """The block store and the callbacks (progress, cancelling) for one recording's transcription."""

    store: BlockStore | None = None
    progress: Callable[[TranscriptionProgress], None] | None = None
    cancelled: Callable[[], bool] | None = None


_ALONE = Listening()


class Transcriber(Protocol):
    """Transcribes a batch's recordings: this machine's engine, or a cluster."""

    request: Request

    def available(self) -> bool:
        """Return whether a model was named or is installed."""

    def transcribe(self, path: Path, published: Transcript | None, listening: Listening) -> Recognised:
        """Return the machine's transcript, with speakers from the publisher's transcript, the channels or a diarizer.

        Raises ``AudioError``, ``ModelNotAvailable``, ``UsageError`` and ``Cancelled``.
        """

    def time(self, path: Path, published: Transcript, listening: Listening) -> Recognised:
        """Return the publisher's transcript with word times from the recording; raises the same."""

    def check(self, path: Path, published: Transcript, listening: Listening) -> Recognised:
        """Return the publisher's transcript with its times where they are heard in the recording; raises the same."""

    def translate(
        self, path: Path, spans: Sequence[tuple[float, float]], language: str | None
    ) -> Iterator[PieceTranslation]:
        """Yield the English translation of each span of seconds; see ``translating.translate``."""


class Recogniser:
    """Transcribes recordings on one request; the model is found and loaded once, when the first one needs it."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._engine: LoadedEngine | None = None
        self._small: Recogniser | None = None
        self._loading = threading.Lock()

    def available(self) -> bool:
        """Return whether a model was named or is installed."""
        return self.request.model is not None or self._installed() is not None

    def transcribe(self, path: Path, published: Transcript | None, listening: Listening = _ALONE) -> Recognised:
        """Return the machine's transcript; see ``Transcriber``."""
        if self._wants_voices():
            self._diarizer()  # missing parts are reported before an hour of transcribing
        if self.request.translate:
            translating(self.engine)  # likewise a model that does not translate
        heard = self.hear(path, listening)
        transcript = self._transcript(path, heard, published, listening)
        if listening.cancelled is not None and listening.cancelled():  # during diarization
            raise Cancelled(
                phrase("%(path)s: stopped after the last word. Start it again to go on from there.", path=str(path))
            )
        return Recognised(transcript, heard.key, heard.audio.decoded)

    def time(self, path: Path, published: Transcript, listening: Listening = _ALONE) -> Recognised:
        """Return the publisher's transcript with times; see ``Transcriber``."""
        heard = self.hear(path, listening)
        return Recognised(self._aligned(published, heard), heard.key, heard.audio.decoded)

    def check(self, path: Path, published: Transcript, listening: Listening = _ALONE) -> Recognised:
        """Return the publisher's transcript with its times checked, and moved where they are off; see ``Transcriber``.

        A few places are heard, and where they differ what lies between them; nothing of it is stored.
        """
        listener = self._for_places()
        length = probe(path).duration
        done = 0.0

        def hear(samples: NDArray[np.float32], begins: float) -> list[Word]:
            nonlocal done
            if listening.cancelled is not None and listening.cancelled():
                raise Cancelled(
                    phrase(
                        "%(path)s: stopped while its times were checked. Start it again to check them.", path=str(path)
                    )
                )
            heard = listener.hear_piece(samples, begins, replace(listening, store=None, progress=None))
            done += len(samples) / SAMPLE_RATE
            if listening.progress is not None:
                most = None if length is None else min(length, most_heard(length))
                listening.progress(TranscriptionProgress(done if most is None else min(done, most), most))
            return _words(heard.transcript.segments)

        if not (is_multilingual(listener.engine) or (published.language or "en").startswith("en")):
            told = note(english_only(listener.engine.settings.name))
            return Recognised(replace(published, remarks=(*published.remarks, told)), fits=False)
        found = check_times(published.segments, length, lambda spans: cut(path, spans), hear)
        remarks = (*published.remarks, *found.remarks)
        checked = found.heard > 0 or found.segments != tuple(published.segments)
        transcript = replace(published, segments=found.segments, remarks=remarks)
        return Recognised(transcript, fits=found.sure, checked=checked)

    def _for_places(self) -> Recogniser:
        """Return what hears single places: the model asked for, else the smallest one, which is enough for that."""
        if self.request.model is not None:
            return self
        with self._loading:
            if self._small is None:
                model = smallest_installed(ENGINES.get(self.request.engine or ""))
                asked = self.request
                self._small = Recogniser(replace(asked, engine=model.engine, model=model.name)) if model else self
            return self._small

    def hear_piece(self, samples: NDArray[np.float32], begins: float, listening: Listening = _ALONE) -> Transcription:
        """Return the transcription of some sound (16 kHz) of a longer recording, in that one's times."""
        with tempfile.TemporaryDirectory() as folder:
            piece = Path(folder, "piece.flac")
            piece.write_bytes(to_flac(samples))
            return self.hear(piece, listening, begins)

    def hear(self, path: Path, listening: Listening = _ALONE, begins: float = 0.0) -> Transcription:
        """Return a recording's transcription without speakers; raises what ``Transcriber.transcribe`` raises.

        ``begins`` is the second of a longer recording at which this piece of it begins.
        """
        probe(path)  # a file without sound is reported before a model is searched for
        return transcribe_file(
            path,
            self.engine.settings,
            listening.store,
            engine=self.engine,
            progress=listening.progress,
            cancelled=listening.cancelled,
            begins=begins,
        )

    @property
    def engine(self) -> LoadedEngine:
        """Return the loaded model; raises ``ModelNotAvailable`` and ``UsageError``."""
        with self._loading:
            if self._engine is None:
                self._engine = load(self._settings())
            return self._engine

    def translate(
        self, path: Path, spans: Sequence[tuple[float, float]], language: str | None
    ) -> Iterator[PieceTranslation]:
        """Yield the English translation of each span; see ``Transcriber``."""
        probe(path)
        yield from translate(path, spans, translating(self.engine), self.request.language, language)

    def tell_apart(self, path: Path, segments: tuple[Segment, ...]) -> tuple[tuple[Segment, ...], list[str]]:
        """Return the segments with speakers from the channels or a diarizer, or the reason if there are none.

        A segment that has a speaker keeps it. Raises ``UsageError`` and ``ModelNotAvailable`` for what it lacks.
        """
        if self.request.diarizer is not None or probe(path).channels != 2:
            self._diarizer()
        return self._with_speakers(path, segments, None, _ALONE)

    def _transcript(
        self, path: Path, heard: Transcription, published: Transcript | None, listening: Listening
    ) -> Transcript:
        segments, warnings = self._with_speakers(path, heard.transcript.segments, published, listening)
        remarks = _remarks(heard) + tuple(Remark("note", None, None, "", warning) for warning in warnings)
        if published is not None:
            alignment = align(published.segments, _words(segments))
            if alignment.refused is None:
                remarks += _differences(alignment.differences)
            else:
                remarks += (Remark("note", None, None, "", alignment.refused),)
        return replace(heard.transcript, segments=segments, settings=self._as_json(), remarks=remarks)

    def _aligned(self, published: Transcript, heard: Transcription) -> Transcript:
        alignment = align(published.segments, _words(heard.transcript.segments))
        if alignment.refused is not None:
            return replace(published, remarks=(Remark("note", None, None, "", alignment.refused),))
        return replace(
            published,
            segments=alignment.segments,
            language=published.language or heard.transcript.language,
            settings=self._as_json(),
            remarks=_differences(alignment.differences),
        )

    def _with_speakers(
        self, path: Path, segments: tuple[Segment, ...], published: Transcript | None, listening: Listening
    ) -> tuple[tuple[Segment, ...], list[str]]:
        known = _published_spans(published, segments) if published else ()
        if known:
            return assign_speakers(segments, known, {span.speaker: span.speaker for span in known}), []
        asked = self.request.diarizer
        if asked in (None, "none") and probe(path).channels == 2 and (spans := split_by_channel(_stereo(path))):
            return assign_speakers(segments, spans), []
        if asked == "none" or not (self._wants_voices() or has_speaker_models(self._speaker_models())):
            return segments, []
        # Made only when it is called, so that a missing part does not stop the transcript.
        given, warning = add_speakers(segments, _stereo(path), lambda blocks: self._diarizer(listening)(blocks))
        return given, [warning] if warning else []

    def _wants_voices(self) -> bool:
        """Return whether a diarizer was asked for; installed models alone do not count."""
        return self.request.diarizer not in (None, "none") or self.request.voices is not None

    def _diarizer(self, listening: Listening = _ALONE) -> Diarizer:
        make = pyannote_diarizer if self.request.diarizer == "pyannote" else sherpa_diarizer
        return make(self._speaker_models(), self.request.voices, listening.cancelled)

    def _speaker_models(self) -> Path:
        given = self.request.diarizer_models
        return Path(given).expanduser() if given else voices_folder()

    def _settings(self) -> EngineSettings:
        request = self.request
        engine, name = self._installed() or ("faster-whisper", _FIRST_MODEL)
        if request.model is not None:
            name = request.model
        if request.engine is not None:
            engine = ENGINES[request.engine]
        settings = EngineSettings(
            model=find_model(name, engine),
            engine=engine,
            device=cast(Literal["auto", "cpu", "cuda"], request.device),
            language=request.language,
            hotwords=_expected(request),
            name=Path(name).name,
        )
        return resolved(replace(settings, beam_size=request.beam_size) if request.beam_size else settings)

    def _installed(self) -> tuple[Engine, str] | None:
        """Return the best installed model, of the engine asked for if one is."""
        best = best_installed(ENGINES.get(self.request.engine or ""))
        return (best.engine, best.name) if best else None

    def _as_json(self) -> str:
        assert self._engine is not None
        used = {key: value for key, value in asdict(self._engine.settings).items() if key != "model"}
        return json.dumps({"request": asdict(self.request), **used}, ensure_ascii=False)


def _expected(request: Request) -> str | None:
    """Return the names to expect, this recording's own first; with too many, a model writes them everywhere."""
    names = ", ".join(filter(None, (request.names, request.known)))
    if len(names) > _LONGEST_HOTWORDS and request.names is None:
        names = names[:_LONGEST_HOTWORDS].rpartition(",")[0]
    return names or None


def _words(segments: Sequence[Segment]) -> list[Word]:
    return [word for segment in segments for word in segment.words]


def _published_spans(published: Transcript, heard: Sequence[Segment]) -> tuple[SpeakerSpan, ...]:
    """Return who speaks when in the publisher's transcript, aligned first if it has no times."""
    segments = published.segments
    if all(segment.start is None for segment in segments):
        segments = align(segments, _words(heard)).segments
    spans = []
    for segment in segments:
        start = segment.words[0].start if segment.words and segment.start is None else segment.start
        end = segment.words[-1].end if segment.words and segment.end is None else segment.end
        if segment.speaker and start is not None and end is not None:
            spans.append(SpeakerSpan(start, end, segment.speaker))
    return tuple(spans)


def _stereo(path: Path) -> Iterator[NDArray[np.float32]]:
    """Yield the recording as blocks of shape (n, channels), of at most its first two channels."""
    channels = min(2, probe(path).channels)
    for parts in zip(*(IsolatedDecoder(path, channel) for channel in range(channels)), strict=False):
        shortest = min(map(len, parts))
        yield np.stack([part[:shortest] for part in parts], axis=1)


def _remarks(heard: Transcription) -> tuple[Remark, ...]:
    doubts = tuple(
        Remark(
            "dropped" if doubt.dropped else "doubtful",
            doubt.start,
            doubt.end,
            doubt.text,
            doubt.reason,
        )
        for doubt in heard.doubts
    )
    silent = tuple(
        Remark("unheard", start, end, "", phrase("A voice without recognised words.")) for start, end in heard.unheard
    )
    notes = tuple(Remark("note", None, None, "", note) for note in heard.notes)
    twice = tuple(Remark("note", start, end, "", _twice_note(again)) for start, end, again in heard.twice)
    others = tuple(
        Remark("note", start, end, "", f"{OTHER_LANGUAGE}: {language!r}.") for start, end, language in heard.languages
    )
    return notes + others + twice + doubts + silent


def _twice_note(again: Again) -> str:
    looped = again.trouble == "loop"
    why = phrase("the recogniser repeated itself") if looped else phrase("the recogniser was unsure")
    if again.second:
        return phrase(
            "Transcribed twice, because %(why)s; the second result, with other settings, was better and is kept.",
            why=why,
        )
    return phrase("Transcribed twice, because %(why)s; the first result is kept.", why=why)


def _differences(differences: Sequence[Any]) -> tuple[Remark, ...]:
    return tuple(
        Remark("differs", difference.start, difference.end, difference.heard, difference.publisher)
        for difference in differences
        if difference.kind != "number"
    )
