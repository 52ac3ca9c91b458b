"""Speech models as HTML: those on this machine, those to fetch, and the one being fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...knowledge_base import KnowledgeBase
from ...phrasing import counted, file_size
from ...translatable import joined, phrase
from ..access.people import may
from ..background.models import ModelState
from ..background.worker import Worker
from ..server.languages import spoken_names
from ..server.templating import Markup, render
from .actions import ActionButton

if TYPE_CHECKING:
    from ingest.transcribing.outlook import ModelChoice

__all__ = ["HearingChoices", "SpeechParts", "speech_parts"]

_HOUR = 3600.0
#: What models are good for, which this page can translate; ``ingest`` says it in English.
_USES: dict[str, str] = {
    use: use
    for use in (
        phrase("for trying things out"),
        phrase("for clear studio speech"),
        phrase("for everyday work"),
        phrase("for accents and other languages"),
        phrase("nearly the best"),
        phrase("the best"),
    )
}
#: The value of a model in a form: the engine, then the name.
_BY = "{engine} {name}"


@dataclass(frozen=True, slots=True)
class HearingChoices:
    """The models and the languages for recordings, each by value and name; no models if none is here."""

    models: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]

    @property
    def later(self) -> tuple[tuple[str, str], ...]:
        """Return the models for recordings that are still to come, when others may be here."""
        return ("", phrase("The best that is here then")), *(each for each in self.models if each[0])


@dataclass(frozen=True, slots=True)
class SpeechParts:
    """Whether a model is here; the section to fetch one; and the choices for recordings."""

    hears: bool
    bringing: Markup
    hearing: HearingChoices


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A model being fetched or copied; ``percent`` is ``None`` if the total is unknown."""

    name: str
    told: str
    percent: int | None
    call: ActionButton


def speech_parts(kb: KnowledgeBase, worker: Worker) -> SpeechParts:
    """Return the page's parts about speech models."""
    from ingest.models.spoken import SPOKEN
    from ingest.transcribing.outlook import best_installed, choices, installed

    here = installed()
    best = best_installed(among=here)
    state = worker.models.state
    known = {(model.engine, model.name) for model in here}
    offered = [each for each in choices(_HOUR, kb.home) if (each.offer.engine, each.offer.name) not in known]
    bringing = render(
        "library/speech.html",
        hears=bool(here),
        may=may("admin"),
        rows=[_row(state)] if state is not None and state.is_busy else [],
        problem=_problem(state),
        options=[(each.offer.name, _told(each)) for each in offered],
        proposed=next((each.offer.name for each in offered if each.proposed), ""),
        rough=any(not each.estimate.measured for each in offered),
        here=phrase("%(models)s on this machine", models=counted(len(here), "speech model")) if here else "",
    )
    models = [(_BY.format(engine=model.engine, name=model.name), model.name) for model in here]
    if best is not None:
        models.insert(0, ("", phrase("The best that is here (%(model)s)", model=best.name)))
    return SpeechParts(bool(here), bringing, HearingChoices(tuple(models), tuple(spoken_names(SPOKEN))))


def _told(choice: ModelChoice) -> str:
    return phrase(
        "%(model)s: %(size)s, %(use)s; an hour of sound takes %(minutes)s",
        model=choice.offer.name,
        size=file_size(choice.offer.size),
        use=_USES.get(choice.good_for, choice.good_for),
        minutes=counted(max(1, round(choice.estimate.seconds / 60)), "minute"),
    )


def _row(state: ModelState) -> ArrivalRow:
    percent = min(100, int(100 * state.done / state.total)) if state.total else None
    told = [_doing(state, percent, file_size(state.total))]
    told += [phrase("licence %(licence)s", licence=state.licence)] if state.licence else []
    cancel = ActionButton("DELETE", "models/arriving", phrase("Cancel"), state.name)
    return ArrivalRow(state.name, joined(", ", told), percent, cancel)


def _doing(state: ModelState, percent: int | None, size: str) -> str:
    if percent is None:
        return {
            "fetching": phrase("Fetching of %(size)s", size=size),
            "checking": phrase("Checking of %(size)s", size=size),
            "copying": phrase("Copying of %(size)s", size=size),
        }[state.doing]
    return {
        "fetching": phrase("Fetching %(percent)s %% of %(size)s", percent=percent, size=size),
        "checking": phrase("Checking %(percent)s %% of %(size)s", percent=percent, size=size),
        "copying": phrase("Copying %(percent)s %% of %(size)s", percent=percent, size=size),
    }[state.doing]


def _problem(state: ModelState | None) -> str:
    if state is None or state.doing not in ("failed", "cancelled"):
        return ""
    if state.doing == "cancelled":
        return phrase(
            "%(model)s was cancelled. What had been downloaded is kept; fetch it again to continue.", model=state.name
        )
    return state.problem
