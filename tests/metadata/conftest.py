"""A recording's transcript that sidecars stand beside."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A transcript in the folder of its show."""
    path = tmp_path / "The Show" / "talk.vtt"
    path.parent.mkdir()
    path.write_text("WEBVTT\n")
    return path
