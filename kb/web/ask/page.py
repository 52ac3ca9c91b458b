"""The Gradio page: one question box, quotes below. What is asked is in the address, and nowhere else.

A question, an example, a filter, "back": each changes the address in ``ask.js``, which hands it to one of the handlers
here. An answer streams: what is searched, then the quotes, then where and when, then a model's summary if one is named.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ...questions.follow_ups import Reading, read_after
from ...summary.synthesis import Model, synthesise
from ...types import Answer, Quote
from ..server.document import header
from .address import Asked, parse_asked
from .cards import answer_html, escape, welcome_html
from .examples import example_questions
from .filters import chips_html, filters_html, filters_of
from .summary import summary_html
from .timeline import timeline_html

__all__ = ["build_page", "page_options"]

#: Questions answered at once; Gradio's default of one makes a queue of a newsroom.
_AT_ONCE = 8
_EXAMPLES = 4

_ADDRESS = "() => [location.search]"


def build_page(kb: KnowledgeBase, model: Model | None = None) -> gr.Blocks:
    """Return the page over ``kb``; ``model`` writes a checked summary under the quotes."""

    def load() -> list[str]:
        examples = "".join(
            f'<a class="vb-example" data-ask href="{escape(Asked(text).address)}">{escape(text)}</a>'
            for text in example_questions(kb, _EXAMPLES)
        )
        return [welcome_html(*kb.catalogue.passages.count()), filters_html(kb), examples]

    def ask(query: str) -> Iterator[list[Any]]:
        """Answer what an address asks for; the box is left to whoever types on."""
        yield from ([_marked(query, answer), where] for answer, where in _answered(kb, parse_asked(query)))

    def first(query: str) -> Iterator[list[Any]]:
        # What loads late must not overwrite what somebody quick has asked meanwhile.
        yield from ask(query) if parse_asked(query) != Asked() else iter([[gr.skip()] * 2])

    def summarise(query: str) -> Iterator[str]:
        yield from _summarised(kb, model, parse_asked(query))

    with gr.Blocks(title="Verbatim", analytics_enabled=False) as page:
        gr.HTML(
            header("/") + '<div class="vb-head"><h1>Ask your podcasts and radio</h1>'
            "<p>Answers come in the speakers’ own words.</p></div>",
            apply_default_css=False,
        )
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


def page_options() -> dict[str, Any]:
    """Return what belongs to mounting rather than to the page: looks, scripts, and no call to anywhere."""
    fonts = ["system-ui", "sans-serif"]
    styles = ("style.css", "ask.css", "collections.css")
    scripts = ("player.js", "ask.js", "cite.js", "collections.js")
    return {
        "theme": gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
        # Linked rather than handed to Gradio, which rewrites style sheets and loses their media queries.
        "head": "".join(f'<link rel="stylesheet" href="/vb/{name}">' for name in styles)
        + "".join(f'<script type="module" src="/vb/{name}"></script>' for name in scripts),
        "ssr_mode": False,
        "run_history": False,
        "footer_links": [],
        "show_error": False,
    }


def _answered(kb: KnowledgeBase, asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield ``(answer, where and when)`` as they become known; an error is a sentence, never a traceback."""
    chips = chips_html(asked)
    try:
        if not asked.question:
            yield chips, ""  # under which the welcome shows again
            return
        filters = filters_of(kb, asked)
        episodes, passages = kb.catalogue.passages.count(filters)
        yield f'{chips}<p class="vb-searching">Searching {passages:,} passages of {episodes:,} episodes…</p>', ""
        reading = read_after(asked.question, asked.after, kb.catalogue.episodes.speakers())
        answer = kb.ask(reading.text, filters=filters)
        cards = answer_html(answer, {quote.id: kb.context(quote) for quote in _shown(answer)})
        told = (
            f'{chips}<div class="vb-result" data-read="{escape(reading.text)}">{_read_as(asked, reading)}{cards}</div>'
        )
        yield told, ""
        if answer.quotes:
            yield told, timeline_html(kb, asked, reading.text, filters)
    except VerbatimError as error:
        yield f'{chips}<p class="vb-problem" role="alert">{escape(str(error))}</p>', ""
    except Exception:
        logging.getLogger(__name__).exception("a question failed")
        yield (
            f'{chips}<p class="vb-problem" role="alert">Something went wrong inside Verbatim, and the details are in '
            "the terminal. Try again; if it stays, run <code>kb check</code>.</p>",
            "",
        )


def _marked(query: str, answer: str) -> str:
    """Return an answer with the address that it is for, by which ``ask.js`` tells one that came too late."""
    return f'<div data-for="{escape(query)}">{answer}</div>'


def _read_as(asked: Asked, reading: Reading) -> str:
    """Return what a follow-up question took over, with a link that undoes it."""
    if not reading.inherited:
        return ""
    alone = escape(replace(asked, after="").address)
    return (
        f'<p class="vb-read-as">Read as: <span dir="auto">“{escape(reading.text)}”</span> '
        f'<a class="vb-undo" data-ask href="{alone}">Ask only what I typed</a></p>'
    )


def _summarised(kb: KnowledgeBase, model: Model | None, asked: Asked) -> Iterator[str]:
    """Yield that the model reads, then what is left of its reply; the quotes stand whatever comes of it.

    The question is asked once more, of the address as it is by now: a summary stands under the quotes it sums up.
    """
    if model is None or not asked.question:
        yield ""
        return
    try:
        reading = read_after(asked.question, asked.after, kb.catalogue.episodes.speakers())
        answer = kb.ask(reading.text, filters=filters_of(kb, asked))
        if not answer.answered:
            yield ""
            return
        yield f'<p class="vb-searching">{escape(model.name or "A language model")} reads the quotes…</p>'
        yield summary_html(synthesise(answer, model))
    except VerbatimError as error:
        yield f'<p class="vb-note" role="status">No summary: {escape(str(error))}</p>'


def _shown(answer: Answer) -> tuple[Quote, ...]:
    return answer.quotes + answer.nearest
