"""The Gradio page: one question box, quotes below. What is asked is in the address, and nowhere else.

A question, an example, a filter, "back": each changes the address in ``ask.js``, which hands it to one of the handlers
here. An answer streams: what is searched, then the quotes, then where and when, then a model's summary if one is named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import gradio as gr

from ...answers.finding import Found
from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ...questions.follow_ups import rewrite
from ...summary.synthesis import Model, synthesise
from ...types import Filters
from ..server.document import header
from ..server.templating import NOTHING, Markup, render
from .address import FEWEST, AskRequest, parse_asked
from .cards import answer_html, welcome_html
from .examples import example_questions
from .filters import chips_html, filters_html, filters_of
from .summary import summary_html
from .timeline import timeline_html

__all__ = ["answered", "build_page", "page_head", "page_options", "remembering", "summarised"]

#: Questions answered at once; Gradio's default of one makes a queue of a newsroom.
_AT_ONCE = 8
_EXAMPLES = 4

#: Searches: a question as it was read, its filters, and the catalogue's version.
Search = Callable[[str, Filters | None, int], Found]

_ADDRESS = "() => [location.search]"


def build_page(kb: KnowledgeBase, model: Model | None = None) -> gr.Blocks:
    """Return the page over ``kb``; ``model`` writes a checked summary under the quotes."""
    search = remembering(kb)

    def load() -> list[str]:
        examples = [(text, AskRequest(text).address) for text in example_questions(kb, _EXAMPLES)]
        shown = (
            welcome_html(kb.catalogue.passages.count()[0]),
            filters_html(kb),
            render("ask/examples.html", examples=examples),
        )
        return [str(each) for each in shown]  # Markup would escape whatever Gradio adds to it

    def ask(query: str) -> Iterator[list[Any]]:
        """Answer what an address asks for; the box is left to whoever types on."""
        for answer, where in answered(kb, search, parse_asked(query)):
            yield [str(_addressed(query, answer)), str(where)]

    def first(query: str) -> Iterator[list[Any]]:
        # What loads late must not overwrite what somebody quick has asked meanwhile.
        yield from ask(query) if parse_asked(query) != AskRequest() else iter([[gr.skip()] * 2])

    def summarise(query: str) -> Iterator[str]:
        yield from map(str, summarised(kb, search, model, parse_asked(query)))

    with gr.Blocks(title="Verbatim", analytics_enabled=False) as page:
        gr.HTML(str(render("ask/heading.html", header=header("/"))), apply_default_css=False)
        with gr.Row(equal_height=True):
            question = gr.Textbox(
                elem_id="question",
                label="Your question",
                show_label=False,
                placeholder="Ask a question, for example: Who called it a dragnet?",
                scale=5,
                interactive=True,
                autofocus=True,
                lines=1,
                max_lines=1,
                max_length=2_000,
            )
            button = gr.Button("Ask", variant="primary", elem_id="ask", scale=1, min_width=96)
        filters = gr.HTML(elem_id="filter-form", apply_default_css=False)
        examples = gr.HTML(elem_id="examples", apply_default_css=False)
        answer = gr.HTML(elem_id="answer", apply_default_css=False)
        summary = gr.HTML(elem_id="summary", apply_default_css=False)
        where = gr.HTML(elem_id="where", apply_default_css=False)
        welcome = gr.HTML(elem_id="welcome", apply_default_css=False)
        # What scripts press and hand over; never seen.
        go = gr.Button(elem_id="go", elem_classes="vb-hidden")
        address = gr.Textbox(elem_classes="vb-hidden", label="Address")

        options: dict[str, Any] = {
            "concurrency_limit": _AT_ONCE,
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        shown = [answer, where]
        asking = [
            gr.on(
                [question.submit, button.click],
                ask,
                address,
                shown,
                js=_js("submit"),
                trigger_mode="multiple",
                **options,
            ),
            go.click(ask, address, shown, js=_js("ask"), trigger_mode="multiple", **options),
            page.load(first, address, shown, js=_js("arrive"), **options),
        ]
        for event in asking:
            settled = event.then(None, None, None, js=_js("settle"))
            if model is not None:
                settled.then(summarise, address, summary, js=_ADDRESS, trigger_mode="multiple", **options)
        shown = [welcome, filters, examples]
        page.load(load, None, shown, js=_js("loaded"), api_visibility="private", show_progress="hidden")
    return page


def _js(name: str) -> str:
    """Return what calls a function of ``ask.js``, which may come after Gradio's own script."""
    return f'() => window.verbatimAsk?.{name}() ?? import("/vb/ask.js").then((script) => script.{name}())'


