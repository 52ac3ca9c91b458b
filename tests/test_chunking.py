"""Passages: whole sentences, all their speakers, every visible character in exactly one."""

from __future__ import annotations

from hypothesis import given

from ingest.formats import parse
from kb.addresses import parse_address
from kb.retrieval.passages import sentences_of
from kb.text.sentences import split_sentences, word_count
from kb.transcripts.canonical import Canonical, canonicalise
from kb.transcripts.chunking import TARGET_WORDS, TURN_WORDS, chunk
from kb.types import Chunk, Segment, Transcript
from tests.conftest import CORPUS
from tests.strategies import hostile_transcripts, timed_transcripts

VTT = CORPUS / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"
MOST_WORDS = TARGET_WORDS * 1.25


def sentence_spans(canonical: Canonical) -> list[tuple[int, int]]:
    return [
        span for turn in canonical.turns for span in split_sentences(canonical.text, turn.char_start, turn.char_end)
    ]


@given(hostile_transcripts())
def test_passages_are_the_sentences_in_order(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    spans = sentence_spans(canonical)
    packed = []
    for passage in chunk(canonical, "e", 1):
        inside = [span for span in spans if passage.char_start <= span[0] and span[1] <= passage.char_end]
        assert (inside[0][0], inside[-1][1]) == (passage.char_start, passage.char_end)
        packed += inside
    assert packed == spans


@given(hostile_transcripts())
def test_every_visible_character_lies_in_exactly_one_passage(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    cursor = 0
    for passage in chunk(canonical, "e", 1):
        assert cursor <= passage.char_start < passage.char_end
        assert not canonical.text[cursor : passage.char_start].strip()
        cursor = passage.char_end
    assert not canonical.text[cursor:].strip()


@given(hostile_transcripts())
def test_a_passage_records_exactly_the_speakers_inside(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    for passage in chunk(canonical, "e", 1):
        inside = [t for t in canonical.turns if t.char_start < passage.char_end and passage.char_start < t.char_end]
        assert passage.speakers == tuple(dict.fromkeys(t.speaker for t in inside if t.speaker))


@given(hostile_transcripts())
def test_a_passage_is_no_longer_than_it_may_be(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    passages = chunk(canonical, "e", 1)
    for number, passage in enumerate(passages):
        sentences = _sentences(canonical, passage)
        words = sum(word_count(s) for s in sentences)
        assert words <= MOST_WORDS or len(sentences) == 1
        if number + 1 < len(passages):  # closed: full, or a speaker changed, or the next sentence would not fit
            following = word_count(_sentences(canonical, passages[number + 1])[0])
            assert words >= TURN_WORDS or words + following > MOST_WORDS


def _sentences(canonical: Canonical, passage: Chunk) -> list[str]:
    text = canonical.text[passage.char_start : passage.char_end]
    return [sentence.text for sentence in sentences_of(passage, text, canonical.turns)]


@given(hostile_transcripts())
def test_a_passage_cut_again_gives_the_same_sentences(transcript: Transcript) -> None:
    """What is found is cut from the passage alone, with the turns that touch it."""
    canonical = canonicalise(transcript)
    found = []
    for passage in chunk(canonical, "e", 1):
        text = canonical.text[passage.char_start : passage.char_end]
        touching = [t for t in canonical.turns if t.char_start < passage.char_end and passage.char_start < t.char_end]
        found += [(s.char_start, s.char_end) for s in sentences_of(passage, text, touching)]
    assert found == sentence_spans(canonical)


@given(hostile_transcripts())
def test_addresses_and_positions(transcript: Transcript) -> None:
    for position, passage in enumerate(chunk(canonicalise(transcript), "some-episode", 7)):
        assert passage.position == position
        assert parse_address(passage.id) == ("some-episode", 7, passage.char_start, passage.char_end)
        assert (passage.episode_id, passage.revision) == ("some-episode", 7)


@given(timed_transcripts())
def test_times_rise_and_lie_inside_the_transcript(transcript: Transcript) -> None:
    last = 0.0
    end = max((s.end for s in transcript.segments if s.end is not None), default=0.0)
    for passage in chunk(canonicalise(transcript), "e", 1):
        if passage.start is not None and passage.end is not None:
            assert last <= passage.start <= passage.end <= end
            last = passage.start


def test_prose_gives_passages_of_about_the_target() -> None:
    sentence = "We went to the town hall and saw what there was to see."
    canonical = canonicalise(Transcript((Segment(0.0, 600.0, f"{sentence} " * 100, "Ann"),)))
    sizes = [word_count(canonical.text[c.char_start : c.char_end]) for c in chunk(canonical, "e", 1)]
    assert sum(sizes) == 100 * word_count(sentence)
    assert all(TARGET_WORDS <= size < TARGET_WORDS + word_count(sentence) for size in sizes[:-1])


def test_a_long_turn_is_not_mixed_with_the_next_speaker() -> None:
    long, short = "We saw it and said so. " * 15, "Why?"
    canonical = canonicalise(
        Transcript((Segment(0, 1, long, "Ann"), Segment(1, 2, short, "Bob"), Segment(2, 3, long, "Ann")))
    )
    assert [c.speakers for c in chunk(canonical, "e", 1)] == [("Ann",), ("Bob", "Ann")]


def test_short_turns_share_a_passage_that_names_all_and_no_unknown_speaker() -> None:
    said = [("Bob", "Why?"), (None, "Because."), ("Ann", "I see."), ("Bob", "Do you?")]
    canonical = canonicalise(Transcript(tuple(Segment(None, None, text, name) for name, text in said)))
    (passage,) = chunk(canonical, "e", 1)
    assert passage.speakers == ("Bob", "Ann")
    assert (passage.start, passage.end) == (None, None)


def test_a_script_without_spaces_gives_passages_of_the_same_size() -> None:
    canonical = canonicalise(Transcript((Segment(0, 1, "今天天气很好我们去公园。" * 200, "李雷"),)))
    assert max(c.char_end - c.char_start for c in chunk(canonical, "e", 1)) <= 2 * MOST_WORDS


def test_nothing_gives_no_passages() -> None:
    assert chunk(canonicalise(Transcript(())), "e", 1) == ()


def test_the_example_episode() -> None:
    canonical = canonicalise(parse(VTT, VTT.read_bytes()))
    passages = chunk(canonical, "e", 1)
    sizes = [word_count(canonical.text[c.char_start : c.char_end]) for c in passages]
    assert sum(sizes) == len(canonical.text.split())
    assert all(TURN_WORDS <= size <= MOST_WORDS for size in sizes[:-1])
    assert {name for c in passages for name in c.speakers} == {t.speaker for t in canonical.turns}
    words = canonical.timings.within(0, len(canonical.text))
    for passage in passages:
        inside = [w for w in words if passage.char_start <= w.char_start and w.char_end <= passage.char_end]
        assert (passage.start, passage.end) == (inside[0].start, inside[-1].end)
