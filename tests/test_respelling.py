"""Names that a recogniser wrote as it heard them are found by their sound, and nothing is corrected that is not sure."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transcribing.recordings import Request
from kb.catalogue import Source
from kb.embedding import ordinary_words
from kb.errors import Conflict, NotFound, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.text.sounding import letters, likeness, sound_key
from kb.transcripts.canonical import canonicalise
from kb.transcripts.respelling import Expected, respellings, respelt_turns
from kb.types import Episode, Origin, Segment, Transcript, Word

from .conftest import CORPUS, SEGMENT, Run

NAMES = ("Georgetown", "Aarti Shahani", "Alvaro Bedoya", "Kubernetes", "Mat Ryer", "Fastly", "San Francisco")
#: As Whisper base wrote it, with its probabilities: it was sure of some of what it did not understand.
HEARD = "This was unearthed at dodge time university. Here to brief us is NPR's Ardi Shahani. Hey there."
UNSURE = {"dodge": 0.4, "time": 0.3, "Ardi": 0.26}


def segment(text: str, start: float, sure: dict[str, float], speaker: str | None = None) -> Segment:
    words = tuple(
        Word(f" {word}", start + n * 0.5, start + n * 0.5 + 0.4, sure.get(word, 0.95))
        for n, word in enumerate(text.split())
    )
    return Segment(start, words[-1].end, text, speaker, words)


def heard(*texts: str, sure: dict[str, float] = UNSURE, source: Origin = "machine") -> Transcript:
    segments = tuple(segment(text, 60.0 * n, sure, f"Speaker {n}") for n, text in enumerate(texts))
    return Transcript(segments, "en", source, "faster-whisper", "base")


def found(text: str, names: Sequence[str] = NAMES, **more: frozenset[str]) -> list[tuple[str, str, bool]]:
    places = respellings(canonicalise(heard(text)), Expected(tuple(names), ordinary_words(), **more))
    return [(place.heard, place.name, place.sure) for place in places]


def test_a_name_is_found_across_the_borders_of_words() -> None:
    assert found(HEARD) == [("dodge time", "Georgetown", False), ("Ardi Shahani", "Aarti Shahani", True)]
    assert found("We run it on cooper netties now.") == [("cooper netties", "Kubernetes", False)]
    assert found("They ask sanfran sisko's police.") == [("sanfran sisko", "San Francisco", True)]


@pytest.mark.parametrize(
    "text",
    [
        "It was unearthed at Georgetown University, by Alvaro Bedoya and Aarti Shahani.",  # right already
        "This is no matter of ours; get down faster, for the kids and I have no time.",  # sure of ordinary words
        "He met Ardi. Shahani was there.",  # two sentences
        "東京は今日も雨です。",
        "1984 2001 42",
    ],
)
def test_what_is_no_mistake_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_nobodys_name_is_surely_another_persons() -> None:
    (place,) = found("I met Ardi Shahani.", known=frozenset({"ardishahani"}))
    assert place == ("Ardi Shahani", "Aarti Shahani", False)
    assert found("I met Ardi Shahani.", names=("Aarti Shahani", "Ardi Shahani")) == []


def test_a_publishers_text_of_every_day_is_hardly_doubted() -> None:
    """Real, correct speech: what is proposed in it is wrong, and must be little and never sure."""
    from ingest.formats import parse

    path = CORPUS / f"{SEGMENT}.vtt"
    text = canonicalise(parse(path, path.read_bytes()))
    assert respellings(text, Expected(NAMES, ordinary_words())) == ()


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=30), max_size=5))
def test_any_text_and_any_names_give_places_that_do_not_touch(text: str, names: list[str]) -> None:
    canonical = canonicalise(Transcript((Segment(None, None, text or "x", None),), source="machine"))
    places = respellings(canonical, Expected(tuple(names)))
    ends = [0]
    for place in places:
        assert canonical.text[place.char_start : place.char_end] == place.heard
        assert place.char_start >= ends[-1]
        ends.append(place.char_end)
    assert set(respelt_turns(canonical, places)) <= set(range(len(canonical.turns)))


def test_sounds() -> None:
    key = sound_key(letters("Georgetown"))
    assert likeness(key, key) == 1.0
    assert likeness(sound_key("dodgetime"), key) > likeness(sound_key("washington"), key)
    assert letters("Łódź-Ørsted") == "lodzorsted"
    assert letters("東京") == ""
    assert likeness("", key) == 0.0


# -- in the catalogue


@pytest.fixture
def episode(kb: KnowledgeBase) -> str:
    made, _ = kb.add(
        Episode("", "All Things Considered", "ICE and the DMV"),
        heard(HEARD, "Thank you.", "Ardi Shahani, thank you."),
        Source("file:///report.wav", "1" * 64),
    )
    kb.names.add(NAMES)
    kb.sync()
    return made


def test_the_sure_ones_become_one_revision_that_says_so_and_is_undone(kb: KnowledgeBase, episode: str) -> None:
    before = kb.canonical(episode)
    assert [place.start for place in kb.names.check()] == [2.0, 6.5, 120.0]
    places, made = kb.names.apply(by="Ann")
    assert [place.found.heard for place in places] == ["Ardi Shahani", "Ardi Shahani"]
    assert made == {episode: 2}
    text = kb.text(episode)
    assert text.count("Aarti Shahani") == 2
    assert "dodge time" in text
    (first, second) = kb.catalogue.episodes.remarks(episode, 2)
    assert first.note == "Spelt “Aarti Shahani” as in your list of names; the recogniser wrote “Ardi Shahani”."
    assert (first.start, second.start) == (6.5, 120.0)
    noted = kb.catalogue.corrections.revisions(episode)[-1].correction
    assert noted is not None
    assert (noted.by, noted.what) == ("Ann", "words")
    kb.sync()
    assert kb.ask("Who is here to brief us?").searched.episodes == 1
    assert [place.found.name for place in kb.names.check()] == ["Georgetown"]
    assert kb.names.undo(episode, 2, "Ann") == 3
    after = kb.canonical(episode)
    assert (after.text, after.turns, after.timings.spans()) == (before.text, before.turns, before.timings.spans())
    assert kb.catalogue.episodes.remarks(episode, 3) == ()
    kb.sync()
    assert all(finding.ok for finding in kb.check())


def test_a_possible_one_is_corrected_when_somebody_names_it(kb: KnowledgeBase, episode: str) -> None:
    (place, *_) = kb.names.check([episode])
    assert place.found.heard == "dodge time"
    _, made = kb.names.apply([place.id], "Ann")
    assert made == {episode: 2}
    assert "unearthed at Georgetown university" in kb.text(episode)
    when = kb.canonical(episode).timings.when(*_place_of("Georgetown", kb.text(episode)))
    assert (when.start, when.end) == (2.0, 2.9)
    with pytest.raises(NotFound, match="not a place that 'kb names check' lists"):
        kb.names.apply([place.id], "Ann")
    for nowhere in (f"{episode}@1:0-5", "nobody@1:0-5"):
        with pytest.raises(NotFound):
            kb.names.apply([nowhere], "Ann")

    with pytest.raises(Conflict, match="was changed meanwhile"):
        kb.corrections.respell(episode, [place.found], "Ann")


def test_a_persons_spelling_is_not_doubted(kb: KnowledgeBase) -> None:
    kb.names.add(NAMES)
    kb.add(Episode("", "Show", "Title"), heard(HEARD, source="publisher"), Source("file:///a.vtt", "2" * 64))
    assert list(kb.names.check()) == []


def test_the_list_keeps_names_that_are_names(kb: KnowledgeBase) -> None:
    assert kb.names.add([" Alvaro  Bedoya ", "Georgetown", "Georgetown"]) == 2
    assert kb.names.add(["Georgetown"]) == 0
    assert kb.names.all() == ("Alvaro Bedoya", "Georgetown")
    for wrong in ("", "a" * 61, "a\0b"):
        with pytest.raises(UsageError):
            kb.names.add([wrong])
    with pytest.raises(UsageError, match="500 are the most"):
        kb.names.add(f"Name {n}" for n in range(600))
    assert kb.names.remove(["Georgetown", "nobody"]) == 1
    assert kb.names.all() == ("Alvaro Bedoya",)


def test_a_longer_list_is_no_reason_to_hear_a_recording_again() -> None:
    made = json.dumps({"request": {"names": "Ann Lee", "known": "Georgetown"}})
    assert not Request(names="Ann Lee", known="Georgetown, Harlow").wants_other_than(made)
    assert Request(names="Ann Li", known="Georgetown").wants_other_than(made)


@pytest.mark.slow
def test_the_commands_list_check_and_say_what_lacks(run: Run) -> None:
    assert "No names are listed yet" in run("names").stdout
    unlisted = run("names", "check")
    assert (unlisted.returncode, "No names are listed" in unlisted.stderr) == (2, True)
    assert run("names", "add", "Alvaro Bedoya", "Georgetown").stdout.startswith("2 added;")
    assert json.loads(run("names", "--json").stdout) == ["Alvaro Bedoya", "Georgetown"]
    assert json.loads(run("names", "check", "--json").stdout) == []
    assert "There is no episode 'nowhere'" in run("names", "undo", "nowhere").stderr
    assert "'nowhere' is no place; name one that" in run("names", "apply", "nowhere").stderr


def _place_of(words: str, text: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)
