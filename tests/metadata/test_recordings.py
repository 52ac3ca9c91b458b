"""The recording beside a transcript is found, and none that is elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ingest.metadata import (
    Metadata,
    describe,
    read_sidecar,
)
from kb.errors import MetadataError
from tests.strategies import hostile_text


@pytest.mark.parametrize("ending", [".mp3", ".opus", ".WAV"])
def test_a_recording_of_the_same_name_is_found(talk: Path, ending: str) -> None:
    sound = talk.with_suffix(ending)
    sound.write_bytes(b"x")
    assert describe(talk, Metadata()).audio == str(sound.resolve())


def test_a_named_recording_is_found(talk: Path) -> None:
    sound = talk.with_name("other.ogg")
    sound.write_bytes(b"x")
    assert describe(talk, Metadata(audio="other.ogg")).audio == str(sound.resolve())
    assert describe(talk, Metadata(audio=str(sound))).audio == str(sound.resolve())
    assert describe(sound, Metadata()).audio == str(sound.resolve())


@pytest.mark.parametrize(
    "named",
    [
        "../secret.mp3",
        "/etc/secret.mp3",
        "link.mp3",
        "down/../../secret.mp3",
        "notes.txt",
        ".",
        "",
        "https://x.org/a.mp3",
        "x" * 900 + ".mp3",
        "missing.mp3",
        "circle.mp3",
        "\0.mp3",
        "\ud800.mp3",
    ],
)
def test_a_recording_that_is_elsewhere_or_none_is_refused(talk: Path, named: str) -> None:
    secret = talk.parent.parent / "secret.mp3"
    secret.write_bytes(b"secret")
    talk.with_name("link.mp3").symlink_to(secret)
    talk.with_name("circle.mp3").symlink_to("circle.mp3")
    talk.with_name("notes.txt").write_bytes(b"x")
    with pytest.raises(MetadataError, match="names the audio"):
        describe(talk, Metadata(audio=named))


@given(hostile_text.filter(bool))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_of_a_recording_reaches_another_folder(talk: Path, named: str) -> None:
    with pytest.raises(MetadataError, match="names the audio"):  # there is none in the folder
        describe(talk, Metadata(audio=named))


def test_a_link_to_another_folder_is_not_taken_for_the_recording(talk: Path) -> None:
    secret = talk.parent.parent / "secret.mp3"
    secret.write_bytes(b"secret")
    talk.with_suffix(".mp3").symlink_to(secret)
    assert describe(talk, Metadata()).audio is None
    notes = talk.with_name("notes.txt")
    notes.write_bytes(b"x")
    talk.with_suffix(".ogg").symlink_to(notes)
    assert describe(talk, Metadata()).audio is None
    talk.with_suffix(".wav").write_bytes(b"x")
    assert describe(talk, Metadata()).audio == str(talk.with_suffix(".wav").resolve())


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    """With another ending it would be too long for a file, so there is no such file."""
    talk = tmp_path / ("x" * 251 + ".vtt")
    talk.write_text("WEBVTT\n")
    assert read_sidecar(talk) == Metadata()
    assert describe(talk, Metadata()).audio is None
