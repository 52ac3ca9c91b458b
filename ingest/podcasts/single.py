"""One transcript or recording from the web as a file: fetched once, with its address in a sidecar."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from kb.errors import FetchError, SourceError
from kb.translatable import phrase

from ..feeds import Enclosure, TranscriptLink, suffix_of
from ..fetching import Fetcher
from ..files.strangers import read_sidecar
from ..metadata import AUDIO_SUFFIXES
from .acquiring import content_type_of, fetch_recording, fetch_transcript, recording_suffix

__all__ = ["fetch_source", "is_web_address"]

_LONGEST = 60


def is_web_address(source: str) -> bool:
    """Return whether a source is a web address and not a file's name."""
    return source.lower().startswith(("https://", "http://"))


def fetch_source(
    url: str, media: Path, fetcher: Fetcher, progress: Callable[[int, int | None], None] | None = None
) -> Path:
    """Return the file of a transcript or recording, in the media folder under its host; it is fetched only once.

    Its address is in the sidecar beside it. Raises ``FetchError``, ``FormatError`` and ``SourceError``.
    """
    if not url.isprintable():
        raise FetchError(ascii(url), phrase("is not an address that can be fetched."), phrase("Check it."))
    content_type = None if _ending(url) in AUDIO_SUFFIXES or suffix_of(url, None) else content_type_of(url, fetcher)
    transcript = suffix_of(url, content_type)
    if transcript is None and _ending(url) not in AUDIO_SUFFIXES and not _is_sound(content_type):
        remedy = phrase("If it is a feed, follow it with 'kb feeds add'.")
        raise FetchError(
            url,
            phrase("is neither a transcript nor a recording (%(kind)s).", kind=content_type or phrase("unknown")),
            remedy,
        )
    stem = _own_stem(url, media)
    if transcript is not None:
        return fetch_transcript(TranscriptLink(url, content_type), stem, fetcher).path
    path = stem.with_name(stem.name + recording_suffix(url, content_type))
    return path if path.exists() else fetch_recording(Enclosure(url, content_type), stem, fetcher, progress).path


def _own_stem(url: str, media: Path) -> Path:
    """Return an address's path without suffix; the sidecar there names the address."""
    parts = urlsplit(url)
    folder = media / "".join(c if c.isalnum() or c in ".-" else "-" for c in (parts.hostname or "web").lower())[:100]
    whole = PurePosixPath(unquote(parts.path)).stem
    name = "".join(c if c.isalnum() or c in " -_" else "-" for c in whole)[:_LONGEST].strip(" -_") or "index"
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    for number in count(1):
        stem = folder / (name if number == 1 else f"{name}-{number}")
        sidecar = stem.with_name(f"{stem.name}.toml")
        if sidecar.exists() and read_sidecar(sidecar).url == bare:
            return stem
        if not sidecar.exists() and not any(folder.glob(f"{stem.name}.*")):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                sidecar.write_text(f"url = {json.dumps(bare, ensure_ascii=False)}\n", "utf-8")
            except OSError as error:
                remedy = phrase("Check the folder's permissions.")
                raise SourceError(
                    sidecar, phrase("cannot be written (%(reason)s).", reason=str(error.strerror)), remedy
                ) from error
            return stem
    raise AssertionError("count() does not end")


def _ending(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()


def _is_sound(content_type: str | None) -> bool:
    return (content_type or "").lower().startswith(("audio/", "video/"))
