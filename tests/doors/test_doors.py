"""The three doors for programs and people say what they said before, and all of them the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kb.knowledge_base import KnowledgeBase

from .play import SAID, assistant, command, play, rest
from .script import ASKED_EVERYWHERE

pytestmark = pytest.mark.slow

#: A quote's score comes from a model, whose arithmetic differs a little from processor to processor.
_SCORE = re.compile(r'(?<="score": )[0-9.]+')


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """What each door said to the script, and the data folder as the script left it."""
    folder = tmp_path_factory.mktemp("doors")
    return play(folder), folder / "home"


@pytest.mark.parametrize("name", ["commands", "requests", "calls"])
def test_a_door_says_what_it_said(played: tuple[dict[str, str], Path], name: str) -> None:
    """After a change that is meant, ``python -m tests.doors`` writes the files anew; read the difference."""
    before, now = (SAID / f"{name}.txt").read_text("utf-8"), played[0][name]
    assert _SCORE.sub("SCORE", now) == _SCORE.sub("SCORE", before)
    scores = [[float(score) for score in _SCORE.findall(text)] for text in (now, before)]
    assert scores[0] == pytest.approx(scores[1], abs=0.02)


@pytest.mark.parametrize(("question", "options"), ASKED_EVERYWHERE)
def test_the_doors_agree_on_an_answer(
    played: tuple[dict[str, str], Path], question: str, options: dict[str, Any]
) -> None:
    home = played[1]
    for what in ("ask", "search"):
        printed = _printed(home, what, question, options)
        with KnowledgeBase(home) as kb:
            sent = rest(kb).get(f"/{what}", params={"q": question, **options}).json()
            named = {_PLURAL.get(name, name): value for name, value in options.items()}
            (told,) = assistant(kb, ((what, {"question" if what == "ask" else "query": question, **named}),))
        assert sent == printed
        if what == "search":
            assert [_without(hit, _ASSISTANTS | _OF_QUOTES) for hit in told["result"]] == [
                _as_cited(hit) for hit in printed
            ]
            continue
        assert (told["answered"], told["verdict"]) == (printed["answered"], printed["verdict"])
        for part in ("quotes", "nearest"):
            assert [_without(quote, _ASSISTANTS) for quote in told[part]] == [_as_cited(q) for q in printed[part]]
        problem = printed["searched"]["problem"]
        assert told["searched"].startswith(problem or f"passages: {printed['searched']['passages']}, ")


def test_the_doors_agree_on_what_is_kept(played: tuple[dict[str, str], Path]) -> None:
    home = played[1]
    saved, listed = _printed(home, "saved", "show", {}, "Flood"), _printed(home, "episodes", "", {})
    with KnowledgeBase(home) as kb:
        client = rest(kb)
        assert client.get("/collections/Flood").json() == saved
        assert client.get("/collections").json() == _printed(home, "saved", "", {})
        found = client.get("/episodes", params={"size": 200}).json()["episodes"]
        assert [_without(each, {"audio"}) for each in found] == [_without(each, {"audio"}) for each in listed]
        for item in saved["items"]:
            sent = client.get(f"/quotes/{item['quote']['id']}").json()
            (told,) = assistant(kb, (("quote", {"id": item["quote"]["id"]}),))
            assert sent == item["quote"]
            assert _without(told, _ASSISTANTS) == _as_cited(sent)


_PLURAL = {"show": "shows", "speaker": "speakers", "collection": "collections"}
#: What only an assistant is told, and what it is told in other words.
_ASSISTANTS = {"speakers", "time", "citation", "in_text", "machine", "transcript", "link"}
#: What an assistant is told of a passage's surroundings, which ``kb search`` does not print.
_OF_QUOTES = {"before", "after", "cautions", "date", "audio_note", "speaker"}


def _printed(home: Path, what: str, subject: str, options: dict[str, Any], *more: str) -> Any:
    words = [f"--{name}={one}" for name, value in options.items() for one in _several(value)]
    code, out, err = command(home, what, *filter(None, [subject]), *more, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_cited(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an assistant has to be told of a quote or passage that the command line printed."""
    episode = found["episode"]
    shown = {"id": found["id"], "text": found["text"], "show": episode["show"], "title": episode["title"]}
    shown |= {"start": found["start"]}
    if "speaker" in found:
        shown |= {"speaker": found["speaker"], "date": episode["published"], "audio_note": episode["audio_note"]}
        shown |= {key: found[key] for key in ("before", "after", "cautions")}
    else:
        shown |= {"turns": found["turns"]}
    return shown


def _without(found: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in keys}
