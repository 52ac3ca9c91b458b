"""The questions about talk that the reader is trained on: they are well formed, and none is of what is measured."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.reader import asked

from .conftest import ROOT

LINES = [json.loads(line) for line in asked.FILE.read_text("utf-8").splitlines()]

TALK = "\n\n".join(
    f"**{name}:** The {crop} were sown in {month}. " + f"It rained on the {crop} for days and nobody came. " * 12
    for name, crop, month in [
        ("Ana Petrowa", "turnips", "March"),
        ("Bob Ray", "beans", "April"),
        ("Ana Petrowa", "leeks", "May"),
        ("Bob Ray", "plums", "June"),
        ("Ana Petrowa", "pears", "July"),
        ("Bob Ray", "nuts", "August"),
    ]
)


def test_no_episode_is_trained_on_and_measured() -> None:
    measured = set()
    for file in (ROOT / "bench" / "questions").glob("*.jsonl"):
        measured |= {json.loads(line).get("episode") for line in file.read_text("utf-8").splitlines()}
    assert not measured & {line["episode"] for line in LINES}


def test_every_place_is_in_its_stretch_and_no_question_stands_twice() -> None:
    for line in LINES:
        assert not set(line["others"]) & set(range(line["first"], line["first"] + asked.LENGTH))
        assert len({question["q"] for question in line["questions"]}) == len(line["questions"])
        for question in line["questions"]:
            assert question["q"].strip() == question["q"] != ""
            assert all(0 <= passage < asked.LENGTH and sentence >= 0 for passage, sentence in question["gold"])


def test_some_episodes_are_kept_apart() -> None:
    apart = {line["episode"] for line in LINES if asked.is_kept_apart(line["episode"])}
    assert 0.05 < len(apart) / len({line["episode"] for line in LINES}) < 0.12


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "changelog").mkdir()
    (tmp_path / "changelog" / "talk.md").write_text(TALK, "utf-8")
    passages = asked.transcript_passages(tmp_path, "talk.md")
    assert len(passages) > asked.LENGTH
    digest = asked._digest(passages[: asked.LENGTH])
    questions = [{"q": "When did beans go into the ground?", "gold": [[1, 0]]}, {"q": "Who ate them?", "gold": []}]
    line = {"episode": "talk.md", "first": 0, "others": [asked.LENGTH], "digest": digest, "questions": questions}
    monkeypatch.setattr(asked, "FILE", tmp_path / "asked.jsonl")
    (tmp_path / "asked.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    return tmp_path


def test_a_stretch_is_made_of_the_programs_passages(data: Path) -> None:
    (stretch,) = asked.read_asked(data)
    (question,) = stretch.passages[1].questions
    assert stretch.passages[1].sentences[question.gold[0]] == "The beans were sown in April."
    assert [each.text for each in stretch.passages[0].questions] == ["Who ate them?"]
    batch = next(asked.stretch_batches([stretch, stretch], random.Random(0)))
    assert len(batch) == 2 * (asked.LENGTH + 1)
    assert batch[1].heading.endswith("Bob Ray:")


def test_another_text_is_refused(data: Path) -> None:
    (data / "changelog" / "talk.md").write_text(TALK.replace("March", "autumn"), "utf-8")
    with pytest.raises(SystemExit, match=r"talk\.md is not the text"):
        asked.read_asked(data)


def test_a_meeting_is_cut_as_the_program_cuts_it(tmp_path: Path) -> None:
    turns = [
        {
            "speaker": name,
            "content": f"{{vocalsound}} The {crop} were sown in March . " + "Nobody came , so we waited . " * 20,
        }
        for name, crop in [("Ana", "turnips"), ("Bob", "beans")]
    ]
    (tmp_path / "qmsum" / "train").mkdir(parents=True)
    (tmp_path / "qmsum" / "train" / "m.json").write_text(json.dumps({"meeting_transcripts": turns}), "utf-8")
    first, *_ = asked.transcript_passages(tmp_path, "qmsum/train/m.json")
    assert first.sentences[:2] == ("The turnips were sown in March.", "Nobody came, so we waited.")
    assert first.heading == "Ana"
