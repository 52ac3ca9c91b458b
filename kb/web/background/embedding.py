"""Embed passages in the background: those of a base whose embedding model has changed."""

from __future__ import annotations

import logging
import threading

from ...knowledge_base import KnowledgeBase
from .feeds import Stopped

__all__ = ["EmbeddingWork"]


class EmbeddingWork:
    """Embeds pending passages once, after its start; until then they are found by their words."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="embed", daemon=True)
        #: Passages done and their total, while it works; ``None`` otherwise.
        self.progress: tuple[int, int] | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Stop after the next few passages, waiting at most so many seconds; the rest is done at the next start."""
        self._ended = True
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            if not self._kb.read_only and self._kb.semantic.pending():
                self._kb.sync(self._heed)
        except Stopped:
            pass
        except Exception:
            if not self._ended:
                logging.getLogger(__name__).exception("not all passages were embedded; the next start continues")
        finally:
            self.progress = None

    def _heed(self, _: str, done: int, total: int) -> None:
        if self._ended:
            raise Stopped
        self.progress = done, total
