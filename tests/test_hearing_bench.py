"""The benchmark of hearing: folders as corpora lay them out, scores, and one real run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bench.hearing.__main__ import main
from bench.hearing.material import Reading, noisy, read_sets
from bench.hearing.scores import score
from bench.hearing.systems import Heard

from .conftest import MATERIAL
from .models.tiny import ct2_folder
from .sounds import silence, write


def test_sets_are_read_as_corpora_lay_them_out(tmp_path: Path) -> None:
    """Our own beside their words, LibriSpeech, FLEURS; what has no reference, or no sound, is left out."""
    libri, fleurs = tmp_path / "dev-clean" / "84" / "121123", tmp_path / "de_de" / "test"
    for folder in (libri, fleurs):
        folder.mkdir(parents=True)
    for sound in (tmp_path / "talk.wav", tmp_path / "alone.wav", libri / "84-1.flac", fleurs / "3.wav"):
        sound.touch()
    (tmp_path / "talk.vtt").write_text("WEBVTT\n\n00:01.500 --> 00:02.000\nHello there.\n", "utf-8")
    (tmp_path / "silent.txt").write_text("No sound is here.", "utf-8")
    (libri / "84.trans.txt").write_text("84-1 GO DO YOU HEAR\n84-2 AND THIS\n", "utf-8")
    (fleurs.parent / "test.tsv").write_text('7\t3.wav\tEr sagte: „ja"\ter sagte ja\t3\t9\tMALE\n', "utf-8")
    assert read_sets(tmp_path) == {
        tmp_path.name: (Reading(tmp_path / "talk.wav", "Hello there.", ((1.5, "Hello there."),)),),
        "dev-clean": (Reading(libri / "84-1.flac", "GO DO YOU HEAR"),),
        "de_de": (Reading(fleurs / "3.wav", "Er sagte: „ja\""),),
    }  # fmt: skip


def test_wrong_invented_and_dropped_words_and_times_are_counted() -> None:
    cues = ((0.0, "He did not go"), (2.0, "to town in May,"), (4.0, "because of the rain."))
    said = Reading(Path("a.wav"), " ".join(text for _, text in cues), cues)
    words = (("well", 0.0), ("he", 0.1), ("didn't", 0.4), ("go", 0.9), ("to", 2.3), ("down", 2.5), ("in", 2.9))
    found = score([said], [Heard("Well, he didn't go to down in may because of rain", words)])
    assert (found.words, found.wrong, found.invented, found.dropped) == (12, 1, 1, 1)
    assert found.rate == 3 / 12
    assert found.off == (0.1, pytest.approx(0.3))


@pytest.mark.slow
def test_noise_is_as_loud_as_it_is_told_and_the_same_every_time(tmp_path: Path) -> None:
    import numpy as np

    from ingest.sound.decoding import Decoder

    reading = Reading(MATERIAL / "speech" / "jfk.flac", "ask not")
    sounds = [reading.sound, *(noisy(reading, 10, _made(tmp_path / name)).sound for name in ("a", "b"))]
    clean, first, second = (np.concatenate(list(Decoder(sound))).astype(np.float64) for sound in sounds)
    assert (first == second).all()
    scale = (first @ clean) / (clean @ clean)  # what is too loud is made softer as a whole
    noise = first / scale - clean
    assert 10 * np.log10((clean @ clean) / (noise @ noise)) == pytest.approx(10, abs=0.3)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_ours_and_the_bare_engines_stand_in_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(MATERIAL / "speech" / "jfk.flac", tmp_path)
    (tmp_path / "jfk.txt").write_text("And so, my fellow Americans", "utf-8")
    monkeypatch.setattr(sys, "argv", ["hearing", str(tmp_path), "--model", str(ct2_folder()), "--language", "en"])
    main()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[1] for row in rows] == ["ours, faster-whisper", "faster-whisper", "faster-whisper, batched"]
    assert {row[0] for row in rows} == {f"{tmp_path.name} (0.2 min)"}
    assert {row[2] for row in rows} == {"5"}
    assert all(float(row[8]) > 0 and float(row[9]) > 50 for row in rows)


def test_a_folder_without_references_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "alone.flac", silence(1), "flac")
    monkeypatch.setattr(sys, "argv", ["hearing", str(tmp_path), "--model", "x"])
    with pytest.raises(SystemExit, match="holds no recording with a reference beside it"):
        main()
