"""What is known about an episode besides its words: the sidecar, the options, the file's own name."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from kb.errors import MetadataError, UsageError
from kb.types import Episode, Person

__all__ = ["AUDIO_SUFFIXES", "Metadata", "describe", "parse_date", "read_sidecar"]

#: Sound that a browser or FFmpeg plays.
AUDIO_SUFFIXES = frozenset(
    ".mp3 .m4a .m4b .mp4 .aac .wav .flac .ogg .oga .opus .webm .mkv .mov .aif .aiff .wma".split()
)

_LARGEST_SIDECAR = 1_000_000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_DATED_STEM = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})[\s_-]+(?P<rest>.+)")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a sidecar or the command line says; ``None`` where it says nothing."""

    show: str | None = None
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    medium: str | None = None
    language: str | None = None
    url: str | None = None
    audio: str | None = None
    audio_note: str | None = None
    people: tuple[Person, ...] | None = None

    def over(self, other: Metadata) -> Metadata:
        """Return these values, and ``other``'s where these are silent."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        return replace(other, **said)


def parse_date(text: str) -> str:
    """Return ``text`` as an ISO date; ``ValueError`` says what would be right."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date such as 2019-07-08") from error


def read_sidecar(transcript: Path) -> Metadata:
    """Return what the ``.toml`` file beside a transcript says, nothing if there is none.

    Raises ``MetadataError`` naming the file, the key and what is allowed.
    """
    path = transcript.with_suffix(".toml")
    try:
        if not os.path.isfile(path):  # not Path.is_file, which fails where the sidecar's name would be too long
            return Metadata()
        if path.stat().st_size > _LARGEST_SIDECAR:
            raise MetadataError(path, "is too large for a sidecar.", "Expected a few lines of TOML.")
        table = tomllib.loads(path.read_text("utf-8-sig"))  # Windows' editors begin a file with a mark
    except (ValueError, RecursionError) as error:  # also bytes that are no UTF-8, and whole numbers of 5,000 digits
        raise MetadataError(path, f"is not valid TOML ({str(error)[:200]}).", "Mend it, or remove it.") from error
    except OSError as error:
        raise MetadataError(path, f"cannot be read ({error.strerror}).", "Check its permissions.") from error
    return _from_table(path, table)


def describe(transcript: Path, said: Metadata, existing: Episode | None = None) -> Episode:
    """Return the episode that ``said`` describes; what it leaves open comes from ``existing`` or the file's name.

    An audio file is taken from the transcript's own folder only: the page plays it to everybody.
    """
    base = existing or _from_name(transcript)
    # The command line's words too: bytes that are no text arrive as halves of characters, which nothing stores.
    texts = {key: getattr(said, key) for key in ("show", "title", "publisher", "language", "url", "audio_note")}
    plain: dict[str, Any] = {key: _plain(text) for key, text in texts.items() if text}
    said = replace(said, **plain)
    audio = _audio(transcript, said.audio)
    medium = said.medium or base.medium
    return replace(
        base,
        show=said.show or base.show,
        title=said.title or base.title,
        published=said.published or base.published,
        publisher=said.publisher or base.publisher,
        medium="radio" if medium == "radio" else "podcast",
        language=said.language or base.language,
        url=said.url or base.url,
        audio=str(audio) if audio else base.audio,
        audio_note=said.audio_note or base.audio_note,
        people=base.people if said.people is None else said.people,
    )


def _from_table(path: Path, table: dict[str, Any]) -> Metadata:
    allowed = [f.name for f in fields(Metadata)]
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        raise MetadataError(path, f"has the unknown key {_shown(unknown[0])}.", f"Allowed are {', '.join(allowed)}.")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "people":
            values[key] = tuple(_person(path, entry) for entry in (value if isinstance(value, list) else [value]))
        elif key == "published":
            values[key] = _date(path, value)
        elif isinstance(value, str) and _plain(value):
            values[key] = _plain(value)
        else:
            raise MetadataError(path, f"has {key} = {_shown(value)}.", "Expected some text in quotation marks.")
    if values.get("medium", "radio") not in ("radio", "podcast"):
        raise MetadataError(path, f"has medium = {_shown(values['medium'])}.", 'Expected "radio" or "podcast".')
    if "url" in values and not re.match(r"https?://", values["url"]):
        raise MetadataError(
            path, f"has url = {_shown(values['url'])}.", "Expected an address that begins with https://."
        )
    return Metadata(**values)


