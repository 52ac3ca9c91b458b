"""Files of one recording that lie together: outputs of one run are one episode, from the richest of them."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from ingest.files.sources import find_sources, published_beside
from ingest.metadata import describe, read_sidecar
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase

SENTENCES = ["Did you sign the contract?", "No, I refused to sign it.", "Then who did?", "My brother signed it."]
SPEAKERS = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00", "SPEAKER_01"]


def outputs(folder: Path, stem: str = "talk", sentences: list[str] = SENTENCES) -> dict[str, Path]:
    """Write what WhisperX writes of one run, by suffix."""
    cues = [
        (2.0 * at, 2.0 * at + 1.5, text, who) for at, (text, who) in enumerate(zip(sentences, SPEAKERS, strict=True))
    ]
    segments = [
        {
            "start": start,
            "end": end,
            "text": f" {text}",
            "speaker": who,
            "words": [
                {"word": word, "start": start + at * 0.2, "end": start + at * 0.2 + 0.1, "score": 0.9, "speaker": who}
                for at, word in enumerate(text.split())
            ],
        }
        for start, end, text, who in cues
    ]
    srt = "".join(
        f"{n}\n00:00:{a:06.3f} --> 00:00:{b:06.3f}\n[{who}]: {text}\n\n" for n, (a, b, text, who) in enumerate(cues, 1)
    )
    texts = {
        ".json": json.dumps({"segments": segments, "word_segments": [], "language": "en"}),
        ".srt": srt.replace(".0", ",0").replace(".5", ",5"),
        ".vtt": "WEBVTT\n\n"
        + "".join(f"00:{a:06.3f} --> 00:{b:06.3f}\n[{who}]: {text}\n\n" for a, b, text, who in cues),
        ".txt": "".join(f"{text}\n" for _, _, text, _ in cues),
        ".tsv": "start\tend\ttext\n" + "".join(f"{int(a * 1000)}\t{int(b * 1000)}\t{text}\n" for a, b, text, _ in cues),
    }
    folder.mkdir(exist_ok=True)
    files = {suffix: folder / f"{stem}{suffix}" for suffix in texts}
    for suffix, text in texts.items():
        files[suffix].write_text(text, "utf-8")
    return files


def words_timed(kb: KnowledgeBase, episode_id: str) -> int:
    return len(kb.canonical(episode_id).timings)


def test_the_outputs_of_one_run_in_a_folder_are_one_episode(kb: KnowledgeBase, tmp_path: Path) -> None:
    outputs(tmp_path / "run")
    results = ingest(kb, find_sources([tmp_path / "run"]))
    (episode,) = kb.catalogue.episodes.all()
    assert {result.episode_id for result in results} == {episode.id}
    assert sorted(result.status for result in results) == ["added", *["unchanged"] * 4]
    assert words_timed(kb, episode.id) == sum(len(sentence.split()) for sentence in SENTENCES)
    assert any(
        "has the same words as talk.json and adds nothing" in note for result in results for note in result.notes
    )
    assert {result.status for result in ingest(kb, find_sources([tmp_path / "run"]))} == {"unchanged"}


@pytest.mark.parametrize(
    "order", random.Random(3).sample(list(itertools.permutations([".json", ".srt", ".txt", ".tsv"])), 4)
)
def test_whichever_comes_first_the_richest_stands(kb: KnowledgeBase, tmp_path: Path, order: tuple[str, ...]) -> None:
    files = outputs(tmp_path / "run")
    for suffix in order:
        ingest(kb, [files[suffix]])
    (episode,) = kb.catalogue.episodes.all()
    turns = kb.canonical(episode.id).turns
    assert [turn.speaker for turn in turns] == SPEAKERS
    assert words_timed(kb, episode.id) == sum(len(sentence.split()) for sentence in SENTENCES)


def test_a_poorer_file_that_changes_revises_nothing(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = outputs(tmp_path / "run")
    ingest(kb, [files[".json"], files[".srt"]])
    files[".srt"].write_text(files[".srt"].read_text().replace("brother", "sister"))
    (again,) = ingest(kb, [files[".srt"]])
    assert again.status == "unchanged"
    assert "brother" in kb.canonical(again.episode_id or "").text


def test_the_richest_file_that_changes_revises(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = outputs(tmp_path / "run")
    ingest(kb, files.values())
    files[".json"].write_text(files[".json"].read_text().replace("brother", "sister"))
    (again,) = ingest(kb, [files[".json"]])
    assert again.status == "revised"
    assert "sister" in kb.canonical(again.episode_id or "").text


def test_a_persons_correction_stands_against_a_richer_file(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = outputs(tmp_path / "run")
    (first,) = ingest(kb, [files[".srt"]])
    kb.corrections.correct(first.episode_id or "", 1, 3, "My brother Tom signed it.", "Ann")
    (second,) = ingest(kb, [files[".json"]])
    assert (second.episode_id, second.status) == (first.episode_id, "unchanged")
    assert "Tom" in kb.canonical(first.episode_id or "").text


def test_other_words_under_the_same_name_are_another_episode(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = outputs(tmp_path / "run")
    files[".txt"].write_text("Notes: we met on Monday, and the weather was fine all day long.\n")
    ingest(kb, files.values())
    assert len(kb.catalogue.episodes.all()) == 2


def test_the_same_words_in_another_folder_are_another_recording(kb: KnowledgeBase, tmp_path: Path) -> None:
    ingest(kb, [outputs(tmp_path / "a")[".json"], outputs(tmp_path / "b")[".srt"]])
    assert len(kb.catalogue.episodes.all()) == 2


@pytest.mark.parametrize(
    ("transcript", "recording", "title"),
    [
        ("The late ferry [dQw4w9WgXcQ].en.vtt", "The late ferry [dQw4w9WgXcQ].mp3", "The late ferry"),
        ("The late ferry [dQw4w9WgXcQ].en-orig.vtt", "The late ferry [dQw4w9WgXcQ].webm", "The late ferry"),
        ("The late ferry [d-w4w9_gXcQ].pt-BR.srt", "The late ferry [d-w4w9_gXcQ].m4a", "The late ferry"),
        ("talk.wav.srt", "talk.wav", "talk"),
        ("talk.wav.json", "talk.wav", "talk"),
        ("talk.mp3.vtt", "talk.wav", "talk"),
        ("talk.en.json", "talk.MP3", "talk"),
        ("Talk no. 2.srt", "Talk no. 2.wav", "Talk no. 2"),
    ],
)
def test_what_recognisers_and_downloaders_call_a_transcript_finds_its_recording(
    tmp_path: Path, transcript: str, recording: str, title: str
) -> None:
    path = tmp_path / transcript
    path.write_text('{"segments": []}' if path.suffix == ".json" else "")
    (tmp_path / recording).touch()
    episode = describe(path, read_sidecar(path))
    assert (episode.audio, episode.title) == (str((tmp_path / recording).resolve()), title)
    assert [source.name for source in find_sources([tmp_path])] == [transcript]


def test_the_richest_transcript_beside_a_recording_is_the_one_compared(tmp_path: Path) -> None:
    outputs(tmp_path / "run", "talk.wav")
    published = published_beside(tmp_path / "run" / "talk.wav")
    assert published is not None
    assert published.segments[0].speaker == "SPEAKER_00"
    assert published.segments[0].words


def test_what_a_downloader_writes_beside_a_video_is_no_source(tmp_path: Path) -> None:
    for name in ("Talk [dQw4w9WgXcQ].info.json", "Talk [dQw4w9WgXcQ].live_chat.json", "Talk [dQw4w9WgXcQ].en.vtt"):
        (tmp_path / name).write_text("{}")
    assert [path.suffix for path in find_sources([tmp_path])] == [".vtt"]


def test_what_a_file_leaves_in_doubt_is_told_at_once_and_kept(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    cues = (
        "1\n00:00:01,000 --> 00:00:03,000\nŻona burmistrza podpisała umowę.\n\n2\n00:00:09,000 --> 00:00:05,000\nHm.\n"
    )
    path.write_bytes(cues.encode("cp1250"))
    (result,) = ingest(kb, [path])
    assert [note.split(";")[0].split(" that")[0] for note in result.notes] == [
        "The file does not say its encoding",
        "1 of 2 cues has a time",
    ]
    remarks = kb.catalogue.episodes.remarks(result.episode_id or "", 1)
    assert tuple(remark.note for remark in remarks) == result.notes
    assert "Hm." in kb.canonical(result.episode_id or "").text
