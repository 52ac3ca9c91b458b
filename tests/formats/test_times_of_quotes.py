"""No quote's time lies outside its turn's marks, whatever the format of the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats import compose_srt, compose_vtt, parse
from kb.text.sentences import split_sentences
from kb.timecode import vtt_timestamp
from kb.transcripts.canonical import canonicalise
from kb.types import Segment

#: A turn: who, when it begins (None: the file does not say), and what is said.
Said = tuple[str, int | None, str]

_SENTENCES = st.lists(
    st.sampled_from(
        ["The ferry was late again.", "Nobody at the harbour knew why.", "It failed in spring.", "So we waited."]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@st.composite
def talks(draw: st.DrawFn) -> list[Said]:
    """Turns of two people with rising marks, seconds to an hour apart, before some of them."""
    clock = draw(st.integers(0, 600))
    talk: list[Said] = []
    for number in range(draw(st.integers(2, 8))):
        marked = number == 0 or draw(st.booleans())
        talk.append((("Ann Lee", "Bo Dahl")[number % 2], clock if marked else None, draw(_SENTENCES)))
        clock += draw(st.integers(1, 40) | st.integers(1, 3_600))
    return talk


def _stamp(seconds: int | None, form: str) -> str:
    return "" if seconds is None else form.format(vtt_timestamp(seconds)[:8])


def _markdown(talk: Sequence[Said]) -> str:
    return "\n\n".join(f"**{who}:** {_stamp(at, chr(92) + '[{}' + chr(92) + '] ')}{said}" for who, at, said in talk)


def _text(talk: Sequence[Said]) -> str:
    return "\n\n".join(f"{_stamp(at, '[{}] ')}{who.upper()}: {said}" for who, at, said in talk)


def _html(talk: Sequence[Said]) -> str:
    return "".join(f"<cite>{who}:</cite>{_stamp(at, '<time>{}</time>')}<p>{said}</p>" for who, at, said in talk)


def _json(talk: Sequence[Said]) -> str:
    segments = [
        {"speaker": who, "body": said, "words": []} | ({} if at is None else {"startTime": at})
        for who, at, said in talk
    ]
    return json.dumps({"version": "1.0.0", "segments": segments})


def _whisper(talk: Sequence[Said]) -> str:
    """Return a recogniser's file, which ends each segment where it likes."""
    segments = [{"speaker": who, "text": said, "start": at, "end": at + 7} for who, at, said in talk if at is not None]
    return json.dumps({"segments": segments})


def _segments(talk: Sequence[Said]) -> list[Segment]:
    return [Segment(None if at is None else float(at), None, said, who) for who, at, said in talk]


FORMATS: dict[str, Callable[[Sequence[Said]], str]] = {
    "a.md": _markdown,
    "a.txt": _text,
    "a.html": _html,
    "podcast.json": _json,
    "whisper.json": _whisper,
    "a.vtt": lambda talk: compose_vtt(_segments(talk)),
    "a.srt": lambda talk: compose_srt(_segments(talk)),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(talk=talks())
def test_no_time_lies_outside_the_marks(name: str, talk: list[Said]) -> None:
    canonical = canonicalise(parse(Path(name), FORMATS[name](talk).encode()))
    if name == "whisper.json":
        talk = [said for said in talk if said[1] is not None]
    place = 0
    for number, (_, at, said) in enumerate(talk):
        place = canonical.text.index(said, place)
        earlier = max(before for _, before, _ in talk[: number + 1] if before is not None)
        later = next((after for _, after, _ in talk[number + 1 :] if after is not None), None)
        for first, last in split_sentences(canonical.text, place, place + len(said)):
            when = canonical.timings.when(first, last)
            assert when.earliest is not None
            for time in (when.start, when.end, when.earliest, when.latest):
                assert time is None or time >= earlier
                # The last words of subtitles are shown for as long as it takes to read them.
                assert time is None or later is None or time <= later or (name == "whisper.json" and at is not None)
        if at is not None:
            assert canonical.timings.start_at(place) == at
        place += len(said)
    given_times = [at for _, at, _ in talk if at is not None]
    if name != "whisper.json" and len(given_times) == len(talk):
        assert [turn.start for turn in canonical.turns] == given_times


def test_words_between_two_marks_are_one_cue_of_subtitles() -> None:
    said = [
        Segment(10.0, None, "One.", "Ann"),
        Segment(None, None, "Two.", "Ann"),
        Segment(None, None, "Three.", "Bo"),
        Segment(None, None, "Four.", "Bo"),
        Segment(300.0, 302.0, "Five.", "Bo"),
        Segment(None, 400.0, "Six.", "Bo"),
    ]
    again = parse(Path("a.vtt"), compose_vtt(said).encode())
    assert [(s.start, s.end, s.speaker, s.text) for s in again.segments] == [
        (10.0, 300.0, "Ann", "One. Two."),
        (10.0, 300.0, "Bo", "Three. Four."),
        (300.0, 302.0, "Bo", "Five."),
        (302.0, 400.0, "Bo", "Six."),
    ]
