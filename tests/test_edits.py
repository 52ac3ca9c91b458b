"""Corrections by a person: what they change, and that taking the same files in again does not undo them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.metadata import Metadata, corrected
from ingest.queue.batch import ingest
from kb.catalogue import Source
from kb.cli import main
from kb.errors import NotFound, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Episode, Person, Segment, Transcript

from .conftest import CORPUS, SEGMENT, Run

SIDECAR = 'title = "As the sidecar says"\nshow = "The Show"\npublisher = "NPR"\nlanguage = "en"\nseason = 1\n'


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A transcript with a sidecar."""
    path = tmp_path / "folder" / "talk.vtt"
    path.parent.mkdir()
    path.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\n<v Speaker 1>Cabbages are cheaper than kings.\n")
    path.with_suffix(".toml").write_text(SIDECAR)
    return path


def take(kb: KnowledgeBase, path: Path, said: Metadata | None = None) -> str:
    (result,) = ingest(kb, [path], said)
    assert result.error is None
    return result.status


def edit(kb: KnowledgeBase, **fields: object) -> str:
    _, status = kb.corrections.edit(replace(kb.catalogue.episodes.get("talk"), **fields))
    kb.sync()
    return status


def get(kb: KnowledgeBase, episode_id: str = "talk") -> Episode:
    return kb.catalogue.episodes.get(episode_id)


