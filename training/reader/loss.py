"""What the reader is trained for: gold sentences above all others and 0, and 0 above all where nothing answers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize, softplus

__all__ = ["Weights", "reading_loss", "vector_loss"]

_NEVER = -1e4


class Weights:
    """What each part of the loss counts beside the first."""

    #: The sentences beside the gold one against 0.
    others = 0.4
    #: The likeliest sentences of other passages below 0.
    elsewhere = 0.5
    #: Vectors: a question's own passage nearest.
    vectors = 0.3


def reading_loss(logits: Tensor, gold: Tensor, own: Tensor) -> Tensor:
    """Return the mean loss; ``gold`` and ``own``, sentences of the question's passage, are masks like ``logits``."""
    nothing = torch.zeros(len(logits), 1)

    def mass(masked: Tensor) -> Tensor:
        return torch.logsumexp(torch.cat([masked, nothing], 1), 1)

    answered = gold.any(1)
    every, within = mass(logits), mass(logits.masked_fill(~own, _NEVER))
    best = torch.logsumexp(logits.masked_fill(~gold, _NEVER), 1)
    others = mass(logits.masked_fill(gold | ~own, _NEVER))
    likeliest = logits.masked_fill(own, _NEVER).topk(min(8, logits.shape[1]), 1).values
    main = torch.where(answered, 0.5 * (every - best) + 0.5 * (within - best), every)
    return (main + Weights.others * others + Weights.elsewhere * softplus(likeliest).mean(1)).mean()


def vector_loss(
    questions: Tensor,
    question_mask: Tensor,
    passages: Tensor,
    passage_mask: Tensor,
    owners: Sequence[int],
    answered: Tensor,
) -> Tensor:
    """Return the contrastive loss (InfoNCE, van den Oord et al. 2018) of mean token vectors, temperature 0.05."""
    if not answered.any():
        return torch.zeros(())
    asked = normalize((questions * question_mask[..., None]).sum(1) / question_mask.sum(1, keepdim=True), dim=-1)
    said = normalize((passages * passage_mask[..., None]).sum(1) / passage_mask.sum(1, keepdim=True), dim=-1)
    likeness = 20.0 * asked @ said.T
    return cross_entropy(likeness[answered], torch.tensor(owners)[answered])
