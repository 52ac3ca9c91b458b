"""What every test may use: the real material beside the checkout, and a home of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real test material; its absence is a failure in CI and a stated skip elsewhere."""
    folder = Path(os.environ.get("KB_TEST_MATERIAL", ROOT.parent / "shared"))
    if folder.is_dir():
        return folder
    reason = f"the test material is not at {folder} (set KB_TEST_MATERIAL)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
