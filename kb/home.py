"""Where a user's data lies."""

from __future__ import annotations

from pathlib import Path

__all__ = ["default_home"]


def default_home() -> Path:
    """Return the platform's folder for this user's data."""
    import platformdirs

    return platformdirs.user_data_path("verbatim-kb", appauthor=False)
