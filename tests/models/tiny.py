"""A tiny Whisper for tests (to be replaced by the project's own): expands shared weights into both engines' forms."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

_SHARED = Path(os.environ.get("KB_TEST_MATERIAL", Path(__file__).parents[3] / "shared"))
_WEIGHTS = _SHARED / "models" / "whisper-tiny-segment" / "weights.npz"
_FOLDER = Path(tempfile.gettempdir()) / f"verbatim-tiny-{os.getuid()}"


@functools.cache
def _expand():
    folder = str(_SHARED / "tools" / "whisper_tiny")
    spec = importlib.util.spec_from_file_location("expand", f"{folder}/expand.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
        import to_ct2  # noqa: F401
    finally:
        sys.path.remove(folder)
    return module


def openai_checkpoint() -> Path:
    path = _FOLDER / "tiny-segment.pt"
    if not path.exists():
        _FOLDER.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        _expand().to_pt(_WEIGHTS, part)
        part.replace(path)
    return path


def ct2_folder() -> Path:
    path = _FOLDER / "ct2"
    if not path.exists():
        _FOLDER.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=_FOLDER))
        _expand().to_ct2(_WEIGHTS, str(part))
        part.rename(path)
    return path
