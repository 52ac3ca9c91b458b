"""A library of several languages, from the transcript to the full-text index and back, with real parts."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources

import pytest

from kb.catalogue import Source
from kb.errors import CatalogueError
from kb.knowledge_base import KnowledgeBase
from kb.questions.query import analyse
from kb.transcripts.canonical import canonicalise
from kb.types import Chunk, Episode, Filters, Segment, Transcript

SAID = {
    "zh": "三峡水坝建成于二零零六年。当地居民搬到了别处。",
    "ja": "黒部ダムは富山県にあります。建設には七年かかりました。",
    "th": "ปีนี้เกิดน้ำท่วมใหญ่ในภาคใต้ ชาวบ้านต้องอพยพ",
    "ko": "서울에서 지하철이 멈췄습니다. 시민들이 걸어갔습니다.",
    "lo": "ນ້ຳຖ້ວມໃຫຍ່ຢູ່ແຂວງຈຳປາສັກ",
    "km": "ទឹកជំនន់ធំបានកើតឡើងនៅខេត្តបាត់ដំបង",
    "my": "ရန်ကုန်မြို့တွင် ရေကြီးမှုဖြစ်ပွားခဲ့သည်။",
    "de": "Die Krankheiten breiteten sich in den Häusern aus.",
    "en": "The databases of the dam were kept in Springfield.",
}
#: Questions, and the words that only the episode of that language says.
ASKED = {
    "zh": "水坝什么时候建成的？",
    "ja": "ダムはどこにありますか",
    "th": "น้ำท่วมที่ไหน",
    "ko": "지하철은 왜 멈췄나?",
    "lo": "ນ້ຳຖ້ວມ",
    "km": "ទឹកជំនន់",
    "my": "ရေကြီးမှု",
    "de": "Welche Krankheit war es?",
    "en": "What database was it?",
}


def add(kb: KnowledgeBase, episode_id: str, text: str, language: str | None, speaker: str | None = None) -> None:
    episode = Episode(episode_id, "Show", f"Episode {episode_id}", language=language)
    transcript = Transcript((Segment(0, 9, text, speaker),), language)
    kb.add(episode, transcript, Source(f"file:///{episode_id}.txt", episode_id))


@pytest.fixture
def library(kb: KnowledgeBase) -> KnowledgeBase:
    for language, text in SAID.items():
        add(kb, language, text, language)
    return kb


def found(kb: KnowledgeBase, question: str) -> list[str]:
    """The episodes that full text finds, the best first."""
    passages = kb.catalogue.passages
    rows = passages.match(analyse(question, languages=passages.languages()).expression, 20)
    read = passages.read([row for row, _ in rows])
    return [read[row][0].episode_id for row, _ in rows]


def words_not_found(kb: KnowledgeBase, question: str) -> tuple[str, ...]:
    passages = kb.catalogue.passages
    return passages.unknown(analyse(question, languages=passages.languages()).terms)


@pytest.mark.parametrize(("language", "question"), ASKED.items())
def test_words_of_every_script_are_found(library: KnowledgeBase, language: str, question: str) -> None:
    assert found(library, question)[0] == language


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("水坝", True), ("水库", False), ("坝", True), ("坝水", False), ("ダム", True), ("น้ำท่วม", True), ("น้ำมัน", False),
        ("지하철", True), ("ရန်ကုန်", True), ("Krankheit", True), ("KRANKHEITEN", True), ("Haus", True), ("Gesundheit", False), ("database", True),
        ("Ｓpringfield", True), ("?!", False), ('"', False), ("", False),
    ],
)  # fmt: skip
def test_a_word_occurs_or_not(library: KnowledgeBase, word: str, said: bool) -> None:
    assert library.catalogue.passages.occurs(word) is said


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("水坝什么时候建成的？", ()),
        ("三峡水库什么时候建成的？", ("库",)),
        ("黄河水电站和三峡", ("黄河水电站和",)),
        ("Where are the databases of Shelbyville?", ("Shelbyville",)),
        ("Wo ist der Krankheiten Ursprung?", ("Ursprung",)),
    ],
)
def test_only_words_that_occur_nowhere_are_told(library: KnowledgeBase, question: str, told: tuple[str, ...]) -> None:
    assert words_not_found(library, question) == told


def test_words_are_counted_in_whichever_form(library: KnowledgeBase) -> None:
    add(library, "zh2", "水坝很大。水。", "zh")
    passages = library.catalogue.passages
    terms = analyse("水坝 坝 水 Krankheit Krankheiten database 黄河", languages=passages.languages()).terms
    counted = {term.word: passages.document_frequency(terms).get(term, 0) for term in terms}
    assert counted == {"水坝": 2, "坝": 2, "水": 2, "Krankheit": 1, "Krankheiten": 1, "database": 1, "黄河": 0}


def test_an_index_term_is_told_as_it_is_written(library: KnowledgeBase) -> None:
    passages = library.catalogue.passages
    assert {"databas", "krankheit", "水坝"} <= set(passages.vocabulary())
    written = [passages.written(term, 1) for term in ("databas", "krankheit", "水坝", "nowhere")]
    assert written == [("databases",), ("Krankheiten",), ("水坝",), ()]


def test_an_episode_whose_language_was_wrong_is_found_after_its_correction(kb: KnowledgeBase) -> None:
    add(kb, "talk", SAID["de"], "en")
    assert found(kb, "Krankheit") == []
    kb.corrections.edit(replace(kb.catalogue.episodes.get("talk"), language="de"))
    assert found(kb, "Krankheit") == ["talk"]
    assert kb.catalogue.passages.index_is_sound()
    kb.remove("talk")
    assert kb.catalogue.passages.index_is_sound()
    assert not kb.catalogue.passages.vocabulary()


def test_a_question_is_answered_in_its_language(library: KnowledgeBase) -> None:
    library.sync()
    answer = library.ask("水坝")
    assert not answer.searched.unknown_words
    assert library.search("水坝")[0].episode.id == "zh"


def test_a_damaged_index_is_repaired(library: KnowledgeBase) -> None:
    library.sync()
    with sqlite3.connect(library.home / "catalogue.sqlite3") as sql:
        sql.execute("INSERT INTO passages (passages) VALUES ('delete-all')")
    sql.close()
    assert not found(library, "水坝")
    findings = {finding.name: finding for finding in library.check(repair=True)}
    assert findings["full-text index"].repaired
    assert found(library, "水坝") == ["zh"]
    assert all(finding.ok for finding in library.check())


_OF_0001 = re.compile(r"^CREATE (?:VIEW|VIRTUAL TABLE) passages.*?;\n", re.DOTALL | re.MULTILINE)


def test_a_base_of_an_older_verbatim_is_indexed_anew_with_progress(library: KnowledgeBase) -> None:
    home = library.home
    library.close()
    scripts = resources.files("kb.catalogue").joinpath("migrations")
    number = next(int(script.name[:4]) for script in scripts.iterdir() if script.name.endswith("_index_terms.sql"))
    old = _OF_0001.findall(scripts.joinpath("0001_spine.sql").read_text("utf-8"))
    assert len(old) == 3
    sql = sqlite3.connect(home / "catalogue.sqlite3")
    sql.executescript(
        "DROP TABLE passages_terms; DROP TABLE passages; DROP VIEW passages_content;"
        f"{''.join(old)} INSERT INTO passages (passages) VALUES ('rebuild');"
        # What later migrations add is taken back, so that they can add it again.
        "ALTER TABLE saved_quotes DROP COLUMN earliest; ALTER TABLE saved_quotes DROP COLUMN latest;"
        "ALTER TABLE saved_quotes DROP COLUMN engine; ALTER TABLE saved_quotes DROP COLUMN cautions;"
        "DROP TABLE second_hearings; DROP TABLE voice_prints;"
        "DROP TABLE translations; DROP TABLE time_checks; DROP INDEX turns_adverts; ALTER TABLE turns DROP COLUMN advert;"
        "ALTER TABLE turns DROP COLUMN read_out;"
        "DROP INDEX embeddings_by_model; DROP INDEX chunks_by_speaker_nocase;"
        "DROP TABLE tokens; DROP TABLE activity; ALTER TABLE collections DROP COLUMN owner;"
        f"DELETE FROM settings WHERE key IN ('terms', 'identity', 'removed'); PRAGMA user_version = {number - 1};"
    )
    assert not sql.execute("SELECT 1 FROM passages WHERE passages MATCH '水坝'").fetchall()
    sql.close()
    told: list[tuple[str, int, int]] = []
    with KnowledgeBase(home, progress=lambda *event: told.append(event)) as opened:
        assert found(opened, "水坝") == ["zh"]
        assert opened.catalogue.passages.index_is_sound()
    assert told[0] == ("indexing words", 0, len(SAID))
    assert told[len(SAID)] == ("indexing words", len(SAID), len(SAID))
    told.clear()
    with KnowledgeBase(home, progress=lambda *event: told.append(event)):
        assert not told


def test_an_index_of_other_rules_is_made_anew(library: KnowledgeBase) -> None:
    library.catalogue.set_setting("terms", "0, another stemmer")
    library.close()
    told: list[tuple[str, int, int]] = []
    with KnowledgeBase(library.home, progress=lambda *event: told.append(event)) as opened:
        assert told
        assert opened.catalogue.passages.index_is_sound()


def test_bit_rot_stops_neither_the_check_nor_the_repair(library: KnowledgeBase) -> None:
    with library.catalogue._database.transaction() as sql:
        sql.execute(
            "UPDATE revisions SET text = CAST(CAST('The data' AS BLOB) || x'ff' || CAST(substr(text, 10) AS BLOB) AS TEXT) "
            "WHERE episode_id = 'en'"
        )
    assert not library.catalogue.passages.index_is_sound()
    library.catalogue.passages.rebuild_index()
    assert library.catalogue.passages.index_is_sound()
    assert found(library, "水坝") == ["zh"]


def test_the_database_is_told_when_an_expression_is_wrong(library: KnowledgeBase) -> None:
    with pytest.raises(CatalogueError):
        library.catalogue.passages.match('"', 5)


def test_a_filter_costs_no_search_a_passage(kb: KnowledgeBase) -> None:
    """FTS5 evaluated the expression once for each passage that the filter let in: seconds in a large library."""
    sentences = [f"The dam number {number} is tall." for number in range(6_000)]
    transcript = Transcript((Segment(None, None, " ".join(sentences), None),), "en")
    canonical = canonicalise(transcript)
    chunks, place = [], 0
    for number, sentence in enumerate(sentences):
        start, place = place, place + len(sentence)
        chunks.append(Chunk(f"talk@1:{start}-{place}", "talk", 1, number, None, None, start, place, ()))
        place += 1
    episode = Episode("talk", "Show", "Talk", language="en")
    kb.catalogue.episodes.add_revision(episode, transcript, canonical, 1, chunks, Source("file:///t", "0"))

    def took(filters: Filters | None) -> float:
        started = time.process_time()
        assert len(kb.catalogue.passages.match('"dam" OR "tall"', 10_000, filters)) == len(sentences)
        return time.process_time() - started

    plain: Mapping[str, float] = {"best": min(took(None) for _ in range(3))}
    assert min(took(Filters(shows=("Show",))) for _ in range(3)) < 8 * plain["best"] + 0.02
