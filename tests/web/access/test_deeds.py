"""Who did what: whoever is signed in is written down, and what is whose own is left to them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from kb.catalogue.activity import Deed
from kb.cli.deeds import machine_user
from kb.knowledge_base import KnowledgeBase

from ...conftest import SEGMENT
from .conftest import DRAGNET, PASSWORD, Server

pytestmark = pytest.mark.slow  # gradio's import


def deeds_of_people(server: Server) -> list[Deed]:
    """Return what those who signed in did; tests export from the library that is copied here."""
    return [deed for deed in server.kb.activity.last(50) if deed.by != machine_user()]


def test_who_did_it_is_who_is_signed_in_and_stays_in_the_log(server: Server) -> None:
    kind = {"content_type": "application/x-www-form-urlencoded"}
    turn = server.kb.canonical(SEGMENT).turns[0]
    text = server.kb.text(SEGMENT)[turn.char_start : turn.char_end] + " Indeed."
    body = f"text={text}&revision=1&turn=0&by=Mallory"
    assert server.send("POST", f"/episode/{SEGMENT}/words", "Edgar", body=body, **kind).status == 303
    note = server.kb.catalogue.corrections.revisions(SEGMENT)[-1].correction
    assert note is not None
    assert note.by == "Edgar"
    judged = server.send(
        "POST",
        f"/api/ledger/{DRAGNET}",
        "Ada",
        content_type="application/json",
        body='{"status": "heard", "by": "Mallory"}',
    )
    assert judged.status == 201
    assert server.kb.catalogue.ledger.histories([DRAGNET])[DRAGNET][0].by == "Ada"
    server.kb.catalogue.collections.add(server.kb.catalogue.collections.begin("all")[0], server.kb.quote(DRAGNET))
    assert server.send("GET", "/collections/all/export?format=csv", "Rita").status == 200
    assert server.send("DELETE", "/api/collections/none", "Ada").status == 404  # nothing was done
    server.send("GET", "/api/ask?q=secret", "Rita")
    deeds = deeds_of_people(server)
    assert [(deed.by, deed.what, deed.subject) for deed in deeds] == [
        ("Edgar", "corrected words", SEGMENT),
        ("Ada", "judged a quote", DRAGNET),
        ("Rita", "exported a collection", "all as csv"),
    ]
    server.kb.catalogue.activity.note("<b>Eve", "took in", "${alert(1)}")
    page = server.send("GET", "/log", "Ada").text
    assert page.index("&lt;b&gt;Eve") < page.index("exported a collection") < page.index("corrected words")
    assert "${alert" not in page
    assert "judged" not in server.send("GET", "/log?by=Rita", "Ada").text
    with sqlite3.connect(server.kb.home / "catalogue.sqlite3") as sql:
        for statement in ("DELETE FROM activity", "UPDATE activity SET by = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                sql.execute(statement)
    sql.close()


def test_the_log_is_kept_as_long_as_is_set_and_nothing_younger_goes(kb: KnowledgeBase) -> None:
    log = kb.catalogue.activity
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:
        for age in (400, 300, 1):
            sql.execute(
                "INSERT INTO activity (at, by, what, subject) "
                "VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?), 'Ann', 'took in', ?)",
                (f"-{age} days", str(age)),
            )
    log.keep(365, "Ada")
    assert [deed.subject for deed in log.last(10)] == ["300", "1", "365 days"]
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql, pytest.raises(sqlite3.IntegrityError, match="added to"):
        sql.execute("DELETE FROM activity WHERE subject = '300'")
    kb.catalogue.set_setting("log kept", "200")  # as if a hundred days had passed
    assert [deed.subject for deed in log.last(10)] == ["1", "365 days"]
    log.note("Ann", "took in", "another")  # erases what is not shown any more
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:
        assert [row[0] for row in sql.execute("SELECT subject FROM activity")] == ["1", "365 days", "another"]
    sql.close()
    log.keep(None, "Ada")
    assert (log.kept_days, log.last(1)[0].subject) == (None, "for ever")


def test_what_was_not_done_is_not_in_the_log_and_what_was_is_named(server: Server) -> None:
    def post(path: str, who: str, **body: object) -> int:
        return server.send("POST", path, who, content_type="application/json", body=json.dumps(body)).status

    def put(path: str, body: str) -> int:
        return server.send("PUT", path, "Edgar", content_type="application/json", body=body).status

    for _ in range(2):  # the second time, both are there
        assert post("/api/collections", "Edgar", name="Nets") == 201
        assert post("/api/collections/Nets/quotes", "Edgar", id=DRAGNET) == 201
    assert post("/api/collections", "Rita", name="NETS") == 201
    assert post("/api/jobs/retry", "Ada") == 200  # there is none
    for _ in range(2):
        change = json.dumps({"note": "Ask him why.", "place": 1})
        assert put(f"/api/collections/Nets/quotes/{DRAGNET}", change) == 200
    assert put("/api/collections/Nets", '{"name": "Nets"}') == 200
    assert put("/api/collections/Nets", '{"name": "Dragnets"}') == 200
    assert [(deed.by, deed.what, deed.subject) for deed in deeds_of_people(server)] == [
        ("Edgar", "created a collection", "Nets"),
        ("Edgar", "saved a quote", f"Nets {DRAGNET}"),
        ("Edgar", "changed a saved quote", f"Nets {DRAGNET}"),
        ("Edgar", "renamed a collection", "Nets to Dragnets"),
    ]


def test_readers_save_in_collections_of_their_own(server: Server) -> None:
    quote = json.dumps({"id": DRAGNET})

    def save(name: str, collection: str) -> int:
        path = f"/api/collections/{collection}/quotes"
        return server.send("POST", path, name, content_type="application/json", body=quote).status

    assert save("Edgar", "everybody") == 201
    assert save("Rita", "everybody") == 403
    assert save("Rita", "EVERYBODY") == 403
    assert save("Rita", "Ritas") == 201
    assert save("Edgar", "ritas") == 403
    assert save("Ada", "ritas") == 201
    server.access.accounts.add("RITA", "reader", PASSWORD)  # another spelling, when a password is changed
    assert save("RITA", "Ritas") == 201
    server.access.accounts.add("Rita", "reader", PASSWORD)
    assert server.send("GET", "/api/collections/ritas", "Edgar").status == 200
    assert server.send("DELETE", f"/api/collections/everybody/quotes/{DRAGNET}", "Rita").status == 403
    assert server.send("DELETE", "/api/collections/everybody", "Rita").status == 403
    assert server.send("DELETE", "/api/collections/Ritas", "Rita").status == 204


def test_a_reader_reaches_the_most_collections_and_quotes(server: Server) -> None:
    def post(path: str, who: str, /, **sent: str) -> tuple[int, str]:
        answer = server.send("POST", path, who, content_type="application/json", body=json.dumps(sent))
        return answer.status, answer.text

    assert post("/api/collections/Ritas/quotes", "Rita", id=DRAGNET)[0] == 201
    with closing(sqlite3.connect(server.kb.home / "catalogue.sqlite3")) as sql, sql:
        numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?) "
        sql.execute(
            f"{numbers} INSERT INTO collections (name, added_at, owner) SELECT 'R' || n, '', 'RITA' FROM n", (998,)
        )
    assert post("/api/collections", "Rita", name="The last")[0] == 201
    most = "You have 1,000 collections of your own, which is the most a reader can have; delete one first."
    assert post("/api/collections", "Rita", name="One more") == (
        400,
        json.dumps({"error": most}, separators=(",", ":")),
    )
    assert post("/api/collections/Another/quotes", "Rita", id=DRAGNET)[0] == 400
    assert post("/api/collections", "Rita", name="Ritas")[0] == 201  # it is there already
    assert post("/api/collections", "Edgar", name="One more")[0] == 201  # everybody's have no limit
    assert {each.name for each in server.kb.collections.all()}.isdisjoint({"Another"})

    with closing(sqlite3.connect(server.kb.home / "catalogue.sqlite3")) as sql, sql:
        columns = ", ".join(row[1] for row in sql.execute("PRAGMA table_info (saved_quotes)"))
        copied = columns.replace("id", "'made@1:' || n || '-' || (n + 9)", 1)
        sql.execute(f"{numbers} INSERT INTO saved_quotes ({columns}) SELECT {copied} FROM saved_quotes, n", (99_998,))
        sql.execute(
            "INSERT INTO collected_quotes (collection, quote, position, added_at) "
            "SELECT (SELECT id FROM collections WHERE name = 'R7'), id, 1, '' FROM saved_quotes WHERE id LIKE 'made@%'"
        )
    assert post("/api/collections/The last/quotes", "Rita", id=DRAGNET)[0] == 201
    most = "Your collections hold 100,000 quotes, which is the most a reader can save; remove some first."
    assert post("/api/collections/R8/quotes", "Rita", id=DRAGNET) == (
        400,
        json.dumps({"error": most}, separators=(",", ":")),
    )
    assert not server.kb.collections.get("R8").quotes
    assert post("/api/collections/Ritas/quotes", "Rita", id=DRAGNET)[0] == 201  # it is there already
    assert server.send("DELETE", f"/api/collections/Ritas/quotes/{DRAGNET}", "Rita").status == 204
    assert post("/api/collections/R8/quotes", "Rita", id=DRAGNET)[0] == 201
    assert post(f"/api/collections/Ritas/quotes/{DRAGNET}/restore", "Rita")[0] == 400
    assert server.send("DELETE", "/api/collections/R8", "Rita").status == 204
    assert post(f"/api/collections/Ritas/quotes/{DRAGNET}/restore", "Rita")[0] == 200
