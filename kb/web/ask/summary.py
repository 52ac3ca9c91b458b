"""A language model's checked sentences as HTML, to stand under the quotes."""

from __future__ import annotations

from ...summary.synthesis import Synthesis
from ..server.templating import escape

__all__ = ["summary_html"]


def summary_html(synthesis: Synthesis) -> str:
    """Return the sentences with links to their quotes' numbers, and who was asked; empty if nobody was."""
    if not synthesis.sent:
        return ""
    said = " ".join(
        f'<span dir="auto">{escape(sentence.text)}</span> {"".join(map(_cited, sentence.quotes))}'
        for sentence in synthesis.sentences
    )
    left = len(synthesis.dropped)
    told = f"{left} {'sentence was' if left == 1 else 'sentences were'} left out. " if left else ""
    return (
        '<section class="vb-summary" aria-label="In short">'
        f"<p>{said or escape(synthesis.silence)}</p>"
        f'<p class="vb-note">By {escape(synthesis.model or "a language model")} at {escape(synthesis.endpoint)}, which '
        f"was sent the question and the quotes. {told}Names and numbers were checked, the sense was not.</p></section>"
    )


def _cited(number: int) -> str:
    return f'<sup>[<a class="vb-cited" href="#quote-{number}">{number}</a>]</sup>'
