"""Train the tiny Whisper of the tests on synthetic readings of the corpus episode.

    python -m training.whisper_tiny WEIGHTS.npz [--init EARLIER.npz] [--steps 1200]

Needs the synthesisers of ``training.voices`` and one processor core. The weights are written every hundred steps
and at the end, in the compact form that ``training.export_whisper`` expands.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from training.export_whisper import read_weights, write_weights
from training.lines import Line, corpus_lines, voice_lines
from training.tiny_model import Tiny
from training.voices import CAST, TRAINING_VOICES
from training.windows import Sampler

__all__ = ["main", "train"]


def train(model: Tiny, sampler: Sampler, steps: int, batch: int, rate: float, out: Path) -> None:
    """Train ``model`` with AdamW: a short warm-up to ``rate``, then a cosine down to nothing."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    began = time.monotonic()
    means = torch.zeros(3)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, step / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        text, guide, right = model.losses(model.batch([sampler.window() for _ in range(batch)]))
        optimizer.zero_grad()
        torch.autograd.backward(text + guide)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        now = torch.tensor([text.item(), guide.item(), right])
        means = now if step == 1 else 0.95 * means + 0.05 * now
        if step % 20 == 0:
            values = "text {:.3f}, attention {:.3f}, tokens right {:.1%}".format(*means.tolist())
            print(f"step {step}/{steps}, {time.monotonic() - began:.0f} s: {values}", flush=True)
        if step % 100 == 0 or step == steps:
            write_weights(model.export(), out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--init", type=Path, help="compact weights to go on from (default: random ones)")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=6, help="windows a step")
    parser.add_argument("--rate", type=float, default=1e-3, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    reading = corpus_lines()
    voices: list[list[Line]] = [voice_lines(voice) for voice in (*CAST.values(), *TRAINING_VOICES)]
    print(f"{len(voices)} voices, {len(reading)} sentences", flush=True)
    model = Tiny(token for line in reading for word in line.words for token in word.tokens)
    if options.init is not None:
        model.load(read_weights(options.init))
    train(model, Sampler(reading, voices, options.seed), options.steps, options.batch, options.rate, options.out)


if __name__ == "__main__":
    main()
