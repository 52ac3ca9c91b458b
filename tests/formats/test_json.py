from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import compose_podcast_json, parse_json
from kb.errors import FormatError
from kb.types import Segment, Transcript, Word

from ..conftest import MATERIAL
from . import strategies as own
from .samples import SAMPLES


def read(document: object) -> Transcript:
    return parse_json(Path("talk.json"), json.dumps(document).encode())


def podcast(*segments: dict[str, Any]) -> tuple[Segment, ...]:
    return read({"version": "1.0.0", "segments": list(segments)}).segments


def test_the_specifications_example() -> None:
    path = MATERIAL / "podcasting20/example.json"
    transcript = parse_json(path, path.read_bytes())
    assert transcript.source == "publisher"
    first, second = transcript.segments
    assert (first.start, first.end, first.text, first.speaker) == (0.5, 2.5, "I am your father.", "Darth Vader")
    assert first.words == (
        Word("I", 0.5, 0.75),
        Word("am", 1.0, 1.25),
        Word("your", 1.5, 2.0),
        Word("father.", 2.25, 2.5),
    )
    assert second == Segment(2.75, 3.0, "Nooooo", "Luke", (Word("Nooooo", 2.75, 3.0),))


def test_words_are_merged_up_to_sentence_line_pause_or_speaker() -> None:
    bodies = ["Is", "it?", "No\n", "and", "so", "later", "Me"]
    starts = [0.0, 1.0, 2.0, 3.0, 4.0, 9.0, 10.0]
    segments = podcast(
        *(
            {"speaker": "Bob" if body == "Me" else "Ann", "startTime": start, "endTime": start + 0.5, "body": body}
            for body, start in zip(bodies, starts, strict=True)
        )
    )
    assert [(segment.speaker, segment.start, segment.end, segment.text) for segment in segments] == [
        ("Ann", 0.0, 1.5, "Is it?"),
        ("Ann", 2.0, 2.5, "No"),
        ("Ann", 3.0, 4.5, "and so"),
        ("Ann", 9.0, 9.5, "later"),
        ("Bob", 10.0, 10.5, "Me"),
    ]


def test_words_whose_clock_goes_back_are_not_merged() -> None:
    words = [
        {"startTime": start, "endTime": start and start + 0.5, "body": "so"} for start in (3.0, None, 4.0, 0.5, 1.0)
    ]
    assert [(segment.start, segment.end, segment.text) for segment in podcast(*words)] == [
        (3.0, 4.5, "so so so"),
        (0.5, 1.5, "so so"),
    ]


def test_whole_sentences_stay_as_they_are() -> None:
    assert podcast({"startTime": 1, "body": "Is it  so?"}, {"speaker": " ", "body": "No."}) == (
        Segment(1.0, None, "Is it so?"),
        Segment(None, None, "No."),
    )


def test_openai_and_faster_whisper() -> None:
    transcript = parse_json(Path("talk.json"), SAMPLES["whisper.json"])
    assert (transcript.source, transcript.engine, transcript.language) == ("machine", "whisper", "en")
    assert transcript.segments == (
        Segment(0.0, 2.36, "Hi all.", None, (Word("Hi", 0.0, 0.5, 0.97), Word("all.", 0.5, 2.36, 0.88)), -0.25, 0.02),
    )
    bare = parse_json(Path("talk.json"), json.dumps(json.loads(SAMPLES["whisper.json"])["segments"]).encode())
    assert bare.segments == transcript.segments


def test_whisperx_leaves_times_and_speakers_out() -> None:
    transcript = parse_json(Path("talk.json"), SAMPLES["whisperx.json"])
    assert (transcript.source, transcript.engine) == ("machine", "whisperx")
    (segment,) = transcript.segments
    assert segment.speaker == "SPEAKER_00"
    assert segment.words == (Word("It", 0.5, 0.7, 0.91), Word("was", 0.8, 1.0, 0.5), Word("1984.", None, None))


def test_whisper_cpp_joins_tokens_to_words() -> None:
    transcript = parse_json(Path("talk.json"), SAMPLES["whispercpp.json"])
    assert (transcript.engine, transcript.model, transcript.language) == ("whisper.cpp", "base", "en")
    (segment,) = transcript.segments
    assert (segment.start, segment.end, segment.text) == (0.0, 2.0, "Hiya all")
    assert segment.words == (Word("Hiya", 0.0, 0.7, pytest.approx(0.8)), Word("all", 0.8, 2.0, 0.6))


