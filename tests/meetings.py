"""Meetings in QMSum's form, made of the example episode: annotators' marks, tokens parted by blanks, spans of turns."""

from __future__ import annotations

import json
from pathlib import Path

from kb.types import Segment
from training.reading import read_reading

from .conftest import CORPUS, SEGMENT

#: Questions and the first and last turn of what answers them, as the annotators give both (numbers as text).
QUERIES = [
    ("What did the lawyer call the way that the agencies work together?", [["3", "3"]]),
    ("Who had written to the Department of Motor Vehicles?", [["1", "1"], ["5", "5"]]),
    ("What did the officials answer?", [["5", "7"]]),
]


def write_meeting(path: Path) -> Path:
    """Write a meeting whose turns are the example episode's, one of them empty, and return ``path``."""
    turns: list[dict[str, str]] = []
    for cue in read_reading(CORPUS / f"{SEGMENT}.vtt"):
        if turns and turns[-1]["speaker"] == cue.speaker:
            turns[-1]["content"] += f" {_annotated(cue)}"
        else:
            turns.append({"speaker": cue.speaker or "", "content": _annotated(cue)})
    turns.append({"speaker": "Professor", "content": "{vocalsound}"})
    meeting = {
        "meeting_transcripts": turns,
        "specific_query_list": [{"query": query, "relevant_text_span": spans} for query, spans in QUERIES],
    }
    path.write_text(json.dumps(meeting), "utf-8")
    return path


def _annotated(cue: Segment) -> str:
    return cue.text.replace(",", " , {disfmarker}").replace("n't", " n't").replace(".", " .")
