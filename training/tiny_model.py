"""openai-whisper's model with a vocabulary of only the tokens in use, and its losses.

The decoder's table holds the used tokens and one row for all 50,000 others, whose probability it bears together.
Both engines find word times in the cross-attention of the decoder's upper half, so the training guides it there:
while a token is written, attention should lie on its sound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
import whisper
from torch import Tensor
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import get_tokenizer

from training.export_whisper import Compact
from training.utterance import Sound
from training.windows import Window

__all__ = ["Batch", "Tiny", "mel"]

_FRAMES = 1500  # encoder positions in 30 s: 20 ms each
#: A timestamp's target is spread over its neighbours: 20 ms is less than anybody can tell.
_BLUR = ((0, 0.5), (1, 0.18), (-1, 0.18), (2, 0.07), (-2, 0.07))


@dataclass(frozen=True, slots=True)
class Batch:
    """``mel`` [b, 80, 3000]; ``inputs``, ``targets`` [b, n] (-1: none); ``spans`` [b, n, 2] frames (-1: anywhere)."""

    mel: Tensor
    inputs: Tensor
    targets: Tensor
    spans: Tensor


class Tiny(torch.nn.Module):
    """A Whisper of two encoder and two decoder layers, 128 wide."""

    def __init__(self, tokens: Iterable[int]) -> None:
        super().__init__()
        tokenizer = get_tokenizer(False)
        size = tokenizer.encoding.n_vocab
        used = {tokenizer.eot, tokenizer.sot, tokenizer.sot_prev, tokenizer.no_speech, tokenizer.no_timestamps}
        self.rows = sorted(set(tokens) | used | set(range(tokenizer.timestamp_begin, size)))
        self.dims = asdict(ModelDimensions(80, _FRAMES, 128, 4, 2, size, 448, 128, 4, 2))
        self.compact = {row: index for index, row in enumerate(self.rows)}
        self.unused = size - len(self.rows)
        self.timestamps = range(self.compact[tokenizer.timestamp_begin], len(self.rows))
        self.whisper = Whisper(ModelDimensions(**{**self.dims, "n_vocab": len(self.rows) + 1}))
        torch.nn.init.normal_(self.whisper.decoder.positional_embedding, std=0.02)  # whisper leaves it uninitialised
        torch.nn.init.normal_(self.whisper.decoder.token_embedding.weight, std=0.04)
        self._attended: list[Tensor] = []
        for block in self.whisper.decoder.blocks[len(self.whisper.decoder.blocks) // 2 :]:
            block.cross_attn.register_forward_hook(self._attend)

    def _attend(self, attention: Any, arguments: tuple[Tensor, Tensor], _: object) -> None:
        """Keep the attention weights with their gradient, which openai-whisper's own forward does not offer."""
        states, sound = arguments[:2]
        queries, keys = (
            part.view(*part.shape[:2], attention.n_head, -1).transpose(1, 2)
            for part in (attention.query(states), attention.key(sound))
        )
        self._attended.append((queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])).softmax(-1))

    def batch(self, windows: Sequence[Window]) -> Batch:
        """Return windows as tensors, the shorter ones padded."""
        shape = len(windows), max(len(window.inputs) for window in windows)
        inputs, targets = torch.zeros(shape, dtype=torch.long), torch.full(shape, -1)
        spans = torch.full((*shape, 2), -1)
        for row, window in enumerate(windows):
            length = len(window.inputs)
            inputs[row, :length] = torch.tensor([self.compact[token] for token in window.inputs])
            targets[row, :length] = torch.tensor([self.compact[label.token] for label in window.labels])
            for column, label in enumerate(window.labels):
                if label.span is not None:
                    first, last = (int(second * 50) for second in label.span)
                    spans[row, column] = torch.tensor([max(0, first), min(_FRAMES, max(first, last) + 1)])
        return Batch(torch.stack([mel(window.sound) for window in windows]), inputs, targets, spans)

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor, float]:
        """Return the loss of the text, the loss of the attention, and the share of words' tokens that were right."""
        self._attended.clear()
        logits = self.whisper.decoder(batch.inputs, self.whisper.encoder(batch.mel))
        logits = torch.cat([logits[..., :-1], logits[..., -1:] + math.log(self.unused)], -1)
        likely = logits.log_softmax(-1)
        wanted, targets = batch.targets >= 0, batch.targets.clamp_min(0)
        loss = -likely.gather(-1, targets[..., None])[..., 0]
        timed = (targets >= self.timestamps.start) & wanted
        blurred = torch.zeros_like(loss)
        for shift, share in _BLUR:
            near = (targets + shift).clamp(self.timestamps.start, self.timestamps.stop - 1)
            blurred -= share * likely.gather(-1, near[..., None])[..., 0]
        text = torch.where(timed, blurred, loss)[wanted].mean()
        right = (likely.argmax(-1) == targets)[wanted & ~timed].float().mean().item()
        return text, self._guide(batch.spans), right

    def _guide(self, spans: Tensor) -> Tensor:
        """Return how little attention lies on each token's sound, and how unevenly (a pause must be covered too)."""
        known = spans[..., 0] >= 0
        losses = []
        for weights in self._attended:
            first, last = (
                spans[..., side].clamp_min(0)[:, None, :, None].expand(-1, weights.shape[1], -1, 1) for side in (0, 1)
            )

            def inside(values: Tensor, first: Tensor = first, last: Tensor = last) -> Tensor:
                sums = functional.pad(values.cumsum(-1), (1, 0))
                return (sums.gather(-1, last) - sums.gather(-1, first))[..., 0]

            mass = -inside(weights).clamp_min(1e-5).log()
            cover = -inside((weights + 1e-4).log()) / (last - first).clamp_min(1)[..., 0]
            losses += [
                part[known[:, None].expand_as(part)].mean() * share for part, share in ((mass, 1.0), (cover, 0.1))
            ]
        return torch.stack(losses).sum() / len(self._attended)

    def load(self, weights: Compact) -> None:
        """Take over a compact model's weights; its tokens may be others."""
        state = self.whisper.state_dict()
        for name, tensor in weights.tensors.items():
            state[name].copy_(torch.from_numpy(tensor))
        table = state["decoder.token_embedding.weight"]
        table[:] = torch.from_numpy(weights.embedding[-1])
        for row, vector in zip(weights.rows.tolist(), weights.embedding, strict=False):
            if row in self.compact:
                table[self.compact[row]] = torch.from_numpy(vector)

    def export(self) -> Compact:
        """Return the weights in the compact form."""
        state = {name: tensor.detach().numpy().copy() for name, tensor in self.whisper.state_dict().items()}
        del state["encoder.positional_embedding"]
        embedding = state.pop("decoder.token_embedding.weight")
        return Compact(self.dims, state, np.array(self.rows), embedding)


def mel(sound: Sound) -> Tensor:
    """Return [80, 3000] as both engines compute it: normalised over the sound, zeros after its end."""
    frames = min(2 * _FRAMES, len(sound) // 160)
    spectrum = whisper.log_mel_spectrogram(torch.from_numpy(sound), padding=160)[:, :frames]
    return functional.pad(spectrum, (0, 2 * _FRAMES - frames))
