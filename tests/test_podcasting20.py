"""The Podcasting 2.0 examples, taken in and read back, against what other programs read in the same files."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
import srt
import webvtt

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase
from kb.timecode import parse_timecode
from kb.types import ImportResult

from .conftest import MATERIAL

#: A stretch of one speaker's words: who, from when, until when, what.
Said = tuple[str | None, float | None, float | None, str]


def read_vtt(path: Path) -> Iterator[Said]:
    for cue in webvtt.read(path):
        yield cue.voice, parse_timecode(cue.start), parse_timecode(cue.end), html.unescape(cue.text)


def read_srt(path: Path) -> Iterator[Said]:
    speaker = None
    for cue in srt.parse(path.read_text("utf-8")):
        named = re.match(r"(Travis|Sarah|Gilon): ", cue.content)
        speaker = named[1] if named else speaker
        text = cue.content[named.end() :] if named else cue.content
        yield speaker, cue.start.total_seconds(), cue.end.total_seconds(), text


def read_json(path: Path) -> Iterator[Said]:
    for segment in json.loads(path.read_text("utf-8"))["segments"]:
        yield segment["speaker"], segment["startTime"], segment["endTime"], segment["body"]


def read_html(path: Path) -> Iterator[Said]:
    """A paragraph ends where the next one starts; the last one's end is nowhere said."""
    page = path.read_text("utf-8")
    parts = re.findall(r"<cite>(\w+):</cite>\s*<time>([\d:]+)</time>\s*<p>(.*?)</p>", page, re.DOTALL)
    starts = [parse_timecode(time) for _, time, _ in parts]
    ends = [*starts[1:], None]
    for (speaker, _, text), start, end in zip(parts, starts, ends, strict=True):
        yield speaker, start, end, html.unescape(text)


READERS = {".vtt": read_vtt, ".srt": read_srt, ".json": read_json, ".html": read_html}


def turns(said: Iterator[Said]) -> list[Said]:
    """What is said with the stretches of one speaker joined."""
    joined = []
    for speaker, group in groupby(said, key=lambda stretch: stretch[0]):
        parts = list(group)
        joined.append((speaker, parts[0][1], parts[-1][2], " ".join(" ".join(p[3] for p in parts).split())))
    return joined


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeBase, list[ImportResult]]]:
    # Each in a folder of its own: side by side, forms of one transcript are one episode.
    folder = tmp_path_factory.mktemp("samples")
    for path in find_sources([MATERIAL / "podcasting20"]):
        (folder / path.suffix[1:]).mkdir()
        shutil.copy(path, folder / path.suffix[1:])
    with KnowledgeBase(tmp_path_factory.mktemp("home")) as kb:
        yield kb, list(ingest(kb, find_sources([folder])))


def test_every_transcript_is_taken_in(taken: tuple[KnowledgeBase, list[ImportResult]]) -> None:
    _, results = taken
    assert {Path(result.source).suffix for result in results} == {*READERS, ".md"}
    assert [result.status for result in results] == ["added"] * 5
    assert len({result.episode_id for result in results}) == 5  # the example's four forms are four transcripts


@pytest.mark.parametrize("suffix", READERS)
def test_speakers_times_and_words_are_right(taken: tuple[KnowledgeBase, list[ImportResult]], suffix: str) -> None:
    kb, results = taken
    (result,) = (result for result in results if result.source.endswith(suffix))
    assert result.episode_id is not None
    found = [
        (
            turn.speaker,
            turn.start,
            turn.end,
            " ".join(kb.text(result.episode_id)[turn.char_start : turn.char_end].split()),
        )
        for turn in kb.catalogue.episodes.turns(result.episode_id, 1)
    ]
    expected = turns(READERS[suffix](Path(result.source)))
    assert found == expected
    assert len(expected) == (10 if suffix in (".srt", ".html") else 2)


def test_what_was_taken_in_is_quoted_with_speaker_and_second(taken: tuple[KnowledgeBase, list[ImportResult]]) -> None:
    kb, _ = taken
    quotes = kb.ask("Do we need a podcast trailer?", k=10).quotes
    quote = next(quote for quote in quotes if quote.speaker == "Gillian")
    assert quote.text == "My question is, do we need a podcast trailer?"
    assert quote.start is not None
    assert 21.45 <= quote.start < 25.35 == quote.end
