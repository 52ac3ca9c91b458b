"""Files of JSON lines that come in, and lines and tables that go out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.cli.files import check_out, read_json_lines, write_results
from kb.errors import UsageError
from tests.strategies import storable_text


def test_lines_keep_their_numbers_and_their_odd_characters(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": "x\xe2\x80\xa8y\xc2\x85z"}')
    assert list(read_json_lines(file)) == [(1, {"a": 1}), (3, {"a": "x\u2028y\x85z"})]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (b'{"a": 1}\n\n[1]', "line 3: expected a JSON object, found '[1]'"),
        (b'{"a": 1', "line 1: not JSON"),
        (b'{"a": "\\ud800"}', "line 1: not JSON"),
        (b"[" * 100_000, "line 1: not JSON"),
        (b"1" * 100_000, "line 1: not JSON"),
        (b"\xff\xfe", "cannot be read as UTF-8"),
        (b" " * 1_000_002, "line 1: a file may have"),
        (b"\n" * 100_001, "line 100001: a file may have"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: bytes, told: str) -> None:
    (tmp_path / "q.jsonl").write_bytes(lines)
    with pytest.raises(UsageError) as caught:
        list(read_json_lines(tmp_path / "q.jsonl"))
    assert told in str(caught.value)
    assert str(tmp_path / "q.jsonl") in str(caught.value)
    assert len(str(caught.value)) < 600


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jsonl"):
        with pytest.raises(UsageError, match="cannot be read"):
            list(read_json_lines(path))
    with pytest.raises(UsageError, match=r"has to end in \.jsonl or \.csv"):
        check_out("--out", tmp_path / "a.xlsx", tmp_path)
    with pytest.raises(UsageError, match="cannot be written"):
        write_results(tmp_path / "no" / "a.csv", ["x"], lambda x: {"x": x}, ["x"], lambda x: [[x]])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    texts=st.lists(
        storable_text | st.sampled_from(["=1", "＝1", "\n=1", "+", "-x", "@", "\t=", "\r", "'=1"]), max_size=4
    )
)
def test_a_table_holds_every_text_and_no_formula(tmp_path: Path, texts: list[str]) -> None:
    write_results(tmp_path / "a.csv", texts, lambda x: {"x": x}, ["x", "y"], lambda x: [[x, 1.5]])
    write_results(tmp_path / "a.jsonl", texts, lambda x: {"x": x}, ["x", "y"], lambda x: [[x, 1.5]])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["x"] for row in csv.DictReader(file)]
    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋")) for cell in cells)
    with (tmp_path / "a.jsonl").open(encoding="utf-8", newline="\n") as file:
        assert [json.loads(line)["x"] for line in file] == texts
