"""The faults: each takes a place and how often to try, and tells what came of it.

What counts as lost: an episode that ``kb ingest`` said to be in and is not, one whose words or times are others than
undisturbed, a failure that is a traceback, and damage that nobody was told of.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from kb.backups.manifest import CATALOGUE
from kb.backups.salvaging import salvage_folder
from kb.errors import CatalogueError
from kb.knowledge_base import KnowledgeBase

from ..backups.conftest import texts
from ..backups.test_salvaging import damaged, schema_pages
from ..conftest import ROOT
from ..web.test_guard import send
from .rights import read_only_rights
from .serving import Server, served
from .trial import Outcome, Place, acknowledged, in_a_namespace, kb, quick, told

__all__ = ["FAULTS"]

_EPISODES = 24
_ASKERS = 40


def kills(place: Place, times: int) -> Outcome:
    """Kill ``kb ingest`` at random moments, and go on with the same command until it ends."""
    found = Outcome("kill while taking in")
    shows = place.transcripts("shows", _EPISODES)
    begin = time.monotonic()
    kb(place.folder / "whole", "ingest", shows)
    length = time.monotonic() - begin
    expected = told(place.folder / "whole")
    while found.tried < times:
        home = place.folder / f"killed-{found.tried}"
        while True:
            seen, ended = _ingested_for(home, shows, place.chance.uniform(0.3, 1) * length)
            found.note(*(f"{name}: said to be in, and is not" for name in seen - _episodes(home)))
            if ended or found.tried >= times:
                break
        kb(home, "ingest", shows)
        found.lost += _differences(expected, home)
    return found


def full_disk(place: Place, times: int) -> Outcome:
    """Take in on a disk that is too small, then on the same disk when it has room."""
    found = Outcome("full disk while taking in")
    shows = place.transcripts("shows", _EPISODES)
    kb(place.folder / "whole", "ingest", shows)
    expected = told(place.folder / "whole")
    size = sum(path.stat().st_size for path in (place.folder / "whole").rglob("*")) // 1024
    script = (
        'disk="$0"; out="$1"; small="$2"; shift 2; shift; mount -t tmpfs -o size="$small"k none "$disk" || exit 77; '
        '"$@" >"$out/first" 2>"$out/errors"; echo $? >"$out/rc"; cp -r "$disk/home" "$out/full" 2>/dev/null; '
        'mount -o remount,size=500m "$disk" && "$@" >"$out/second" 2>&1; cp -r "$disk/home" "$out/home"'
    )
    full = 0
    for number in range(times):
        disk, out = place.folder / f"disk-{number}", place.folder / f"out-{number}"
        disk.mkdir()
        out.mkdir()
        small = place.chance.randint(300, max(400, size))
        arguments = [sys.executable, "-m", "kb", "ingest", shows, "--json"]
        command = in_a_namespace(script, disk, out, str(small), "--", *arguments)
        done = subprocess.run(command, cwd=ROOT, env=quick(disk / "home"), capture_output=True, text=True, timeout=600)
        if done.returncode == 77:
            found.remark = "nothing can be mounted here"
            return found
        errors = (out / "errors").read_text("utf-8")
        lost = [f"a disk of {small} kB: a traceback"] if "Traceback" in errors else []
        full += (out / "rc").read_text().strip() != "0"
        if (out / "rc").read_text().strip() == "0" and len(acknowledged((out / "first").read_text())) < _EPISODES:
            lost.append(f"a disk of {small} kB: not all was taken in, and nobody was told")
        if seen := acknowledged((out / "first").read_text("utf-8")):
            lost += [f"{name}: said to be in, and is not" for name in seen - _episodes(out / "full")]
        found.note(*lost, *_differences(expected, out / "home"))
    found.remark = f"{full} of them became full; the same command went on when there was room"
    return found


def read_only(place: Place, times: int) -> Outcome:
    """Ask and take in where nothing can be written."""
    found = Outcome("disk that can only be read")
    shows, more = place.transcripts("shows", 4), place.transcripts("more", 1, skip=4)
    home = place.folder / "home"
    kb(home, "ingest", shows)
    before = told(home)
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" || exit 77; exec "$@"'
    for _ in range(times):
        asked, refused = (
            kb(home, *arguments, before=in_a_namespace(mount, home))
            for arguments in (("ask", "Who was in hospital?"), ("ingest", more))
        )
        if 77 in (asked.returncode, refused.returncode):
            found.remark = "nothing can be mounted here"
            return found
        right = asked.returncode == 0 and refused.returncode == 1 and "is read-only" in refused.stderr
        lost = [] if right else [f"asked: {asked.stderr[-200:]}, refused: {refused.stderr[-200:]}"]
        found.note(*lost, *_differences(before, home))
    return found


def damaged_pages(place: Place, times: int) -> Outcome:
    """Overwrite random pages of the catalogue, and take what can be read into a new folder."""
    found = Outcome("damaged pages")
    home = place.folder / "home"
    kb(home, "ingest", place.transcripts("shows", _EPISODES))
    with closing(sqlite3.connect(home / CATALOGUE)) as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole, gone = texts(home), 0
    count = (home / CATALOGUE).stat().st_size // 4096
    pages = sorted(set(range(1, count)) - schema_pages(home))
    for number in range(times):
        many = place.chance.randint(1, 12)
        rubbish = place.chance.choice([b"", place.chance.randbytes(4096), bytes(4096)])
        harmed = damaged(home, place.folder / f"harmed-{number}", place.chance.sample(pages, many), rubbish)
        new = place.folder / f"new-{number}"
        try:
            _, losses = salvage_folder(harmed, new)
        except CatalogueError as error:
            found.note(f"{many} pages: nothing could be read ({error})")
            continue
        kept, said = texts(new), " ".join(losses)
        gone += len(whole.keys() - kept.keys())
        found.note(
            *(f"{name}: other words than before" for name in kept if kept[name] != whole.get(name)),
            *(
                f"{name}: lost, and nobody was told"
                for name in whole.keys() - kept.keys()
                if name not in said and f"{name.split('@')[0]}: the episode" not in said
            ),
        )
        shutil.rmtree(harmed)
        shutil.rmtree(new)
    found.remark = f"{gone} of {times * len(whole)} transcripts were lost with their pages, each named"
    return found


def two_writers(place: Place, times: int) -> Outcome:
    """Let two processes take in at once while a third corrects and a fourth asks."""
    found = Outcome("two writers, an editor and a reader at once")
    one, other = place.transcripts("one", _EPISODES // 2), place.transcripts("other", _EPISODES // 2, _EPISODES // 2)
    kb(place.folder / "whole", "ingest", one, other)
    expected = told(place.folder / "whole")
    for number in range(times):
        home = place.folder / f"both-{number}"
        first = sorted(one.iterdir())[0]
        kb(home, "ingest", first)
        (episode,) = _episodes(home)
        work: list[tuple[str | Path, ...]] = [
            ("ingest", one),
            ("ingest", other),
            ("episodes", "edit", episode, "--title", "Corrected meanwhile"),
            ("ask", "Who was in hospital?"),
        ]
        with ThreadPoolExecutor(len(work)) as people:
            done = list(people.map(lambda arguments, home=home: kb(home, *arguments), work))
        lost = [f"{work[n][0]}: {each.stderr[-300:]}" for n, each in enumerate(done) if each.returncode]
        wanted = {**expected, "episodes": [(row[0], "Corrected meanwhile", *row[2:]) if row[0] == episode else row for row in expected["episodes"]]}  # fmt: skip
        found.note(*lost, *_differences(wanted, home))
    return found


def bursts(place: Place, times: int) -> Outcome:
    """Let forty people ask a server at once, again and again; its open files and its memory have to level off."""
    found = Outcome("burst of forty questions at a server")
    home = place.folder / "home"
    kb(home, "ingest", place.transcripts("shows", _EPISODES))
    with served(home) as server:
        before = server.open_files()
        level = 0.0
        for number in range(times):
            found.note(*_burst(server, number))
            if number == times // 2:
                level = server.memory()
        # Each of the server's forty threads may keep its own connection: the database and its journal.
        files, grown = server.open_files() - before, server.memory() - level
        if files > _ASKERS * 2 + 20:
            found.lost.append(f"{files} files were left open")
        found.remark = f"{files} more files open after all of them; memory {grown:+.0f} MB over the second half"
        if times >= 20 and grown > 50:
            found.lost.append(f"memory grew by {grown:.0f} MB over the second half")
    return found


#: Each with how often ``make soak`` tries it.
FAULTS: dict[str, tuple[Callable[[Place, int], Outcome], int]] = {
    "kills": (kills, 100),
    "full-disk": (full_disk, 20),
    "read-only": (read_only, 3),
    "read-only-rights": (read_only_rights, 3),
    "damaged-pages": (damaged_pages, 100),
    "two-writers": (two_writers, 8),
    "bursts": (bursts, 40),
}


def _burst(server: Server, number: int) -> list[str]:
    def ask(person: int) -> int:
        return send(server.address, "GET", f"/api/ask?q=Which+company+{number}+{person}", Connection="close")[0]

    with ThreadPoolExecutor(_ASKERS) as people:
        answers = list(people.map(ask, range(_ASKERS)))
    return [f"a question was answered with {status}" for status in answers if status != 200]


def _ingested_for(home: Path, shows: Path, seconds: float) -> tuple[set[str], bool]:
    """Take in, kill it after so long, and return what it said to be in and whether it had ended."""
    said = home.with_name(f"{home.name}-said")
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kb", "ingest", str(shows), "--json"],
            cwd=ROOT, env=quick(home), stdout=output, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return acknowledged(said.read_text("utf-8")), process.returncode == 0


def _episodes(home: Path) -> set[str]:
    if not (home / CATALOGUE).exists():
        return set()
    listed = kb(home, "episodes", "--json")
    return {str(episode["id"]) for episode in json.loads(listed.stdout or "[]")}


def _differences(expected: dict[str, list[tuple[object, ...]]], home: Path) -> list[str]:
    """Return what is other than undisturbed, and what ``kb check`` says of it."""
    there = told(home)
    wrong = [f"{home.name}: other {name} than undisturbed" for name in expected if there[name] != expected[name]]
    with KnowledgeBase(home, "static", reader=False) as opened:
        wrong += [f"{home.name}: {finding.detail}" for finding in opened.check() if not finding.ok]
    return wrong
