"""What sidecars say is read, in TOML and in JSON, and what they may not say is refused."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.files.sources import find_sources
from ingest.metadata import (
    Metadata,
    describe,
    is_sidecar,
    read_sidecar,
)
from kb.errors import MetadataError
from kb.types import Chapter, Person
from tests.conftest import CORPUS
from tests.strategies import storable_text


def sidecar(talk: Path, toml: str | bytes) -> Metadata:
    talk.with_suffix(".toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    return read_sidecar(talk)


def refusal(talk: Path, toml: str | bytes) -> str:
    """The message about a sidecar that is refused; it names the file, is short and says what would be right."""
    with pytest.raises(MetadataError) as caught:
        sidecar(talk, toml)
    message = str(caught.value)
    assert str(talk.with_suffix(".toml")) in message
    assert len(message) - len(str(talk)) < 1_000
    assert caught.value.remedy
    return message


def test_no_sidecar_says_nothing(talk: Path) -> None:
    assert read_sidecar(talk) == Metadata()
    assert sidecar(talk, "") == Metadata()


def test_every_key() -> None:
    said = read_sidecar(CORPUS / "npr-2019-07-08-ice-dmv-facial-recognition.vtt")
    assert (said.show, said.publisher, said.published) == ("All Things Considered", "NPR", "2019-07-08")
    assert said.people is not None
    assert said.people[1] == Person("Aarti Shahani", "reporter")


def test_every_key_of_text_is_read_and_made_plain(talk: Path) -> None:
    keys = {f.name for f in fields(Metadata)} - {"published", "medium", "url", "origin", "people", "chapters"}
    said = sidecar(talk, "\n".join(f'{key} = "  A\\u0000 \\n{key}\\u202F."' for key in keys))
    assert {key: getattr(said, key) for key in keys} == {key: f"A {key} ." for key in keys}


@pytest.mark.parametrize(
    ("toml", "published"),
    [
        ("2019-07-08", "2019-07-08"),
        ('"2019-07-08"', "2019-07-08"),
        ('" 2019-07-08 "', "2019-07-08"),
        ("2019-07-08T23:30:00Z", "2019-07-08"),
        ("20190708", "2019-07-08"),
    ],
)
def test_dates(talk: Path, toml: str, published: str) -> None:
    assert sidecar(talk, f"published = {toml}").published == published


@pytest.mark.parametrize(
    "toml",
    ['"8 July 2019"', "2019", '"2019-13-01"', "12:30:00", "1.5", "true", "[]", '""', "9" * 4_000, "0x" + "f" * 90_000],
)
def test_a_bad_date_is_refused(talk: Path, toml: str) -> None:
    assert "has published = " in refusal(talk, f"published = {toml}")
    assert "Expected a date such as 2019-07-08." in refusal(talk, f"published = {toml}")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('titel = "x"', "has the unknown key 'titel'. Allowed are show, title, published, "),
        ("title = 5", "has title = 5. Expected some text in quotation marks."),
        ('title = ""', "has title = ''."),
        ('title = " \\u0000 "', "has title = "),
        ("show = []", "has show = []."),
        ("[show]\nname = 'x'", "has show = {'name': 'x'}."),
        ("show = nan", "has show = nan."),
        ("show = 0x" + "f" * 90_000, "has show = something very long."),
        (f"show = {'[' * 300}{']' * 300}", "has show = [[["),
        (f'{"k" * 90_000} = "x"', "has the unknown key 'kkkk"),
        ('medium = "tv"', "has medium = 'tv'. Expected \"radio\" or \"podcast\"."),
        ('url = "javascript:alert(1)"', "has url = 'javascript:alert(1)'. Expected an address that begins with https://."),
        ('url = "example.org"', "has url = 'example.org'."),
        ('people = "Ann"', "has a person 'Ann'. Expected [[people]] with name"),
        ("people = [1]", "has a person 1."),
        ('[[people]]\nname = "Ann"', "has a person {'name': 'Ann'}."),
        ('[[people]]\nname = "Ann"\nrole = 3', "has a person "),
        ('[[people]]\nname = ""\nrole = "host"', "has a person "),
        ('[[people]]\nname = "Ann"\nrole = "host"\nage = 3', "has a person "),
        ("season = -1", "has season = -1. Expected some text in quotation marks or a whole number."),
        ("season = true", "has season = True."),
        ("number = 1.5", "has number = 1.5."),
        ('number = " "', "has number = ' '."),
        ('chapters = "1:00 News"', "has a chapter '1:00 News'. Expected [[chapters]] with start = "),
        ('[[chapters]]\nstart = "1:99"\ntitle = "a"', "has a chapter {'start': '1:99', 'title': 'a'}."),
        ('[[chapters]]\nstart = -1\ntitle = "a"', "has a chapter "),
        ('[[chapters]]\nstart = nan\ntitle = "a"', "has a chapter "),
        ('[[chapters]]\nstart = inf\ntitle = "a"', "has a chapter "),
        ('[[chapters]]\nstart = true\ntitle = "a"', "has a chapter "),
        ('[[chapters]]\nstart = 1\ntitle = ""', "has a chapter "),
        ("[[chapters]]\nstart = 1", "has a chapter {'start': 1}."),
        ("[[chapters]]\nstart = 0x" + "f" * 90_000 + '\ntitle = "a"', "has a chapter something very long."),
        ("title = ", "is not valid TOML ("),
        ('title = "a"\ntitle = "b"', "is not valid TOML ("),
        (f"x = {'9' * 5_000}", "is not valid TOML ("),
        (f"x = {'[' * 100_000}", "is not valid TOML ("),
        ("x = 2019-02-30", "is not valid TOML ("),
        (b'title = "\xff\xfe"', "is not valid TOML ("),
        ('title = "x"'.encode("utf-16"), "is not valid TOML ("),
        (b"#" * 1_000_001, "is too large for a sidecar. Expected a few lines of TOML."),
    ],
)  # fmt: skip
def test_what_is_refused(talk: Path, toml: str | bytes, said: str) -> None:
    assert said in refusal(talk, toml)


def test_seasons_numbers_and_chapters(talk: Path) -> None:
    said = sidecar(
        talk,
        'season = 2\nnumber = "12a"\n[[chapters]]\nstart = "1:02:03"\ntitle = "Second"\n'
        '[[chapters]]\nstart = 0.5\ntitle = "First"\n[[chapters]]\nstart = 02:00:00.25\ntitle = "Third"',
    )
    assert (said.season, said.number) == ("2", "12a")
    assert said.chapters == (Chapter(0.5, "First"), Chapter(3723.0, "Second"), Chapter(7200.25, "Third"))
    assert sidecar(talk, 'chapters = {start = 0, title = "All"}').chapters == (Chapter(0.0, "All"),)
    assert sidecar(talk, "chapters = []").chapters == ()


def json_sidecar(talk: Path, text: str | bytes) -> Metadata:
    talk.with_suffix(".json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sidecar(talk)


# What JSON and TOML can both say. A sidecar without any of the keys is no sidecar to JSON.
_texts = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_characters="\x7f"), max_size=5)
_scalars = _texts | st.sampled_from(["radio", "https://x.org", "2019-07-08", "1:02:03"]) | st.integers(-2, 99)
_entries = st.fixed_dictionaries(
    {}, optional={"name": _texts, "role": _texts, "start": _scalars, "title": _texts, "age": _scalars}
)
_tables = st.dictionaries(
    st.sampled_from([f.name for f in fields(Metadata)]), _scalars | st.lists(_entries, max_size=2), min_size=1
) | st.builds(
    lambda title, more: {"title": title, **more}, _texts, st.dictionaries(st.sampled_from(["titel", "x"]), _scalars)
)


def as_toml(value: object) -> str:
    """A JSON value as TOML, inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    return f"[{', '.join(map(as_toml, value))}]" if isinstance(value, list) else json.dumps(value)


