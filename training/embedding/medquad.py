"""MedQuAD's medical questions and answers of the United States' National Institutes of Health (CC BY 4.0)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from .texts import Pair, Text, passages_of

__all__ = ["read_medquad"]

#: Of a long answer the first passages answer the question; the rest goes into detail.
_TELLING = 2
#: Lists of symptoms with their frequencies, the same sentences under a thousand diseases.
_BOILERPLATE = "Human Phenotype Ontology"


def read_medquad(path: Path) -> Iterator[Text]:
    """Yield each article of a gzipped file of JSON lines, with its questions and answers."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            answers = [(q, tuple(passages_of(a))) for q, a in article["qa"] if _BOILERPLATE not in a]
            pairs = (
                Pair("answer", question, " ".join(passage))
                for question, passages in answers
                for passage in passages[:_TELLING]
            )
            yield Text("medquad", tuple(p for _, passages in answers for p in passages), tuple(pairs))
