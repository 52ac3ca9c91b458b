"""Scripts without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese; and Hangul, which attaches particles to
words.

Such a run of characters is searched by its overlapping pairs, as Lucene's ``CJKBigramFilter`` does: it needs no
dictionary, and a word is found wherever it stands. What is paired is a letter with the vowel signs and tones that
belong to it. The last one of a run stands alone besides, so that every letter begins one term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .stop_words import stop_words

__all__ = ["RUN", "pairs", "without_stop_words"]

# Without the digits of these scripts, which are words of their own, and without punctuation.
_HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"
_KANA_AND_HAN = (
    "\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_THAI_AND_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"
_BURMESE_AND_KHMER = "\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd"
#: A run of such letters.
RUN = re.compile(f"[{_HANGUL}{_KANA_AND_HAN}{_THAI_AND_LAO}{_BURMESE_AND_KHMER}]+")

# Written after the letter that they belong to.
_SIGNS = (
    "\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    "\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd\u3099\u309a\uff9e\uff9f"
)
# A Thai or Lao vowel may stand before its letter; a letter may stand under another (Burmese, Khmer); Hangul may come
# in parts. Bounded, so that a hostile run cannot make a term of a megabyte.
_LETTER = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?"
    "(?:[\u1100-\u115f\ua960-\ua97c]{1,2}[\u1160-\u11a7\ud7b0-\ud7c6]{1,2}[\u11a8-\u11ff\ud7cb-\ud7fb]{0,2}|.)"
    f"(?:[\u1039\u17d2][\u1000-\u102a\u1780-\u17b3]|[{_SIGNS}]){{0,8}}"
)


def pairs(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield where each pair of neighbouring letters of the run ``text[start:end]`` stands, then its last letter alone.

    The third value is true for that letter.
    """
    before: re.Match[str] | None = None
    for letter in _LETTER.finditer(text, start, end):
        if before is not None:
            yield before.start(), letter.end(), False
        before = letter
    if before is not None:
        yield *before.span(), True


def without_stop_words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of the run ``text[start:end]`` between its stop words."""
    for stop in _stop_words().finditer(text, start, end):
        if start < stop.start():
            yield start, stop.start()
        start = stop.end()
    if start < end:
        yield start, end


@cache
def _stop_words() -> re.Pattern[str]:
    """Return a pattern for stop words in a run, the longest first; the script determines the language."""
    words = {word for language in ("ja", "th", "zh") for word in stop_words(language)}
    anywhere = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    korean = "|".join(sorted(map(re.escape, stop_words("ko")), key=len, reverse=True))
    # Only whole letters; not for Hangul, where the beginning of a word may look like a particle.
    return re.compile(
        f"(?<![\u0e40-\u0e44])(?:{anywhere})(?![{_SIGNS}])"
        f"|(?:(?<=[\uac00-\ud7a3]{{2}})|(?<![\uac00-\ud7a3]))(?:{korean})(?![\uac00-\ud7a3])"
    )
