"""What follows a name: a role (``, HOST``), degrees (``, MD``), a generation (``, JR.``), anything else."""

from __future__ import annotations

import re

from ingest.formats.naming import Likeness, likeness

__all__ = ["split_name", "without_degrees"]

_ROLE = re.compile(r"(?i:host|co-host|byline|reporter|guest|anchor|narrator|moderator|producer|correspondent|editor)s?")
_GENERATION = re.compile(r"(?i:jr|sr|ii|iii|iv)\.?")
_DEGREE = re.compile(
    r"(?i:m\.?d|ph\.?d|d\.?phil|d\.?o|d\.?d\.?s|j\.?d|esq|esquire|r\.?n|c\.?p\.?a|m\.?b\.?a|m\.?sc?|b\.?sc?|m\.?a|b\.?a|ll\.?[bm]"
    r"|psy\.?d|ed\.?d|m\.?p\.?h|m\.?s\.?w|q\.?c|k\.?c|m\.?p|o\.?b\.?e|c\.?b\.?e|m\.?b\.?e|frs|facs|frcp|rabbi|s\.?j)\.?"
)


def split_name(head: str) -> tuple[str, bool]:
    """Split ``JANE DOE, HOST`` into the name and whether a role followed; degrees and generations stay."""
    name, comma, after = head.partition(",")
    if not comma:
        return head.strip(), False
    name = name.rstrip()
    kept, rest = [name], after
    while rest.strip():
        part, _, more = rest.partition(",")
        part = part.strip()
        if _GENERATION.fullmatch(part):
            kept[-1] = f"{kept[-1]} {part}"
        elif _DEGREE.fullmatch(part):
            kept.append(part)
        else:
            break
        rest = more
    kept_name, after = ", ".join(kept), rest.strip()
    role = bool(_ROLE.fullmatch(after))
    # After a name in capitals anything may follow: a party, a programme, a town.
    if role or not after or name == name.upper() != name.lower():
        return kept_name, role
    if len(kept[0].split()) > 1 and likeness(kept[0]) is Likeness.SURE:
        return kept_name, False  # "Jane Doe, Mayor of Ely"; "Well, Bob" has one word before the comma
    return head.strip(), False


def without_degrees(name: str) -> str:
    """Return a name without the degrees behind it, which do not look like names."""
    parts = name.split(", ")
    while len(parts) > 1 and _DEGREE.fullmatch(parts[-1]):
        parts.pop()
    return ", ".join(parts)
