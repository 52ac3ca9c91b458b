"""Who is believed of what an episode is: options, sidecars, tags, names."""

from __future__ import annotations

import struct
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.metadata import (
    Metadata,
    chapters_of,
    describe,
    numbered,
    parse_renames,
    read_sidecar,
)
from kb.errors import UsageError
from kb.timecode import parse_date
from kb.types import Chapter, Episode, Person
from tests.sounds import noise, write
from tests.strategies import hostile_text


def test_the_folder_and_the_files_name_tell_show_date_and_title(talk: Path) -> None:
    named = talk.with_name("2019-07-08 Who_is  it.vtt")
    assert describe(named, Metadata()) == Episode("", "The Show", "Who is it", published="2019-07-08")
    assert describe(talk.with_name("2019-07-08_it.vtt"), Metadata()).title == "it"
    assert describe(talk.with_name("2019-13-08 it.vtt"), Metadata()).title == "2019-13-08 it"
    assert describe(talk.with_name("2019-07-08.vtt"), Metadata()).title == "2019-07-08"
    assert describe(Path("/x.vtt"), Metadata()).show == "Unknown show"
    assert describe(talk.with_name("___.vtt"), Metadata()).title == "Untitled"


def test_options_go_before_the_sidecar_before_what_was_known_before_the_name(talk: Path) -> None:
    known = Episode(
        "e",
        "Known show",
        "Known",
        "2001-01-01",
        "https://known",
        "/known.mp3",
        (Person("K", "k"),),
        9.0,
        "de",
        "K",
        "radio",
    )
    sidecar = 'title = "Sidecar"\npublished = 2002-02-02\npeople = []\nmedium = "podcast"'
    talk.with_suffix(".toml").write_text(sidecar)
    said = read_sidecar(talk)
    episode = describe(talk, Metadata(published="2003-03-03").over(said), known)
    assert episode == Episode(
        "e", "Known show", "Sidecar", "2003-03-03", "https://known", "/known.mp3", (), 9.0, "de", "K", "podcast"
    )
    assert describe(talk, Metadata(), known) == known


_INFO = {"show": b"IPRD", "title": b"INAM", "published": b"ICRD", "language": b"ILNG"}
_FIELDS = ("show", "title", "published", "language", "publisher", "season", "number", "url")


def wave(tags: Metadata) -> bytes:
    """A short sound with tags, as small as FFmpeg reads it."""
    info = b"INFO"
    for field in tags.given:
        text = getattr(tags, field).encode() + b"\0"
        info += _INFO[field] + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
    body += b"LIST" + struct.pack("<I", len(info)) + info + b"data" + struct.pack("<I", 640) + bytes(640)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def layer(name: str, among: tuple[str, ...]) -> st.SearchStrategy[Metadata]:
    """What one source says: any of some fields, each with a value that tells the source."""
    languages = {"option": "la", "sidecar": "sv", "known": "kn", "feed": "fi", "tags": "tr"}
    days = {"option": "2001", "sidecar": "2002", "known": "2003", "feed": "2004", "tags": "2005", "name": "2006"}
    values = {field: f"{name.title()} {field}" for field in among}
    values |= {"published": f"{days[name]}-01-01", "url": f"https://{name}.org", "language": languages.get(name, "")}
    subsets = st.sets(st.sampled_from(among))
    return subsets.map(lambda given: Metadata(**{field: values[field] for field in given}))


@given(
    layer("option", ("show", "title", "published", "language")),
    layer("sidecar", _FIELDS),
    st.none() | layer("known", _FIELDS),
    layer("feed", _FIELDS),
    layer("tags", tuple(_INFO)),
    layer("name", ("show", "published")),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_who_says_it_first_is_believed(
    tmp_path: Path,
    option: Metadata,
    in_sidecar: Metadata,
    known: Metadata | None,
    feed: Metadata,
    tags: Metadata,
    name: Metadata,
) -> None:
    """Options, sidecar, what is known, feed, tags, the file's name, its folder: for every field, whoever else speaks."""
    stem = f"{name.published or '2006-13-99'} {'Name show - ' if name.show and name.published else ''}Name title"
    folder = tmp_path / "Folder show"
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}.wav"
    path.write_bytes(wave(tags))
    path.with_suffix(".toml").write_text("\n".join(f'{f} = "{getattr(in_sidecar, f)}"' for f in in_sidecar.given))
    existing = None
    if known is not None:
        known = Metadata(show="Known show", title="Known title").over(known)
        existing = Episode("e", **{field: getattr(known, field) for field in known.given})
    in_name = Metadata(
        show="Name show" if name.show and name.published else None,
        title="Name title" if name.published else stem,
        published=name.published,
    )
    sources = [option, in_sidecar, known or Metadata(), feed, tags, in_name, Metadata(show="Folder show")]
    found = describe(path, option.over(read_sidecar(path)), existing, feed)
    for field in _FIELDS:
        said = (getattr(source, field) for source in sources)
        assert getattr(found, field) == next((value for value in said if value is not None), None), field
    assert found.id == ("e" if existing else "")
    assert found.audio == str(path)
    path.unlink()
    path.with_suffix(".toml").unlink()


