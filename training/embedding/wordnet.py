"""WordNet 3.0 (Princeton's own free licence): words with their glosses, synonyms and relations.

Reads the database files of Debian's ``wordnet-base`` (wndb(5WN) describes them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .texts import Pair, Text

__all__ = ["Synset", "lemmatiser", "read_synsets", "wordnet_texts"]

_FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_EXAMPLE = re.compile(r';\s*(?=")')
#: Of these relations, the other synset's words mean much the same: similar to, derived from, pertains to.
_RELATED = frozenset({"&", "+", "\\"})
_HYPERNYM = "@"
#: Endings that WordNet's morphy(7WN) detaches, for nouns, verbs and adjectives alike.
_ENDINGS = [
    ("ies", "y"), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"),
    ("s", ""), ("es", ""), ("es", "e"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, its gloss and examples, and ``(relation, key)`` of other synsets."""

    key: str
    words: tuple[str, ...]
    gloss: str
    examples: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]


def read_synsets(folder: Path) -> dict[str, Synset]:
    """Return every synset of the database in ``folder`` by its key."""
    found = {}
    for part, name in _FILES.items():
        for line in (folder / f"data.{name}").read_text("latin-1").splitlines():
            if not line.startswith(" "):  # the licence
                synset = _synset(part, line)
                found[synset.key] = synset
    return found


def _synset(part: str, line: str) -> Synset:
    head, _, told = line.partition("|")
    fields = head.split()
    count = int(fields[3], 16)
    words = tuple(re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in fields[4 : 4 + 2 * count : 2])
    first = 5 + 2 * count
    relations = (
        (fields[i], fields[i + 2].replace("s", "a") + fields[i + 1])
        for i in range(first, first + 4 * int(fields[first - 1]), 4)
    )
    gloss, *examples = _EXAMPLE.split(told.strip())
    return Synset(part + fields[0], words, gloss, tuple(e.strip('" ;') for e in examples), tuple(relations))


def wordnet_texts(synsets: Mapping[str, Synset]) -> Iterator[Text]:
    """Yield each synset: its gloss and examples as a passage, its words with each other and with what they mean."""
    for synset in synsets.values():
        yield Text(
            "wordnet",
            ((f"{', '.join(synset.words)}: {synset.gloss}", *synset.examples),),
            tuple(_pairs(synset, synsets)),
        )


def _pairs(synset: Synset, synsets: Mapping[str, Synset]) -> Iterator[Pair]:
    meaning = f"{synset.words[0]}: {synset.gloss}"
    for word in synset.words:
        yield Pair("gloss", word, synset.gloss)
    for one, other in zip(synset.words, synset.words[1:], strict=False):
        yield Pair("synonym", one, other)
    for example in synset.examples:
        yield Pair("example", example, meaning)
    for relation, key in synset.relations:
        other_synset = synsets[key]
        if relation in _RELATED and other_synset.words[0] != synset.words[0]:
            yield Pair("synonym", synset.words[0], other_synset.words[0])
        elif relation == _HYPERNYM:
            yield Pair("gloss", synset.words[0], f"{other_synset.words[0]}: {other_synset.gloss}")


def lemmatiser(folder: Path) -> Mapping[str, str]:
    """Return the irregular forms and, on look-up, the base of a regular one; a word itself in WordNet is its base."""
    return _Lemmas(folder)


class _Lemmas(dict[str, str]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._known: set[str] = set()
        for name in _FILES.values():
            lines = (folder / f"index.{name}").read_text("latin-1").splitlines()
            self._known.update(line.split()[0] for line in lines if not line.startswith(" "))
        for name in _FILES.values():
            for line in (folder / f"{name}.exc").read_text("latin-1").splitlines():
                form, base = line.split()[:2]
                if form not in self._known:
                    self.setdefault(form, base)

    def __missing__(self, word: str) -> str:
        if word not in self._known:
            for ending, instead in _ENDINGS:
                base = word[: -len(ending)] + instead
                if word.endswith(ending) and len(base) > 2:
                    if base in self._known:
                        return base
                    if ending in {"ed", "ing"} and base[-1:] == base[-2:-1] and base[:-1] in self._known:
                        return base[:-1]
        return word
