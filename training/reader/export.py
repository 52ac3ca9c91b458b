"""A trained reader as the files that the program runs: int8 ONNX, the head's weights, the tokenizer."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .model import Reader

__all__ = ["export"]


class _Encoder(nn.Module):
    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.e = reader.encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.e(input_ids=ids, attention_mask=mask).last_hidden_state


def export(reader: Reader, base: Path, out: Path) -> None:
    """Write ``reader.onnx`` (weights int8, a scale a channel), ``head.npz`` and ``base``'s tokenizer to ``out``."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    reader.eval()
    reader.encoder.set_attn_implementation("eager")
    out.mkdir(parents=True, exist_ok=True)
    example = torch.ones(2, 32, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter is told to be deprecated; the newer one fixes the length
        whole = Path(folder) / "reader.onnx"
        torch.onnx.export(
            _Encoder(reader),
            (example, example),
            str(whole),
            input_names=["ids", "mask"],
            output_names=["tokens"],
            dynamic_axes={"ids": axes, "mask": axes, "tokens": axes},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            str(whole),
            str(out / "reader.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather", "Gemm"],
        )
    np.savez(
        out / "head.npz",
        mix=reader.mix.detach().numpy(),
        weight=reader.weight.weight.detach().numpy()[0],
        narrow=reader.narrow.weight.detach().numpy(),
        answer=reader.answer.weight.detach().numpy()[0],
        down_q=reader.down_q.weight.detach().numpy(),
        down_s=reader.down_s.weight.detach().numpy(),
    )
    if base.resolve() != out.resolve():
        shutil.copy(base / "tokenizer.json", out / "tokenizer.json")
