"""Where a training goes on from: its own checkpoint, or the int8 model that the project ships."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from .model import Reader

__all__ = ["BASE_SHA256", "check_base", "load", "save"]

#: all-MiniLM-L6-v2's ``model.safetensors`` (Apache-2.0), wherever it comes from.
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_OF_INT8 = ("_quantized", "_scale", "_zero_point")
_HEAD = {
    "narrow": "narrow.weight",
    "weight": "weight.weight",
    "answer": "answer.weight",
    "down_q": "down_q.weight",
    "down_s": "down_s.weight",
}


def check_base(base: Path) -> None:
    """End with a sentence unless ``base`` holds the very weights that the training begins from."""
    found = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    if found != BASE_SHA256:
        raise SystemExit(
            f"{base}/model.safetensors is not all-MiniLM-L6-v2: its SHA-256 is {found}, not {BASE_SHA256}."
        )


def save(reader: Reader, path: Path) -> None:
    """Write a checkpoint as float16, whole or not at all."""
    state = {name: value.half() if value.is_floating_point() else value for name, value in reader.state_dict().items()}
    unfinished = path.with_suffix(".part")
    torch.save(state, unfinished)
    unfinished.replace(path)


def load(reader: Reader, source: Path, has_base: bool = False) -> None:
    """Take the weights of a checkpoint, or of a folder with ``reader.onnx`` and ``head.npz``, whose int8 is undone.

    A reader that ``has_base`` keeps its embeddings: they are never trained, and more exact than int8.
    """
    if source.is_dir():
        state = _from_int8(source)
        missing = set(reader.state_dict()) - set(state)
        if missing:
            raise SystemExit(f"{source}/reader.onnx is not this reader: it lacks {min(missing)}.")
    else:
        state = {name: value.float() for name, value in torch.load(source, weights_only=True).items()}
    if has_base:
        state = {name: value for name, value in state.items() if not name.startswith("encoder.embeddings.")}
    reader.load_state_dict(state, strict=False)


def _from_int8(folder: Path) -> dict[str, torch.Tensor]:
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(folder / "reader.onnx")).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {
        name.replace("e.", "encoder.", 1): value
        for name, value in held.items()
        if name.startswith("e.") and not name.endswith(_OF_INT8)
    }
    for table in (name.removesuffix("_quantized") for name in held if name.startswith("e.embeddings.")):
        if f"{table}_quantized" in held:
            found[table.replace("e.", "encoder.", 1)] = _undone(held, table)
    for node in graph.node:
        quantised = next((name for name in node.input if name.endswith("_quantized") and name in held), None)
        if node.op_type == "MatMulInteger" and quantised:
            # "/e/encoder/layer.0/attention/self/query/MatMul_quant" is the weight of that module, transposed.
            module = node.name.removesuffix("/MatMul_quant").removeprefix("/e/").replace("/", ".")
            found[f"encoder.{module}.weight"] = _undone(held, quantised.removesuffix("_quantized")).T
    state = {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in found.items()}
    head = np.load(folder / "head.npz")
    state["mix"] = torch.from_numpy(head["mix"].astype(np.float32))
    for name, parameter in _HEAD.items():
        state[parameter] = torch.from_numpy(np.atleast_2d(head[name]).astype(np.float32))
    return state


def _undone(held: dict[str, np.ndarray], name: str) -> np.ndarray:
    scale, zero = held[f"{name}_scale"], held[f"{name}_zero_point"]
    return (held[f"{name}_quantized"].astype(np.float32) - zero.astype(np.float32)) * scale
