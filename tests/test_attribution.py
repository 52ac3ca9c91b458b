"""How sure a speaker is, from the file to the quote: named there, or carried over from words before."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import lxml.html
import pytest

from ingest.formats import compose_podcast_json, parse_json, parse_markdown
from ingest.queue.batch import ingest
from kb.answers.cautions import speaker_cautions
from kb.citations import cite_today, find_style, print_references
from kb.exports.gathering import export_quotes
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import canonicalise
from kb.types import Segment, Transcript, Turn
from kb.web.reader.page import reader_html
from kb.wire import quote_json

from .conftest import SEGMENT

READ = "The speaker reads out somebody else’s text."
TALK = """---
title: The late ferry
date: 2024-01-05
speakers: [Jane Doerr]
---

**Jane Doerr:** [04:12] The ferry was late again.

Nobody told the harbour master about the broken engine.

**Omar Said:** [05:00] The captain knew about the gearbox.
"""


def test_a_quote_tells_from_where_its_speaker_is_carried_over(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text(TALK, encoding="utf-8")
    (result,) = ingest(kb, [tmp_path / "talk.md"])
    assert result.status == "added"
    episode = kb.catalogue.episodes.get(result.episode_id or "")
    assert (episode.title, episode.published) == ("The late ferry", "2024-01-05")
    text = kb.text(episode.id)
    assert text.startswith("The ferry was late")  # the front matter is nobody's words
    told = {}
    for words in ("The ferry was late again.", "Nobody told the harbour master", "The captain knew"):
        at = text.index(words)
        quote = kb.quote(f"{episode.id}@1:{at}-{at + len(words)}")
        told[words] = (quote.speaker, [c for c in quote_json(quote)["cautions"] if "carried" in c])
    assert told == {
        "The ferry was late again.": ("Jane Doerr", []),
        "Nobody told the harbour master": ("Jane Doerr", ["The speaker is carried over from 4:12."]),
        "The captain knew": ("Omar Said", []),
    }
    said = json.loads(compose_podcast_json(kb.transcript(episode.id)))["segments"]
    assert [segment["attribution"] for segment in said] == ["label", "carried", "label"]


def test_the_transcript_tells_from_where_a_speaker_is_carried_over(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text(TALK, encoding="utf-8")
    (result,) = ingest(kb, [tmp_path / "talk.md"])
    page = lxml.html.fromstring(reader_html(kb, result.episode_id or ""))
    said = [[(p.text_content(), p.get("class")) for p in turn.iter("p")] for turn in page.find_class("vb-turn")]
    assert said == [
        [
            ("The ferry was late again.", None),
            ("The speaker is carried over from 4:12.", "vb-note vb-carried"),
            ("Nobody told the harbour master about the broken engine.", None),
        ],
        [("The captain knew about the gearbox.", None)],
    ]


@pytest.mark.parametrize("gone", [False, True])
def test_a_saved_quote_keeps_how_its_speaker_is_known(kb: KnowledgeBase, tmp_path: Path, gone: bool) -> None:
    (tmp_path / "talk.md").write_text(TALK, encoding="utf-8")
    (result,) = ingest(kb, [tmp_path / "talk.md"])
    episode_id = result.episode_id or ""
    at = kb.text(episode_id).index("Nobody told")
    collection = kb.catalogue.collections.begin("ferry")[0]
    kb.catalogue.collections.add(collection, kb.quote(f"{episode_id}@1:{at}-{at + 30}"))
    if gone:
        kb.remove(episode_id)
    kept = kb.collections.quotes(collection.name)
    assert kept[0].standing.kind == ("gone" if gone else "current")
    for form in ("md", "html", "csv"):
        with io.BytesIO() as out:
            export_quotes(kb, "Ferry", kept, form, find_style("apa"), out)
            assert "The speaker is carried over from 4:12." in out.getvalue().decode()
    with io.BytesIO() as out:
        export_quotes(kb, "Ferry", kept, "zip", find_style("apa"), out)
        manifest = json.loads(zipfile.ZipFile(out).read("manifest.json"))
    assert "The speaker is carried over from 4:12." in manifest["quotes"][0]["cautions"]


def test_our_json_keeps_how_a_speaker_is_known() -> None:
    transcript = parse_markdown(Path("talk.md"), TALK.encode())
    assert parse_json(Path("talk.json"), compose_podcast_json(transcript).encode()) == transcript


def test_voices_without_a_name_are_not_one_turn() -> None:
    voices = (Segment(1, 2, "Why?", new_voice=True), Segment(2, 3, "Because."), Segment(3, 4, "No.", new_voice=True))
    canonical = canonicalise(Transcript(voices))
    assert [canonical.text[turn.char_start : turn.char_end] for turn in canonical.turns] == ["Why? Because.", "No."]


def test_a_label_without_a_time_is_told_without_one() -> None:
    turn = Turn("Ann", None, None, 10, 50, "label", 20)
    assert speaker_cautions([turn], 29) == ()
    assert speaker_cautions([turn], 30) == ("The speaker is carried over from a label further above.",)
    assert speaker_cautions([], 30) == ()


READ_OUT = """**Jane Doerr:** [04:12] The ferry was late again. The harbour master writes:

