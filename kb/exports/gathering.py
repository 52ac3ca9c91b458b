"""Reports in every format, also those that need the knowledge base and the recordings: subtitles, evidence packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ..citations import Style
from ..errors import AudioError, NotFound, UsageError
from ..knowledge_base import KnowledgeBase
from ..outputs import ExportFormat
from ..phrasing import play_from, said_when
from ..saved.quotes import SavedQuote, cues
from ..translatable import phrase
from ..types import SAMPLE_RATE, Quote
from . import DOCUMENTS, Report, ReportQuote, report_of, write
from .package import Clip, Evidence, Recording, write_package

__all__ = ["export_quotes", "may_be_subtitle"]

#: Seconds of sound on either side of a quote.
_MARGIN = 10.0
#: The most seconds of a clip: a quote whose time is known less exactly gets none.
_LONGEST_CLIP = 900.0


def export_quotes(
    kb: KnowledgeBase,
    title: str,
    quotes: Sequence[SavedQuote],
    form: ExportFormat,
    style: Style,
    out: BinaryIO,
    server: str = "",
) -> str | None:
    """Write quotes in one of the formats; for a package, return its manifest's SHA-256.

    Raises ``UsageError`` for subtitles of several episodes, or of quotes whose times are not known to the second.
    """
    if not quotes:
        raise UsageError(phrase("There is no quote to export."))
    if form in (ExportFormat.VTT, ExportFormat.SRT):
        out.write(_subtitles(kb, quotes, form).encode("utf-8"))
        return None
    report = report_of(title, quotes, style, server)
    if form in DOCUMENTS:
        out.write(write(report, form))
        return None
    return write_package(report, evidence_of(kb, report), out)


def _subtitles(kb: KnowledgeBase, quotes: Sequence[SavedQuote], form: ExportFormat) -> str:
    from ingest.formats import compose_srt, compose_vtt

    episodes = {saved.quote.episode.id for saved in quotes}
    if len(episodes) > 1:
        raise UsageError(
            phrase(
                "Subtitles belong to one recording, and these quotes are from %(count)s: %(names)s.",
                count=str(len(episodes)),
                names=_some(sorted(episodes)),
            )
        )
    vague = [saved.quote.id for saved in quotes if not may_be_subtitle(saved.quote)]
    if vague:
        raise UsageError(
            phrase(
                "Subtitles need the second at which words begin and end, and it is not known for %(names)s.",
                names=_some(vague),
            )
        )
    found = [cue for saved in quotes for cue in cues(kb.revisions, saved.quote)]
    found.sort(key=lambda cue: (cue.start is None, cue.start or 0.0))
    return (compose_vtt if form == ExportFormat.VTT else compose_srt)(found)


def _some(names: Sequence[str]) -> str:
    """Return up to five names, with ``…`` for more."""
    return ", ".join([*names[:5], *(["…"] if len(names) > 5 else [])])


def may_be_subtitle(quote: Quote) -> bool:
    """Return whether the beginning and the end of a quote are known, and not only a range that they lie in."""
    return quote.start is not None and quote.end is not None


def evidence_of(kb: KnowledgeBase, report: Report) -> tuple[Evidence, ...]:
    """Return the evidence for each quote of a report, in its order; each recording is decoded once."""
    playing: defaultdict[str, list[ReportQuote]] = defaultdict(list)
    for item in report.items:
        audio = _audio_of(kb, item)
        if audio and _is_cuttable(item.saved.quote):
            playing[audio].append(item)
    clips: dict[int, Clip] = {}
    problems: dict[int, str] = {}
    recordings: dict[str, Recording] = {}
    for audio, items in playing.items():
        try:
            recordings[audio], found = _cut(Path(audio), items)
            clips.update(found)
        except AudioError as error:  # its own text would reveal the file's path
            problems.update((item.number, f"The recording {error.problem}") for item in items)
    return tuple(_evidence(kb, item, clips.get(item.number), problems, recordings) for item in report.items)


def _cut(audio: Path, items: Sequence[ReportQuote]) -> tuple[Recording, dict[int, Clip]]:
    from ingest.sound.clips import cut, to_flac
    from ingest.sound.decoding import sha256_of

    spans = []
    for item in items:
        start, end = _heard(item.saved.quote)
        spans.append((max(0.0, start - _MARGIN), end + _MARGIN))
    recording = Recording(audio.name, sha256_of(audio))
    clips = {
        item.number: Clip(to_flac(samples), span[0], len(samples) / SAMPLE_RATE)
        for item, span, samples in zip(items, spans, cut(audio, spans), strict=True)
        if len(samples)
    }
    return recording, clips


def _heard(quote: Quote) -> tuple[float, float]:
    """Return the earliest start and the latest end of a quote in the sound."""
    start = play_from(quote) or 0.0
    end = quote.latest if quote.end is None else quote.end
    return start, start if end is None else end


def _is_cuttable(quote: Quote) -> bool:
    start, end = _heard(quote)
    known = quote.start is not None or (quote.earliest is not None and quote.latest is not None)
    return known and end - start <= _LONGEST_CLIP


def _evidence(
    kb: KnowledgeBase, item: ReportQuote, clip: Clip | None, problems: dict[int, str], recordings: dict[str, Recording]
) -> Evidence:
    quote = item.saved.quote
    audio = _audio_of(kb, item)
    recording = recordings.get(audio) if audio else None
    missing = "" if clip else problems.get(item.number) or _why_missing(item, audio, recording)
    if item.saved.standing.kind == "gone":
        return Evidence(item, None, None, missing=missing)
    is_damaged = kb.revisions.sound_text(quote.episode.id, quote.revision) is None
    return Evidence(
        item,
        None if is_damaged else kb.revisions.canonical(quote.episode.id, quote.revision),
        kb.revisions.get(quote.episode.id, quote.revision),
        kb.intake.sources.of(quote.episode.id),
        recording,
        clip,
        missing,
    )


def _why_missing(item: ReportQuote, audio: str | None, recording: Recording | None) -> str:
    if item.saved.standing.kind == "gone":
        return "The episode is no longer in the knowledge base."
    if audio is None:
        return "The knowledge base has no recording of this episode."
    if recording is not None:
        return "The recording ends before the quote's time."
    when = said_when(item.saved.quote)
    return f"All that is known is that it was said {when}, too long for a clip." if when else "The quote has no times."


def _audio_of(kb: KnowledgeBase, item: ReportQuote) -> str | None:
    """Return where the recording is now; it may have moved since the quote was saved."""
    if item.saved.standing.kind == "gone":
        return None
    try:
        return kb.episode(item.saved.quote.episode.id).audio
    except NotFound:  # removed in the meantime
        return None
