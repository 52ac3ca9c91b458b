"""Subtitles are written where words' times are known, and refused where they would be invented."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ingest.queue.batch import ingest
from kb.citations import find_style
from kb.errors import UsageError
from kb.exports.gathering import export_quotes
from kb.exports.transcripts import export_transcript
from kb.knowledge_base import KnowledgeBase
from kb.outputs import ExportFormat, TranscriptFormat
from kb.web.collections.choosing import offered

_SUBTITLES = (ExportFormat.VTT, ExportFormat.SRT)
#: Its first sentence and its last are known to the second, what Bo says only within four minutes.
_COARSE = """[12:01] Ann Lee: The ferry was late again.

[12:05] Ann Lee: Nobody at the harbour knew why it was late again, and nobody asked.

Bo Dahl: It failed in spring, when the pier was closed and the pilots were away.

[16:07] Ann Lee: So we waited.
"""


@pytest.fixture
def coarse(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    path = tmp_path / "talk.txt"
    path.write_text(_COARSE)
    assert ingest(kb, [path])[0].status == "added"
    return kb


def address(kb: KnowledgeBase, words: str) -> str:
    start = kb.text("talk").index(words)
    return f"talk@1:{start}-{start + len(words)}"


@pytest.mark.parametrize("form", _SUBTITLES)
@pytest.mark.parametrize("words", ["It failed in spring", "Nobody at the harbour knew why", "So we waited."])
def test_a_quote_whose_time_is_a_range_is_no_subtitle(coarse: KnowledgeBase, words: str, form: ExportFormat) -> None:
    saved = coarse.collections.citable([address(coarse, words)])
    with pytest.raises(UsageError, match="not known for talk@1:"):
        export_quotes(coarse, "Ferry", saved, form, find_style("apa"), io.BytesIO())
    assert not set(_SUBTITLES) & set(offered(saved)[0])


def test_a_quote_whose_time_is_known_is_one(coarse: KnowledgeBase) -> None:
    saved = coarse.collections.citable([address(coarse, "The ferry was late again.")])
    out = io.BytesIO()
    export_quotes(coarse, "Ferry", saved, ExportFormat.SRT, find_style("apa"), out)
    assert out.getvalue().startswith(b"1\n00:12:01,000 --> 00:12:05,000\nAnn Lee: The ferry")
    assert set(_SUBTITLES) <= set(offered(saved)[0])


@pytest.mark.parametrize("form", [TranscriptFormat.VTT, TranscriptFormat.SRT])
def test_a_transcript_with_times_minutes_apart_is_not_written_as_subtitles(
    coarse: KnowledgeBase, form: TranscriptFormat
) -> None:
    with pytest.raises(UsageError, match=r"minutes apart.*text or json"):
        export_transcript(coarse, "talk", form)


def test_more_than_five_episodes_are_told_with_an_ellipsis(kb: KnowledgeBase, tmp_path: Path) -> None:
    paths = [tmp_path / f"talk{number}.txt" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_text(f"[0:01] Ann Lee: The ferry number {number} was late.\n\n[0:04] Ann Lee: Yes.")
    ingest(kb, paths)
    saved = kb.collections.citable(f"talk{number}@1:0-9" for number in range(6))
    with pytest.raises(UsageError, match=r"from 6: .*talk4, …\."):
        export_quotes(kb, "Ferry", saved, ExportFormat.SRT, find_style("apa"), io.BytesIO())