def page_head(signed_in: bool = False) -> str:
    """Return the style sheets' links; Gradio rewrites those that it is handed, and loses their media queries."""
    styles = ("style.css", "ask.css", "collections.css", "print.css", *(("access.css",) if signed_in else ()))
    return str(render("ask/head.html", styles=styles, scripts=()))


def page_options(signed_in: bool = False) -> dict[str, Any]:
    """Return what belongs to mounting rather than to the page: looks, scripts, and no call to anywhere.

    Where people sign in, the page says who has.
    """
    fonts = ["system-ui", "sans-serif"]
    scripts = ("player.js", "ask.js", "cite.js", "collections.js", *(("account.js",) if signed_in else ()))
    return {
        "theme": gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
        "head": str(render("ask/head.html", styles=(), scripts=scripts)),
        "ssr_mode": False,
        "run_history": False,
        "footer_links": [],
        "show_error": False,
    }


def remembering(kb: KnowledgeBase) -> Search:
    """Return a search that makes an answer, where and when, and the summary out of one, until the library changes."""
    return lru_cache(_AT_ONCE)(lambda question, filters, _: kb.reading(question, filters))


def answered(kb: KnowledgeBase, search: Search, asked: AskRequest) -> Iterator[tuple[Markup, Markup]]:
    """Yield ``(answer, where and when)`` as they become known; an error is a sentence, never a traceback."""
    chips = chips_html(asked)
    try:
        if not asked.question:
            yield chips, NOTHING  # under which the welcome shows again
            return
        filters = filters_of(kb, asked)
        if asked.quotes == FEWEST:  # more of them come below those that are being read, and were found already
            episodes, _ = kb.catalogue.passages.count(filters)
            yield render("ask/searching.html", chips=chips, episodes=episodes), NOTHING
        reading = rewrite(asked.question, asked.after, kb.catalogue.episodes.speakers())
        found = search(reading.text, filters, kb.catalogue.version())
        answer = kb.answer(found, asked.quotes + 1)  # one more tells whether there are more
        more = asked.more() if len(answer.quotes) > asked.quotes else None
        answer = replace(answer, quotes=answer.quotes[: asked.quotes])
        contexts = kb.contexts(answer.quotes + answer.nearest)
        groupings = tuple(asked.groupings()) if asked.group or len(answer.quotes) > FEWEST else ()
        cards = answer_html(answer, contexts, more.address if more else "", groupings, asked.group)
        alone = replace(asked, after="").address
        told = render("ask/result.html", chips=chips, reading=reading, alone=alone, answer=cards)
        yield told, NOTHING
        if answer.quotes:
            yield told, timeline_html(kb, asked, found.hits)
    except VerbatimError as error:
        yield render("ask/problem.html", chips=chips, problem=str(error)), NOTHING
    except Exception:
        logging.getLogger(__name__).exception("a question failed")
        yield render("ask/problem.html", chips=chips, problem=""), NOTHING


def _addressed(query: str, answer: Markup) -> Markup:
    """Return an answer with the address that it is for, by which ``ask.js`` tells one that came too late."""
    return render("ask/addressed.html", query=query, answer=answer)


def summarised(kb: KnowledgeBase, search: Search, model: Model | None, asked: AskRequest) -> Iterator[Markup]:
    """Yield that the model reads, then what is left of its reply; the quotes stand whatever comes of it.

    Of the address as it is by now, for a summary stands under the quotes it sums up; what was found for them is known.
    """
    if model is None or not asked.question:
        yield NOTHING
        return
    try:
        reading = rewrite(asked.question, asked.after, kb.catalogue.episodes.speakers())
        answer = kb.answer(search(reading.text, filters_of(kb, asked), kb.catalogue.version()))
        if not answer.answered:
            yield NOTHING
            return
        yield render("ask/summarising.html", model=model.name, problem="")
        yield summary_html(synthesise(answer, model))
    except VerbatimError as error:
        yield render("ask/summarising.html", model=model.name, problem=str(error))
