"""Words too common to distinguish passages, one list for each language; the README here says where they are from."""

from __future__ import annotations

from functools import cache
from importlib import resources

from ..stemming import fold_word

__all__ = ["LANGUAGES", "stop_words"]

#: The languages that have a list.
LANGUAGES = frozenset("da de en es fi fr ga hu id it ja ko nl no pt ru sv th zh".split())


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language, as ``fold_word`` folds them; none for a language without a list."""
    if language not in LANGUAGES:
        return frozenset()
    lines = resources.files(__package__).joinpath(f"{language}.txt").read_text("utf-8").splitlines()
    return frozenset(fold_word(word) for line in lines if not line.startswith("#") for word in line.split())
