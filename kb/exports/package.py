"""The evidence package: a ZIP file with all that an editor needs to check quotes, without Verbatim."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ..addresses import slug
from ..catalogue import Revision, Source
from ..citations import export, to_text
from ..timecode import now
from ..transcripts.canonical import Canonical
from ..translations import Translation
from ..wire import hearing_json, some
from .by_speaker import by_speaker
from .html_file import to_html
from .package_readme import readme
from .report import Report, ReportQuote

__all__ = ["FORMAT", "MANIFEST", "Clip", "Evidence", "Recording", "write_package"]

FORMAT = "verbatim-evidence/1"
MANIFEST = "manifest.json"
#: Fixed, so that the same package made twice differs only in the manifest's time.
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Recording:
    """The file that an episode's sound is in: its name without its folder, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound around a quote as a FLAC file; ``start`` and ``seconds`` on the recording's clock."""

    flac: bytes
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for one quote; what is ``None`` is missing."""

    item: ReportQuote
    transcript: Canonical | None
    revision: Revision | None
    sources: tuple[Source, ...] = ()
    recording: Recording | None = None
    clip: Clip | None = None
    #: A sentence: why there is no clip.
    missing: str = ""


def write_package(report: Report, evidence: Iterable[Evidence], out: BinaryIO) -> str:
    """Write the package and return the SHA-256 of its manifest, which names the hash of every other file."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        files: dict[str, dict[str, Any]] = {}

        def add(name: str, content: bytes) -> None:
            if name not in files:
                _write(archive, name, content)
                files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}

        quotes = []
        for each in evidence:
            described = _described(each)
            if each.transcript is not None:
                add(described["transcript"], each.transcript.text.encode("utf-8"))
                add(described["speakers"], by_speaker(each.transcript).encode("utf-8"))
            if each.clip is not None:
                add(described["clip"]["file"], each.clip.flac)
            quotes.append(described)
        add("quotes.html", to_html(report))
        cited = [item.saved.quote for item in report.items]
        add("references.csl.json", export(cited, "csl-json").encode("utf-8"))
        add("references.txt", "".join(f"{to_text(entry)}\n\n" for entry in report.references).encode("utf-8"))
        add("README.txt", readme(report, quotes).encode("utf-8"))
        manifest = {
            "format": FORMAT,
            "title": report.title,
            "made_at": now(),
            "style": report.style.name,
            "quotes": quotes,
            "files": files,
        }
        content = (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
        _write(archive, MANIFEST, content)
    return hashlib.sha256(content).hexdigest()


def _described(each: Evidence) -> dict[str, Any]:
    item, revision, clip = each.item, each.revision, each.clip
    saved, quote = item.saved, item.saved.quote
    episode = {key: value for key, value in asdict(quote.episode).items() if key != "audio"}
    stem = f"{slug(quote.episode.id) or 'episode'}-{hashlib.sha256(quote.episode.id.encode()).hexdigest()[:8]}"
    transcript = f"transcripts/{stem}-revision-{quote.revision}" if each.transcript is not None else None
    return {
        "number": item.number,
        "address": quote.id,
        **some(quote, ("text", "char_start", "char_end", "speaker")),
        "role": quote.episode.role_of(quote.speaker),
        **some(quote, ("start", "end", "earliest", "latest", "confidence", "cautions", "before", "after")),
        "citation": to_text(item.citation),
        "episode": episode,
        "transcript": f"{transcript}.txt" if transcript else None,
        "speakers": f"{transcript}-speakers.txt" if transcript else None,
        "revision": quote.revision,
        "origin": quote.origin,
        "engine": revision.engine if revision else None,
        "model": revision.model if revision else None,
        "settings": json.loads(revision.settings) if revision and revision.settings else None,
        "sources": [{"name": _name_of(source.uri), "sha256": source.sha256} for source in each.sources],
        "recording": asdict(each.recording) if each.recording else None,
        "clip": _clip_json(item.number, clip) if clip else None,
        "missing": each.missing or None,
        "status": saved.status,
        "history": [asdict(entry) for entry in saved.history],
        "hearings": [hearing_json(hearing) for hearing in saved.hearings],
        **({"translations": [_translation_json(each) for each in saved.translations]} if saved.translations else {}),
        "standing": saved.standing.kind,
        "correction": saved.standing.told(quote) or None,
        "note": saved.note or None,
        "tags": list(saved.tags),
    }


def _translation_json(each: Translation) -> dict[str, Any]:
    here = each.paragraph
    return {
        "label": each.label,
        **some(each, ("text", "language", "engine", "model", "doubtful")),
        "passage": some(here, ("char_start", "char_end", "start", "end")),
    }


def _clip_json(number: int, clip: Clip) -> dict[str, Any]:
    return {"file": f"clips/{number:03}.flac", "start": clip.start, "seconds": clip.seconds}


def _name_of(uri: str) -> str:
    """Return a file's name without its folder, which is private; addresses may hold passwords."""
    return PurePosixPath(urlsplit(uri).path.replace("\\", "/")).name


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _STAMP)
    member.external_attr = 0o100644 << 16
    member.compress_type = zipfile.ZIP_STORED if name.endswith(".flac") else zipfile.ZIP_DEFLATED
    archive.writestr(member, content)
