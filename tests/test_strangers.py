"""Files from strangers cost at most their own job: the queue goes on, the server stays up, and a person may retry."""

from __future__ import annotations

import ast
import os
import zipfile
from pathlib import Path

import pytest

from ingest.files import strangers
from ingest.files.sources import find_sources, path_of
from ingest.isolation import isolated
from ingest.queue.batch import IngestOptions, enqueue, ingest, work
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase
from kb.web.background.uploads import new_group, part_of, upload_folder, upload_path
from kb.web.background.worker import Worker

from .conftest import MATERIAL, ROOT
from .sounds import noise, write

GOOD = "Ann: A sentence about parsnips.\nBob: Another one about turnips.\n"
#: What reads strangers' bytes, and who may call it: the doors, and the parsers among themselves.
READERS = {
    "ingest.formats": {"parse", "parse_docx", "parse_html", "parse_json", "parse_markdown", "parse_text"},
    "ingest.metadata": {"read_sidecar", "read_front_matter"},
    "ingest.feeds": {"parse_feed", "parse_opml", "parse_chapters"},
    "ingest.sound.decoding": {"Decoder", "audio_tags", "probe"},
}
DOORS = (
    "ingest/files/strangers.py",
    "ingest/sound/isolated.py",
    "ingest/formats/",
    "ingest/metadata/",
    "ingest/feeds/",
    "ingest/sound/decoding.py",
)


def test_what_reads_strangers_bytes_is_called_through_the_doors_alone() -> None:
    for path in [*(ROOT / "ingest").rglob("*.py"), *(ROOT / "kb").rglob("*.py")]:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or name.startswith(DOORS):
                continue
            package = ".".join(path.relative_to(ROOT).parts[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (package, node.module)))
            asked = {alias.name for alias in node.names}
            assert not asked & READERS.get(".".join(module.split(".")[:2]), set()), f"{name} imports from {module}"


def hostile(path: Path) -> Path:
    """Write a transcript that no cheap look refuses, and whose 31 MB become more than a gigabyte when they are read."""
    path.write_bytes(b'{"segments":[' + b"[[[[]]]]," * 3_500_000 + b"0]}")
    return path


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_job_that_kills_its_child_twice_is_set_aside_and_may_be_retried(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = upload_folder(kb.home) / new_group(kb.home)
    talk, good = hostile(folder / "talk.json"), folder / "good.txt"
    good.write_text(GOOD)
    bad, added = ingest(kb, [talk, good])
    assert (bad.status, added.status) == ("failed", "added")
    (job,) = kb.catalogue.jobs.all()
    assert (job.state, job.reason) == ("failed", bad.error)
    assert job.reason is not None
    assert job.reason.startswith(f"{talk}: made its reader take more than 1,024 MB of memory")
    assert job.reason.endswith("It was tried twice and is set aside until you retry it.")
    worker = Worker(kb)
    worker.start()  # as a server does that is started again
    worker.stop()
    assert worker.finished() == ()
    assert [job.state for job in kb.catalogue.jobs.all()] == ["failed"]
    talk.write_text('{"segments": [{"start": 0, "end": 1, "text": "Mended.", "speaker": "Ann"}]}')
    (mended,) = work(kb, kb.catalogue.jobs.all())
    assert mended.status == "added"


def test_a_pipe_is_refused_and_nobody_waits_for_it(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("x.txt", "talk.toml", "talk.json", "sound.mp3", "shows.zip"):
        os.mkfifo(folder / name)
    (folder / "talk.txt").write_text(GOOD)
    refused, added = ingest(kb, [folder / "x.txt", folder / "talk.txt"])
    assert refused.error is not None
    assert refused.error.endswith("x.txt: is a pipe or a device, not a regular file. Copy its content into a file.")
    assert added.status == "added"
    assert [path.name for path in find_sources([folder])] == ["talk.txt"]
    (sound,) = ingest(kb, [folder / "sound.mp3"])
    assert sound.status == "failed"


def test_a_file_that_became_a_pipe_while_it_waited_is_refused(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(GOOD)
    jobs = enqueue(kb, [tmp_path / "x.txt"], IngestOptions(""), lambda path, why: None)
    (tmp_path / "x.txt").unlink()
    os.mkfifo(tmp_path / "x.txt")
    (result,) = work(kb, jobs)
    assert "not a regular file" in str(result.error)


@pytest.mark.skipif(os.name != "posix", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_taken_in_or_told(kb: KnowledgeBase, tmp_path: Path) -> None:
    talk, sound = (Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/caf\xe9.txt", b"/r\xe9cit.wav"))
    talk.write_text(GOOD)
    write(sound, noise(1.0), "pcm_s16le", 16_000)
    assert path_of(talk.as_uri()) == talk
    told, added = sorted(ingest(kb, find_sources([tmp_path])), key=lambda result: result.status, reverse=True)
    assert added.status == "added"
    assert told.error == f"{tmp_path}/r?cit.wav: has a name that is not UTF-8. Rename the recording or its folder."
    sound.rename(talk.with_suffix(".wav"))
    talk.write_text(GOOD + "Ann: More.\n")
    (beside,) = ingest(kb, [talk])
    assert beside.error == f"{tmp_path}/caf?.wav: has a name that is not UTF-8. Rename the recording or its folder."


def test_what_a_killed_server_was_being_sent_is_removed(kb: KnowledgeBase) -> None:
    folder = upload_folder(kb.home) / new_group(kb.home)
    whole = upload_path(folder, "whole.txt")
    whole.write_text(GOOD)
    part = part_of(upload_path(folder, "half.mp3"))
    part.write_bytes(b"half")
    worker = Worker(kb)
    worker.start()
    worker.stop()
    assert [path.name for path in folder.iterdir()] == ["whole.txt"]


def test_a_packed_bomb_among_good_files_costs_its_own_job(kb: KnowledgeBase, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", bytes(50_000_000))
    (tmp_path / "good.txt").write_text(GOOD)
    bomb, good = ingest(kb, [tmp_path / "bomb.docx", tmp_path / "good.txt"])
    assert (bomb.status, good.status) == ("failed", "added")


def test_what_the_child_reads_is_what_the_parser_reads() -> None:
    path = next((MATERIAL / "podcasting20").glob("*.json"))
    from ingest import formats

    assert strangers.parse(path, path.read_bytes()) == formats.parse(path, path.read_bytes())
    with pytest.raises(SourceError, match=r"talk\.json, line 1: This is not JSON"):
        strangers.parse(Path("talk.json"), b"{")


def test_sound_is_decoded_in_a_child_and_sounds_the_same(tmp_path: Path) -> None:
    import numpy as np

    from ingest.sound import decoding as audio
    from ingest.sound import isolated as sound

    path = write(tmp_path / "talk.wav", noise(12.0), "pcm_s16le", 16_000)
    apart, here = sound.IsolatedDecoder(path), audio.Decoder(path)
    assert np.array_equal(np.concatenate(list(apart)), np.concatenate(list(here)))
    assert (apart.info, apart.report) == (here.info, here.report)
    assert sound.audio_tags(path) == audio.audio_tags(path)
    assert isolated.MEMORY == 1024**3
