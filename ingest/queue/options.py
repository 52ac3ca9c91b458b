"""The options for a source: stored in its job, so that any process can do the job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kb.catalogue import Job

from ..files.sources import path_of
from ..metadata import Metadata
from ..transcribing.recordings import Request

__all__ = ["IngestOptions"]


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """The options for a source; stored in its job as JSON.

    ``said`` overrides sidecars, ``renames`` gives speakers their names, ``request`` says how it is transcribed,
    ``notes`` become remarks in the transcript. ``feed`` is the feed's metadata, which a sidecar overrides.
    ``new_sound``: the transcript's times come from another recording.
    """

    source: str
    said: Metadata = field(default_factory=Metadata)
    renames: Mapping[str, str] = field(default_factory=dict)
    request: Request = field(default_factory=Request)
    notes: tuple[str, ...] = ()
    feed: Metadata = field(default_factory=Metadata)
    new_sound: bool = False
    #: An episode to be translated, by its id; then nothing is taken in. ``again``: also what is translated already, but
    #: for translations made ``after`` the one of this number, so that the job goes on after a kill.
    translate: str = ""
    again: bool = False
    after: int = 0
    #: An episode whose times are to be checked, by its id, and who wants it; then nothing is taken in either.
    check: str = ""
    by: str = ""

    def to_json(self) -> str:
        """Return the job's request."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, job: Job) -> IngestOptions:
        """Return a job's options."""
        asked: dict[str, Any] = json.loads(job.request)
        source = asked.get("source") or str(path_of(job.uri))
        said, feed = Metadata.of(asked["said"]), Metadata.of(asked.get("feed", {}))
        notes, new_sound = tuple(asked.get("notes", ())), bool(asked.get("new_sound"))
        request, translate, again = Request(**asked["request"]), asked.get("translate", ""), bool(asked.get("again"))
        after, check, by = int(asked.get("after", 0)), str(asked.get("check", "")), str(asked.get("by", ""))
        renames = asked["renames"]
        return cls(source, said, renames, request, notes, feed, new_sound, translate, again, after, check, by)
