"""Front matter: the metadata between two lines of ``---`` above a Markdown text."""

from __future__ import annotations

import re

__all__ = ["front_matter", "without_front_matter"]

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_MOST_LINES = 500
_KEY = re.compile(r"\s*[\w .-]{1,60}\s*[:=]")


def front_matter(text: str) -> str:
    """Return the lines between the fences at the head of ``text``, empty where there are none."""
    return _parted(text)[0]


def without_front_matter(text: str) -> str:
    """Return ``text`` without its front matter, all other lines as they are."""
    return _parted(text)[1]


def _parted(text: str) -> tuple[str, str]:
    lines = text.lstrip("\ufeff\n\r\t ").split("\n", _MOST_LINES)
    closing = _FENCES.get(lines[0].strip(), ())
    for number, line in enumerate(lines[1:_MOST_LINES], 1):
        if line.rstrip() in closing:
            inside = lines[1:number]
            # Two rules with prose between them are not front matter.
            if any(_KEY.match(line) for line in inside) or not any(line.strip() for line in inside):
                return "\n".join(inside), "\n".join(lines[number + 1 :])
            break
    return "", text
