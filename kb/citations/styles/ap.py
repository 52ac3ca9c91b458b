"""The Associated Press credits a broadcast in the sentence and has no list of references, so no CSL style."""

from __future__ import annotations

from .style import Style

__all__ = ["AP"]

AP = Style("ap", "AP, running credit", csl="", heading="Credits", system="credit", podcast="podcast", radio="broadcast")