@given(_tables)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_and_toml_say_and_refuse_the_same(talk: Path, table: dict[str, object]) -> None:
    toml, js = talk.with_suffix(".toml"), talk.with_suffix(".json")
    outcomes = []
    for path, text in ((toml, "\n".join(f"{k} = {as_toml(v)}" for k, v in table.items())), (js, json.dumps(table))):
        path.write_text(text, "utf-8")
        try:
            outcomes.append(read_sidecar(talk))
        except MetadataError as error:
            outcomes.append((error.path == str(path), error.problem))
        path.unlink()
    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[0], Metadata) or outcomes[0][0]


def test_two_sidecars_are_one_too_many(talk: Path) -> None:
    sidecar(talk, 'title = "a"')
    with pytest.raises(MetadataError, match=r"talk\.json: describes the episode, and so does talk\.toml\. Keep one"):
        json_sidecar(talk, '{"title": "b"}')
    assert json_sidecar(talk, '{"segments": []}').title == "a"  # a transcript beside a transcript


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"title": "a", "titel": "b"}', "has the unknown key 'titel'. Allowed are show, title, "),
        ('{"title": null}', "has title = None."),
        ('{"title": "a", "title": "b"}', "is not valid JSON (the key 'title' is there twice)"),
        ('{"title": "a",}', "is not valid JSON ("),
        ('{"title": "a"', "is not valid JSON ("),
        ('{"title": ' + "9" * 5_000 + "}", "is not valid JSON ("),
        ('{"title": ' + "[" * 100_000, "is not valid JSON ("),
        (b'{"title": "\xff"}', "is not valid JSON ("),
        ('{"people": [{"name": "Ann"}]}', "has a person {'name': 'Ann'}. Expected people, each with name = \"...\""),
        ('{"chapters": [{"start": NaN, "title": "a"}]}', "has a chapter "),
        ('{"published": 20190231}', "has published = 20190231. Expected a date such as 2019-07-08."),
    ],
)
def test_what_is_refused_in_json(talk: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(MetadataError) as caught:
        json_sidecar(talk, text)
    assert str(talk.with_suffix(".json")) in str(caught.value)
    assert told in str(caught.value)
    assert len(caught.value.problem + caught.value.remedy) < 800


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "5",
        "",
        "no JSON",
        '{"text": "Hi.", "language": "en"}',
        '{"segments": [{"text": "Hi."}], "language": "en"}',
        '{"segments": [{"text": "Hi."}], "language": ',
        '{"transcription": [], "title": "a"}',
        '{"version": "1.2.0", "chapters": []}',
        '{"results": {}, "language": "en"}',
        '{"titel": "a typing error alone"}',
        '{"title": "' + "a" * 1_000_000 + '"}',
        '\ufeff{"words": [], "language": "en"}',
    ],
)
def test_json_that_is_no_sidecar(talk: Path, text: str) -> None:
    assert json_sidecar(talk, text) == Metadata()
    assert not is_sidecar(talk.with_suffix(".json"))


