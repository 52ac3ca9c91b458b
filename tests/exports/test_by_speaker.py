"""An evidence package has its transcripts turn by turn, too, to see who says what."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kb.exports.by_speaker import by_speaker
from kb.exports.package import MANIFEST
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import canonicalise
from kb.types import Segment, Transcript

from .test_package import BEDOYA, packed, unpacked


def test_a_package_has_its_transcripts_turn_by_turn(corpus_home: Path, tmp_path: Path) -> None:
    with KnowledgeBase(corpus_home) as kb:
        files = unpacked(packed(kb, tmp_path / "evidence.zip", BEDOYA))
    (quote,) = json.loads(files[MANIFEST])["quotes"]
    whole, spoken = (files[quote[name]].decode() for name in ("transcript", "speakers"))
    turns = [turn.split("\n", 1) for turn in spoken.rstrip("\n").split("\n\n")]
    assert "\n\n".join(words for _, words in turns) == whole
    (label,) = (label for label, words in turns if quote["text"] in words)
    assert re.fullmatch(r"\[3:\d\d\] Alvaro Bedoya:", label)
    assert f"Who speaks when: {quote['speakers']}" in files["README.txt"].decode()


def test_what_is_read_out_stands_on_lines_of_its_own() -> None:
    said = (
        Segment(252, 255, "The harbour master writes:", "Jane Doerr"),
        Segment(None, None, "The engine was broken.", "Jane Doerr", read_out=True),
        Segment(None, None, "Nobody knew of it.", "Jane Doerr", read_out=True),
        Segment(None, 270, "I do not believe him.", "Jane Doerr"),
        Segment(270, 280, "Nor do I."),
    )
    assert by_speaker(canonicalise(Transcript(said))) == (
        "[4:12] Jane Doerr:\nThe harbour master writes:\n> The engine was broken.\n> Nobody knew of it.\n"
        "I do not believe him.\n\n[4:30] Unknown speaker:\nNor do I.\n"
    )