> The engine was broken. Nobody knew of it.

I do not believe him.

**Omar Said:** [05:00] The captain knew about the gearbox.
"""


def test_a_quote_that_is_read_out_tells_so_also_after_a_correction(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text(READ_OUT, encoding="utf-8")
    (result,) = ingest(kb, [tmp_path / "talk.md"])
    episode = result.episode_id or ""

    def told(words: str, revision: int) -> bool:
        at = kb.revisions.canonical(episode, revision).text.index(words)
        return READ in kb.quote(f"{episode}@{revision}:{at}-{at + len(words)}").cautions

    for words, is_read in (("The ferry was late", False), ("Nobody knew of it.", True), ("I do not believe", False)):
        assert told(words, 1) == is_read
    text = (
        kb.text(episode).split("\n\n")[0].replace("The ferry was", "The old ferry was").replace("broken", "quite worn")
    )
    assert kb.corrections.correct(episode, 1, 0, text, "Eva") == 2
    for words, is_read in (("The old ferry", False), ("quite worn. Nobody knew of it.", True), ("I do not", False)):
        assert told(words, 2) == is_read
    shown = lxml.html.fromstring(str(reader_html(kb, episode, 1)))
    assert " ".join(each.text or "" for each in shown.iterfind(".//p/i")) == "The engine was broken. Nobody knew of it."
    assert shown.text_content().count("The words in italics are somebody else’s text") == 1
    start = kb.text(episode).index("The harbour master writes")
    part = kb.quote(f"{episode}@2:{start}-{kb.text(episode).index(' Nobody knew')}")
    assert "The speaker reads out a part of this, which is somebody else’s text." in part.cautions
    assert "said" in print_references(cite_today([part], find_style("mla")), "text")
    copy = parse_json(Path("talk.json"), compose_podcast_json(kb.transcript(episode)).encode())
    assert [s.text for s in copy.segments if s.read_out] == [
        "The harbour master writes: The engine was quite worn.",  # a sentence
        "Nobody knew of it.",
    ]


def test_a_passage_says_turn_by_turn_whose_words_it_has(corpus_kb: KnowledgeBase) -> None:
    whole = corpus_kb.canonical(SEGMENT)
    found = corpus_kb.search("facial recognition", 50)
    assert any(len(hit.chunk.speakers) > 1 for hit in found)
    for hit in found:
        assert "\n\n".join(turn.text for turn in hit.turns) == hit.text
        assert {turn.speaker for turn in hit.turns if turn.speaker} == set(hit.chunk.speakers)
        for each in hit.turns:
            assert each.char_start is not None
            (turn,) = (turn for turn in whole.turns if turn.char_start <= each.char_start < turn.char_end)
            assert turn.speaker == each.speaker
            assert whole.text[each.char_start :].startswith(each.text)
