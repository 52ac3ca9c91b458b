"""What ``kb ask --llm`` adds to an answer: its options, the request to the model, and the output."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import LanguageModelError

if TYPE_CHECKING:
    from ..summary.language_model import LanguageModel
    from ..summary.synthesis import Synthesis
    from ..types import Answer

__all__ = [
    "Llm",
    "LlmModel",
    "LlmSeconds",
    "Summariser",
    "Summary",
    "named_model",
    "print_summary",
    "summary_json",
    "summary_text",
]

Llm = Annotated[
    str | None,
    typer.Option(
        envvar="KB_LLM",
        help="An OpenAI-compatible address, e.g. http://localhost:11434; the question and its quotes are sent there.",
    ),
]
LlmModel = Annotated[
    str | None, typer.Option(envvar="KB_LLM_MODEL", help="The model's name at that address, if it offers several.")
]
LlmSeconds = Annotated[
    float, typer.Option(envvar="KB_LLM_SECONDS", min=1, max=3600, help="How long to wait for the model.")
]

#: After so many failures in a row a batch goes on without the model.
_PATIENCE = 3


@dataclass(frozen=True, slots=True)
class Summary:
    """An answer's synthesis, or a sentence that says why there is none."""

    endpoint: str
    synthesis: Synthesis | None
    problem: str | None = None


class Summariser:
    """Asks a language model for each answer, and gives up on one that keeps failing."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._failures = 0
        self.failed = False

    @classmethod
    def of(cls, url: str | None, name: str | None, seconds: float) -> Summariser | None:
        """Return one for the options, ``None`` where no address is named."""
        model = named_model(url, name, seconds)
        return None if model is None else cls(model)

    def __call__(self, answer: Answer) -> Summary:
        """Ask about ``answer``; never fails."""
        from ..summary.synthesis import synthesise

        if self._failures >= _PATIENCE:
            return Summary(self._model.endpoint, None, "Not asked: the language model failed too often before.")
        try:
            synthesis = synthesise(answer, self._model)
        except LanguageModelError as error:
            self._failures += 1
            self.failed = True
            return Summary(self._model.endpoint, None, str(error))
        self._failures = 0
        return Summary(self._model.endpoint, synthesis)


def named_model(url: str | None, name: str | None, seconds: float) -> LanguageModel | None:
    """Return the model of the options, ``None`` where no address is named; the key is in ``KB_LLM_KEY``."""
    if url is None:
        return None
    from ..summary.language_model import LanguageModel

    return LanguageModel(url, name, os.environ.get("KB_LLM_KEY"), seconds)


def summary_json(summary: Summary) -> dict[str, Any]:
    """Return the synthesis as ``kb ask --json --llm`` prints it."""
    from ..wire import synthesis_json

    if summary.synthesis is not None:
        return {**synthesis_json(summary.synthesis), "problem": None}
    return {"sentences": [], "dropped": [], "model": None, "endpoint": summary.endpoint, "problem": summary.problem}


def summary_text(summary: Summary) -> str:
    """Return the sentences with their quote numbers, in one line."""
    sentences = summary.synthesis.sentences if summary.synthesis else ()
    return " ".join(f"{sentence.text} {_numbers(sentence.quotes)}" for sentence in sentences)


def print_summary(summary: Summary) -> None:
    """Print the sentences, what was left out, and what was sent where."""
    found = summary.synthesis
    if found is None:
        typer.echo(f"kb: {summary.problem}", err=True)
        return
    if not found.sent:
        typer.echo(f"Nothing was sent to {found.endpoint}: no quote is a sure answer.", err=True)
        return
    quotes = "the first quote" if found.sent == 1 else f"the first {found.sent} quotes"
    typer.secho(f"In short, by {found.model} at {found.endpoint}, which was sent the question and {quotes}:", bold=True)
    for sentence in found.sentences:
        typer.echo(f"  {sentence.text} {_numbers(sentence.quotes)}")
    if not found.sentences:
        typer.echo(f"  {found.silence}")
    left = len(found.dropped)
    told = [f"{left} {'sentence' if left == 1 else 'sentences'} failed and {'was' if left == 1 else 'were'} left out."]
    sense = ["Names and numbers were checked, the meaning was not: read the quotes."]
    if more := told * bool(left) + sense * bool(found.sentences):
        typer.secho(f"  {' '.join(more)}", dim=True)
    typer.echo()


def _numbers(quotes: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in quotes)