def test_a_correction_survives_the_same_file(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    people = (Person("Lewis Carroll", "author"),)
    assert (
        edit(kb, title="Of cabbages", published="1871-12-27", language=None, people=people, medium="radio") == "updated"
    )
    known = get(kb)
    for _ in range(2):
        assert take(kb, talk) == "unchanged"
        assert get(kb) == known
    assert (known.title, known.language, known.people) == ("Of cabbages", None, people)
    assert kb.catalogue.edits.fields("talk") == ("language", "medium", "people", "published", "title")


def test_a_correction_survives_changed_words(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabbages")
    talk.write_text(talk.read_text().replace("kings", "queens"))
    assert take(kb, talk) == "revised"
    assert get(kb).title == "Of cabbages"


def test_a_sidecar_that_says_something_new_wins_for_that_field_alone(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabbages", season="7")
    sidecar = talk.with_suffix(".toml")
    sidecar.write_text(SIDECAR.replace("As the sidecar says", "Of kings"))
    assert take(kb, talk) == "updated"
    assert (get(kb).title, get(kb).season) == ("Of kings", "7")
    assert kb.catalogue.edits.fields("talk") == ("season",)
    sidecar.write_text(SIDECAR)  # nothing is left of the correction that this could be taken for
    assert take(kb, talk) == "updated"
    assert get(kb).title == "As the sidecar says"


def test_a_sidecar_that_comes_to_agree_or_falls_silent_changes_nothing(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabbages")
    for sidecar in (SIDECAR.replace("As the sidecar says", "Of cabbages"), "", SIDECAR):
        talk.with_suffix(".toml").write_text(sidecar)
        assert take(kb, talk) == "unchanged"
        assert get(kb).title == "Of cabbages"


def test_a_correction_of_a_correction_still_holds_against_the_source(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabages")
    edit(kb, title="Of cabbages")
    assert take(kb, talk) == "unchanged"
    assert get(kb).title == "Of cabbages"
    edit(kb, title="As the sidecar says")
    assert kb.catalogue.edits.fields("talk") == ()


def test_an_option_wins_and_may_take_a_correction_back(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabbages")
    assert take(kb, talk, Metadata(title="By option")) == "updated"
    edit(kb, season="7")
    said = Metadata(season="1")
    kb.catalogue.edits.forget(get(kb), said.given)  # as one who names the old value on purpose
    assert take(kb, talk, said) == "updated"
    assert get(kb).season == "1"


def test_the_file_name_and_folder_do_not_come_back_either(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "Wrong show" / "2019-07-08 talk.txt"
    path.parent.mkdir()
    path.write_text("Cabbages are cheaper than kings.")
    take(kb, path)
    (known,) = kb.catalogue.episodes.all()
    kb.corrections.edit(replace(known, show="Right show", published=None))
    assert take(kb, path) == "unchanged"
    assert (get(kb, known.id).show, get(kb, known.id).published) == ("Right show", None)
    assert kb.catalogue.episodes.shows() == ("Right show",)


def test_a_copy_of_a_corrected_episode_is_no_second_one(kb: KnowledgeBase, talk: Path, tmp_path: Path) -> None:
    take(kb, talk)
    edit(kb, title="Of cabbages", show="Looking-Glass")
    copy = tmp_path / "copy" / talk.name
    copy.parent.mkdir()
    copy.write_bytes(talk.read_bytes())
    copy.with_suffix(".toml").write_text(SIDECAR)
    assert take(kb, copy) == "unchanged"
    assert kb.catalogue.episodes.count() == 1


def test_a_publisher_is_the_shows(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    other = talk.with_name("other.txt")
    other.write_text("Kings are dearer than cabbages.")
    other.with_suffix(".toml").write_text('show = "The Show"\npublisher = "NPR"')
    take(kb, other)
    edit(kb, publisher="National Public Radio")
    third = talk.with_name("third.txt")
    third.write_text("Walruses are dearer than both.")
    third.with_suffix(".toml").write_text('show = "The Show"\npublisher = "NPR"')
    assert [take(kb, path) for path in (talk, other, third, talk)] == ["unchanged", "unchanged", "added", "unchanged"]
    assert {episode.publisher for episode in kb.catalogue.episodes.all()} == {"National Public Radio"}
    other.with_suffix(".toml").write_text('show = "The Show"\npublisher = "PRX"')
    assert take(kb, other) == "updated"
    assert {episode.publisher for episode in kb.catalogue.episodes.all()} == {"PRX"}


def test_a_publisher_can_be_taken_away(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, publisher=None)
    assert take(kb, talk) == "unchanged"
    assert get(kb).publisher is None


def test_an_episode_moved_to_a_known_show_leaves_its_publisher_alone(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    other = talk.with_name("other.txt")
    other.write_text("Kings are dearer than cabbages.")
    take(kb, other, Metadata(show="Serial", publisher="WBEZ Chicago"))
    edit(kb, show="Serial")
    assert {episode.publisher for episode in kb.catalogue.episodes.all()} == {"WBEZ Chicago"}
    edit(kb, show="A new show")
    assert get(kb).publisher == "WBEZ Chicago"


def test_the_full_text_index_and_the_embeddings_follow_a_title(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    before = kb.catalogue.embeddings.all(kb.semantic._model_id).vectors.copy()
    edit(kb, title="Walruses")
    assert kb.search("walruses")[0].episode.title == "Walruses"
    assert all(hit.lexical_rank is None for hit in kb.search("sidecar"))  # found by vectors at most
    after = kb.catalogue.embeddings.all(kb.semantic._model_id).vectors
    assert after.shape == before.shape
    assert (after != before).any()
    assert all(finding.ok for finding in kb.check())


def test_speakers_are_renamed_with_their_people_and_their_show(kb: KnowledgeBase, talk: Path) -> None:
    take(kb, talk)
    edit(kb, people=(Person("Speaker 1", "author"),))
    old = kb.search("cabbages")[0]
    assert kb.corrections.edit(get(kb), {"Speaker 1": "Lewis Carroll"}) == ("talk", "revised")
    kb.sync()
    assert get(kb).people == (Person("Lewis Carroll", "author"),)
    assert kb.search("cabbages")[0].chunk.speakers == ("Lewis Carroll",)
    assert kb.quote(f"talk@1:0-{len(old.text)}").speaker == "Speaker 1"  # as it was printed then
    assert take(kb, talk) == "unchanged"
    assert kb.search("cabbages")[0].chunk.speakers == ("Lewis Carroll",)


def test_a_revision_under_other_names_keeps_its_remarks_and_settings(corpus_kb: KnowledgeBase) -> None:
    from kb.catalogue import Source
    from kb.types import Remark, Segment, Transcript

    remark = Remark("doubtful", 1.0, 2.0, "kings", "It may be music.")
    made = Transcript(
        (Segment(0.0, 2.0, "Cabbages and kings.", "Speaker 1"),),
        source="machine",
        settings='{"request": {}}',
        remarks=(remark,),
    )
    corpus_kb.add(Episode("m", "s", "t"), made, Source("file:///m.wav", "1"))
    corpus_kb.corrections.edit(corpus_kb.catalogue.episodes.get("m"), {"Speaker 1": "Lewis Carroll"})
    assert corpus_kb.current("m").settings == '{"request": {}}'
    assert corpus_kb.current("m").origin == "machine"
    assert corpus_kb.catalogue.episodes.remarks("m", 2) == (remark,)


def test_a_speaker_who_is_not_there_changes_nothing(corpus_kb: KnowledgeBase) -> None:
    known = get(corpus_kb, SEGMENT)
    with pytest.raises(UsageError, match=r"no speaker 'Bob' in npr.*; its speakers are Audie Cornish, Aarti Shahani, "):
        corpus_kb.corrections.edit(replace(known, title="x"), {"Audie Cornish": "A. C.", "Bob": "Bill"})
    assert get(corpus_kb, SEGMENT) == known
    with pytest.raises(NotFound, match="no episode 'nope'"):
        corpus_kb.corrections.edit(replace(known, id="nope"))


_values = st.sampled_from(["A", "B", "C"])


@given(
    st.lists(
        st.tuples(st.sampled_from(["edit", "sidecar"]), st.sampled_from(["title", "season", "url"]), _values),
        max_size=8,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
def test_the_last_who_said_something_new_is_believed(tmp_path: Path, steps: list[tuple[str, str, str]]) -> None:
    """Whatever the order of corrections and changed sidecars, and however often the file is taken in between."""
    with KnowledgeBase(Path(tmp_path, f"home-{len(list(tmp_path.iterdir()))}")) as kb:
        talk = tmp_path / "talk.txt"
        talk.write_text("Cabbages are cheaper than kings.")
        sidecar = {"title": "A", "season": "A", "url": "https://A"}
        believed = dict(sidecar)
        replaced: dict[str, str] = {}
        for who, field, letter in [("sidecar", "title", "A"), *steps]:
            value = f"https://{letter}" if field == "url" else letter
            if who == "edit":
                replaced.setdefault(field, believed[field])
                edit(kb, **{field: value})
                believed[field] = value
                if replaced[field] == value:
                    del replaced[field]
            else:
                sidecar[field] = value
            talk.with_suffix(".json").write_text(json.dumps(sidecar))
            take(kb, talk)
            for key, said in sidecar.items():
                if key in replaced and said not in (replaced[key], believed[key]):
                    del replaced[key]
                if key not in replaced:
                    believed[key] = said
            assert {key: getattr(get(kb), key) for key in believed} == believed
            assert take(kb, talk) == "unchanged"


# -- what a person types


def test_what_is_typed_becomes_an_episode() -> None:
    known = Episode(
        "e", "s", "t", people=(Person("Ann", "host"), Person("Bob", "guest")), url="https://x.org", season="1"
    )
    texts = {"title": "  A \x00 title ", "published": "20190708", "url": "", "season": "", "medium": "radio"}
    found = corrected(known, texts, None, ["Bob"])
    assert found == Episode("e", "s", "A title", "2019-07-08", people=(Person("Ann", "host"),), medium="radio")
    assert corrected(known, {}, ["A=B=C", " Eve = reporter "]).people == (Person("A=B", "C"), Person("Eve", "reporter"))
    assert corrected(known, {}, [""]).people == ()
    assert corrected(known, {}) == known


@pytest.mark.parametrize(
    ("texts", "people", "removed", "told"),
    [
        ({"title": " "}, None, [], "--title is empty"),
        ({"show": ""}, None, [], "--show is empty"),
        ({"medium": ""}, None, [], "--medium is empty"),
        ({"medium": "tv"}, None, [], "--medium 'tv' is neither radio nor podcast."),
        ({"published": "8 July"}, None, [], "--date: '8 July' is not a date such as 2019-07-08."),
        ({"url": "javascript:alert(1)"}, None, [], "--url 'javascript:alert\\(1\\)' is not a web address"),
        ({}, ["Ann"], [], "--person 'Ann' is not of the form NAME=ROLE"),
        ({}, ["=host"], [], "--person '=host' is not"),
        ({}, ["Ann="], [], "--person 'Ann=' is not"),
        ({}, None, ["Bob"], "--remove-person 'Bob': the episode names Ann."),
        ({}, ["Eve=host"], ["Ann"], "--remove-person 'Ann': the episode names Eve."),
        ({}, [""], ["Ann"], "--remove-person 'Ann': the episode names nobody."),
    ],
)
def test_what_is_typed_wrongly_is_told(
    texts: dict[str, str], people: list[str] | None, removed: list[str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        corrected(Episode("e", "s", "t", people=(Person("Ann", "host"),)), texts, people, removed)


def test_the_command_line(run: Run, talk: Path, tmp_path: Path) -> None:
    assert run("ingest", talk).stdout == "added      talk\n"
    options = ["--title", "Of cabbages", "--date", "1871-12-27", "--person", "Lewis Carroll=author", "--number", "7"]
    options += ["--rename-speaker", "Speaker 1=Lewis Carroll", "--show", "Looking-Glass"]
    assert run("episodes", "edit", "talk", *options).stdout == "revised    talk\n"
    assert run("ingest", talk).stdout == "unchanged  talk\n"
    shown = json.loads(run("episodes", "show", "talk", "--json").stdout)
    assert [shown[key] for key in ("title", "published", "number", "season")] == ["Of cabbages", "1871-12-27", "7", "1"]
    assert shown["people"] == [{"name": "Lewis Carroll", "role": "author"}]
    assert shown["edited"] == ["number", "people", "published", "show", "title"]
    assert shown["chapters"] == []
    with KnowledgeBase(tmp_path / "home") as kb:
        (quote,) = kb.ask("Are cabbages cheaper?").quotes
        assert (quote.speaker, quote.episode.title) == ("Lewis Carroll", "Of cabbages")
        # Its next recordings' first speaker is named so too, under whatever name the show goes.
        assert kb.catalogue.speaker_names.of("Looking-Glass") == {"Speaker 1": "Lewis Carroll"}
        assert kb.catalogue.episodes.shows() == ("Looking-Glass",)
        kb.corrections.edit(replace(get(kb), show="Wonderland"))
        assert kb.catalogue.speaker_names.of("Wonderland") == {"Speaker 1": "Lewis Carroll"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([SEGMENT], 2, "Say what to correct"),
        ([SEGMENT, "--medium", "tv"], 2, "neither radio nor podcast"),
        ([SEGMENT, "--rename-speaker", "Alice=Bob"], 2, "its speakers are Audie Cornish, "),
        ([SEGMENT, "--rename-speaker", "Alice"], 2, "--rename-speaker 'Alice' is not of the form OLD=NEW"),
        (["nope", "--title", "x"], 1, "no episode 'nope'"),
    ],
)
def test_what_cannot_be_edited_is_told_in_a_sentence(
    corpus_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(corpus_home), "episodes", "edit", *arguments])
    said = capsys.readouterr().err
    assert ended.value.code == code
    assert said.count("\n") == 1
    assert told in said


def test_an_id_is_made_of_the_name_as_people_read_it(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "2019-07-08 Où est-ce? 50% Café.txt"
    path.write_text("Cabbages are cheaper than kings.")
    (result,) = ingest(kb, [path])
    assert result.episode_id == "2019-07-08-ou-est-ce-50-cafe"


def test_chapters_are_kept(corpus_kb: KnowledgeBase) -> None:
    kept = corpus_kb.chapters
    chapters = (Chapter(0.0, "Headlines"), Chapter(61.5, "A dragnet"))
    kept.write(SEGMENT, chapters)
    assert kept.of(SEGMENT) == chapters
    before = corpus_kb.catalogue.version()
    kept.write(SEGMENT, chapters)
    assert corpus_kb.catalogue.version() == before  # nothing was written
    kept.write(SEGMENT, chapters[:1])
    assert kept.of(SEGMENT) == chapters[:1]
    ingest(corpus_kb, [CORPUS / f"{SEGMENT}.vtt"])
    assert kept.of(SEGMENT) == chapters[:1]
    corpus_kb.remove(SEGMENT)
    assert kept.of(SEGMENT) == ()
    assert corpus_kb.catalogue.integrity() == ()


def test_an_unknown_speaker_gets_a_name_and_a_wrong_name_goes(kb: KnowledgeBase) -> None:
    said = Transcript((Segment(0, 1, "Yes."), Segment(1, 2, "No.", "Bo"), Segment(2, 3, "Well.")))
    episode, _ = kb.add(Episode("", "Show", "Talk", people=(Person("Bo", "host"),)), said, Source("a", "a"))

    def named(**names: str) -> list[str | None]:
        kb.corrections.edit(kb.episode(episode), {old.strip("_"): new for old, new in names.items()}, "Eva R.")
        return [turn.speaker for turn in kb.canonical(episode).turns]

    assert named(_="Ann Lee") == ["Ann Lee", "Bo", "Ann Lee"]
    assert named(Bo="") == ["Ann Lee", None, "Ann Lee"]
    assert kb.episode(episode).role_of("Bo") == "host"  # the episode's people are not nameless
    assert named(_="Bo") == ["Ann Lee", "Bo", "Ann Lee"]
    with pytest.raises(UsageError, match=r"There is no unknown speaker in .*its speakers are Ann Lee, Bo"):
        named(_="Cy")
