"""What stands for sherpa-onnx where its real models would be needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a package called sherpa_onnx before any real one: its models are too large to ship with the tests."""

    def install(process: str) -> Path:
        (tmp_path / "sherpa_onnx.py").write_text(
            "import os, sys, time\n"
            "class Anything:\n"
            "    def __init__(self, *args, **options): self.__dict__.update(options)\n"
            "OfflineSpeakerSegmentationPyannoteModelConfig = OfflineSpeakerSegmentationModelConfig = Anything\n"
            "SpeakerEmbeddingExtractorConfig = FastClusteringConfig = OfflineSpeakerDiarizationConfig = Anything\n"
            "class OfflineSpeakerDiarization:\n"
            "    def __init__(self, config): self.config = config\n"
            "    def sort_by_start_time(self): return self.found\n"
            "    def process(self, samples):\n" + "".join(f"        {line}\n" for line in process.splitlines())
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        for name in ("segmentation.onnx", "embedding.onnx"):
            (tmp_path / name).touch()
        return tmp_path

    return install
