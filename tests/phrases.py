"""Collect what the pages say and bring the catalogues up to date: ``python -m tests.phrases`` (``make phrases``).

New phrases come into ``kb/web/languages/*/*.po`` without a translation, and those that are no longer used go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "kb/web/languages"
LANGUAGES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
#: Each catalogue's sources: Babel's method, where the files are, what marks a phrase in them, and options.
SOURCES = {
    "page.po": (
        (
            "jinja2",
            "kb/web/templates/**/*.html",
            {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)},
            {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"},
        ),
        ("python", "kb/**/*.py", {"phrase": None, "phrases": (1, 2)}, {}),
    ),
    "stored.po": (
        ("python", "ingest/**/*.py", {"phrase": None, "phrases": (1, 2)}, {}),
        ("python", "kb/errors.py", {"phrase": None, "phrases": (1, 2)}, {}),
        ("python", "kb/catalogue/database.py", {"phrase": None, "phrases": (1, 2)}, {}),
        ("python", "kb/text/spelt.py", {"phrase": None, "phrases": (1, 2)}, {}),
        ("python", "kb/text/times.py", {"phrase": None, "phrases": (1, 2)}, {}),
    ),
    "scripts.po": (("javascript", "kb/web/static/*.js", {"phrase": None, "plural": (1, 2)}, {}),),
}
_HEAD = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)?")


def collected(name: str) -> Catalog:
    """Return the phrases of a catalogue as they are in the sources, without translations."""
    found = Catalog()
    stored = {ROOT / files for _, files, _, _ in SOURCES["stored.po"]}
    for method, files, marks, options in SOURCES[name]:
        for path in sorted(ROOT.glob(files)):
            if name == "page.po" and path in stored:
                continue
            for _, message, _, context in extract_from_file(method, path, marks, options=options):
                found.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)], context=context)
    return found


def catalogue(language: str, name: str) -> Catalog:
    """Return a catalogue as it is on disk; an empty one where there is none."""
    path = FOLDER / language / name
    if not path.is_file():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(known: Catalog, wanted: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue, a line each."""
    for message in wanted:
        if message.id and known.get(message.id, message.context) is None:
            yield f"not there: {message.id!r}"
    for message in known:
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        told = _translations(message)
        if wanted.get(message.id, message.context) is None:
            yield f"not used: {message.id!r}"
        elif message.fuzzy:
            yield f"only guessed (fuzzy): {message.id!r}"
        elif not all(told) or len(told) != (known.num_plurals if len(sources) > 1 else 1):
            yield f"not translated: {message.id!r}"
        elif not all(_fits(text, sources) for text in told) or _placeholders(told[-1]) != _placeholders(sources[-1]):
            yield f"with other placeholders: {message.id!r} is {message.string!r}"
        elif any(re.search(r"[<>]|\$\{|^\s|\s$", text) for text in told):
            yield f"with markup, or with a space at an end: {message.id!r} is {message.string!r}"


def _translations(message: Message) -> tuple[str, ...]:
    """Return the forms of a translation, empty ones where it is missing."""
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def _fits(text: str, sources: tuple[str, ...]) -> bool:
    """Return whether a translation has no other placeholders than the phrase; the form for one may leave some out."""
    return _placeholders(text) <= set().union(*map(_placeholders, sources))


def _placeholders(text: str) -> set[str]:
    """Return the names of placeholders; a percent sign that is neither that nor doubled counts as one, too."""
    return {found[1] or found[0] for found in _PLACEHOLDER.finditer(text) if found[0] != "%%"}


def update(language: str, name: str) -> int:
    """Write a catalogue with all its phrases, and return how many have no translation."""
    known = catalogue(language, name)
    known.update(collected(name), no_fuzzy_matching=True)
    written = BytesIO()
    write_po(written, known, width=120, omit_header=True, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    head = _HEAD.format(language=language, plurals=known.plural_forms)
    (FOLDER / language / name).write_text(head + written.getvalue().decode().strip() + "\n", "utf-8")
    return sum(not all(_translations(message)) for message in known)


if __name__ == "__main__":
    for each in LANGUAGES:
        for file in SOURCES:
            print(f"kb/web/languages/{each}/{file}: {update(each, file)} phrases to translate")
