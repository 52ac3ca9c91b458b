"""How telling a word is: rarely said is telling, in the base and within the episode; names of those who speak are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.questions import Query, analyse
from kb.rarity import rarities, telling
from kb.terms import stems
from kb.types import Episode, Segment, Transcript

#: Enough to make a passage of its own.
FILLER = "It went on for a long while, and everybody in the room listened to every word of it with patience. " * 7
WORDS = "curl flags server browser cookie Stenberg Santo patience zeppelin".split()


def take_in(kb: KnowledgeBase, title: str, *said: tuple[str, str]) -> str:
    told = Transcript(tuple(Segment(None, None, f"{text} {FILLER}", speaker) for speaker, text in said))
    episode_id, _ = kb.add(Episode("", "The Talk", title), told, Source(title, title))
    kb.sync()
    return episode_id


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A talk about curl, in which one turn speaks of flags, among others."""
    with KnowledgeBase(tmp_path_factory.mktemp("rarity") / "home") as kb:
        removed = take_in(kb, "Gone", ("Ann Lee", "Flags and cookies."))
        take_in(kb, "Browsers", ("Ann Lee", "A browser keeps a cookie."), ("Bo Ray", "The server sets the cookie."))
        about = [("Daniel Stenberg", f"With curl we fetch page {n} from the server.") for n in range(8)]
        take_in(kb, "Curl", *about, ("Daniel Stenberg", "It has 215 flags by now."), ("Jerod Santo", "So many."))
        kb.remove(removed)
        take_in(kb, "Flags", *(("Cy Moss", f"The flags of Kent number {n} are old.") for n in range(12)))
        yield kb


def query_of(kb: KnowledgeBase, question: str) -> Query:
    return analyse(question, kb.catalogue.episodes.speakers())


@given(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_an_episodes_words_are_counted_as_they_stand_in_its_passages(talks: KnowledgeBase, words: list[str]) -> None:
    query = query_of(talks, " ".join(words))
    episodes = [episode.id for episode in talks.catalogue.episodes.all()]
    found = talks.catalogue.passages.within(episodes, query.terms)
    assert set(found) == set(episodes)
    for episode_id, spoken in found.items():
        texts = [stems(text) for _, text in talks.catalogue.passages.of_episode(episode_id)]
        assert spoken.passages == len(texts)
        assert spoken.frequencies == tuple(sum(term in text for text in texts) for term in query.terms)
        turns = talks.canonical(episode_id, 1).turns
        assert set(spoken.speakers) == {turn.speaker for turn in turns}


@given(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_rare_words_tell_more_and_silence_costs_more_in_a_long_episode(talks: KnowledgeBase, words: list[str]) -> None:
    query = query_of(talks, " ".join(words))
    rarity = rarities(talks.catalogue, query)
    assert all(weight > 0 for weight in rarity.values())
    episodes = [episode.id for episode in talks.catalogue.episodes.all()]
    counted = talks.catalogue.passages.within(episodes, query.terms)
    for episode_id, told in telling(talks.catalogue, query, rarity, episodes).items():
        spoken = counted[episode_id]
        names = set().union(*map(stems, spoken.speakers))
        assert sum(told.shares) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in told.shares)
        weighed = sorted(
            (n, share) for term, n, share in zip(query.terms, spoken.frequencies, told.shares, strict=True)
            if term not in names
        )  # fmt: skip
        assert [share for _, share in weighed] == sorted((share for _, share in weighed), reverse=True)
        for term, n, heard in zip(query.terms, spoken.frequencies, told.heard, strict=True):
            assert (heard == 1) == bool(n or term in names)
            assert heard == 1 or heard == pytest.approx(10 / (10 + spoken.passages))


def test_the_speakers_name_tells_nothing_unless_it_is_all_that_is_asked(talks: KnowledgeBase) -> None:
    (curl,) = (episode.id for episode in talks.catalogue.episodes.all() if episode.title == "Curl")
    for question, shares in [("Stenberg flags", (0, 1)), ("Stenberg", (1,))]:
        query = query_of(talks, question)
        found = telling(talks.catalogue, query, rarities(talks.catalogue, query), [curl])
        assert found[curl].shares == pytest.approx(shares)


def test_the_word_that_finds_the_episode_does_not_drown_the_one_that_finds_the_passage(talks: KnowledgeBase) -> None:
    first = talks.search("How many flags does curl have?", k=1)[0]
    assert (first.episode.title, "215 flags" in first.text) == ("Curl", True)
    assert talks.ask("How many flags does curl have?").quotes[0].text == "It has 215 flags by now."


def test_an_episode_without_passages_is_left_out(talks: KnowledgeBase) -> None:
    assert talks.catalogue.passages.within(["nowhere"], query_of(talks, "curl").terms) == {}
    assert telling(talks.catalogue, query_of(talks, "curl"), {"curl": 1.0}, []) == {}