def test_what_is_a_sidecar(talk: Path) -> None:
    assert json_sidecar(talk, '\ufeff{"title": "Café", "number": 7}') == Metadata(title="Café", number="7")
    assert is_sidecar(talk.with_suffix(".json"))
    assert is_sidecar(talk.with_suffix(".toml"))
    assert not is_sidecar(talk)
    assert not is_sidecar(talk.parent / "missing.json")
    assert not is_sidecar(talk.parent / ("x" * 300 + ".json"))
    (talk.parent / "folder.json").mkdir()
    assert not is_sidecar(talk.parent / "folder.json")


def test_sidecars_in_json_are_no_sources_and_hide_no_recording(tmp_path: Path) -> None:
    for name, text in {
        "talk.vtt": "WEBVTT\n",
        "talk.json": '{"title": "a"}',
        "sound.mp3": "",
        "sound.json": '{"titel": "a", "show": "b"}',
        "heard.mp3": "",
        "heard.json": '{"segments": []}',
        "alone.json": '{"segments": []}',
    }.items():
        (tmp_path / name).write_text(text)
    assert [path.name for path in find_sources([tmp_path])] == ["alone.json", "heard.json", "sound.mp3", "talk.vtt"]


def test_a_transcript_is_not_its_own_sidecar(talk: Path) -> None:
    js = talk.with_suffix(".json")
    js.write_text('{"title": "a"}')
    assert read_sidecar(js) == Metadata()


def test_a_file_from_a_windows_editor_is_read(talk: Path) -> None:
    assert sidecar(talk, b'\xef\xbb\xbftitle = "Caf\xc3\xa9"\r\nshow = "x"\r\n') == Metadata(title="Café", show="x")


def test_one_person_needs_no_list(talk: Path) -> None:
    assert sidecar(talk, 'people = {name = "Ann", role = "host"}').people == (Person("Ann", "host"),)


def test_a_long_text_is_cut(talk: Path) -> None:
    assert sidecar(talk, f'title = "{"x" * 9_000}"').title == "x" * 1_000
    title = f"{'a' * 999} bcd"  # the cut falls on the space
    assert sidecar(talk, f'title = "{title}"').title == "a" * 999


_keys = st.sampled_from([*(f.name for f in fields(Metadata)), "name", "role", "x"])
_values = (
    st.sampled_from(['"a"', '"radio"', '"https://x.org"', "2019-07-08", "07:32:00", "1e999", "-nan", "[[1]]", "{a = 1}", '[{name = "A", role = "b"}]'])
    | st.text(st.characters(codec="utf-8"), max_size=12)
    | storable_text
)  # fmt: skip
_toml = st.lists(st.tuples(_keys, _values), max_size=5).map(lambda pairs: "\n".join(f"{k} = {v}" for k, v in pairs))


@given(_toml.map(str.encode) | storable_text.map(str.encode) | st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sidecar_gives_metadata_or_says_why_not(talk: Path, toml: bytes) -> None:
    with suppress(MetadataError):
        said = sidecar(talk, toml)
        given_keys = set(tomllib.loads(talk.with_suffix(".toml").read_text("utf-8-sig")))
        assert {f.name for f in fields(said) if getattr(said, f.name) is not None} == given_keys
        assert describe(talk, Metadata(title="t", audio=None)).title == "t"
        for f in fields(said):
            value = getattr(said, f.name)
            assert not isinstance(value, str) or (value.isprintable() or any(ord(c) > 0xA0 for c in value))
