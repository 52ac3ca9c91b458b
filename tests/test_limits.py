"""A limit is the same at every door."""

from __future__ import annotations

from ingest.files.archives import ArchiveLimits
from ingest.files.sources import LARGEST_TRANSCRIPT
from ingest.formats.encoding import MAX_BYTES
from kb.inputs import LONGEST_NAME
from tests.conftest import ROOT


def test_a_transcript_that_is_accepted_is_one_that_is_read() -> None:
    assert ArchiveLimits().text == LARGEST_TRANSCRIPT == MAX_BYTES


def test_a_persons_name_is_as_long_on_every_form() -> None:
    for page in ("reader/panels.html", "collections/one.html"):
        source = (ROOT / "kb/web/templates" / page).read_text("utf-8")
        names = [line for line in source.splitlines() if 'name="by"' in line or 'id="name-' in line]
        assert names
        assert all('maxlength="{{ longest_name }}"' in line for line in names)
    assert LONGEST_NAME == 200
