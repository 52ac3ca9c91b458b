"""The tiny Whisper as real model files, expanded once from the committed weights (see its README.md)."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import fast
from training import export_whisper, whisper_tokenizer

__all__ = ["CACHE", "WEIGHTS", "ct2_folder", "openai_checkpoint"]

WEIGHTS = Path(__file__).parent / "whisper-tiny-segment" / "weights.npz"
CACHE = Path(__file__).parent / ".expanded"


def openai_checkpoint(cache_dir: Path = CACHE) -> Path:
    """Return a ``.pt`` file for ``whisper.load_model``."""
    return _expanded(cache_dir, "tiny-segment.pt", export_whisper.write_checkpoint)


def ct2_folder(cache_dir: Path = CACHE) -> Path:
    """Return a folder for ``faster_whisper.WhisperModel``."""
    return _expanded(cache_dir, "tiny-segment-ct2", export_whisper.write_ct2)


def _expanded(cache_dir: Path, name: str, write: Callable[[export_whisper.Compact, Path], None]) -> Path:
    """Return ``cache_dir/VERSION/name``, made under another name first, so that a reader never sees half of it."""
    fast.refuse("hears sound")
    target = cache_dir / _version() / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder, name)
        write(export_whisper.read_weights(WEIGHTS), made)
        try:
            os.replace(made, target)
        except OSError:  # another process was faster: a folder that exists is not replaced
            if not target.exists():
                raise
            shutil.rmtree(made)
    return target


def _version() -> str:
    """Return a name that changes with the weights and with the code that expands them."""
    sources = [WEIGHTS, Path(export_whisper.__file__), Path(whisper_tokenizer.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
