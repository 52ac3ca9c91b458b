"""How sure a speaker is, from the file to the quote: named there, or carried over from words before."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.formats import compose_podcast_json, parse_json, parse_markdown
from ingest.queue.batch import ingest
from kb.addresses import parse_address
from kb.answers.answering import build_quote
from kb.answers.cautions import speaker_cautions
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import canonicalise
from kb.types import Segment, Transcript, Turn
from kb.wire import quote_json

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
        quote = build_quote(kb.catalogue, parse_address(f"{episode.id}@1:{at}-{at + len(words)}"))
        told[words] = (quote.speaker, [c for c in quote_json(quote)["cautions"] if "carried" in c])
    assert told == {
        "The ferry was late again.": ("Jane Doerr", []),
        "Nobody told the harbour master": ("Jane Doerr", ["The speaker is carried over from 4:12."]),
        "The captain knew": ("Omar Said", []),
    }
    said = json.loads(compose_podcast_json(kb.transcript(episode.id)))["segments"]
    assert [segment["attribution"] for segment in said] == ["label", "carried", "label"]


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
