"""The training itself: bfloat16 on the processor, a checkpoint every few minutes, a line of figures every minute."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .checkpoint import save
from .loss import Weights, reading_loss, vector_loss
from .material import Passage
from .model import Reader, Sentences, Tokens, padded

__all__ = ["Schedule", "train"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast."""

    minutes: float
    rate: float = 1e-4
    #: The rate rises over so many steps, then falls in a straight line to this share.
    warm_up: int = 50
    least: float = 0.02
    #: Seconds between checkpoints.
    every: float = 240.0


@dataclass(frozen=True, slots=True)
class _Batch:
    ids: Tensor
    mask: Tensor
    question_ids: Tensor
    question_mask: Tensor
    spans: list[list[tuple[int, int]]]
    #: The passage of each question, and a mask of its gold, shape ``(questions, sentences)``.
    owners: list[int]
    gold: Tensor


def train(reader: Reader, tokens: Tokens, batches: Iterator[list[Passage]], schedule: Schedule, out: Path) -> int:
    """Train until the time is over, write ``out``, and return how many questions were seen."""
    reader.train()
    reader.encoder.embeddings.requires_grad_(False)
    body = [p for name, p in reader.named_parameters() if name.startswith("encoder.") and p.requires_grad]
    head = [p for name, p in reader.named_parameters() if not name.startswith("encoder.") and name != "mix"]
    optimiser = torch.optim.AdamW(
        [
            {"params": body, "times": 1.0, "weight_decay": 0.01},
            {"params": head, "times": 10.0, "weight_decay": 0.0},
            {"params": [reader.mix], "times": 100.0, "weight_decay": 0.0},
        ],
        lr=schedule.rate,
        betas=(0.9, 0.98),
    )
    begin = saved = told = time.monotonic()
    seen = 0
    figures: list[list[float]] = []
    for step in itertools.count(1):
        now = time.monotonic()
        left = 1 - (now - begin) / (60 * schedule.minutes)
        if left <= 0:
            break
        rate = schedule.rate * min(1.0, step / schedule.warm_up) * max(schedule.least, left)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["times"]
        batch = _prepared(next(batches), tokens)
        figures.append(_step(reader, batch, optimiser))
        seen += len(batch.owners)
        if now - told > 60:
            loss, vectors, inside, over = np.nanmean(np.array(figures), 0)
            print(
                f"{(now - begin) / 60:5.1f} min  step {step}  questions {seen}  rate {rate:.1e}  loss {loss:.3f}  "
                f"vectors {vectors:.3f}  right in passage {inside:.3f}  right in batch {over:.3f}",
                flush=True,
            )
            told, figures = now, []
        if now - saved > schedule.every:
            save(reader, out)
            saved = now
    save(reader, out)
    return seen


def _prepared(passages: list[Passage], tokens: Tokens) -> _Batch:
    packed = [tokens.passage(passage.sentences, passage.heading) for passage in passages]
    asked = [(number, question) for number, passage in enumerate(passages) for question in passage.questions]
    starts = np.cumsum([0, *(len(spans) for _, spans in packed)])
    gold = torch.zeros(len(asked), int(starts[-1]), dtype=torch.bool)
    for row, (number, question) in enumerate(asked):
        gold[row, [int(starts[number]) + index for index in question.gold]] = True
    ids, mask = padded([found for found, _ in packed])
    question_ids, question_mask = padded([tokens.question(question.text) for _, question in asked])
    return _Batch(ids, mask, question_ids, question_mask, [spans for _, spans in packed], [n for n, _ in asked], gold)


def _step(reader: Reader, batch: _Batch, optimiser: torch.optim.Optimizer) -> list[float]:
    with torch.autocast("cpu", torch.bfloat16):
        said = reader.encode(batch.ids, batch.mask)
        asked = reader.encode(batch.question_ids, batch.question_mask)
    sentences = Sentences.of(said, batch.spans)
    logits = reader.logits(asked, batch.question_mask.float(), sentences)
    own = sentences.passage[None] == torch.tensor(batch.owners)[:, None]
    answered = batch.gold.any(1)
    vectors = vector_loss(asked, batch.question_mask.float(), said, batch.mask.float(), batch.owners, answered)
    loss = reading_loss(logits, batch.gold, own) + Weights.vectors * vectors
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], 1.0)
    optimiser.step()
    optimiser.zero_grad()
    with torch.no_grad():
        inside = batch.gold.gather(1, logits.masked_fill(~own, -1e4).argmax(1)[:, None])[answered].float().mean()
        over = batch.gold.gather(1, logits.argmax(1)[:, None])[answered].float().mean()
    return [loss.item(), vectors.item(), inside.item(), over.item()]
