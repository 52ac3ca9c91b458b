"""A tiny model of voices as an ONNX file, written by hand: its print of a voice is the mean of its spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_voice_model"]

#: Bands of the spectrum that sherpa-onnx gives a model of voices.
BANDS = 80


def write_voice_model(path: Path) -> Path:
    """Write a model that sherpa-onnx takes for one of 3D-Speaker's; it averages ``(1, frames, 80)`` over the frames."""
    mean = _node("ReduceMean", "x", "embedding", {"axes": [1], "keepdims": 0})
    graph = _field(1, mean) + _field(2, b"mean") + _field(11, _tensor("x", (1, "T", BANDS)))
    graph += _field(12, _tensor("embedding", (1, BANDS)))
    told = {
        "framework": "3d-speaker",
        "language": "none",
        "url": "none",
        "comment": "a mean, for tests",
        "sample_rate": "16000",
        "output_dim": str(BANDS),
        "normalize_samples": "1",
        "feature_normalize_type": "",
    }
    model = _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))
    model += b"".join(_field(14, _field(1, key.encode()) + _field(2, value.encode())) for key, value in told.items())
    path.write_bytes(model)
    return path


# Protocol buffers, as far as onnx.proto3 needs them here


def _node(kind: str, source: str, target: str, attributes: Mapping[str, int | list[int]]) -> bytes:
    node = _field(1, source.encode()) + _field(2, target.encode()) + _field(4, kind.encode())
    for name, value in attributes.items():
        if isinstance(value, list):
            told = b"".join(_number(8, each) for each in value) + _number(20, 7)
        else:
            told = _number(3, value) + _number(20, 2)
        node += _field(5, _field(1, name.encode()) + told)
    return node


def _tensor(name: str, shape: tuple[int | str, ...]) -> bytes:
    dimensions = (_number(1, size) if isinstance(size, int) else _field(2, size.encode()) for size in shape)
    tensor = _number(1, 1) + _field(2, b"".join(_field(1, dimension) for dimension in dimensions))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
