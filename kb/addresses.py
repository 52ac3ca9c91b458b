"""A quote's address, ``EPISODE@REVISION:START-END``: it stays valid for ever and does not depend on the indexes."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from .errors import UsageError
from .translatable import phrase

__all__ = ["Address", "parse_address", "slug"]

_ADDRESS = re.compile(r"([^@:/\s]{1,200})@([0-9]{1,9}):([0-9]{1,12})-([0-9]{1,12})")


class Address(NamedTuple):
    """A span of one revision's canonical text."""

    episode_id: str
    revision: int
    char_start: int
    char_end: int

    def __str__(self) -> str:
        return f"{self.episode_id}@{self.revision}:{self.char_start}-{self.char_end}"


def parse_address(text: str) -> Address:
    """Return the parts of a quote id; ``UsageError`` if it is not one."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None or int(match[3]) >= int(match[4]):
        raise UsageError(
            phrase("%(text)s is not a quote's address; expected EPISODE@REVISION:START-END.", text=repr(text[:300]))
        )
    return Address(match[1], int(match[2]), int(match[3]), int(match[4]))


def slug(text: str, longest: int = 80) -> str:
    """Return ``text`` as lower-case words joined by hyphens, safe in addresses, URLs and file names."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return re.sub(r"[^\w]+", "-", plain.replace("'", "").replace("’", "")).strip("-_")[:longest].rstrip("-_")
