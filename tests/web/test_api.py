"""The REST interface of a real server, asked by a real client."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import jsonschema
import pytest
import webvtt

from kb.knowledge_base import KnowledgeBase
from kb.web.background.uploads import LARGEST_NAME, new_group, upload_folder, upload_path
from kb.wire import answer_json, episode_json, hit_json, quote_json

from ..conftest import ROOT, SEGMENT

DRAGNET = "Who called it a dragnet?"


@pytest.fixture(scope="module")
def api(corpus_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{corpus_address}api", timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def private_api(
    serving: Callable[[Path], str], corpus_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A server of these tests alone, which may be changed."""
    home = Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("changed") / "home"))
    with httpx.Client(base_url=f"{serving(home)}api", timeout=30) as client:
        yield client


def test_answers_are_the_command_lines(api: httpx.Client, corpus_kb: KnowledgeBase) -> None:
    answered = api.get("/ask", params={"q": DRAGNET}).raise_for_status().json()
    assert answered == json.loads(json.dumps(answer_json(corpus_kb.ask(DRAGNET))))
    assert answered["answered"]
    quote = api.get(f"/quotes/{answered['quotes'][0]['id']}").raise_for_status().json()
    assert quote == json.loads(json.dumps(quote_json(corpus_kb.quote(answered["quotes"][0]["id"]))))
    hits = api.get("/search", params={"q": DRAGNET, "k": 2}).raise_for_status().json()
    assert hits == json.loads(json.dumps([hit_json(hit) for hit in corpus_kb.search(DRAGNET, 2)]))


def test_filters_and_numbers_hold(api: httpx.Client) -> None:
    def quotes(**more: object) -> list[dict[str, object]]:
        return api.get("/ask", params={"q": DRAGNET, **more}).raise_for_status().json()["quotes"]  # type: ignore[no-any-return]

    assert len(quotes(k=1)) == 1
    assert {quote["speaker"] for quote in quotes(speaker="Aarti Shahani")} == {"Aarti Shahani"}
    assert quotes(show="All Things Considered", since="2019-07-08", until="2019-07-08")
    for nowhere in ({"show": "Nobody's show"}, {"since": "2019-07-09"}, {"until": "2019-07-07"}):
        assert quotes(**nowhere) == []


def test_episodes_are_listed_without_files_names(api: httpx.Client, corpus_kb: KnowledgeBase) -> None:
    page = api.get("/episodes", params={"q": "shahani DMV"}).raise_for_status().json()
    assert (page["total"], page["page"], page["size"]) == (1, 1, 50)
    expected = {**episode_json(corpus_kb.catalogue.episodes.get(SEGMENT)), "audio": f"/audio/{SEGMENT}"}
    assert page["episodes"] == [expected]
    assert api.get(f"/episodes/{SEGMENT}").raise_for_status().json() == expected
    assert api.get("/episodes", params={"q": "100%"}).json()["total"] == 0
    assert api.get("/episodes", params={"page": 2}).json()["episodes"] == []


def test_transcripts_come_in_every_format(api: httpx.Client, corpus_kb: KnowledgeBase) -> None:
    def transcript(form: str) -> httpx.Response:
        return api.get(f"/episodes/{SEGMENT}/transcript", params={"format": form}).raise_for_status()

    assert transcript("text").content == corpus_kb.text(SEGMENT).encode()
    assert transcript("vtt").headers["content-type"] == "text/vtt; charset=utf-8"
    assert len(list(webvtt.from_string(transcript("vtt").text))) == len(transcript("json").json()["segments"]) > 20
    assert "00:03:22," in transcript("srt").text


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/ask", 400, "q: field required"),
        ("GET", "/ask?q=%20", 400, "The question is empty"),
        ("GET", "/ask?q=x&k=0", 400, "k: input should be greater than or equal to 1"),
        ("GET", "/ask?q=x&since=never", 400, "'never' is not a date"),
        ("GET", f"/ask?q={'x' * 2001}", 400, "q: string should have at most 2000 characters"),
        ("GET", "/quotes/nonsense", 400, "is not a quote's address"),
        ("GET", f"/quotes/{SEGMENT}@1:0-99999999", 404, "beyond the end"),
        ("GET", "/episodes/nobody", 404, "There is no episode 'nobody'"),
        ("GET", f"/episodes/{SEGMENT}/transcript?format=exe", 400, "format: input should be"),
        ("GET", "/episodes?sort=id", 400, "sort: input should be"),
        ("GET", "/nothing", 404, "There is nothing at this address"),
        ("POST", "/ask", 405, "needs another method"),
        ("DELETE", "/jobs/77", 404, "There is no unfinished job 77"),
        ("POST", "/jobs/many/retry", 400, "job_id: input should be a valid integer"),
        ("POST", "/feeds/7/sync", 404, "There is no feed '7'"),
        ("PUT", "/uploads/..%2f../a.txt", 404, "nothing at this address"),
        ("PUT", "/uploads/2026-01-01-0000000000000000/a.txt", 404, "There is no upload"),
    ],
)
def test_an_error_is_a_sentence(api: httpx.Client, method: str, path: str, status: int, sentence: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]


