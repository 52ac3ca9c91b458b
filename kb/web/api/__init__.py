"""The REST interface under ``/api``: what the page and the command line can do, for programs."""

from .application import build_api

__all__ = ["build_api"]
