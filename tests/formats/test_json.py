from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import compose_podcast_json, parse_json
from kb.errors import FormatError
from kb.types import Attribution, Segment, Transcript, Word

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
    assert transcript.source == "unknown"  # its format tells nobody who wrote it down
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


def test_whisper_cpp_tells_speakers_and_where_the_voice_changes() -> None:
    items = [
        {"text": " Hi.", "speaker": "0", "speaker_turn_next": True},
        {"text": " Ho.", "speaker": "1"},
        {"text": " He.", "speaker": "?"},
        {"text": " Hm.", "speaker": "SPEAKER_02"},
    ]
    segments = read({"transcription": items}).segments
    assert [segment.speaker for segment in segments] == ["speaker 0", "speaker 1", None, "SPEAKER_02"]
    assert [segment.new_voice for segment in segments] == [False, True, False, False]
    assert segments[0].attribution == "diarization"


def test_whisper_timestamped_calls_a_words_probability_confidence() -> None:
    words = [{"text": "Hi", "start": 0.1, "end": 0.3, "confidence": 0.87}]
    transcript = read({"segments": [{"start": 0, "end": 1, "text": " Hi", "confidence": 0.8, "words": words}]})
    assert transcript.engine == "whisper-timestamped"
    assert transcript.segments[0].words == (Word("Hi", 0.1, 0.3, 0.87),)


def spoken(text: str, *words: tuple[str, str | None]) -> list[tuple[str | None, str, float | None, float | None]]:
    """Return the parts of a WhisperX segment of 0..9 s whose words have these speakers and a second each."""
    timed = [
        {"word": word} | ({"start": at, "end": at + 1, "speaker": who} if who else {})
        for at, (word, who) in enumerate(words)
    ]
    document = {"segments": [{"start": 0, "end": 9, "text": text, "speaker": "A", "words": timed}]}
    return [(segment.speaker, segment.text, segment.start, segment.end) for segment in read(document).segments]


def test_a_speaker_per_word_splits_the_segment() -> None:
    assert spoken(" Is it? No.", ("Is", "A"), ("it?", "A"), ("No.", "B")) == [
        ("A", "Is it?", 0.0, 2.0),
        ("B", "No.", 2.0, 9.0),
    ]


def test_words_without_a_speaker_stay_in_their_sentence() -> None:
    assert spoken(
        "It is 50, so? 60 is.", ("It", "A"), ("is", "A"), ("50,", None), ("so?", "A"), ("60", None), ("is.", "B")
    ) == [
        ("A", "It is 50, so?", 0.0, 4.0),
        ("B", "60 is.", None, 9.0),
    ]
    assert [part[:2] for part in spoken("So? 60. Is.", ("So?", "A"), ("60.", None), ("Is.", "B"))] == [
        ("A", "So?"),
        (None, "60."),
        ("B", "Is."),
    ]


def test_letters_of_a_script_without_blanks_are_split_where_the_speaker_changes() -> None:
    parts = spoken("そうです。はい", *[(letter, "A") for letter in "そうです。"], *[(letter, "B") for letter in "はい"])
    assert [part[:2] for part in parts] == [("A", "そうです。"), ("B", "はい")]


def test_transformers_pipeline_and_insanely_fast_whisper() -> None:
    chunks = {
        "text": "Hi. Ho.",
        "chunks": [{"timestamp": [0.0, 1.5], "text": " Hi."}, {"timestamp": [1.5, None], "text": " Ho."}],
    }
    assert [(s.start, s.end, s.text) for s in read(chunks).segments] == [(0.0, 1.5, "Hi."), (1.5, None, "Ho.")]
    named = {**chunks, "speakers": [{"speaker": "SPEAKER_00", "timestamp": [0.0, 1.5], "text": " Hi."}]}
    assert [(s.speaker, s.start, s.text) for s in read(named).segments] == [("SPEAKER_00", 0.0, "Hi.")]


def test_json_lines_and_a_text_alone() -> None:
    lines = b'{"start": 0, "end": 1, "text": "Hi."}\n{"start": 1, "end": 2, "text": "Ho."}\n'
    assert [s.start for s in parse_json(Path("talk.json"), lines).segments] == [0.0, 1.0]
    assert [(s.start, s.text) for s in read({"text": " Hi."}).segments] == [(None, "Hi.")]


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
def test_a_segment_with_another_time_keeps_its_words_and_is_told(time: object) -> None:
    transcript = read({"segments": [{"startTime": 0, "body": "Hi."}, {"startTime": time, "body": "Ho."}]})
    assert [(segment.start, segment.text) for segment in transcript.segments] == [(0.0, "Hi."), (None, "Ho.")]
    (remark,) = transcript.remarks
    assert remark.note.startswith("1 of 2 segments are faulty")
    assert "segment 2 has the time" in remark.note


def test_only_faulty_segments_are_no_transcript() -> None:
    with pytest.raises(FormatError, match=r"Segment 1 ends \(1 s\) before it starts \(2\.5 s\)"):
        read({"segments": [{"start": 2.5, "end": 1, "text": "Hi."}]})


@pytest.mark.parametrize(
    ("document", "kept", "problem"),
    [
        (
            {"segments": [{"text": "a", "start": 3, "end": 1}, {"text": "b", "start": 4, "end": 5}]},
            "ab",
            "segment 1 ends",
        ),
        ({"segments": [{"body": "a"}, None, 7, {"body": "b"}]}, "ab", "segment 2 is None"),
        ({"segments": ["x", {"text": "a"}, [1]]}, "a", "segment 3 is a list"),
        ({"transcription": [{"text": "a", "offsets": {"from": 9, "to": 5}}, {"text": "b"}]}, "ab", "segment 1 ends"),
        (
            {"chunks": [{"text": "a", "timestamp": [0, 1]}, {"text": "b", "timestamp": [2, 1]}, 5]},
            "ab",
            "segment 2 ends",
        ),
    ],
)
def test_one_bad_segment_costs_that_segment(document: object, kept: str, problem: str) -> None:
    transcript = read(document)
    assert " ".join(segment.text for segment in transcript.segments).split() == list(kept)
    assert problem in transcript.remarks[0].note


def test_a_bad_list_of_words_costs_the_words_alone() -> None:
    (segment,) = read({"segments": [{"text": "Hi.", "words": [1]}]}).segments
    assert (segment.text, segment.words) == ("Hi.", ())


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{"segments": [\n{"body": "Hi."\n', 3, "not JSON"),
        ("[" * 100_000, None, "nesting"),
        ("1" * 10_000, None, "number"),
        ('{"episodes": []}', None, "not a transcript"),
        ('{"segments": []}', None, "not a transcript"),
        ('{"segments": ["Hi."]}', None, "not a transcript"),
        ('{"segments": {"body": "Hi."}}', None, "not a transcript"),
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
    speaker = draw(st.none() | own.any_speakers)
    how = draw(st.sampled_from(get_args(Attribution))) if speaker else "given"
    return Segment(*draw(spans()), text, speaker, words, log, silence, how, draw(st.booleans()))


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