def test_openais_api_lists_words_apart() -> None:
    transcript = parse_json(Path("talk.json"), SAMPLES["api.json"])
    assert transcript.engine == "openai-api"
    assert [[word.text for word in segment.words] for segment in transcript.segments] == [["One"], ["Two"]]


def test_a_words_impossible_times_and_probability_are_unknown() -> None:
    words = [
        {"word": "a", "start": 2, "end": 1, "probability": 1.5},
        {"word": "b", "start": "x", "end": -1, "probability": "high"},
        {"word": " ", "start": 1, "end": 2},
        {"start": 1},
    ]
    (segment,) = read({"segments": [{"start": 0, "end": 3, "text": "a b", "words": words}]}).segments
    assert segment.words == (Word("a", None, None), Word("b", None, None))


@pytest.mark.parametrize(
    ("time", "seconds"), [(1, 1.0), (0.25, 0.25), ("1.5", 1.5), ("00:01:02.500", 62.5), ("", None), (None, None)]
)
def test_times_as_files_have_them(time: object, seconds: float | None) -> None:
    assert podcast({"startTime": time, "body": "Hi all."})[0].start == seconds


@pytest.mark.parametrize("time", [-1, 1e9, 10**400, True, [], {}, "soon", "00:99:00", "nan", "1e999"])
def test_other_times_are_refused_with_their_segment(time: object) -> None:
    with pytest.raises(FormatError, match="Segment 2 has the time"):
        podcast({"startTime": 0, "body": "Hi."}, {"startTime": time, "body": "Ho."})


def test_a_segment_that_runs_backwards_is_refused() -> None:
    with pytest.raises(FormatError, match=r"Segment 1 ends \(1 s\) before it starts \(2\.5 s\)"):
        read({"segments": [{"start": 2.5, "end": 1, "text": "Hi."}]})


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{"segments": [\n{"body": "Hi."\n', 3, "not JSON"),
        ("[" * 100_000, None, "nesting"),
        ("1" * 10_000, None, "number"),
        ('{"episodes": []}', None, "no transcript"),
        ('{"segments": []}', None, "no transcript"),
        ('{"segments": ["Hi."]}', None, "no transcript"),
        ('{"segments": [{"body": "Hi."}, 1]}', None, "not a list of objects"),
        ('{"segments": [{"text": "Hi.", "words": [1]}]}', None, "not a list of objects"),
        ('{"segments": [{"body": " "}]}', None, "no spoken words"),
        ('{"transcription": 5}', None, "not a list of objects"),
    ],
)
def test_what_is_no_transcript_is_refused(text: str, line: int | None, problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        parse_json(Path("talk.json"), text.encode())
    assert caught.value.line == line


def test_a_lone_surrogate_cannot_reach_the_catalogue() -> None:
    text = '{"segments": [{"body": "a \\ud800 b", "speaker": "\\udfff"}]}'
    (segment,) = parse_json(Path("talk.json"), text.encode()).segments
    assert (segment.text, segment.speaker) == ("a b", None)


probabilities = st.none() | st.floats(0, 1)
times = st.floats(0, 3_599_999)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    text = draw(own.texts)
    tokens = draw(st.sampled_from([[], text.split()]))
    words = tuple(Word(token, *draw(spans()), draw(probabilities)) for token in tokens)
    log, silence = draw(st.none() | st.floats(-10, 0)), draw(probabilities)
    return Segment(*draw(spans()), text, draw(st.none() | own.any_speakers), words, log, silence)


@st.composite
def spans(draw: st.DrawFn) -> tuple[float | None, float | None]:
    start, end = sorted([draw(times), draw(times)])
    return draw(st.sampled_from([(start, end), (start, None), (None, end), (None, None)]))


labels = st.none() | own.texts
transcripts = st.builds(
    Transcript,
    st.lists(segments(), min_size=1, max_size=5).map(tuple),
    labels,
    st.sampled_from(["publisher", "machine"]),
    labels,
    labels,
)


@own.patient
@given(transcripts)
def test_our_own_json_reads_back_as_it_was(transcript: Transcript) -> None:
    assert parse_json(Path("talk.json"), compose_podcast_json(transcript).encode()) == transcript


def test_our_own_json_is_podcasting_20s() -> None:
    document = json.loads(
        compose_podcast_json(Transcript((Segment(0.5, 2.0, "Hi.", "Ann"), Segment(None, None, "Ho."))))
    )
    assert document["version"] == "1.0.0"
    assert document["segments"] == [
        {"speaker": "Ann", "startTime": 0.5, "endTime": 2.0, "body": "Hi.", "words": []},
        {"body": "Ho.", "words": []},
    ]
