"""The command line ``kb``; each module holds the commands of one task."""

from .main import main

__all__ = ["main"]
