"""How well a reader finds the answers of the stretches that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .asked import Stretch, headed
from .model import Reader, Sentences, Tokens, padded

__all__ = ["measured"]


def measured(reader: Reader, tokens: Tokens, stretches: Sequence[Stretch]) -> str:
    """Return a line: questions and near misses, first sentence right, in five, and the AUROC of the best logit.

    A question is read with its stretch and with the passages from elsewhere in its episode.
    """
    from bench.retrieval.metrics import auroc

    reader.eval()
    places: list[int] = []
    answered: list[float] = []
    unanswered: list[float] = []
    for stretch in stretches:
        passages = [headed(passage) for passage in (*stretch.passages, *stretch.others)]
        packed = [tokens.passage(passage.sentences, passage.heading) for passage in passages]
        starts = np.cumsum([0, *(len(spans) for _, spans in packed)])
        asked = [(number, question) for number, passage in enumerate(passages) for question in passage.questions]
        ids, mask = padded([found for found, _ in packed])
        question_ids, question_mask = padded([tokens.question(question.text) for _, question in asked])
        with torch.no_grad():
            sentences = Sentences.of(reader.encode(ids, mask), [spans for _, spans in packed])
            logits = reader.logits(reader.encode(question_ids, question_mask), question_mask.float(), sentences)
        for (number, question), row in zip(asked, logits, strict=True):
            if question.gold:
                order = row.argsort(descending=True).tolist()
                places.append(min(order.index(int(starts[number]) + index) for index in question.gold))
            (answered if question.gold else unanswered).append(float(row.max()))
    first, five = np.mean(np.array(places) < 1), np.mean(np.array(places) < 5)
    told = f"{len(answered)} questions, {len(unanswered)} near misses: first right {first:.3f}, in five {five:.3f}, "
    return f"{told}AUROC {auroc(answered, unanswered):.3f}"