def test_json_that_is_not_called_json_is_told_so(api: httpx.Client) -> None:
    """As curl sends what -d names, unless it is told otherwise."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, body in (("/models/fetch", '{"name": "small"}'), ("/collections/x/quotes", '{"id": "x"}')):
        answer = api.post(path, content=body, headers=form)
        assert (answer.status_code, "'Content-Type: application/json'" in answer.json()["error"]) == (400, True)
    assert "name: field required" in api.post("/models/fetch", json={}).json()["error"]


def test_the_description_fits_the_answers(api: httpx.Client) -> None:
    described = api.get("/openapi.json").raise_for_status().json()
    assert described["servers"] == [{"url": "/api"}]
    shapes = {"components": described["components"]}
    asked = {
        "/ask": {"q": DRAGNET},
        "/search": {"q": DRAGNET},
        "/episodes": {},
        "/jobs": {},
        "/feeds": {},
    }
    for path, query in asked.items():
        schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(api.get(path, params=query).json(), {**schema, **shapes})
    problem = described["paths"]["/ask"]["get"]["responses"]["4XX"]["content"]["application/json"]["schema"]
    jsonschema.validate(api.get("/ask").json(), {**problem, **shapes})


def test_the_description_can_be_read(api: httpx.Client) -> None:
    page = api.get(f"{str(api.base_url).removesuffix('/api/')}/api")
    assert page.status_code == 200
    for path in api.get("/openapi.json").json()["paths"]:
        assert f"/api{path.replace('{', '&#123;').replace('}', '&#125;')}</code>" in page.text
    assert '<script type="module" src=' in page.text
    assert "https://" not in page.text


def _holds(answer: object, shown: object) -> bool:
    """Return whether an answer has everything that the documentation shows of it."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(_holds(answer.get(key), value) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(_holds, answer, shown))
    return answer == shown


def test_the_documentations_calls_answer_as_it_says(private_api: httpx.Client) -> None:
    blocks = re.findall(
        r"```sh\n(.*?)```(?:\n\n```json\n(.*?)```)?", (ROOT / "docs" / "api.md").read_text("utf-8"), re.S
    )
    calls = [(line, shown) for block, shown in blocks for line in block.splitlines()]
    assert len(calls) >= 10
    for line, shown in calls:
        program, *arguments = shlex.split(line)
        method = arguments[1] if arguments[0] == "-X" else "GET"
        address = arguments[-1].removeprefix("http://localhost:7860/api")
        answer = private_api.request(method, address)
        assert (program, answer.status_code) == ("curl", 200), line
        assert not shown or _holds(answer.json(), json.loads(shown)), line


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../a.txt",
        "a/b.txt",
        "a\\b.txt",
        ".hidden.txt",
        "a\x00.txt",
        "a\n.txt",
        "C:a.txt",
        "a",
        "a.exe",
        "a.tar.gz",
        "x" * LARGEST_NAME + ".txt",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    from kb.errors import UsageError

    folder = upload_folder(tmp_path) / new_group(tmp_path)
    with pytest.raises(UsageError):
        upload_path(folder, name)
    assert upload_path(folder, "Šé 1.vtt").parent == folder


