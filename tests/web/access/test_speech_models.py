"""Who may bring a speech model to the server: its administrators, and whoever sits at the machine itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.knowledge_base import KnowledgeBase

from ...models.toys import ct2_folder
from ..asgi import send
from .conftest import Server, built

pytestmark = pytest.mark.slow  # gradio's import

JSON = {"content_type": "application/json"}
FOLDER = "/api/models/folder"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No model of the developer's machine is found."""
    for variable in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "KB_MODELS"):
        monkeypatch.setenv(variable, str(tmp_path / "models"))
    return tmp_path / "models"


def test_only_an_administrator_names_a_folder_of_the_server(server: Server, tmp_path: Path, models: Path) -> None:
    stick = ct2_folder(tmp_path / "stick" / "small")
    body = json.dumps({"folder": str(stick)})
    for name in ("Rita", "Edgar"):
        assert server.send("POST", FOLDER, name, body=body, **JSON).status == 403
        page = server.send("GET", "/library", name).text
        assert "An administrator of this server can fetch one." in page
        assert "take-model" not in page
    assert not models.exists()
    assert "take-model" in server.send("GET", "/library", "Ada").text
    refused = server.send("POST", FOLDER, "Ada", body=json.dumps({"folder": "/etc"}), **JSON)
    assert (refused.status, "has no model.bin" in refused.text) == (400, True)
    assert server.send("POST", FOLDER, "Ada", body=body, **JSON).status == 202
    deed = server.kb.activity.last(1)[0]
    assert (deed.by, deed.what, deed.subject) == ("Ada", "copied a speech model", "small")


def test_without_users_a_folder_is_named_on_the_machine_itself(corpus_kb: KnowledgeBase, models: Path) -> None:
    app = built(corpus_kb, None)
    body = json.dumps({"folder": "/etc"})
    elsewhere = send(app, "POST", FOLDER, client="192.0.2.7", body=body, **JSON)
    assert (elsewhere.status, "on the server's own machine" in elsewhere.text) == (403, True)
    assert send(app, "POST", FOLDER, client="127.0.0.1", body=body, **JSON).status == 400
