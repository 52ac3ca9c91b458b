"""The pages' phrases in other languages: the catalogues in ``kb/web/languages``, which are read when first needed."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages import Catalog

__all__ = ["LANGUAGES", "SOURCE", "page_phrases", "script_phrases", "stored_sources"]

FOLDER = Path(__file__).parents[1] / "languages"
#: The language that the phrases are written in.
SOURCE = "en"
#: All languages that a page can have: English, and one for each folder of catalogues.
LANGUAGES = (SOURCE, *sorted(path.name for path in FOLDER.iterdir() if (path / "page.po").is_file()))


@cache
def page_phrases(language: str) -> NullTranslations:
    """Return the phrases of templates and Python, stored ones too; a phrase that is not there stays English."""
    known = _compiled(_read(language, "page.po"))
    known.add_fallback(_compiled(_read(language, "stored.po")))
    return known


@cache
def stored_sources() -> tuple[tuple[str, str], ...]:
    """Return the English phrases of what is stored, each with its plural, empty if it has none."""
    found: dict[tuple[str, str], None] = {}
    for language in LANGUAGES:  # all have the same phrases, but a language that is being added
        for message in _read(language, "stored.po") or ():
            if message.id:
                source = (message.id, "") if isinstance(message.id, str) else (message.id[0], message.id[1])
                found[source] = None
    return tuple(found)


def _compiled(catalogue: Catalog | None) -> NullTranslations:
    if catalogue is None:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def script_phrases(language: str) -> dict[str, str | list[str]]:
    """Return the scripts' phrases, as they stand in a page for ``kb/web/static``: translation by English phrase, and
    for one that counts, all its translations by the English singular.
    """
    catalogue = _read(language, "scripts.po")
    if catalogue is None:
        return {}
    told: dict[str, str | list[str]] = {}
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            source = message.id if isinstance(message.id, str) else message.id[0]
            told[source] = message.string if isinstance(message.string, str) else list(message.string)
    return told


def _read(language: str, name: str) -> Catalog | None:
    path = FOLDER / language / name
    if language not in LANGUAGES or not path.is_file():
        return None
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=language)