def _person(path: Path, entry: object) -> Person:
    if isinstance(entry, dict) and set(entry) == {"name", "role"} and all(isinstance(v, str) for v in entry.values()):
        person = Person(_plain(entry["name"]), _plain(entry["role"]))
        if person.name and person.role:
            return person
    raise MetadataError(
        path, f"has a person {_shown(entry)}.", 'Expected [[people]] with name = "..." and role = "...".'
    )


def _date(path: Path, value: object) -> str:
    try:
        return parse_date(value.isoformat()[:10] if isinstance(value, date) else str(value))
    except ValueError as error:
        raise MetadataError(path, f"has published = {_shown(value)}.", "Expected a date such as 2019-07-08.") from error


def _audio(transcript: Path, named: str | None) -> Path | None:
    """Return the recording beside a transcript: the one named, or the one of the same stem."""
    folder = transcript.parent.resolve()
    if named is not None:
        path = _resolved(folder / named)
        sidecar = transcript.with_suffix(".toml")
        if path is None or not _is_sound_in(folder, path):
            raise MetadataError(
                sidecar, f"names the audio {_shown(named)}.", "Expected an audio file in the same folder."
            )
        if not os.path.isfile(path):
            raise MetadataError(
                sidecar, f"names the audio {_shown(named)}, which is not there.", "Put it beside the sidecar."
            )
        return path
    if transcript.suffix.lower() in AUDIO_SUFFIXES:
        return transcript.resolve()
    # Recorders write .WAV and .MP3.
    endings = (ending for suffix in sorted(AUDIO_SUFFIXES) for ending in (suffix, suffix.upper()))
    there = (path.resolve() for path in map(transcript.with_suffix, endings) if os.path.isfile(path))
    return next((path for path in there if _is_sound_in(folder, path)), None)


def _resolved(path: Path) -> Path | None:
    """Return ``path`` with its links followed, ``None`` if it is no name for a file or its links run in a circle."""
    try:
        return path.resolve()
    except (ValueError, RuntimeError, OSError):
        return None


def _is_sound_in(folder: Path, path: Path) -> bool:
    """Return whether ``path``, with its links followed, is named like sound and lies in ``folder``."""
    return path.is_relative_to(folder) and path.suffix.lower() in AUDIO_SUFFIXES


def _from_name(transcript: Path) -> Episode:
    """Return what a file's name and folder tell: ``2019-07-08 Title.vtt`` in the folder of its show."""
    stem = _plain(transcript.stem)
    dated = _DATED_STEM.fullmatch(stem)
    published = None
    if dated:
        try:
            published, stem = parse_date(dated["date"]), dated["rest"]
        except ValueError:
            published = None
    show = _plain(transcript.resolve().parent.name) or "Unknown show"
    hyphenated = " " not in stem and any(letter.isalpha() for letter in stem)  # and no mere date
    title = (stem.replace("-", " ") if hyphenated else stem).replace("_", " ")
    return Episode(id="", show=show, title=_plain(title) or "Untitled", published=published)


def _shown(value: object) -> str:
    """Return a value as a message shows it, shortened."""
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # a whole number of 5,000 digits, tables in tables in tables
        return "something very long"
    return shown if len(shown) <= 200 else f"{shown[:200]}..."


def _plain(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:1_000]


def parse_renames(pairs: list[str]) -> dict[str, str]:
    """Return ``OLD=NEW`` speaker names as a mapping; ``UsageError`` shows the right form."""
    renames = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (equals and old.strip() and _plain(new)):
            raise UsageError(f"--speaker {pair!r} is not of the form OLD=NEW, such as 'SPEAKER_00=Audie Cornish'.")
        renames[old.strip()] = _plain(new)
    return renames
