"""Make the salvaged data consistent: remove and list incomplete transcripts, and delete dangling references."""

from __future__ import annotations

import sqlite3

import numpy as np

from ...phrasing import counted
from ...transcripts.canonical import Canonical
from ...transcripts.chunking import chunk
from ...transcripts.timings import Timings
from ...types import Chunk, Turn
from .. import passages
from ..episodes import is_sound
from ..expected_names import as_names
from ..rows import TURN_COLUMNS, turn_from
from ..second_hearings import as_hearing
from ..voice_prints import as_print

__all__ = ["mend"]

_NO_SHOW = "Unknown show (its name is lost)"
#: By how much a vector's length may differ from 1.
_TOLERANCE = 1e-3


def mend(new: sqlite3.Connection) -> list[str]:
    """Remove incomplete data from a catalogue without triggers, and return a sentence for each loss."""
    new.execute("BEGIN")
    losses = [*_name_shows(new), *_describe_episodes(new), *_name_lost_episodes(new)]
    losses += _drop_loose_ends(new)  # first: new passages must not get a lost one's speakers
    losses += [*_check_times(new), *_check_episodes(new), *_drop_loose_ends(new)]
    _drop_rotten_vectors(new)
    losses += [*_drop_rotten_prints(new), *_drop_rotten_hearings(new), *_drop_rotten_names(new)]
    new.execute("COMMIT")
    return losses


def _name_shows(new: sqlite3.Connection) -> list[str]:
    """Give a show a substitute name if its own is lost, so that its episodes can stay."""
    lost = [
        row[0]
        for row in new.execute("SELECT DISTINCT show_id FROM episodes WHERE show_id NOT IN (SELECT id FROM shows)")
    ]
    for number in lost:
        new.execute("INSERT INTO shows (id, name) VALUES (?, ?)", (number, f"Show {number} (its name is lost)"))
    return [f"The name of show {number} is lost; correct it with 'kb episodes edit'." for number in lost]


