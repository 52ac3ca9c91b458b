"""The retrieval benchmark: its questions are what they claim to be, and its measures are the field's."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.retrieval import data
from bench.retrieval.homes import add_meetings
from bench.retrieval.metrics import Scores, auroc, mean_with_interval, scored
from bench.retrieval.report import Table, replace_tables
from ingest.formats import parse
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import canonicalise
from kb.types import Turn

from .conftest import CORPUS, MATERIAL, ROOT, SEGMENT
from .meetings import write_meeting

SHOWS = "afk backstage founderstalk gotime jsparty news podcast practicalai rfc shipit spotlight".split()


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data.QUESTIONS / name).read_text("utf-8").splitlines()]


PARAPHRASES = lines("paraphrases.jsonl")
UNANSWERABLE = lines("unanswerable.jsonl")


# -- the questions


def test_there_are_enough_questions_from_everywhere() -> None:
    episodes = Counter(line["episode"] for line in PARAPHRASES)
    assert len(PARAPHRASES) >= 150
    assert len(episodes) >= 60
    assert {episode.split("/")[0] for episode in episodes if "/" in episode} == set(SHOWS)
    assert episodes[SEGMENT] >= 12
    kinds = Counter(line["kind"] for line in UNANSWERABLE)
    assert set(kinds) == {"near", "off"}
    assert min(kinds.values()) >= 40


def test_every_question_keeps_its_split() -> None:
    every = [*PARAPHRASES, *UNANSWERABLE]
    assert len({line["id"] for line in every}) == len({line["question"] for line in every}) == len(every)
    assert all(line["split"] == data.split_of(line["id"]) for line in every)
    share = sum(line["split"] == "test" for line in every) / len(every)
    assert 0.25 < share < 0.42


def test_gold_sentences_stand_in_their_transcripts() -> None:
    """Those of the transcripts that every clone has; the benchmark itself finds any other that does not."""
    texts: dict[str, tuple[str, tuple[Turn, ...]]] = {}
    here = [line for line in PARAPHRASES if line["episode"] == SEGMENT] + data.asked_about(MATERIAL)
    assert len(here) > 35
    for line in here:
        episode = line["episode"]
        if episode not in texts:
            path = MATERIAL / "changelog" / episode if "/" in episode else CORPUS / f"{episode}.vtt"
            read = canonicalise(parse(path, path.read_bytes()))
            texts[episode] = read.text, read.turns
        text, turns = texts[episode]
        assert 1 <= len(line["gold"]) <= 3, line["id"]
        for sentence in line["gold"]:
            assert text.count(sentence) == 1, f"{line['id']}: {sentence}"
            at = text.index(sentence)
            speaker = next(turn.speaker for turn in turns if turn.char_start <= at < turn.char_end)
            assert speaker == line["speaker"], line["id"]


def test_questions_are_in_other_words_than_the_speakers() -> None:
    shares = [data.overlap(line["question"], line["gold"]) for line in PARAPHRASES]
    stated = re.search(r"hold: ([\d.]+)\.", (data.QUESTIONS / "README.md").read_text("utf-8"))
    assert stated is not None
    assert f"{median(shares):.2f}" == stated[1]
    assert median(shares) <= 0.25
    assert sum(share > 0.6 for share in shares) < 10


def test_what_was_looked_for_before_a_question_was_called_unanswerable_is_told() -> None:
    for line in UNANSWERABLE:
        assert line["checked"]
        assert all(re.compile(pattern) for pattern in line["checked"])
        assert (line["episode"] is not None) == (line["kind"] == "near")


def test_the_pool_holds_every_episode_with_questions(tmp_path: Path) -> None:
    asked = {line["episode"] for line in PARAPHRASES if "/" in line["episode"]}
    for name in asked | {f"{show}/{number}.md" for show in ("bigtent", "gotime") for number in range(200)}:
        (tmp_path / "changelog" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "changelog" / name).touch()
    files = data.pool(tmp_path, 200)
    assert len(files) == len(set(files)) == 200
    names = {f"{file.parent.name}/{file.name}" for file in files}
    assert asked <= names
    every = {
        line.get("episode")
        for file in data.QUESTIONS.glob("*.jsonl")
        for line in map(json.loads, file.read_text("utf-8").splitlines())
    }
    assert not any(
        name.startswith("bigtent/") for name in names - every
    )  # another licence: only where it is asked about
    assert files == data.pool(tmp_path, 200)


def test_gold_of_meetings_is_what_was_said_in_the_turns(kb: KnowledgeBase, tmp_path: Path) -> None:
    file = write_meeting(tmp_path / "meeting.json")
    add_meetings(kb, [file])
    meeting = json.loads(file.read_text("utf-8"))
    questions = list(data.meeting_questions(kb, [file]))
    assert [question.text for question in questions] == [query["query"] for query in meeting["specific_query_list"]]
    for question, query in zip(questions, meeting["specific_query_list"], strict=True):
        text = kb.text(question.episode)
        for span, (first, last) in zip(question.gold, query["relevant_text_span"], strict=True):
            said = [turn["content"] for turn in meeting["meeting_transcripts"][int(first) : int(last) + 1]]
            plain = re.sub(r"\{\w+\}|\W", "", "".join(said))
            assert re.sub(r"\W", "", text[span.start : span.end]) == plain


# -- the measures


def test_measures_of_a_ranking_reckoned_by_hand() -> None:
    found = scored([False, True, True, False, False, True], relevant=4)
    assert found.recall_5 == 2 / 4
    assert found.recall_10 == 3 / 4
    assert found.mrr_10 == 1 / 2
    assert (found.success_1, found.success_5) == (0.0, 1.0)
    assert found.ndcg_10 == pytest.approx((0.63093 + 0.5 + 0.35621) / (1 + 0.63093 + 0.5 + 0.43068), abs=1e-4)


@given(st.lists(st.booleans(), max_size=15), st.integers(0, 5))
def test_measures_lie_between_nought_and_one(hits: list[bool], missed: int) -> None:
    relevant = sum(hits) + missed
    if relevant:
        found = scored(hits, relevant)
        values = [found.recall_5, found.recall_10, found.ndcg_10, found.mrr_10, found.success_1, found.success_5]
        assert all(0 <= value <= 1 + 1e-9 for value in values)
        best = scored(sorted(hits, reverse=True), relevant)
        assert best.ndcg_10 >= found.ndcg_10 - 1e-9
        assert best.mrr_10 >= found.mrr_10


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_auroc_is_the_chance_that_a_positive_scores_higher(ours: list[int], theirs: list[int]) -> None:
    wins = sum((a > b) + (a == b) / 2 for a in ours for b in theirs)
    assert auroc(ours, theirs) == pytest.approx(wins / (len(ours) * len(theirs)))


def test_an_interval_holds_its_mean_and_widens_where_few_groups_decide() -> None:
    values = [Scores(*[float(number % 4 == 0)] * 6) for number in range(200)]
    each = mean_with_interval(values, range(200))[0]
    four = mean_with_interval(values, [number % 4 for number in range(200)])[0]
    assert each.mean == four.mean == 0.25
    assert each.low < 0.25 < each.high
    assert 0.1 < each.high - each.low < 0.14  # 4 x the standard error of a share of 200
    assert four.high - four.low > 0.5
    assert mean_with_interval(values, range(200))[0] == each


# -- the page


def test_tables_are_put_where_the_page_keeps_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table a -->\nold\n<!-- end -->\nbetween\n<!-- table b -->\nkept\n<!-- end -->\n")
    replace_tables(page, [Table("a", "caption", ("x", "y"), [("1", "2")])])
    text = page.read_text()
    assert "old" not in text
    assert "caption\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n<!-- end -->\nbetween" in text
    assert "kept" in text
    with pytest.raises(SystemExit, match="no place for c"):
        replace_tables(page, [Table("c", "", (), [])])


def test_every_figure_on_the_page_tells_its_command() -> None:
    text = (ROOT / "docs" / "retrieval.md").read_text("utf-8")
    blocks = re.findall(r"<!-- table ([\w-]+) -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert len(blocks) == 7
    for name, block in blocks:
        assert block.startswith("`python -m bench.retrieval "), name
        assert "--quick" not in block
