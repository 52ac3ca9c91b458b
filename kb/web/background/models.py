"""Fetch a speech model, or copy it from a folder, in the background: one at a time, with progress, cancellable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...errors import Conflict, UsageError, VerbatimError
from ...translatable import phrase

if TYPE_CHECKING:
    from ingest.models.downloading import FetchProgress

__all__ = ["ModelState", "ModelWork"]

#: Fetches or copies; called with a function for progress, and one that says whether it is still wanted.
Bringing = Callable[["Callable[[FetchProgress], None]", Callable[[], bool]], Path]


@dataclass(frozen=True, slots=True)
class ModelState:
    """The state of the last download or copy: ``total`` in bytes, ``None`` if unknown; ``problem`` is a sentence."""

    name: str
    doing: Literal["fetching", "checking", "copying", "ready", "failed", "cancelled"]
    done: int = 0
    total: int | None = None
    licence: str = ""
    problem: str = ""

    @property
    def is_busy(self) -> bool:
        """Return whether it is still being fetched or copied."""
        return self.doing in ("fetching", "checking", "copying")


class ModelWork:
    """Fetches or copies one model at a time; its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: ModelState | None = None
        self._thread: threading.Thread | None = None
        self._unwanted = threading.Event()

    @property
    def state(self) -> ModelState | None:
        """Return the last download or copy, ``None`` if there was none."""
        return self._state

    def fetch(self, name: str) -> ModelState:
        """Begin to download a model of faster-whisper's that ``kb models`` offers by this name."""
        from ingest.models.downloading import fetch_model
        from ingest.models.finding import OFFERS, offer_of

        offer = offer_of(name, "faster-whisper")
        if offer is None or offer not in OFFERS:  # a page may not name any other repository
            raise UsageError(
                phrase("There is no model %(model)s to fetch; GET /api/models lists them.", model=repr(name[:100]))
            )
        begun = ModelState(offer.name, "fetching", 0, offer.size, offer.licence)
        return self._begin(begun, lambda tell, stop: fetch_model(offer.name, progress=tell, cancelled=stop))

    def take(self, folder: str) -> ModelState:
        """Begin to copy the model in a folder of this machine; a folder without one is refused at once."""
        from ingest.models.taking import checked_folder, take_model

        _, name = checked_folder(folder)
        begun = ModelState(name, "copying")
        return self._begin(begun, lambda tell, stop: take_model(folder, progress=tell, cancelled=stop))

    def cancel(self) -> bool:
        """Stop a download or copy, and return whether there was one; a download's parts are kept."""
        with self._lock:
            busy = self._state is not None and self._state.is_busy
            self._unwanted.set()
        return busy

    def end(self, seconds: float) -> None:
        """Stop, waiting at most so many seconds."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(seconds)

    def _begin(self, begun: ModelState, bring: Bringing) -> ModelState:
        with self._lock:
            if self._state is not None and self._state.is_busy:
                raise Conflict(
                    phrase(
                        "The model %(model)s is on its way; wait for it, or cancel it first.", model=self._state.name
                    )
                )
            self._state = begun
            self._unwanted = unwanted = threading.Event()
            # A daemon: the child that fetches ends with its parent, and a half copy lies in a folder of its own.
            self._thread = threading.Thread(target=self._bring, args=(begun, bring, unwanted), daemon=True)
            self._thread.start()
        return begun

    def _bring(self, begun: ModelState, bring: Bringing, unwanted: threading.Event) -> None:
        from ingest.models.downloading import FetchCancelled

        def tell(event: FetchProgress) -> None:
            doing: Literal["checking"] | None = "checking" if event.stage == "checking" else None
            self._state = replace(
                begun, doing=doing or begun.doing, done=event.done, total=event.total, licence=event.licence
            )

        try:
            bring(tell, unwanted.is_set)
            self._state = replace(self._state or begun, doing="ready")
        except FetchCancelled:
            self._state = replace(begun, doing="cancelled")
        except VerbatimError as error:
            self._state = replace(begun, doing="failed", problem=error.sentence)
        except Exception:
            logging.getLogger(__name__).exception("the model %s was not fetched", begun.name)
            bug = phrase("Something went wrong inside Verbatim, and the details are in the terminal; try again.")
            self._state = replace(begun, doing="failed", problem=bug)
