"""The tools for AI assistants over the Model Context Protocol: ask, search, and look a quote up.

Only this module imports ``mcp``, the protocol's own library (https://modelcontextprotocol.io). The tools read and
never write; every text is the speaker's, so the assistant is told to quote it as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field
from starlette.applications import Starlette

from .addresses import Address
from .catalogue.question_log import QuestionLog
from .citations import Style, cite_today, find_style, to_text
from .errors import VerbatimError
from .home import machine_user
from .inputs import checked_filters
from .knowledge_base import KnowledgeBase
from .outputs import STYLE_NAMES, USUAL_STYLE
from .phrasing import made_by, said_when
from .types import Hit, Quote, Spoken, Verdict
from .wire import some

__all__ = ["ADDRESS", "build_assistant", "build_http_app"]

#: The default address of ``kb serve``; links to quotes begin with it.
ADDRESS = "http://localhost:7860"

_INSTRUCTIONS = """\
A knowledge base of podcasts and radio. It answers with verbatim quotes of what people said on the air.
Give a quote's text letter for letter, in quotation marks, with its speaker and its citation; never change, join or
shorten it silently. A speaker of null is unknown: say so, do not guess. Pass on the cautions and the audio note.
The verdict says what the quotes are. answers: they answer. nearest: they come nearest, and none surely answers: say
that. none: nothing in the library answers the question: say that, and offer the nearest as such."""
_LOGGED = "\nQuestions and searches are logged here: tell whoever asks."

P = ParamSpec("P")
T = TypeVar("T")

Shows = Annotated[list[str] | None, Field(description="Only these shows, by their exact names.")]
Speakers = Annotated[list[str] | None, Field(description="Only these speakers, by their exact names.")]
Collections = Annotated[
    list[str] | None,
    Field(description="Only the episodes that the quotes of these collections come from, by their exact names."),
]
Day = Annotated[str | None, Field(description="An ISO date such as 2019-07-08; the day itself counts.")]
Few = Annotated[int, Field(ge=1, le=50, description="The most results.")]
StyleName = Annotated[
    str,
    Field(description=f"{', '.join(STYLE_NAMES)}, or an official CSL style's name."),
]


class Cited(BaseModel):
    """Words of an episode, where they are, and how they are cited."""

    id: str = Field(description="The address of the words, EPISODE@REVISION:START-END; it resolves for ever.")
    text: str = Field(description="Letter for letter as in the transcript.")
    speaker: str | None = Field(description="Who says it; null if unknown, or if several do.")
    speakers: list[str]
    show: str
    title: str
    date: str | None = Field(description="The date of publication.")
    time: str | None = Field(description="Where in the recording, h:mm:ss or m:ss; or between which times.")
    start: float | None = Field(description="The same in seconds; null where only the times around it are known.")
    link: str = Field(description="The page on which the words can be read and heard.")
    citation: str = Field(description="The reference for a report.")
    in_text: str = Field(description="What stands beside the words in the text.")
    machine: bool = Field(description="Whether a speech recogniser wrote the words down; listen before you print them.")
    transcript: str = Field(description="Who or what wrote the words down, as far as it is known.")
    before: str = Field(description="What was said just before.")
    after: str = Field(description="What was said just after.")
    cautions: list[str] = Field(description="Cautions, such as reported speech.")
    audio_note: str | None = Field(description="A note to show wherever the audio plays.")


class CitedPassage(Cited):
    """A passage, whose words may be of several speakers."""

    turns: tuple[Spoken, ...] = Field(description="The same words turn by turn: who says what.")


class Answered(BaseModel):
    """Quotes that answer or come nearest, or none, with what was searched and the nearest misses."""

    question: str
    answered: bool = Field(description="Whether the quotes answer; true for the verdict answers alone.")
    verdict: Verdict
    quotes: list[Cited]
    searched: str
    nearest: list[Cited]


def build_assistant(kb: KnowledgeBase, address: str = ADDRESS, questions: QuestionLog | None = None) -> MCPServer[Any]:
    """Return the server of the tools over ``kb``; links begin with ``address``. ``questions`` logs them if it is on."""
    questions = questions or QuestionLog(kb.activity, machine_user)
    told = _INSTRUCTIONS + (_LOGGED if questions.is_on else "")
    server: MCPServer[Any] = MCPServer("verbatim", title="Verbatim", instructions=told, log_level="WARNING")
    tool = server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
    base = address.rstrip("/")

    @tool
    @_told
    def ask(
        question: str,
        k: Few = 5,
        shows: Shows = None,
        speakers: Speakers = None,
        since: Day = None,
        until: Day = None,
        collections: Collections = None,
        style: StyleName = USUAL_STYLE,
    ) -> Answered:
        """Answer a question with verbatim quotes from podcasts and radio, or say that nothing in the library does."""
        chosen = find_style(style)
        found = kb.ask(question, k, checked_filters(shows, speakers, since, until, collections))
        questions.answered(question, found)
        searched = f"passages: {found.searched.passages}, episodes: {found.searched.episodes}"
        if found.searched.problem:
            searched = found.searched.problem
        if found.searched.unknown_words:
            searched += f"; these words occur nowhere: {', '.join(found.searched.unknown_words)}"
        if found.searched.unsaid_names:
            searched += f"; not said in these episodes: {', '.join(found.searched.unsaid_names)}"
        if found.searched.notes:
            searched += f". {' '.join(found.searched.notes)}"
        return Answered(
            question=question,
            answered=found.answered,
            verdict=found.verdict,
            quotes=[_cited(quote, base, chosen) for quote in found.quotes],
            searched=searched,
            nearest=[_cited(quote, base, chosen) for quote in found.nearest],
        )

    @tool
    @_told
    def search(
        query: str,
        k: Few = 10,
        shows: Shows = None,
        speakers: Speakers = None,
        since: Day = None,
        until: Day = None,
        collections: Collections = None,
        style: StyleName = USUAL_STYLE,
    ) -> list[CitedPassage]:
        """List the passages that fit a query best, to read around a subject; a passage may be of several speakers."""
        chosen = find_style(style)
        hits = kb.search(query, k, checked_filters(shows, speakers, since, until, collections))
        questions.found(query, len(hits))
        return [_passage(kb.quote(_address(hit)), base, chosen, hit) for hit in hits]

    @tool
    @_told
    def quote(id: str, style: StyleName = USUAL_STYLE) -> Cited:
        """Look up the words at an address, EPISODE@REVISION:START-END, to check or to cite them."""
        return _cited(kb.citable(id), base, find_style(style))

    return server


def build_http_app(server: MCPServer[Any], path: str) -> Starlette:
    """Return the server as a web application at ``path``; it keeps no sessions, for the tools have no state."""
    # Access is checked before, by kb/web/server/guard.py, for all addresses.
    open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return server.streamable_http_app(
        streamable_http_path=path, json_response=True, stateless_http=True, transport_security=open_to_all
    )


def _told(tool: Callable[P, T]) -> Callable[P, T]:
    """Pass our errors to the assistant as sentences."""

    @wraps(tool)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return tool(*args, **kwargs)
        except VerbatimError as error:
            raise ToolError(str(error)) from error

    return told


def _cited(quote: Quote, base: str, style: Style) -> Cited:
    made = cite_today([quote], style)
    in_text = to_text(made.citations[0].in_text)
    return Cited(
        **some(quote, ("id", "text", "speaker", "start", "before", "after", "cautions")),
        speakers=list(filter(None, [quote.speaker])),
        show=quote.episode.show,
        title=quote.episode.title,
        date=quote.episode.published,
        time=said_when(quote).removeprefix("at ") or None,
        link=base + quote.link,
        citation=to_text(made.entries[0]) if made.entries else in_text,
        in_text=in_text,
        machine=quote.origin == "machine",
        transcript=made_by(quote.origin, quote.engine),
        audio_note=quote.episode.audio_note,
    )


def _passage(quote: Quote, base: str, style: Style, hit: Hit) -> CitedPassage:
    cited = dict(_cited(quote, base, style))
    return CitedPassage(**{**cited, "speakers": list(hit.chunk.speakers)}, turns=hit.turns)


def _address(hit: Hit) -> str:
    chunk = hit.chunk
    return str(Address(chunk.episode_id, chunk.revision, chunk.char_start, chunk.char_end))
