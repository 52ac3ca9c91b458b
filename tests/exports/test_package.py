"""Evidence packages: whole, exact, checked anywhere, and refused when they are hostile."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.sound.clips import cut, decoded_seconds, to_flac
from ingest.sound.decoding import Decoder
from kb.citations import find_style
from kb.cli import main
from kb.errors import SourceError, UsageError
from kb.exports.gathering import export_quotes
from kb.exports.package import MANIFEST
from kb.exports.verifying import verify
from kb.knowledge_base import KnowledgeBase
from kb.types import SAMPLE_RATE, Segment, Transcript

from .. import sounds
from ..conftest import CORPUS, ROOT, SEGMENT, environment
from ..test_collections import quote_of, take_in

BEDOYA = f"{SEGMENT}@1:3357-3552"
DRAGNET = f"{SEGMENT}@1:3188-3278"
Files = dict[str, bytes]


def packed(kb: KnowledgeBase, path: Path, *quote_ids: str, style: str = "apa") -> Path:
    with path.open("wb") as file:
        export_quotes(kb, "Dragnet", kb.collections.named(quote_ids), "zip", find_style(style), file)
    return path


def unpacked(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="module")
def package(corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with KnowledgeBase(corpus_home) as kb:
        return packed(kb, tmp_path_factory.mktemp("package") / "evidence.zip", BEDOYA, DRAGNET)


def test_a_package_of_the_seed_says_who_said_what_where(package: Path) -> None:
    files = unpacked(package)
    manifest = json.loads(files[MANIFEST])
    bedoya = manifest["quotes"][0]
    assert (bedoya["speaker"], bedoya["role"]) == ("Alvaro Bedoya", "recording")
    assert (bedoya["episode"]["publisher"], bedoya["episode"]["published"]) == ("NPR", "2019-07-08")
    assert bedoya["episode"]["show"] == "All Things Considered"
    assert {(p["name"], p["role"]) for p in bedoya["episode"]["people"]} >= {
        ("Audie Cornish", "host"),
        ("Aarti Shahani", "reporter"),
    }
    assert bedoya["citation"] == "(Shahani, 2019, 3:34)"
    opus = CORPUS / f"{SEGMENT}.opus"
    assert bedoya["recording"] == {"name": opus.name, "sha256": hashlib.sha256(opus.read_bytes()).hexdigest()}
    assert {source["name"] for source in bedoya["sources"]} == {f"{SEGMENT}.vtt"}
    (item,) = json.loads(files["references.csl.json"])
    assert (item["host"][0]["family"], item["author"][0]["family"]) == ("Cornish", "Shahani")
    readme = files["README.txt"].decode()
    for expected in (
        "Alvaro Bedoya (recording)",
        "clips/001.flac; the quote is from 0:10 to 0:22",
        "SHA-256",
        "synthetic reading",
    ):
        assert expected in readme
    assert str(ROOT) not in "".join(content.decode("latin-1") for content in files.values())


def test_a_clip_is_the_recordings_own_samples_ten_seconds_around(package: Path, tmp_path: Path) -> None:
    files, whole = unpacked(package), np.concatenate(list(Decoder(CORPUS / f"{SEGMENT}.opus")))
    for quote in json.loads(files[MANIFEST])["quotes"]:
        clip = tmp_path / "clip.flac"
        clip.write_bytes(files[quote["clip"]["file"]])
        heard = np.concatenate(list(Decoder(clip)))
        first = round((quote["start"] - 10) * SAMPLE_RATE)
        assert quote["clip"]["seconds"] == pytest.approx(quote["end"] - quote["start"] + 20, abs=1e-3)
        assert np.array_equal(heard, whole[first : first + len(heard)])


def test_clips_end_where_the_recording_does(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "tune.flac", sounds.tune(12.0), "flac")
    whole = np.concatenate(list(Decoder(path)))
    early, overlapping, late, after = cut(path, [(-5, 2), (1, 11.5), (9, 30), (40, 50)])
    assert np.array_equal(early, whole[: 2 * SAMPLE_RATE])
    assert np.array_equal(overlapping, whole[SAMPLE_RATE : round(11.5 * SAMPLE_RATE)])
    assert np.array_equal(late, whole[9 * SAMPLE_RATE :])
    assert len(after) == 0
    (tmp_path / "x.flac").write_bytes(to_flac(late))
    assert decoded_seconds(tmp_path / "x.flac") == pytest.approx(3.0)


@pytest.mark.slow
def test_a_package_is_verified_without_a_knowledge_base(package: Path, tmp_path: Path) -> None:
    home = tmp_path / "no-home"
    done = subprocess.run(
        [sys.executable, "-m", "kb", "verify", str(package)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(home),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("The package is intact.\n")
    assert hashlib.sha256(unpacked(package)[MANIFEST]).hexdigest() in done.stdout
    assert not home.exists()


def test_a_package_that_was_packed_again_with_its_folders_is_intact(package: Path, tmp_path: Path) -> None:
    again = repacked(tmp_path / "again.zip", unpacked(package))
    with zipfile.ZipFile(again, "a") as archive:
        archive.mkdir("transcripts")
    assert verify(again) == verify(package)


def test_an_old_package_stays_sound_and_the_saved_quote_is_flagged_after_an_edit(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    episode_id = take_in(kb, "Cabbages are cheap.", "Kings are dear.")
    quote = quote_of(kb, episode_id, "Kings are dear.")
    collection = kb.catalogue.collections.begin("mine")[0]
    kb.catalogue.collections.add(collection, quote)
    old = packed(kb, tmp_path / "old.zip", quote.id)
    take_in(kb, "Cabbages are cheap.", "Queens are dear.")
    assert verify(old).problems == ()
    (saved,) = kb.collections.quotes(collection.name)
    assert (saved.standing.kind, saved.standing.now and saved.standing.now.text) == ("changed", "Queens are dear.")
    new = verify(packed(kb, tmp_path / "new.zip", quote.id))  # made today, of the quote in its own revision
    assert new.problems == ()
    assert any("it now reads “Queens are dear.”" in remark for remark in new.remarks)
    assert "no recording" in new.remarks[0]
    kb.remove(episode_id)
    gone = verify(packed(kb, tmp_path / "gone.zip", quote.id))
    assert gone.problems == ()
    assert any("no longer in the knowledge base" in remark for remark in gone.remarks)


def test_a_recording_that_is_gone_or_broken_is_told(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    episode = corpus_kb.catalogue.episodes.get(SEGMENT)
    broken = tmp_path / "broken.opus"
    broken.write_bytes(b"no sound at all")
    for path, told in ((broken, "holds no sound"), (tmp_path / "nowhere.opus", "cannot be read (No such file")):
        corpus_kb.catalogue.episodes.update(
            replace(episode, audio=str(path)), corpus_kb.catalogue.sources.of(SEGMENT)[0]
        )
        made = packed(corpus_kb, tmp_path / "e.zip", BEDOYA)
        found = verify(made)
        assert (found.problems, found.clips) == ((), 0)
        assert told in found.remarks[0]
        assert str(tmp_path) not in unpacked(made)["README.txt"].decode()


def change_quote(**new: Any) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        manifest = json.loads(files[MANIFEST])
        manifest["quotes"][0].update(new)
        files[MANIFEST] = json.dumps(manifest).encode()

    return change


def swap_clip_with_its_hash(files: Files) -> None:
    manifest = json.loads(files[MANIFEST])
    files["clips/001.flac"] = to_flac(np.zeros(SAMPLE_RATE, np.float32))
    manifest["files"]["clips/001.flac"]["sha256"] = hashlib.sha256(files["clips/001.flac"]).hexdigest()
    files[MANIFEST] = json.dumps(manifest).encode()


def drop(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.update({"README.txt": b"x"}), "README.txt was changed"),
        (lambda files: files.update({"malware.exe": b"x"}), "malware.exe is in the package and not in its manifest"),
        (
            lambda files: files.update({"manifest.json is harmless": b"x"}),
            "manifest.json is harmless is in the package and not in its manifest",
        ),
        (drop("quotes.html"), "quotes.html is in the manifest and not in the package"),
        (drop("clips/001.flac"), "Quote 1: its clip clips/001.flac is not in the package"),
        (change_quote(text="He never said that."), "Quote 1: its words are not in its transcript"),
        (change_quote(char_start=-5), "Quote 1: its words are not in its transcript"),
        (change_quote(char_start=True), "Quote 1: its words are not in its transcript"),
        (change_quote(char_end=10**30), "Quote 1: its words are not in its transcript"),
        (change_quote(transcript="../../etc/passwd"), "Quote 1: its transcript ../../etc/passwd is not in the package"),
        (change_quote(transcript=["x"]), "Quote 1: its transcript nothing is not"),
        (change_quote(clip="clips/001.flac"), "Quote 1: its clip nothing is not in the package"),
        (change_quote(clip={"file": "README.txt", "seconds": 5}), "Quote 1: its clip holds no sound"),
        (change_quote(clip={"file": "clips/001.flac", "seconds": "1\x1b[31m"}), "Quote 1: its clip clips/001.flac is not"),
        (change_quote(clip=None), "Quote 1: it has no clip, and nothing says why"),
        (change_quote(text=None), "Quote 1: it has no words"),
        (swap_clip_with_its_hash, "Quote 1: its clip is 1.0 s long and not 32.9 s"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(package: Path, tmp_path: Path, change: Callable[[Files], None], told: str) -> None:
    files = unpacked(package)
    change(files)
    problems = verify(repacked(tmp_path / "changed.zip", files)).problems
    assert any(problem.startswith(told) for problem in problems), problems


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "of the format"),
        (b'{"format": "verbatim-evidence/9"}', "newer Verbatim"),
        (b'{"format": "verbatim-evidence/1", "files": [], "quotes": {}}', "lists no files"),
        (None, "holds no manifest.json"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, manifest: bytes | None, told: str) -> None:
    files = {"a.txt": b"a"} if manifest is None else {MANIFEST: manifest}
    with pytest.raises(SourceError, match=told):
        verify(repacked(tmp_path / "x.zip", files))


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "a//b", "./a"])
def test_names_of_places_outside_are_refused(package: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="names a place outside"):
        verify(repacked(tmp_path / "x.zip", {**unpacked(package), name: b"x"}))


def test_links_twins_bombs_and_what_is_no_zip_are_refused(package: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("clips/link.flac")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    foreign = zipfile.ZipInfo("clips/foreign.flac")
    for name, content, method, told in (
        (link, b"/etc/passwd", zipfile.ZIP_STORED, "is a link"),
        ("bomb.txt", bytes(30_000_000), zipfile.ZIP_DEFLATED, "200 times its size"),
        (foreign, b"fLaC", zipfile.ZIP_BZIP2, "has a compression that is not supported"),
    ):
        path = Path(shutil.copy(package, tmp_path / "x.zip"))
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content, method)
        with pytest.raises(SourceError, match=told):
            verify(path)
    secret = bytearray(package.read_bytes())
    secret[secret.rindex(b"README.txt") - 46 + 8] |= 1  # the flag of encryption, in the list of members
    path.write_bytes(secret)
    with pytest.raises(SourceError, match=r"'README\.txt' is encrypted"):
        verify(path)
    with (
        zipfile.ZipFile(path := Path(shutil.copy(package, tmp_path / "x.zip")), "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("README.txt", b"another")
    with pytest.raises(SourceError, match="is there twice"):
        verify(path)
    for content in (b"", b"no zip", package.read_bytes()[:20_000]):
        path.write_bytes(content)
        with pytest.raises(SourceError, match="not a ZIP archive"):
            verify(path)
    with pytest.raises(SourceError, match="cannot be read"):
        verify(tmp_path / "missing.zip")


def test_flipped_bytes_are_found_or_change_nothing(package: Path, tmp_path: Path) -> None:
    """For all places: a damaged package is never sound and never a traceback, unless the damage is in no file."""
    whole, path = package.read_bytes(), tmp_path / "x.zip"
    chance = np.random.default_rng(7)
    unharmed = unpacked(package)
    for place in [*chance.integers(0, len(whole), 12), *chance.integers(len(whole) - 3_000, len(whole), 40)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = verify(path)
        except SourceError:
            continue
        assert found.problems or unpacked(path) == unharmed


def test_subtitles_are_one_recordings(kb: KnowledgeBase) -> None:
    one = quote_of(kb, take_in(kb, "Cabbages are cheap.", title="One"), "Cabbages are cheap.")
    other = quote_of(kb, take_in(kb, "Kings are dear.", title="Other"), "Kings are dear.")
    quotes = kb.collections.named([one.id, other.id])
    with pytest.raises(UsageError, match="these quotes are from 2: "):
        export_quotes(kb, "x", quotes, "vtt", find_style("apa"), io.BytesIO())
    with pytest.raises(UsageError, match="no quote to export"):
        export_quotes(kb, "x", (), "md", find_style("apa"), io.BytesIO())


def test_subtitles_of_hostile_words_are_read_back(kb: KnowledgeBase, tmp_path: Path) -> None:
    import srt
    import webvtt

    said = 'He said "a" & <b>{b}</b> \\c --> 🎙️ =1+1 مرحبا.'
    from kb.catalogue import Source
    from kb.types import Episode

    segments = (Segment(5.0, 9.0, said, "Ann Lee"), Segment(9.0, 12.0, "Good night.", "Ann Lee"))
    episode_id, _ = kb.add(Episode("", "The Show", "One"), Transcript(segments), Source("one", "1"))
    quote = quote_of(kb, episode_id, said)
    for form in ("vtt", "srt"):
        with (tmp_path / f"x.{form}").open("wb") as file:
            export_quotes(kb, "x", kb.collections.named([quote.id]), form, find_style("apa"), file)
    (cue,) = webvtt.read(str(tmp_path / "x.vtt"))
    assert (cue.start, cue.end, cue.voice) == ("00:00:05.000", "00:00:09.000", "Ann Lee")
    assert cue.text.replace("&gt;", ">").replace("&lt;", "<").replace("&#123;", "{").replace("&amp;", "&") == said
    (subtitle,) = srt.parse((tmp_path / "x.srt").read_text("utf-8"))
    assert (subtitle.start.total_seconds(), subtitle.end.total_seconds()) == (5.0, 9.0)
    assert "🎙️ =1+1 مرحبا." in subtitle.content


@pytest.fixture
def call(corpus_kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run ``kb`` in this process and return its exit code, what it printed, and what it complained about."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(corpus_kb.home), *map(str, arguments)])
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


def test_the_command_exports_a_collection_in_every_format(
    call: Callable[..., tuple[int, str, str]], corpus_kb: KnowledgeBase, tmp_path: Path
) -> None:
    collection = corpus_kb.catalogue.collections.begin("dragnet")[0]
    for quote_id in (BEDOYA, DRAGNET):
        corpus_kb.catalogue.collections.add(collection, corpus_kb.quote(quote_id), "For the lede")
    for form in ("docx", "xlsx", "zip", "html"):
        out = tmp_path / f"quotes.{form}"
        code, told, wrong = call("export", "--saved", "dragnet", "--out", out)
        assert (code, wrong) == (0, "")
        assert told.startswith(f"written    {out}\n")
        assert out.stat().st_size > 1_000
    begins = {"md": "# dragnet\n\n> “The question", "csv": "\ufeffnumber,text", "vtt": "WEBVTT", "srt": "1\n"}
    for form, begin in begins.items():
        code, told, wrong = call("export", BEDOYA, "--saved", "dragnet", "--format", form, "--style", "mla")
        assert (code, wrong) == (0, "")
        assert told.startswith(begin)
        assert told.count("The question that people need to ask") == 1
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".part")]


def test_one_clip_is_counted_in_the_singular(call: Callable[..., tuple[int, str, str]], package: Path) -> None:
    told = call("verify", package)[1]
    assert "clip" in told
    assert "1 clips" not in told


def test_cautions_of_what_is_cited_stand_beside_it(
    call: Callable[..., tuple[int, str, str]], corpus_kb: KnowledgeBase
) -> None:
    start = corpus_kb.text(SEGMENT).index("ICE-DMV tag-teaming a dragnet")
    cut = f"{SEGMENT}@1:{start}-{start + len('ICE-DMV tag-teaming')}"
    cautions = corpus_kb.quote(cut).cautions
    assert cautions
    for form in ("text", "ris"):
        code, told, wrong = call("cite", cut, "--format", form)
        assert (code, wrong.splitlines()) == (0, [f"kb: [{cut}] {caution}" for caution in cautions])
        assert not any(caution in told for caution in cautions)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "docx", BEDOYA], "--out quotes.docx"),
        ([], "Name quotes by their addresses"),
        ([BEDOYA, "--out", "x.exe"], "has to end in one of .md"),
        ([BEDOYA, "--out", "no/such/folder/x.md"], "cannot be written"),
        ([BEDOYA, "--server", "javascript:x"], "is not a web address"),
        ([BEDOYA, "--episode", "other"], "There is no quote to export"),
    ],
)
def test_what_cannot_be_exported_is_told(
    call: Callable[..., tuple[int, str, str]], arguments: list[str], told: str
) -> None:
    code, printed, wrong = call("export", *arguments)
    assert (code, printed) == (2, "")
    assert told in wrong
    assert len(wrong.splitlines()) == 1
