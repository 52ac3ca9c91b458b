"""``kb users``, ``kb tokens`` and ``kb log``."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from kb.cli import main
from kb.web.access.accounts import Accounts

from .conftest import PASSWORD

pytestmark = pytest.mark.slow  # gradio's import


def test_users_and_tokens_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def kb(*arguments: str, told: str = "", code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), *arguments])
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        return out + err

    said = kb("users", "add", "Ann", "--role", "editor", told=f"{PASSWORD}\n").splitlines()
    assert said[0] == "Ann can sign in as editor."
    assert said[1].endswith(f"kb serve --users {tmp_path / 'home' / 'users.json'}")
    nowhere = tmp_path / "unplugged" / "users.json"
    told = kb("users", "add", "Ann", "--users", str(nowhere), told=f"{PASSWORD}\n", code=2)
    assert f"There is no folder {nowhere.parent}" in told
    assert not nowhere.parent.exists()
    assert "A password has 10 to 1,000 characters, and this one 5" in kb("users", "add", "Ben", told="short\n", code=2)
    kb("users", "add", "Cleo", "--no-password")
    file = tmp_path / "home" / "users.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    assert kb("users", "list") == "editor  Ann\nreader  Cleo  (signs in at a proxy)\n"
    assert Accounts(file).verify("ann", PASSWORD)
    assert Accounts(file).verify("Cleo", "") is None
    kb("users", "remove", "ann")
    assert kb("users", "list") == "reader  Cleo  (signs in at a proxy)\n"
    secret = kb("tokens", "add", "robot", "--scope", "editor", "--days", "3").split()[0]
    assert secret.startswith("vb_")
    listed = kb("tokens", "list")
    assert listed.startswith("editor  20")
    assert secret not in listed
    kb("tokens", "revoke", "robot")
    assert kb("tokens", "list") == ""
    assert "There is no token 'robot'" in kb("tokens", "revoke", "robot", code=1)
    assert [line.split("  ")[2:] for line in kb("log").splitlines()] == [
        ["made a token that is editor", "robot"],
        ["revoked a token", "robot"],
    ]
    assert kb("log", "--keep", "365d") == "The log is kept for 365 days.\n"
    assert "'a year' is not a number of days" in kb("log", "--keep", "a year", code=2)
    assert kb("log", "--last", "1").rstrip().endswith("set how long the log is kept  365 days")
    assert "say who may: --users FILE" in kb("serve", "--host", "0.0.0.0", code=2)
