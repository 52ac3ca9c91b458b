"""The Gradio page: one question box, quotes below. The question and its filters are only in the address.

A question, an example, a filter, "back": each changes the address in ``ask.js``, which hands it to one of the handlers
here. An answer streams: first what is searched, then the quotes, then "Where and when", then a model's summary if one
is set up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import gradio as gr

from ...catalogue.question_log import SUMMARISED, QuestionLog
from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ...summary.synthesis import Model, synthesise
from ...translatable import phrase
from ..access.people import asked_here, person_of
from ..server.document import header
from ..server.languages import in_language, translate
from ..server.problems import OURS
from ..server.templating import NOTHING, Markup, render
from .address import FEWEST, AskRequest, parse_asked
from .cards import answer_html, welcome_html
from .examples import example_questions
from .filters import chips_html, filters_html
from .summary import summary_html
from .timeline import timeline_html

__all__ = ["answered", "build_page", "page_head", "page_options", "page_texts", "summarised"]

T = TypeVar("T")

#: Questions answered in parallel; with Gradio's default of one, colleagues would wait for each other.
_AT_ONCE = 8
_EXAMPLES = 4

_ADDRESS = "() => [location.search]"
#: The answer's event "ask": a script asks a question, after a link, a filter or "back".
_ASKED_FOR = "addEventListener('verbatim:ask', () => trigger('ask'))"
#: The event "fill": fetch parts of the page that did not arrive because the server was restarted or slow.
_LEFT_EMPTY = "addEventListener('verbatim:fill', () => trigger('fill'))"


def build_page(kb: KnowledgeBase, model: Model | None = None, questions: QuestionLog | None = None) -> gr.Blocks:
    """Return the page over ``kb``; ``model`` writes a checked summary under the quotes, ``questions`` are logged if it
    is on, and then the page says so.
    """
    log = questions or asked_here(kb)

    def loaded() -> Iterator[list[Any]]:
        questions = [[text] for text in example_questions(kb, _EXAMPLES)]
        # Markup would escape whatever Gradio adds to it.
        welcome, filters = str(welcome_html(kb.size()[0])), str(filters_html(kb))
        yield [welcome, filters, gr.Dataset(samples=questions, visible=bool(questions))]

    def parts(query: str, request: gr.Request) -> Iterator[list[Any]]:
        """Answer the question of an address; the box is not changed, because the user may be typing."""
        asked = parse_asked(query)
        chips = str(chips_html(asked))
        for answer, where in answered(kb, asked, log, _who(request)):
            yield [str(_addressed(query, answer)), str(where), chips]

    def load(request: gr.Request) -> list[Any]:
        return next(_spoken(request, loaded))

    def ask(query: str, request: gr.Request) -> Iterator[list[Any]]:
        yield from _spoken(request, partial(parts, query, request))

    def first(query: str, request: gr.Request) -> Iterator[list[Any]]:
        # Late parts must not overwrite the answer to a question that was asked meanwhile.
        yield from ask(query, request) if parse_asked(query) != AskRequest() else iter([[gr.skip()] * 3])

    def summarise(query: str, request: gr.Request) -> Iterator[str]:
        told = partial(summarised, kb, model, parse_asked(query), log, _who(request))
        yield from map(str, _spoken(request, told))

    with gr.Blocks(title="Verbatim", analytics_enabled=False) as page:
        texts = page_texts(log.is_on)  # in English; EarlyHead puts the reader's in their place
        gr.HTML(**texts["heading"], elem_id="heading", apply_default_css=False)
        with gr.Row(equal_height=True):
            question = gr.Textbox(
                elem_id="question",
                **texts["question"],
                show_label=False,
                scale=5,
                interactive=True,
                autofocus=True,
                lines=1,
                max_lines=1,
                max_length=2_000,
            )
            button = gr.Button(**texts["ask"], variant="primary", elem_id="ask", scale=1, min_width=96)
        with gr.Row(elem_id="narrowing"):
            chips = gr.HTML(elem_id="chips", apply_default_css=False)
            filters = gr.HTML(elem_id="filter-form", apply_default_css=False)
        welcome = gr.HTML(elem_id="welcome", apply_default_css=False, js_on_load=_LEFT_EMPTY)
        examples = gr.Dataset(
            components=[question], samples=[], elem_id="examples", show_label=False, container=False, visible=False
        )
        answer = gr.HTML(elem_id="answer", apply_default_css=False, js_on_load=_ASKED_FOR)
        summary = gr.HTML(elem_id="summary", apply_default_css=False)
        where = gr.HTML(elem_id="where", apply_default_css=False)

        options: dict[str, Any] = {
            "concurrency_limit": _AT_ONCE,
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        shown = [answer, where, chips]
        # The scripts pass the address in place of the answer.
        asking = [
            gr.on(
                [question.submit, button.click],
                ask,
                answer,
                shown,
                js=_js("submit"),
                trigger_mode="multiple",
                **options,
            ),
            answer.ask(ask, answer, shown, js=_js("ask"), trigger_mode="multiple", **options),
            page.load(first, answer, shown, js=_js("arrive"), **options),
        ]
        for event in asking:
            settled = event.then(None, None, None, js=_js("settle"))
            if model is not None:
                settled.then(summarise, answer, summary, js=_ADDRESS, trigger_mode="multiple", **options)
        examples.click(None, examples, None, js=_js("example"))
        shown = [welcome, filters, examples]
        for loading in (page.load, welcome.fill):
            loading(load, None, shown, js=_js("loaded"), api_visibility="private", show_progress="hidden")
    return page


def page_texts(logged: bool = False) -> dict[str, dict[str, str]]:
    """Return the texts of Gradio's components in the present language, by ``elem_id`` and property."""
    return {
        "heading": {"value": str(render("ask/heading.html", header=header("/"), logged=logged))},
        "question": {
            "label": translate(phrase("Your question")),
            "placeholder": translate(phrase("Ask a question, for example: Who called it a dragnet?")),
        },
        "ask": {"value": translate(phrase("Ask"))},
    }


