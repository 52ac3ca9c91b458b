"""The Gradio page: one question box, quotes below. Rendering is in ``cards``, sound and keys in ``player.js``."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from ..errors import VerbatimError
from ..knowledge_base import KnowledgeBase
from ..types import Answer, Quote
from .cards import answer_html, escape, welcome_html
from .document import header
from .examples import example_questions

__all__ = ["build_page", "page_options"]

#: Questions answered at once; Gradio's default of one makes a queue of a newsroom.
_AT_ONCE = 8
_EXAMPLES = 4

# The question stays in the address, so that a colleague can open it.
_REMEMBER = """(question) => {
  const url = new URL(location.href);
  question.trim() ? url.searchParams.set("q", question.trim()) : url.searchParams.delete("q");
  history.replaceState(null, "", url);
}"""


def build_page(kb: KnowledgeBase) -> gr.Blocks:
    """Return the page over ``kb``."""

    def ask(question: str) -> str:
        return _answer(kb, question)

    def load(request: gr.Request) -> list[Any]:
        question = str(request.query_params.get("q", ""))[:2_000]
        examples = example_questions(kb, _EXAMPLES)
        buttons = [gr.Button(text, visible=True) for text in examples]
        buttons += [gr.Button(visible=False)] * (_EXAMPLES - len(buttons))
        # What loads late must not overwrite what somebody quick has asked meanwhile.
        asked = [question, _answer(kb, question)] if question.strip() else [gr.skip(), gr.skip()]
        return [welcome_html(*kb.catalogue.passages.count()), *asked, *buttons]

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
                autofocus=True,
                lines=1,
                max_lines=1,
                max_length=2_000,
            )
            button = gr.Button("Ask", variant="primary", elem_id="ask", scale=1, min_width=96)
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(visible=False, size="sm") for _ in range(_EXAMPLES)]
        answer = gr.HTML(elem_id="answer", apply_default_css=False)
        welcome = gr.HTML(elem_id="welcome", apply_default_css=False)

        gr.on(
            [question.submit, button.click],
            ask,
            question,
            answer,
            concurrency_limit=_AT_ONCE,
            api_visibility="private",
        ).then(None, question, None, js=_REMEMBER)
        for example in examples:
            example.click(_same, example, question, api_visibility="private", queue=False).then(
                ask, question, answer, concurrency_limit=_AT_ONCE, api_visibility="private"
            ).then(None, question, None, js=_REMEMBER)
        page.load(load, None, [welcome, question, answer, *examples], api_visibility="private")
    return page


def page_options() -> dict[str, Any]:
    """Return what belongs to mounting rather than to the page: looks, scripts, and no call to anywhere."""
    fonts = ["system-ui", "sans-serif"]
    return {
        "theme": gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
        # Linked rather than handed to Gradio, which rewrites style sheets and loses their media queries.
        "head": '<link rel="stylesheet" href="/static/style.css"><script defer src="/static/player.js"></script>',
        "ssr_mode": False,
        "run_history": False,
        "footer_links": [],
        "show_error": False,
    }


def _answer(kb: KnowledgeBase, question: str) -> str:
    """Return the answer as HTML; an error is a sentence, never a traceback."""
    try:
        if not question.strip():
            return ""  # under which the welcome shows again
        answer = kb.ask(question)
        return answer_html(answer, {quote.id: kb.context(quote) for quote in _shown(answer)})
    except VerbatimError as error:
        return f'<p class="vb-problem" role="alert">{escape(str(error))}</p>'
    except Exception:
        logging.getLogger(__name__).exception("a question failed")
        return (
            '<p class="vb-problem" role="alert">Something went wrong inside Verbatim, and the details are in the '
            "terminal. Try again; if it stays, run <code>kb check</code>.</p>"
        )


def _shown(answer: Answer) -> tuple[Quote, ...]:
    return answer.quotes + answer.nearest


def _same(text: str) -> str:
    return text
