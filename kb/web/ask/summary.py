"""A language model's checked sentences as HTML, to show under the quotes."""

from __future__ import annotations

from ...summary.synthesis import Synthesis
from ..server.templating import NOTHING, Markup, render

__all__ = ["summary_html"]


def summary_html(synthesis: Synthesis) -> Markup:
    """Return the sentences with links to their quotes, and the model; empty if there is none."""
    if not synthesis.sent:
        return NOTHING
    return render("ask/summary.html", synthesis=synthesis, left=len(synthesis.dropped))
