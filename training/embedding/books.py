"""Three OpenStax textbooks (CC BY 4.0): headings, learning objectives, glossaries and review questions."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kb.text.stemming import stem

from .texts import Pair, Text, passages_of

__all__ = ["read_openstax"]

_WORD = re.compile(r"[a-z]{5,}")
_TASK = re.compile(
    r"(?:Explain|Describe|Discuss|Identify|Define|Summarize|Analyze|Compare and contrast|Evaluate|Calculate) "
)


def read_openstax(path: Path) -> Iterator[Text]:
    """Yield each section of the books in a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            section = json.loads(line)
            passages = [
                (part["title"], passage)
                for part in section["sections"]
                for text in part["paras"]
                for passage in passages_of(text)
            ]
            pairs = (*_headed(passages), *_aimed(section, passages), *_defined(section))
            yield Text("openstax", tuple(passage for _, passage in passages), pairs)


def _headed(passages: list[tuple[str, tuple[str, ...]]]) -> Iterator[Pair]:
    for title, passage in passages:
        if len(title.split()) >= 2:
            yield Pair("heading", title, " ".join(passage))


def _aimed(section: Mapping[str, Any], passages: list[tuple[str, tuple[str, ...]]]) -> Iterator[Pair]:
    """Yield a section's objectives and review questions with the passage that shares most of their words."""
    for aim in section["objs"]:
        yield from _matched("objective", _TASK.sub("", aim.rstrip(".")), passages, at_least=1)
    for question, answer in section["qa"]:
        if len(answer.split()) >= 8:
            yield Pair("review", question, answer)
        elif "__" not in question:
            yield from _matched("review", question, passages, at_least=3)


def _matched(kind: str, query: str, passages: list[tuple[str, tuple[str, ...]]], at_least: int) -> Iterator[Pair]:
    wanted = set(map(stem, _WORD.findall(query.lower())))
    shared = [(len(wanted & set(map(stem, _WORD.findall(" ".join(p).lower())))), p) for _, p in passages]
    most, passage = max(shared, default=(0, ()))
    if most >= at_least:
        yield Pair(kind, query, " ".join(passage))


def _defined(section: Mapping[str, Any]) -> Iterator[Pair]:
    for term, meaning in section["gloss"]:
        yield Pair("gloss", term, meaning)