def test_a_refused_file_leaves_nothing(private_api: httpx.Client) -> None:
    group = private_api.post("/uploads").raise_for_status().json()["id"]
    for name, body, sentence in [
        ("a.exe", b"MZ", "unknown kind (.exe)"),
        ("b.txt", b"", "is empty, or only a part of it arrived"),
    ]:
        answer = private_api.put(f"/uploads/{group}/{name}", content=body)
        assert answer.status_code in (400, 422)
        assert sentence in answer.json()["error"]
    assert "larger than 64 MB" in _announce(private_api, f"/uploads/{group}/c.txt", 65 * 1024**2)
    answer = private_api.post(f"/uploads/{group}")
    assert (answer.status_code, "There is no transcript" in answer.json()["error"]) == (400, True)
    assert private_api.delete(f"/uploads/{group}").json() == {"done": 0}
    assert private_api.delete(f"/uploads/{group}").status_code == 404


def test_what_is_uploaded_can_be_asked_about(private_api: httpx.Client) -> None:
    group = private_api.post("/uploads").raise_for_status().json()["id"]
    told = b"WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ann Lee>The aardvark was elected mayor of Harlow on Monday.\n"
    for name, body in [("vote.vtt", told), ("vote.toml", b'title = "The vote"\n'), ("bad.vtt", b"WEBVTT\n\nno cue\n")]:
        assert private_api.put(f"/uploads/{group}/{name}", content=body).status_code == 201
    assert private_api.put(f"/uploads/{group}/vote.vtt", content=told).status_code == 400
    taken = private_api.post(f"/uploads/{group}", params={"show": "City Desk"}).raise_for_status().json()
    assert len(taken["jobs"]) == 2
    _until(private_api, lambda found: len(found["finished"]) == 2)
    quote = private_api.get("/ask", params={"q": "Who was elected mayor of Harlow?"}).json()["quotes"][0]
    assert quote["text"] == "The aardvark was elected mayor of Harlow on Monday."
    assert (quote["speaker"], quote["episode"]["title"], quote["episode"]["show"]) == (
        "Ann Lee",
        "The vote",
        "City Desk",
    )
    (failed,) = private_api.get("/jobs").json()["jobs"]
    assert (failed["name"], failed["state"]) == ("bad.vtt", "failed")
    assert failed["reason"].startswith("bad.vtt")
    assert "/uploads/" not in failed["reason"]
    assert private_api.delete(f"/uploads/{group}").status_code == 400  # its files are in use
    assert private_api.post(f"/jobs/{failed['id']}/retry").json() == {"done": 1}
    again = _until(private_api, lambda found: len(found["finished"]) == 3)
    assert [job["state"] for job in again["jobs"]] == ["failed"]
    assert private_api.delete("/jobs/failed").json() == {"done": 1}
    assert private_api.get("/jobs").json()["unfinished"] == 0


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/etc/passwd", "is not the address of a feed"),
        ("file:///etc/passwd", "is not the address of a feed"),
        ("http://127.0.0.1:9/feed.xml", "private network"),
        ("http://localhost:9/feed.xml", "private network"),
        ("http://[::1]:9/feed.xml", "private network"),
    ],
)
@pytest.mark.parametrize("path", ["/feeds/find", "/feeds"])
def test_feeds_lead_neither_to_files_nor_into_the_network(
    api: httpx.Client, path: str, url: str, sentence: str
) -> None:
    answer = api.post(path, json={"url": url})
    assert answer.status_code in (400, 422)
    assert sentence in answer.json()["error"]
    assert api.get("/feeds").json() == []


def _announce(client: httpx.Client, path: str, size: int) -> str:
    """Say that a file of ``size`` bytes comes, and send a little of it."""
    import http.client

    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=20)
    try:
        connection.putrequest("PUT", f"/api{path}")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _until(
    client: httpx.Client, holds: Callable[[dict[str, list[object]]], bool]
) -> dict[str, list[dict[str, object]]]:
    import time

    for _ in range(600):
        found = client.get("/jobs").raise_for_status().json()
        if holds(found):
            return found  # type: ignore[no-any-return]
        time.sleep(0.05)
    raise AssertionError(found)
