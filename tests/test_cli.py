"""The command line as its users meet it: in a process of its own."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from kb.catalogue import STATUSES
from kb.citations import FORMATS as CITED
from kb.citations import Form
from kb.cli import saving
from kb.exports import DOCUMENTS
from kb.outputs import ExportFormat, ReferenceFormat

from .conftest import CORPUS, ROOT, SEGMENT, Run, environment, heed_interrupts

DRAGNET = "Who described the collaboration as a dragnet?"
CITY = "Which city outlawed police use of face recognition?"
RECIPE = "What recipe is best for sourdough bread?"
QUOTE_KEYS = "id text speaker start end earliest latest char_start char_end revision score confidence before after link origin engine remarks elsewhere cautions episode".split()


@pytest.fixture
def home(corpus_home: Path, tmp_path: Path) -> Path:
    """A data folder of its own with the corpus in it."""
    return Path(shutil.copytree(corpus_home, tmp_path / "filled"))


def test_ask_prints_the_stable_json(run: Run, home: Path) -> None:
    done = run("ask", "--json", DRAGNET, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert set(answer) == {"question", "answered", "verdict", "quotes", "searched", "nearest"}
    assert (answer["answered"], answer["verdict"]) == (True, "answers")
    assert answer["searched"]["episodes"] == 1
    quote = answer["quotes"][0]
    assert list(quote) == QUOTE_KEYS
    assert set(quote["episode"]) == {"id", "title", "show", "published", "url", "audio_note"}
    assert quote["speaker"] == "Aarti Shahani"
    assert "dragnet" in quote["text"]
    assert quote["link"] == f"/quote/{quote['id']}"
    assert quote["before"].endswith("So that is a huge disparity.")
    assert quote["after"].startswith("And he says citizens of color")


def test_every_quote_slices_the_printed_transcript(run: Run, home: Path) -> None:
    text = run("transcript", SEGMENT, "--format", "text", home=home).stdout
    for question in (DRAGNET, CITY, "What did Bedoya say?"):
        quotes = json.loads(run("ask", "--json", question, home=home).stdout)["quotes"]
        assert quotes
        for quote in quotes:
            assert text[quote["char_start"] : quote["char_end"]] == quote["text"]


def test_an_unanswered_question_exits_with_zero_and_says_so(run: Run, home: Path) -> None:
    done = run("ask", "--json", RECIPE, home=home)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["answered"]) == (0, False)
    assert answer["verdict"] == ("nearest" if answer["quotes"] else "none")
    headings = {
        "nearest": "These quotes come nearest; judge for yourself.\n",
        "none": "Nothing in your library answers this.\n",
    }
    told = run("ask", RECIPE, home=home).stdout
    assert told.startswith(headings[answer["verdict"]])
    assert "Searched 7 passages of 1 episode.\n" in told
    assert "Words that occur nowhere: recipe, best, sourdough, bread.\n" in told
    nothing = run("ask", "?!", home=home).stdout
    assert nothing == "Nothing was searched.\nYour question has no word to search for.\n"


def test_batch_answers_in_order_as_lines_and_as_a_table(run: Run, home: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = [DRAGNET, RECIPE, CITY]
    questions.write_text("".join(json.dumps({"question": question}) + "\n" for question in asked) + "\n")
    done = run("ask", "--batch", questions, "--out", tmp_path / "answers.jsonl", home=home)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [answer["question"] for answer in answers] == asked
    assert [answer["answered"] for answer in answers] == [True, False, True]
    run("ask", "--batch", questions, "--out", tmp_path / "answers.csv", home=home)
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["question"] for row in rows} == set(asked)
    assert next(row for row in rows if row["question"] == CITY)["speaker"] == "Aarti Shahani"
    cautions = [
        " ".join(filter(None, (*quote["cautions"], quote["episode"]["audio_note"])))
        for answer in answers
        for quote in answer["quotes"]
    ]
    assert [row["cautions"] for row in rows if row["quote"]] == cautions


def test_a_table_holds_no_formula(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("=1+1 is what the formula said about cabbages.")
    (tmp_path / "b.txt").write_text("＋1 is what the formula said about turnips.")
    (tmp_path / "q.jsonl").write_text(
        '{"question": "=What did the formula say about cabbages?"}\n{"question": "What did the formula say about turnips?"}\n{"question": "@SUM(xyzzy)"}\n'
    )
    assert run("ingest", tmp_path / "a.txt", tmp_path / "b.txt").returncode == 0
    run("ask", "--k", "1", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["quote"] for row in rows][:2] == [
        "'=1+1 is what the formula said about cabbages.",
        "'＋1 is what the formula said about turnips.",
    ]
    assert [row["question"][0] for row in rows] == ["'", "W", "'"]
    assert [row["verdict"] for row in rows][:2] == ["answers", "answers"]


def test_a_bad_line_of_a_batch_is_named_before_anything_is_answered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"question": "a"}\n{"question": " "}\n')
    done = run("ask", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "a.csv")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{tmp_path / 'q.jsonl'}, line 2: expected" in done.stderr
    assert not (tmp_path / "a.csv").exists()


def test_a_batch_never_writes_over_its_questions(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": "One line?"}\n', "utf-8")
    done = run("ask", "--batch", questions, "--out", tmp_path / "." / "q.jsonl")
    assert (done.returncode, "name another one" in done.stderr) == (2, True)
    assert questions.read_text("utf-8") == '{"question": "One line?"}\n'


def test_search_lists_passages(run: Run, home: Path) -> None:
    hits = json.loads(run("search", "--json", "facial recognition", "--k", "3", home=home).stdout)
    assert len(hits) == 3
    assert "facial recognition" in hits[0]["text"]
    assert "San Francisco" in run("search", "San Francisco", home=home).stdout


def test_episodes_lists_shows_and_removes(run: Run, home: Path) -> None:
    (listed,) = json.loads(run("episodes", "--json", home=home).stdout)
    assert (listed["id"], listed["show"], listed["published"]) == (SEGMENT, "All Things Considered", "2019-07-08")
    assert listed["people"][0] == {"name": "Audie Cornish", "role": "host"}
    assert "not NPR's broadcast" in run("episodes", "show", SEGMENT, home=home).stdout
    assert run("episodes", "remove", SEGMENT, "--yes", home=home).returncode == 0
    assert json.loads(run("episodes", "--json", home=home).stdout) == []
    gone = run("episodes", "show", SEGMENT, home=home)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)


def test_transcripts_come_out_as_subtitles_that_go_in_again(run: Run, home: Path, tmp_path: Path) -> None:
    text = run("transcript", SEGMENT, home=home).stdout
    for kind in ("vtt", "srt"):
        file = tmp_path / f"again.{kind}"
        file.write_text(run("transcript", SEGMENT, "--format", kind, home=home).stdout, "utf-8")
        assert run("ingest", file, home=tmp_path / kind).returncode == 0
        assert run("transcript", "again", home=tmp_path / kind).stdout == text
    podcast = json.loads(run("transcript", SEGMENT, "--format", "json", home=home).stdout)
    assert podcast["version"] == "1.0.0"
    assert podcast["segments"][0]["speaker"] == "Audie Cornish"
    assert podcast["segments"][0]["words"][1] == {"body": "we", "startTime": 0.517, "endTime": 0.64}


def test_check_passes_and_repairs(run: Run, home: Path) -> None:
    sound = run("check", home=home)
    assert (sound.returncode, sound.stdout.count("ok ")) == (0, 7)
    before = run("ask", "--json", CITY, home=home).stdout
    for path in (home / "index").glob("generation-*/**/*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    broken = run("check", home=home)
    assert broken.returncode == 1
    assert "kb check --repair" in broken.stderr
    assert run("check", "--repair", home=home).returncode == 0
    assert run("check", home=home).returncode == 0
    assert run("ask", "--json", CITY, home=home).stdout == before


def test_bad_files_get_one_sentence_each_and_the_rest_goes_in(run: Run, tmp_path: Path) -> None:
    good = CORPUS / f"{SEGMENT}.vtt"
    missing, empty = tmp_path / "missing.vtt", tmp_path / "empty.txt"
    binary, malformed = tmp_path / "binary.vtt", tmp_path / "malformed.srt"
    unknown, no_folder = tmp_path / "slides.pdf", tmp_path / "nothing"
    empty.write_bytes(b"")
    binary.write_bytes(bytes(range(256)) * 20)
    malformed.write_text("1\n00:00:01,000 --> 00:99:99,000\nHello\n")
    unknown.write_bytes(b"%PDF-1.7")
    no_folder.mkdir()
    bad = [missing, empty, binary, malformed, unknown, no_folder]
    done = run("ingest", *bad, good)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(bad)
    for path in bad:
        (line,) = (line for line in lines if line.startswith(f"failed     {path}"))
        assert "Traceback" not in line
        assert len(line) < 400
    assert sum("00:99:99" in line for line in lines) == 1
    assert done.stdout == f"added      {SEGMENT}\n"
    assert run("ask", "--json", CITY).stdout.count('"answered": true') == 1


def test_a_bad_sidecar_fails_its_own_episode_only(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"This is episode {name}.")
    (tmp_path / "one.toml").write_text('titel = "A typing error"')
    results = [json.loads(line) for line in run("ingest", "--json", tmp_path).stdout.splitlines()]
    assert {result["event"] for result in results} == {"result"}
    assert [result["status"] for result in results] == ["failed", "added"]
    assert "titel" in results[0]["error"]
    assert "title" in results[0]["error"]


def test_speakers_are_renamed_and_stay_renamed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "talk.vtt"
    file.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\n<v SPEAKER_00>Cabbages are cheaper than kings.\n")
    assert run("ingest", file).stdout == "added      talk\n"
    assert run("ingest", file, "--speaker", "SPEAKER_00=Lewis Carroll").stdout == "revised    talk\n"
    assert json.loads(run("ask", "--json", "Are cabbages cheaper?").stdout)["quotes"][0]["speaker"] == "Lewis Carroll"
    assert run("ingest", file).stdout == "unchanged  talk\n"


def test_models_are_listed_and_fetched_only_when_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = json.loads(run("models", "list", "--json").stdout)
    small = next(model for model in listed if model["name"] == "small" and model["engine"] == "faster-whisper")
    assert small["licence"] == "MIT"
    assert small["size"] > 100_000_000
    built_in = [model for model in listed if model["engine"] == "embedding"]
    assert [model["name"] for model in built_in] == ["verbatim-reader", "static"]
    assert all(model["size"] > 1_000_000 and (Path(model["path"]) / "README.md").is_file() for model in built_in)
    unknown = run("models", "fetch", "nonsense")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "kb models list" in unknown.stderr


@pytest.mark.slow
def test_a_fetch_from_nowhere_ends_in_a_sentence(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"HF_ENDPOINT": "http://127.0.0.1:9", "KB_MODELS": str(tmp_path / "models")}
    command = [sys.executable, "-m", "kb", "models", "fetch", "tiny"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "tiny" in done.stderr
    assert "licence MIT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask"], "Give either a question or --batch FILE."),
        (["ask", "  "], "The question is empty"),
        (["ask", "x", "--k", "0"], "ask for 1 to 100"),
        (["ask", "x", "--since", "yesterday"], "not a date such as 2019-07-08"),
        (["ask", "--batch", "nowhere.jsonl"], "nowhere.jsonl"),
        (["transcript"], "Missing argument"),
        (["frobnicate"], "No such command"),
        (["ingest", "a.vtt", "--speaker", "Bob"], "OLD=NEW"),
        (["--embedding", "/no/such/model", "ask", "x"], "not on this machine"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(run: Run, arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if "--embedding" in arguments else 2)


def test_a_damaged_catalogue_is_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "damaged"
    home.mkdir()
    (home / "catalogue.sqlite3").write_bytes(b"This is no database." * 200)
    done = run("episodes", home=home)
    assert done.returncode == 1
    assert "catalogue.sqlite3" in done.stderr
    assert "backup" in done.stderr
    assert "Traceback" not in done.stderr


def test_home_may_stand_anywhere(run: Run, home: Path) -> None:
    assert SEGMENT in run("episodes", "--home", home).stdout
    assert SEGMENT in run("--home", home, "episodes").stdout


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    """Start-up is fast because nothing slow is imported; the time itself is measured in bench/."""
    code = "import sys\ntry:\n    from kb.cli import main; main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment(Path("unused"))
    )
    loaded = set(done.stdout.split())
    assert "kb.cli.asking" in loaded
    assert not loaded & set(
        "numpy sqlite3 chromadb gradio torch av rich sentence_transformers fastapi whisper babel".split()
    )


@pytest.mark.slow
def test_one_question_waits_for_no_heavy_library(home: Path) -> None:
    """A small base is compared exactly; importing Chroma would cost more than the answer."""
    code = f"import sys\nfrom kb.cli import main\ntry: main(['ask', '{CITY}'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment(home))
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & set("chromadb torch gradio sentence_transformers whisper httpx text_to_num babel".split())


@pytest.mark.slow
def test_ctrl_c_ends_in_a_sentence(tmp_path: Path) -> None:
    import signal

    for number in range(3_000):
        (tmp_path / f"{number}.txt").write_text(f"Episode {number} says nothing much.")
    process = subprocess.Popen(
        [sys.executable, "-m", "kb", "ingest", str(tmp_path)],
        cwd=ROOT,
        env=environment(tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "kb: Stopped. What was finished is kept; the same command continues from there.\n"


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        (saving.Checked, STATUSES),
        (ReferenceFormat, (*get_args(Form), *CITED)),
        (ExportFormat, (*DOCUMENTS, "vtt", "srt", "zip")),
    ],
)
def test_the_choices_that_are_repeated_for_quick_help_are_those_that_there_are(
    choice: type[StrEnum], known: tuple[str, ...]
) -> None:
    assert tuple(choice) == known
