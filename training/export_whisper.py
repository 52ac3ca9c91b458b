"""Expand the compact weights to the model files that the two engines load; no network, no transformers.

    python -m training.export_whisper WEIGHTS.npz FOLDER

writes ``FOLDER/model.pt`` for openai-whisper and ``FOLDER/ct2/`` for faster-whisper (CTranslate2).

The compact file holds every tensor of the model in float16 under its openai-whisper name, but for three: the
encoder's positions are a formula, and of the 51,864 rows of the token embedding it keeps those in use (``rows``
names them, ``embedding`` holds them) and, last, the one row that all unused tokens share.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Compact", "read_weights", "write_checkpoint", "write_ct2", "write_weights"]

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Compact:
    """A model without its unused vocabulary: dimensions, tensors by name, ``[n]`` ids, ``[n + 1, d]`` embedding."""

    dims: dict[str, int]
    tensors: dict[str, Array]
    rows: NDArray[np.int64]
    embedding: Array

    def full_embedding(self) -> Array:
        """Return ``[vocabulary, d]``: used rows in their places, the shared row everywhere else."""
        full = np.repeat(self.embedding[-1:], self.dims["n_vocab"], axis=0)
        full[self.rows] = self.embedding[:-1]
        return full

    def encoder_positions(self) -> Array:
        """Return the ``[1500, d]`` sinusoids of Whisper's encoder."""
        length, half = self.dims["n_audio_ctx"], self.dims["n_audio_state"] // 2
        angles = np.arange(length)[:, None] * np.exp(-np.log(10_000) / (half - 1) * np.arange(half))
        return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)

    def alignment_heads(self) -> list[list[int]]:
        """Return ``[layer, head]`` of the heads that word times come from: Whisper's default, the upper half."""
        layers = range(self.dims["n_text_layer"] // 2, self.dims["n_text_layer"])
        return [[layer, head] for layer in layers for head in range(self.dims["n_text_head"])]


def read_weights(path: Path) -> Compact:
    """Return the compact model in ``path`` (.npz, no pickle inside)."""
    with np.load(path, allow_pickle=False) as file:
        tensors = {name: file[name].astype(np.float32) for name in file.files if "." in name}
        return Compact(json.loads(str(file["dims"])), tensors, file["rows"], file["embedding"].astype(np.float32))


def write_weights(model: Compact, path: Path) -> None:
    """Write the compact model in float16."""
    tensors: dict[str, Any] = {name: tensor.astype(np.float16) for name, tensor in model.tensors.items()}
    rows, embedding = model.rows.astype(np.int64), model.embedding.astype(np.float16)
    np.savez_compressed(path, dims=np.array(json.dumps(model.dims)), rows=rows, embedding=embedding, **tensors)


def write_checkpoint(model: Compact, path: Path) -> None:
    """Write what ``whisper.load_model(path)`` reads."""
    import torch

    tensors = model.tensors | {
        "encoder.positional_embedding": model.encoder_positions(),
        "decoder.token_embedding.weight": model.full_embedding(),
    }
    state = {name: torch.from_numpy(tensor).half() for name, tensor in tensors.items()}
    torch.save({"dims": model.dims, "model_state_dict": state}, path)


def write_ct2(model: Compact, folder: Path) -> None:
    """Write what ``faster_whisper.WhisperModel(folder)`` reads, tokenizer and feature settings included."""
    from training.whisper_tokenizer import english_tokenizer

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = english_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    features = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features, indent=1))
    names = {number: name for name, number in tokenizer.get_vocab().items()}
    spec = _ct2_spec(model)
    spec.register_vocabulary([names[number] for number in range(len(names))])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokenizer.token_to_id("Ġ"), tokenizer.token_to_id("<|endoftext|>")]
    spec.config.lang_ids = []
    spec.config.alignment_heads = model.alignment_heads()
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))


def _ct2_spec(model: Compact) -> Any:
    """Return CTranslate2's form of the model (source: its ``OpenAIWhisperLoader`` conversion)."""
    from ctranslate2.specs import whisper_spec

    dims, tensors = model.dims, model.tensors
    spec = whisper_spec.WhisperSpec(
        dims["n_audio_layer"], dims["n_audio_head"], dims["n_text_layer"], dims["n_text_head"]
    )
    for side, name in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        for index, layer in enumerate(side.layer):
            block = f"{name}.blocks.{index}"
            _attention(layer.self_attention, tensors, f"{block}.attn", fused=3)
            if name == "decoder":
                _attention(layer.attention, tensors, f"{block}.cross_attn", fused=2)
            _linear(layer.ffn.linear_0, tensors, f"{block}.mlp.0")
            _linear(layer.ffn.linear_1, tensors, f"{block}.mlp.2")
            _norm(layer.ffn.layer_norm, tensors, f"{block}.mlp_ln")
    _norm(spec.encoder.layer_norm, tensors, "encoder.ln_post")
    _norm(spec.decoder.layer_norm, tensors, "decoder.ln")
    _linear(spec.encoder.conv1, tensors, "encoder.conv1")
    _linear(spec.encoder.conv2, tensors, "encoder.conv2")
    spec.encoder.position_encodings.encodings = model.encoder_positions()
    spec.decoder.position_encodings.encodings = tensors["decoder.positional_embedding"]
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = model.full_embedding()
    return spec


def _linear(spec: Any, tensors: dict[str, Array], name: str) -> None:
    spec.weight, spec.bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _norm(spec: Any, tensors: dict[str, Array], name: str) -> None:
    spec.gamma, spec.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _attention(spec: Any, tensors: dict[str, Array], name: str, fused: int) -> None:
    """Fill an attention layer, whose last ``fused`` of query, key and value CTranslate2 keeps in one matrix."""
    weights = [tensors[f"{name}.{part}.weight"] for part in ("query", "key", "value")]
    zeros = np.zeros_like(tensors[f"{name}.query.bias"])  # Whisper's keys have no bias
    biases = [tensors.get(f"{name}.{part}.bias", zeros) for part in ("query", "key", "value")]
    if fused < 3:
        spec.linear[0].weight, spec.linear[0].bias = weights[0], biases[0]
    spec.linear[-2].weight = np.concatenate(weights[-fused:])
    spec.linear[-2].bias = np.concatenate(biases[-fused:])
    _linear(spec.linear[-1], tensors, f"{name}.out")
    _norm(spec.layer_norm, tensors, f"{name}_ln")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    model = read_weights(options.weights)
    options.folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(model, options.folder / "model.pt")
    write_ct2(model, options.folder / "ct2")


if __name__ == "__main__":
    main()
