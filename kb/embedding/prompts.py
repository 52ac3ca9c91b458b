"""The prompts before questions and passages when a model embeds them, as the model's card requires.

Newer models say it in ``config_sentence_transformers.json``; for those whose card says it in prose only, a table does.
sentence-transformers reads the file too, but never the prompt that a card calls "passage": it gives every model an
empty "document" prompt, which goes first (seen in 6.2).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Prompts", "prompts_of"]

_MOST_BYTES = 1_000_000
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of a question and of a passage."""

    query: str = ""
    passage: str = ""


_ENGLISH_BGE = Prompts("Represent this sentence for searching relevant passages: ")
_INSTRUCTED = Prompts("Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ")
#: By a pattern of the model's own name, the first that fits. No entry (all-MiniLM, gte, bge-m3): nothing goes before.
_BY_NAME = (
    (re.compile(r"bge-(small|base|large)-en\b"), _ENGLISH_BGE),
    (re.compile(r"bge-(small|base|large)-zh\b"), Prompts("为这个句子生成表示以用于检索相关文章：")),
    (re.compile(r"(multilingual-)?e5-.*instruct"), _INSTRUCTED),
    (re.compile(r"(multilingual-)?e5-(small|base|large)\b"), Prompts("query: ", "passage: ")),
    (re.compile(r"nomic-embed-text|modernbert-embed"), Prompts("search_query: ", "search_document: ")),
    (re.compile(r"mxbai-embed-(large|xsmall)|snowflake-arctic-embed-(?!.*-v2)"), _ENGLISH_BGE),
)


def prompts_of(name: str, folder: Path) -> Prompts:
    """Return the prompts of the model that is called ``name`` and lies in ``folder``."""
    return _configured(folder) or _by_name(name) or Prompts()


def _configured(folder: Path) -> Prompts | None:
    """Return what the model's own file says, ``None`` if it says nothing or cannot be read."""
    try:
        with (folder / "config_sentence_transformers.json").open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    said: Any = found.get("prompts") if isinstance(found, dict) else None
    if not isinstance(said, dict):
        return None
    prompts = Prompts(_first(said, "query"), _first(said, "document", "passage", "corpus"))
    return None if prompts == Prompts() else prompts


def _first(said: dict[str, Any], *names: str) -> str:
    """Return the first of the prompts that is not empty."""
    prompts = (said.get(name) for name in names)
    return next((text for text in prompts if isinstance(text, str) and 0 < len(text) <= _LONGEST), "")


def _by_name(name: str) -> Prompts | None:
    own = os.path.basename(os.path.normpath(os.path.expanduser(name))).lower()
    return next((prompts for pattern, prompts in _BY_NAME if pattern.match(own)), None)