def _describe_episodes(new: sqlite3.Connection) -> list[str]:
    """Give transcripts without an episode a substitute episode that says so, so that their words can stay."""
    lost = new.execute(
        "SELECT episode_id, max(revision), min(created_at) FROM revisions"
        " WHERE episode_id NOT IN (SELECT id FROM episodes) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if lost:
        new.execute("INSERT OR IGNORE INTO shows (name) VALUES (?)", (_NO_SHOW,))
    for episode_id, revision, moment in lost:
        new.execute(
            "INSERT INTO episodes (id, show_id, title, medium, current_revision, added_at)"
            " VALUES (?, (SELECT id FROM shows WHERE name = ?), ?, 'podcast', ?, ?)",
            (episode_id, _NO_SHOW, episode_id, revision, moment),
        )
        # They were made under another title.
        new.execute(
            "DELETE FROM embeddings WHERE chunk IN (SELECT rowid FROM chunks WHERE episode_id = ?)", (episode_id,)
        )
    return [f"{row[0]}: title, show and date of this episode are lost, and its words are kept." for row in lost]


def _name_lost_episodes(new: sqlite3.Connection) -> list[str]:
    """List episodes of which only references are left."""
    traces = " UNION ".join(f"SELECT episode_id FROM {table}" for table in ("sources", "turns", "chunks", "people"))
    lost = new.execute(
        f"SELECT episode_id FROM ({traces}) WHERE episode_id NOT IN (SELECT id FROM episodes) ORDER BY 1"
    )
    return [f"{row[0]}: the episode is lost; take it in again." for row in lost.fetchall()]


def _check_times(new: sqlite3.Connection) -> list[str]:
    """Drop times that cannot belong to their text (they have no checksum): no time is better than a wrong one."""
    losses = []
    query = "SELECT rowid, episode_id, revision, length(text) AS length, timings FROM revisions"
    for row in new.execute(query).fetchall():
        try:
            fits = Timings.from_bytes(row["timings"]).fit(row["length"])
        except ValueError:
            fits = False
        if not fits:
            new.execute("UPDATE revisions SET timings = x'' WHERE rowid = ?", (row["rowid"],))
            losses.append(f"{row['episode_id']}@{row['revision']}: the times of this transcript's words are lost.")
    return losses


def _drop_rotten_vectors(new: sqlite3.Connection) -> None:
    """Delete vectors that are no longer of unit length; they are computed again when the folder is opened."""
    for chunk_row, model, vector in new.execute("SELECT chunk, model_id, vector FROM embeddings").fetchall():
        values = np.frombuffer(vector[: len(vector) // 4 * 4], dtype="<f4")
        with np.errstate(all="ignore"):
            length = float(np.linalg.norm(values.astype(np.float64)))
        if len(vector) % 4 or not (abs(length - 1) < _TOLERANCE or length == 0):
            new.execute("DELETE FROM embeddings WHERE chunk = ? AND model_id = ?", (chunk_row, model))


def _drop_rotten_prints(new: sqlite3.Connection) -> list[str]:
    """Delete prints of voices that are none any more; only whoever asked for one can have it made anew."""
    if not _has(new, "voice_prints"):
        return []
    losses = []
    query = "SELECT episode_id, speaker, model, print FROM voice_prints ORDER BY 1, 2"
    for episode_id, speaker, model, blob in new.execute(query).fetchall():
        if as_print(blob) is None:
            key = (episode_id, speaker, model)
            new.execute("DELETE FROM voice_prints WHERE episode_id = ? AND speaker = ? AND model = ?", key)
            losses.append(f"{episode_id}: what the voice of {speaker} sounds like is lost.")
    return losses


def _drop_rotten_hearings(new: sqlite3.Connection) -> list[str]:
    if not _has(new, "second_hearings"):
        return []
    rows = new.execute("SELECT * FROM second_hearings ORDER BY id").fetchall()
    rotten = [row for row in rows if as_hearing(row) is None]
    new.executemany("DELETE FROM second_hearings WHERE id = ?", [(row["id"],) for row in rotten])
    return [f"{row['quote']}: what {row['model']} heard of this quote is lost; hear it again." for row in rotten]


def _drop_rotten_names(new: sqlite3.Connection) -> list[str]:
    found = new.execute("SELECT value FROM settings WHERE key = 'expected names'").fetchone()
    if found is None or as_names(found[0]) is not None:
        return []
    new.execute("DELETE FROM settings WHERE key = 'expected names'")
    return ["The names to expect are lost; add them again with 'kb names add'."]


def _has(new: sqlite3.Connection, table: str) -> bool:
    """Return whether a catalogue has a table, which one of an older Verbatim may not."""
    return bool(new.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone())


def _check_episodes(new: sqlite3.Connection) -> list[str]:
    losses = []
    for episode_id, current, title in new.execute("SELECT id, current_revision, title FROM episodes").fetchall():
        whole: dict[int, Canonical] = {}
        for number in range(1, current + 1):
            canonical = _whole(new, episode_id, number)
            if canonical is not None:
                whole[number] = canonical
                continue
            new.execute("DELETE FROM revisions WHERE episode_id = ? AND revision = ?", (episode_id, number))
            losses.append(f"{episode_id}@{number}: this revision of the transcript of “{title}” is lost.")
        if not whole:
            new.execute("DELETE FROM episodes WHERE id = ?", (episode_id,))
            losses.append(f"{episode_id}: the episode “{title}” is lost; take it in again.")
        elif current not in whole:
            number = max(whole)
            new.execute("UPDATE episodes SET current_revision = ? WHERE id = ?", (number, episode_id))
            losses.append(f"{episode_id}: revision {number} is the current one again.")
            _cut(new, episode_id, number, whole[number])
        elif not _is_cut(new, episode_id, current, whole[current]):
            _cut(new, episode_id, current, whole[current])
    return losses


def _whole(new: sqlite3.Connection, episode_id: str, revision: int) -> Canonical | None:
    """Return a revision if its text has its checksum and all its turns are there, otherwise ``None``."""
    key = (episode_id, revision)
    found = new.execute(
        "SELECT text, sha256, timings FROM revisions WHERE episode_id = ? AND revision = ?", key
    ).fetchone()
    if found is None or not is_sound(found):
        return None
    there = {row[1] for row in new.execute("PRAGMA table_info(turns)")}
    columns = ", ".join(column if column in there else f"NULL AS {column}" for column in TURN_COLUMNS)
    rows = new.execute(
        f"SELECT position, {columns} FROM turns WHERE episode_id = ? AND revision = ? ORDER BY position", key
    ).fetchall()
    turns = tuple(turn_from(row) for row in rows)
    if [row["position"] for row in rows] != list(range(len(rows))) or not _covers(found["text"], turns):
        return None
    return Canonical(found["text"], turns, Timings.from_bytes(found["timings"]))


def _covers(text: str, parts: tuple[Turn, ...] | list[Chunk]) -> bool:
    """Return whether parts follow each other and cover every visible character."""
    end = 0
    for part in parts:
        if not end <= part.char_start < part.char_end <= len(text) or text[end : part.char_start].strip():
            return False
        end = part.char_end
    return not text[end:].strip()


def _is_cut(new: sqlite3.Connection, episode_id: str, revision: int, canonical: Canonical) -> bool:
    """Return whether all passages of a transcript are there, with their speakers."""
    stored = [
        (row["id"], tuple(name[0] for name in new.execute(_SPEAKERS, (row["rowid"],))))
        for row in new.execute("SELECT rowid, id FROM chunks WHERE episode_id = ? ORDER BY position", (episode_id,))
    ]
    return stored == [(each.id, each.speakers) for each in chunk(canonical, episode_id, revision)]


_SPEAKERS = "SELECT speaker FROM chunk_speakers WHERE chunk = ? ORDER BY position"


def _cut(new: sqlite3.Connection, episode_id: str, revision: int, canonical: Canonical) -> None:
    """Cut a transcript into passages again; they are embedded when the new folder is opened."""
    of_episode = "SELECT rowid FROM chunks WHERE episode_id = ?"
    new.execute(f"DELETE FROM chunk_speakers WHERE chunk IN ({of_episode})", (episode_id,))
    new.execute("DELETE FROM chunks WHERE episode_id = ?", (episode_id,))
    passages.write(new, chunk(canonical, episode_id, revision))


def _drop_loose_ends(new: sqlite3.Connection) -> list[str]:
    """Delete rows that refer to lost data, until none does; derived data is not reported."""
    dropped: dict[str, int] = {}
    names = [row[0] for row in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    while True:
        before = sum(dropped.values())
        for name in names:
            for condition in _conditions(new, name):
                dropped[name] = dropped.get(name, 0) + new.execute(f'DELETE FROM "{name}" WHERE {condition}').rowcount
        if sum(dropped.values()) == before:
            break
    return [
        f"{counted(count, 'row')} of the table {name} belonged to what is lost."
        for name, count in sorted(dropped.items())
        if count and name not in _DERIVED
    ]


#: Tables that are rebuilt from the transcripts, or belong to one that is on the list already.
_DERIVED = frozenset("chunks chunk_speakers embeddings passages_read turns arrivals people sources remarks".split())


def _conditions(new: sqlite3.Connection, name: str) -> list[str]:
    """Return, for each foreign key of a table, an SQL condition for its dangling rows."""
    keys: dict[int, list[sqlite3.Row]] = {}
    for row in new.execute(f'PRAGMA foreign_key_list("{name}")'):
        keys.setdefault(row["id"], []).append(row)
    return [
        f'NOT EXISTS (SELECT 1 FROM "{rows[0]["table"]}" AS parent WHERE '
        + " AND ".join(f'parent."{row["to"]}" = "{name}"."{row["from"]}"' for row in rows)
        + ")"
        for rows in keys.values()
    ]