def test_people_are_taken_from_the_first_who_names_any(talk: Path) -> None:
    ann, bob = (Person("Ann", "host"),), (Person("Bob", "guest"),)
    known = Episode("e", "s", "t", people=bob)
    assert describe(talk, Metadata(people=ann), known, Metadata(people=bob)).people == ann
    assert describe(talk, Metadata(), known, Metadata(people=ann)).people == bob
    assert describe(talk, Metadata(), None, Metadata(people=ann)).people == ann
    assert describe(talk, Metadata(people=()), known, Metadata(people=ann)).people == ()  # the sidecar says: nobody


def test_chapters_are_taken_from_the_first_who_has_any(talk: Path) -> None:
    one, two = (Chapter(0.0, "One"),), (Chapter(0.0, "Two"),)
    assert chapters_of(talk, Metadata(chapters=one), two, Metadata(chapters=two)) == one
    assert chapters_of(talk, Metadata(), one, Metadata(chapters=two)) == one
    assert chapters_of(talk, Metadata(), (), Metadata(chapters=two)) == two
    assert chapters_of(talk, Metadata(chapters=()), one) == ()
    assert chapters_of(talk, Metadata()) == ()


def test_a_recordings_tags_tell_of_the_transcript_beside_it(talk: Path) -> None:
    sound = write(talk.with_suffix(".mp3"), noise(2.0), "mp3", tags={"title": "Tagged"}, chapters=[(0.0, "One")])
    assert describe(talk, Metadata()).title == "Tagged"
    assert chapters_of(talk, Metadata()) == (Chapter(0.0, "One"),)
    assert describe(sound, Metadata(title="said")).title == "said"


@given(hostile_text, hostile_text)
def test_words_of_the_command_line_are_made_plain(show: str, title: str) -> None:
    episode = describe(Path("/shows/talk.vtt"), Metadata(show=show, title=title))
    assert episode.show == " ".join(episode.show.split()) != ""
    assert episode.title == " ".join(episode.title.split()) != ""
    (episode.show + episode.title).encode("utf-8")
    assert "\x00" not in episode.show + episode.title


_said = st.fixed_dictionaries({f.name: st.none() | st.text(min_size=1, max_size=3) for f in fields(Metadata)}).map(
    lambda values: Metadata(**values)
)


@given(_said, _said, _said)
def test_over_takes_the_first_that_says_something(first: Metadata, second: Metadata, third: Metadata) -> None:
    combined = first.over(second)
    for f in fields(Metadata):
        values = [getattr(said, f.name) for said in (first, second)]
        assert getattr(combined, f.name) == next((value for value in values if value is not None), None)
    assert first.over(second).over(third) == first.over(second.over(third))


def test_only_numbered_speakers_are_remembered_for_a_show() -> None:
    given_names = {"Speaker 1": "Ann", "SPEAKER_07": "Bob", "voice2": "Eve", "Host": "Ann", "Speaker One": "Bob"}
    assert numbered(given_names) == {"Speaker 1": "Ann", "SPEAKER_07": "Bob", "voice2": "Eve"}


@pytest.mark.parametrize("text", ["", "2019", "2019-02-29", "08.07.2019", "２０１９-07-08", "9" * 9_000])
def test_a_text_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date such as 2019-07-08"):
        parse_date(text)


@given(st.dates())
def test_every_date_is_read(day: object) -> None:
    assert parse_date(str(day)) == str(day)


def test_speakers_are_renamed() -> None:
    assert parse_renames(["SPEAKER_00=Audie  Cornish", " a = b=c "]) == {"SPEAKER_00": "Audie Cornish", "a": "b=c"}


@pytest.mark.parametrize("pair", ["", "=", "a", "a=", "=b", " =b", "a= \x00"])
def test_a_rename_of_another_form_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="is not of the form OLD=NEW"):
        parse_renames([pair])