def _spoken(request: gr.Request, parts: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield ``parts`` in the reader's language."""
    return in_language(request.headers.get("accept-language", ""), parts)


def _js(name: str) -> str:
    """Return JavaScript that calls a function of ``ask.js``, which may load after Gradio's own script."""
    called = f"{name}(...told)"
    return f'(...told) => window.verbatimAsk?.{called} ?? import("/vb/ask.js").then((script) => script.{called})'


def page_head(signed_in: bool = False) -> str:
    """Return the style sheets' links and the scripts' phrases; Gradio would rewrite style sheets and lose their media
    queries.
    """
    styles = (
        "style.css",
        "player.css",
        "ask.css",
        "collections.css",
        "print.css",
        *(("access.css",) if signed_in else ()),
    )
    return str(render("ask/head.html", styles=styles, scripts=(), phrases=True))


def page_options(signed_in: bool = False) -> dict[str, Any]:
    """Return the options for mounting the page: theme, scripts, no external requests. On a server with sign-in, the
    page shows the user.
    """
    fonts = ["system-ui", "sans-serif"]
    scripts = ("player.js", "ask.js", "cite.js", "collections.js", *(("account.js",) if signed_in else ()))
    return {
        "theme": gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
        "head": str(render("ask/head.html", styles=(), scripts=scripts, phrases=False)),
        "ssr_mode": False,
        "run_history": False,
        "footer_links": [],
        "show_error": False,
    }


def answered(
    kb: KnowledgeBase, asked: AskRequest, log: QuestionLog | None = None, by: str | None = None
) -> Iterator[tuple[Markup, Markup]]:
    """Yield ``(answer, where and when)`` as they become known; an error is a sentence, never a traceback.

    The question ``by`` a person is in the ``log`` before its answer is shown.
    """
    try:
        if not asked.question:
            yield NOTHING, NOTHING  # under which the welcome shows again
            return
        filters = asked.filters
        if asked.quotes == FEWEST:  # further quotes come below those being read, and were found already
            episodes, _ = kb.size(filters)
            yield render("ask/searching.html", episodes=episodes), NOTHING
        reading = kb.rewrite(asked.question, asked.after)
        found = kb.reading(reading.text, filters)
        answer = kb.answer(found, asked.quotes + 1)  # one more, to see whether there are more
        more = asked.more() if len(answer.quotes) > asked.quotes else None
        answer = replace(answer, quotes=answer.quotes[: asked.quotes])
        if log and asked.quotes == FEWEST and not asked.group:  # more of the same answer is no new question
            log.answered(reading.text, answer, by)
        contexts = kb.contexts(answer.quotes + answer.nearest)
        groupings = tuple(asked.groupings()) if asked.group or len(answer.quotes) > FEWEST else ()
        cards = answer_html(answer, contexts, more.address if more else "", groupings, asked.group)
        alone = replace(asked, after="").address
        told = render("ask/result.html", reading=reading, alone=alone, answer=cards)
        yield told, NOTHING
        if answer.quotes:
            yield told, timeline_html(kb, asked, found.hits)
    except VerbatimError as error:
        yield render("ask/problem.html", problem=error.sentence), NOTHING
    except Exception:
        logging.getLogger(__name__).exception("a question failed")
        yield render("ask/problem.html", problem=OURS), NOTHING


def _who(request: gr.Request) -> str | None:
    """Return who is signed in; Gradio answers in a task of its own, which does not know whose request it is."""
    person = person_of(request.request.scope) if request.request else None
    return person.name if person else None


def _addressed(query: str, answer: Markup) -> Markup:
    """Return an answer with its address, by which ``ask.js`` detects one that comes too late."""
    return render("ask/addressed.html", query=query, answer=answer)


def summarised(
    kb: KnowledgeBase, model: Model | None, asked: AskRequest, log: QuestionLog | None = None, by: str | None = None
) -> Iterator[Markup]:
    """Yield a note that the model reads, then its checked reply; the quotes do not depend on it. It uses the present
    address, because a summary belongs to the quotes that are shown; their search is cached.
    """
    if model is None or not asked.question:
        yield NOTHING
        return
    try:
        reading = kb.rewrite(asked.question, asked.after)
        answer = kb.ask(reading.text, filters=asked.filters)
        if not answer.answered:
            yield NOTHING
            return
        if log:
            log.note(SUMMARISED, reading.text, by)
        yield render("ask/summarising.html", model=model.name, problem="")
        yield summary_html(synthesise(answer, model))
    except VerbatimError as error:
        yield render("ask/summarising.html", model=model.name, problem=error.sentence)
