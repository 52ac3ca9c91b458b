"""Metadata from the name of a file and of its folder.

    2019-07-08 Title                    date, title; also 20190708_Title, 2019.07.08 Title, 2019-07-08-a-title
    2019-07-08 Show - Title             date, show, title
    Show - 2019-07-08 - Title           show, date, title
    Title (2019-07-08)                  title, date
    Show S02E05 Title                   show, season, number, title; a date may stand before it

If none of them fits, the whole name is the title, and the folder is the show.

A dash between spaces separates a show from a title only after a date, and only if the part before it looks like a
show's name: six words at most, beginning with a capital or a figure like the words after the dash, and not the name
of a part ("Part 2", "Interview"). Undated names are full of titles such as "Trump - the early years".
"""

from __future__ import annotations

import re
from pathlib import Path

from kb.timecode import parse_date

from .values import AUDIO_SUFFIXES, Metadata, plain

__all__ = ["from_name", "recording_stems"]

_DAY = r"(?P<year>(?:1[89]|2[01])\d\d)(?P<mark>[-. ]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
_DATE_FIRST = re.compile(rf"{_DAY}(?:[\s-]+(?P<rest>\S.*))?", re.ASCII)
_DATE_BETWEEN = re.compile(rf"(?P<show>\S.*?) - {_DAY} - (?P<rest>\S.*)", re.ASCII)
_DATE_LAST = re.compile(rf"(?P<rest>\S.*?)[\s-]*[(\[]{_DAY}[)\]]", re.ASCII)
_NUMBERED = re.compile(
    r"(?:(?P<show>\S.*?)\s(?:-\s)?)?(?P<code>S(?P<season>\d{1,4})\s?E(?P<number>\d{1,5}))"
    r"(?:(?::\s|\s-\s|\s|-)\s?(?P<title>\S.*))?",
    re.ASCII | re.IGNORECASE,
)
# "Title [dQw4w9WgXcQ].en-orig.vtt" is what yt-dlp writes, "talk.wav.srt" whisper.cpp.
_VIDEO = re.compile(r"\s*\[[\w-]{11}\]")
_LANGUAGE = re.compile(r"\.([a-z]{2,3})(?:-[A-Za-z0-9]{2,8}){0,3}")
_LANGUAGES = frozenset(
    """af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it iw ja ka
    kk km kn ko ky la lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl ps pt ro ru sk sl sq sr sv sw ta te th tl tr uk
    ur uz vi yue zh zu""".split()
)
_MOST_WORDS = 6
# Words before a dash that are not a show.
_PART = re.compile(
    r"(?:episode|ep\.?|part|pt\.?|chapter|no\.?|season|interview|bonus|trailer|teaser|preview|update|live|special|"
    r"extra|repeat|rerun|encore|intro|q\s?&\s?a|breaking|correction)?[\s#]*\d*",
    re.IGNORECASE,
)


def from_name(path: Path) -> Metadata:
    """Return the metadata in a file's name and its folder's; there is always a show and a title."""
    folder = plain(path.resolve().parent.name) or "Unknown show"
    bare = _bare(path.stem)
    return _from_stem(_VIDEO.sub("", bare) if _VIDEO.search(bare) and _VIDEO.sub("", bare).strip() else bare).over(
        Metadata(show=folder, title="Untitled")
    )


def recording_stems(path: Path) -> tuple[str, ...]:
    """Return possible names of a transcript's recording, without suffix, the likeliest first.

    ``talk`` for ``talk.srt``; ``talk.wav`` and ``talk`` for ``talk.wav.srt``, ``Title [id].en`` and ``Title [id]`` for
    ``Title [id].en.vtt``.
    """
    stem, shorter = path.stem, _bare(path.stem)
    return (stem,) if stem == shorter else (stem, shorter)


def _bare(stem: str) -> str:
    """Return a stem without a final language code or recording's suffix."""
    name, dot, last = stem.rpartition(".")
    if not name:
        return stem
    language = _LANGUAGE.fullmatch(dot + last)
    if language and language[1] in _LANGUAGES:
        return _bare(name) if f".{name.rpartition('.')[2].lower()}" in AUDIO_SUFFIXES else name
    return name if f".{last.lower()}" in AUDIO_SUFFIXES else stem


def _from_stem(stem: str) -> Metadata:
    hyphenated = not re.search(r"\s|_-_", stem) and any(letter.isalpha() for letter in stem)
    text = plain(stem.replace("_", " "))
    published, show, rest = _date(text)
    numbered = _NUMBERED.fullmatch(rest)
    if numbered:
        return Metadata(
            show=show or numbered["show"],
            title=numbered["title"] or numbered["code"].upper(),
            published=published,
            season=str(int(numbered["season"])),
            number=str(int(numbered["number"])),
        )
    if published and show is None and text.endswith(rest):
        show, rest = _show(rest)
    if hyphenated and not (published and rest == text):
        rest = rest.replace("-", " ")
    return Metadata(show=show, title=plain(rest) or None, published=published)


def _date(text: str) -> tuple[str | None, str | None, str]:
    """Return the date in a name, the show before it if any, and the rest, which is empty only for an empty name."""
    for pattern in (_DATE_FIRST, _DATE_BETWEEN, _DATE_LAST):
        found = pattern.fullmatch(text)
        if found:
            try:
                published = parse_date(f"{found['year']}-{found['month']}-{found['day']}")
            except ValueError:
                continue  # a number that only looks like a date
            return published, found.groupdict().get("show"), found["rest"] or text
    return None, None, text


def _show(rest: str) -> tuple[str | None, str]:
    """Return the show and the title of ``Show - Title``, no show if it does not look like one."""
    show, dash, title = rest.partition(" - ")
    looks_so = (
        dash
        and len(show.split()) <= _MOST_WORDS
        and not _PART.fullmatch(show)
        and _begins_a_name(show)
        and _begins_a_name(title)
    )
    return (show, title) if looks_so else (None, rest)


def _begins_a_name(text: str) -> bool:
    first = next((letter for letter in text if letter.isalnum()), "a")
    return not first.islower()
