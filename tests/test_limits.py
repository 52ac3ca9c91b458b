"""A limit is the same at every door."""

from __future__ import annotations

from ingest.files.archives import Limits
from ingest.files.sources import LARGEST_TRANSCRIPT
from ingest.formats.encoding import MAX_BYTES
from kb.inputs import LONGEST_NAME
from tests.conftest import ROOT


def test_a_transcript_that_is_accepted_is_one_that_is_read() -> None:
    assert Limits().text == LARGEST_TRANSCRIPT == MAX_BYTES


def test_a_persons_name_is_as_long_on_every_form() -> None:
    for page in ("reader/page.py", "collections/cards.py"):
        source = (ROOT / "kb/web" / page).read_text("utf-8")
        names = [line for line in source.splitlines() if 'name="by"' in line or "name-{number}" in line]
        assert names
        assert all("maxlength" not in line or 'maxlength="{LONGEST_NAME}"' in line for line in names)
    assert LONGEST_NAME == 200
