"""Questions are logged where somebody asked for that, and else none of their words is anywhere in the data folder."""

from __future__ import annotations

import http.client
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from kb.catalogue.question_log import QuestionLog
from kb.home import machine_user
from kb.knowledge_base import KnowledgeBase
from kb.summary.language_model import LanguageModel
from kb.types import Filters
from kb.web.ask.address import AskRequest
from kb.web.ask.page import answered, summarised

from ...chat_server import chat_server, completion, send_json
from ...conftest import SEGMENT, Run
from ..test_guard import send
from .conftest import PASSWORD

pytestmark = pytest.mark.slow  # servers

SAID = "Questions that are asked here are logged"
#: A word for each way to ask, which is in no transcript, and in no file of ours.
BY_PAGE, BY_REST, BY_SEARCH, BY_MCP, IN_READER = "zwilchquar", "zwilchpost", "zwilchfind", "zwilchtool", "zwilchread"
WORDS = (BY_PAGE, BY_REST, BY_SEARCH, BY_MCP, IN_READER)


def ask_on_page(address: str, question: str, **headers: str) -> str:
    """Ask as the page's script does, and return what the stream brings until the answer is complete."""
    config = json.loads(send(address, "GET", "/config", **headers)[1])
    asking = next(each["id"] for each in config["dependencies"] if len(each["outputs"]) == 3 and each["inputs"])
    call = {"data": [f"?{urlencode({'q': question})}"], "fn_index": asking, "session_hash": "s7"}
    body = json.dumps(call).encode()
    assert send(address, "POST", "/gradio_api/queue/join", body, Content_Type="application/json", **headers)[0] == 200
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", "/gradio_api/queue/data?session_hash=s7", headers=headers)
    told, stream = "", connection.getresponse()
    while "process_completed" not in told:
        told += stream.readline().decode() or pytest.fail(told)
    connection.close()
    return told


