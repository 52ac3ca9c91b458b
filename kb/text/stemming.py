"""One word reduced to the term that the full-text index keeps: lower case, stem, no accents.

Stems are Snowball's (https://snowballstem.org), by the language that the word is spoken in. SQLite gets finished terms,
so its own rules for cutting and stemming words do not matter.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module, metadata

__all__ = ["ENGLISH", "VERSION", "base_language", "fold_word", "stem"]

ENGLISH = "en"
#: Longer words are left as they are: no language has them, and a stemmer would be slow on a hostile one.
_LONGEST_STEMMED = 64
_STEMMERS = dict(
    pair.split(":")
    for pair in "ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english eo:esperanto es:spanish "
    "et:estonian eu:basque fa:persian fi:finnish fr:french ga:irish hi:hindi hu:hungarian hy:armenian id:indonesian "
    "it:italian lt:lithuanian nb:norwegian ne:nepali nl:dutch nn:norwegian no:norwegian pl:polish pt:portuguese "
    "ro:romanian ru:russian sr:serbian st:sesotho sv:swedish ta:tamil tr:turkish yi:yiddish".split()
)
#: The versions that the terms depend on; an index with another version is rebuilt. The number is that of our own rules.
VERSION = f"1, snowballstemmer {metadata.version('snowballstemmer')}"

#: SQLite's ``ascii`` tokenizer cuts at these; some letters decompose into them ("⒈" is "1.").
_CUT = re.compile(r"[\x00-/:-@\[-`{-\x7f]")
# The pure Python stemmers have state, so they are not thread-safe.
_guard = threading.Lock()


def base_language(language: str | None) -> str:
    """Return the first part of a language tag ("de" for "de-AT"), English where none is known."""
    return re.split(r"[-_]", (language or ENGLISH).strip().lower(), maxsplit=1)[0] or ENGLISH


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """Return ``word`` in lower case, wide and narrow letters as usual ones, without accents.

    Vowel signs and voicing marks of Asian scripts are not accents: "が" is another letter than "か".
    """
    plain = word.lower()
    if plain.isascii():
        return plain
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain).lower() if not _is_accent(c))
    return _CUT.sub("", unicodedata.normalize("NFC", plain)) or word


@lru_cache(maxsize=65_536)
def stem(word: str, language: str = ENGLISH) -> str:
    """Return the index's term of a word spoken in ``language`` (as ``base_language`` names it)."""
    stemmer = _stemmer(language)
    if stemmer is None or len(word) > _LONGEST_STEMMED:
        return fold_word(word)
    if language == ENGLISH:  # only loan words have accents, and not everybody writes them
        return stemmer(fold_word(word))
    return fold_word(stemmer(unicodedata.normalize("NFC", word.lower())) or word)


def _is_accent(character: str) -> bool:
    """Return whether a mark stands over, under or through a letter, or is a Hebrew or Arabic vowel point."""
    place = unicodedata.combining(character)  # the classes of Unicode, chapter 4.3
    return place == 1 or 10 <= place <= 36 or place >= 200


@cache
def _stemmer(language: str) -> Callable[[str], str] | None:
    name = _STEMMERS.get(language)
    if name is None:
        return None
    # Not ``snowballstemmer.stemmer``, which uses PyStemmer, with other rules, where that is installed.
    stemmer = getattr(import_module(f"snowballstemmer.{name}_stemmer"), f"{name.title()}Stemmer")()

    def stemmed(word: str) -> str:
        with _guard:
            return str(stemmer.stemWord(word))

    return stemmed