def signed_in(address: str, name: str) -> str:
    """Sign in and return the cookie."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", urlencode({"name": name, "password": PASSWORD}), kind)
    cookie = connection.getresponse().getheader("set-cookie") or pytest.fail("not signed in")
    connection.close()
    return cookie.partition(";")[0]


def ask_everywhere(address: str, person: dict[str, str], program: dict[str, str]) -> None:
    """Ask by page, by REST and as an assistant, each with a word of its own."""
    assert BY_PAGE in ask_on_page(address, f"Who called the {BY_PAGE} a dragnet?", **person)
    assert send(address, "GET", f"/episode/{SEGMENT}?q={IN_READER}+dragnet", **person)[0] == 200
    assert send(address, "GET", f"/api/ask?q=Who+called+the+{BY_REST}+a+dragnet", **program)[0] == 200
    assert send(address, "GET", f"/api/search?q={BY_SEARCH}+dragnet", **program)[0] == 200
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "ask", "arguments": {"question": f"What is a {BY_MCP}?"}}}  # fmt: skip
    kinds = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
    status, told = send(address, "POST", "/mcp", json.dumps(call).encode(), **kinds, **program)
    assert (status, BY_MCP in told) == (200, True), told


def files_with_questions(folder: Path) -> set[str]:
    """Return the names of the files in which a word of the questions is, however it is written."""
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode(code) in path.read_bytes().lower() for word in WORDS for code in ("utf-8", "utf-16-le"))
    }  # fmt: skip


@pytest.fixture
def home(corpus_home: Path, tmp_path: Path) -> Path:
    """A data folder in which temporary files lie as well."""
    home = Path(shutil.copytree(corpus_home, tmp_path / "home"))
    (home / "tmp").mkdir()
    return home


def test_no_word_of_a_question_is_kept_unless_it_was_asked_for(serving: Callable[..., str], home: Path) -> None:
    address = serving(home, TMPDIR=str(home / "tmp"), KB_HOME=str(home))
    assert SAID not in send(address, "GET", "/config")[1]
    ask_everywhere(address, {}, {})
    assert files_with_questions(home) == set()
    with KnowledgeBase(home) as kb:
        assert not [deed for deed in kb.activity.last(10) if deed.what.startswith(("asked", "searched"))]
        kb.watchlist.add(f"What is a {BY_PAGE}?", None, Filters())
        assert files_with_questions(home)  # what a person saved is kept, and found by this search


def test_questions_are_logged_with_who_asked_where_that_is_set(
    serving: Callable[..., str], run: Run, home: Path, users: Path
) -> None:
    token = run("tokens", "add", "indexer", home=home).stdout.strip()
    address = serving(home, "--users", str(users), "--log-questions", TMPDIR=str(home / "tmp"))
    person, admin = ({"Cookie": signed_in(address, name)} for name in ("Rita", "Ada"))
    assert SAID in send(address, "GET", "/config", **person)[1]
    program = {"Authorization": f"Bearer {token}"}
    assert "are logged here" in send(address, "GET", "/api", **person)[1]
    ask_everywhere(address, person, program)
    entries = [deed for deed in json.loads(run("log", "--json", home=home).stdout) if "dragnet" in deed["subject"] or BY_MCP in deed["subject"]]  # fmt: skip
    assert [(each["by"], each["what"].split(" (")[0], each["subject"]) for each in entries] == [
        ("Rita", "asked", f"Who called the {BY_PAGE} a dragnet?"),
        ("Rita", "asked within an episode", f"{IN_READER} dragnet"),
        ("indexer", "asked", f"Who called the {BY_REST} a dragnet"),
        ("indexer", "searched", f"{BY_SEARCH} dragnet"),
        ("indexer", "asked", f"What is a {BY_MCP}?"),
    ]
    assert "quote" in entries[0]["what"]
    assert entries[-1]["what"] == "asked (not answered)"
    assert all(each["at"] for each in entries)
    page = send(address, "GET", "/log", **admin)[1]
    assert all(word in page for word in WORDS)
    assert send(address, "GET", "/log", **person)[0] == 403
    assert files_with_questions(home) <= {"catalogue.sqlite3", "catalogue.sqlite3-wal"}


def test_the_setting_is_kept_with_the_library_and_turned_off_at_once(kb: KnowledgeBase, run: Run) -> None:
    def log(always: bool = False) -> QuestionLog:
        return QuestionLog(kb.activity, machine_user, always)

    assert not log().is_on
    assert "log questions" in run("log", "--questions", "--keep", "30d", home=kb.home).stdout
    begun = log()
    assert begun.is_on
    begun.note("asked", "first")
    assert "logged no more" in run("log", "--no-questions", home=kb.home).stdout
    begun.note("asked", "second")
    log(always=True).note("asked", "third\ud800")
    told = [(deed.what, deed.subject) for deed in kb.activity.last(10)]
    assert told == [
        ("set how long the log is kept", "30 days"),
        ("set whether questions are logged", "logged"),
        ("asked", "first"),
        ("set whether questions are logged", "not logged"),
        ("asked", "third?"),
    ]
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql, pytest.raises(sqlite3.IntegrityError, match="added to"):
        sql.execute("DELETE FROM activity WHERE what = 'asked'")
    sql.close()


@pytest.mark.parametrize("by", ["a new setting", "the next entry"])
def test_a_question_that_the_log_forgets_is_in_no_file_any_more(kb: KnowledgeBase, by: str) -> None:
    kb.activity.keep(365, "Ada") if by == "the next entry" else None
    kb.activity.note("Rita", "asked", f"What is a {BY_PAGE}?")
    assert files_with_questions(kb.home)
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:  # as if it had been asked long ago
        (trigger,) = sql.execute("SELECT sql FROM sqlite_master WHERE name = 'activity_is_not_changed'").fetchone()
        sql.execute("DROP TRIGGER activity_is_not_changed")
        sql.execute("UPDATE activity SET at = '2020-01-01T00:00:00Z'")
        sql.execute(trigger)
    sql.close()
    if by == "the next entry":
        kb.activity.note("Ada", "did", "something else")  # while the library is open, as a server's is
    else:
        kb.activity.keep(365, "Ada")
    assert files_with_questions(kb.home) == set()


def test_more_of_an_answer_is_no_new_question(corpus_kb: KnowledgeBase) -> None:
    log, asked = QuestionLog(corpus_kb.activity, machine_user, always=True), AskRequest("Whose idea was the dragnet?")
    for each in (asked, replace(asked, quotes=10), replace(asked, group="episode")):
        assert len(list(answered(corpus_kb, each, log)))
    logged = [deed.subject for deed in corpus_kb.activity.last(10) if deed.what.startswith("asked")]
    assert logged.count(asked.question) == 1  # beside what other tests did in this library


def test_a_summary_is_logged_before_the_question_is_sent_to_a_model(corpus_kb: KnowledgeBase) -> None:
    log, asked = QuestionLog(corpus_kb.activity, machine_user, always=True), AskRequest("Who called it a dragnet?")
    logged: list[bool] = []

    def reply(handler: BaseHTTPRequestHandler) -> None:
        logged.append(any(deed.what == "asked for a summary" for deed in corpus_kb.activity.last(5)))
        send_json(handler, completion("Bedoya called it a dragnet [1]."))

    with chat_server(reply) as server:
        list(summarised(corpus_kb, LanguageModel(server.url, "tiny"), asked, log, "Rita"))
    assert logged == [True]
    assert corpus_kb.activity.last(1)[0].by == "Rita"
    list(answered(corpus_kb, replace(asked, after="What did Alvaro Bedoya say?"), log, "Rita"))
    assert corpus_kb.activity.last(1)[0].what.startswith("asked (")
