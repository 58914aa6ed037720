"""Large JSON is read in pieces, and whatever is wrong with it ends in one clear error."""

from pathlib import Path

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.json import rows as json_rows
from reconcile.intake.json.columns import columns_of
from reconcile.intake.json.rows import JsonArray, brackets, json_lines
from reconcile.intake.json.shape import json_shape
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode
from tests.thorough import examples

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text('ab"\\[]{}:,甲\n', max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('k"\\', max_size=3), inner, max_size=3),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.text("xyz", min_size=1, max_size=2), VALUES, max_size=3), max_size=12)


def taken(array: JsonArray) -> list[dict[str, object]]:
    return [row for piece in array.pieces() for row in piece]


def source_of(folder: Path, data: bytes, name: str = "a.json") -> Source:
    (folder / name).write_bytes(data)
    return Source(folder / name)


@settings(max_examples=examples(30, 100))
@given(rows=ROWS, pretty=st.booleans(), block=st.integers(1, 64))
def test_pieces_hold_what_a_whole_parse_holds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]], pretty: bool, block: int
) -> None:
    whole = {"meta": {"messages": [1]}, "messages": rows, "after": ["]", 1]}
    data = orjson.dumps(whole, option=orjson.OPT_INDENT_2 if pretty else None)
    source = source_of(tmp_path_factory.getbasetemp(), data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "BLOCK_BYTES", block)
        array = JsonArray(source, "a.json")
        assert taken(array) == rows
    assert array.rest == {"meta": {"messages": [1]}, "messages": [], "after": ["]", 1]}


def test_file_that_is_the_array(tmp_path: Path) -> None:
    array = JsonArray(source_of(tmp_path, b'\xef\xbb\xbf[{"a":1},{"a":2}]'), "a.json", key=None)
    assert taken(array) == [{"a": 1}, {"a": 2}]


def test_members_that_are_no_object_are_counted(tmp_path: Path) -> None:
    array = JsonArray(source_of(tmp_path, b'{"messages":[{"a":1},7,"x",{"a":2}]}'), "a.json")
    assert (len(taken(array)), array.odd_members) == (2, 2)


@pytest.mark.parametrize("cut", [12, 30, 60, 75])
def test_file_cut_in_the_middle_is_named_as_cut(tmp_path: Path, cut: int) -> None:
    data = orjson.dumps({"messages": [{"text": "甲" * 5, "n": n} for n in range(4)]})
    with pytest.raises(UnreadableSource, match=r"cut short|no valid JSON"):
        taken(JsonArray(source_of(tmp_path, data[:cut]), "a.json"))


def test_second_list_of_messages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="twice"):
        taken(JsonArray(source_of(tmp_path, b'{"messages":[{"a":1}],"messages":[{"a":2}]}'), "a.json"))


def test_deep_nesting_ends_in_an_error(tmp_path: Path) -> None:
    data = b'{"messages":[{"a":' + b"[" * 5000 + b"]" * 5000 + b"}]}"
    with pytest.raises((UnreadableSource, LimitExceeded)):
        taken(JsonArray(source_of(tmp_path, data), "a.json"))


def test_brackets_inside_words_do_not_count() -> None:
    positions, level = brackets(rb'{"a\"[":"}]\\",' + b'"b":[1]}')
    assert level.tolist() == [1, 2, 1, 0]
    assert positions[0] == 0


def test_lines_keep_their_numbers_and_a_broken_one_is_a_note(tmp_path: Path) -> None:
    notes: list[Note] = []
    source = source_of(tmp_path, b'{"a":1}\n# remark\n{"a":\n{"a":2}', "a.jsonl")
    pieces = list(json_lines(source, "a.jsonl", notes))
    assert [(n + i, r) for n, rows in pieces for i, r in enumerate(rows) if r] == [(1, {"a": 1}), (4, {"a": 2})]
    assert [(n.code, n.locator) for n in notes] == [(NoteCode.ROW_SKIPPED, "a.jsonl#line 3")]


def test_server_ids_and_odd_values_stay_exact() -> None:
    rows: json_rows.Rows = [{"id": 6116895530414915131, "n": "7"}, {"id": "8", "n": "x", "more": [1]}, {"n": 2.5}]
    frame = columns_of(rows, {"id": pl.String, "n": pl.Int64})
    assert frame["id"].to_list() == ["6116895530414915131", "8", None]
    assert frame["n"].to_list() == [7, None, None]
    assert [r and orjson.loads(r) for r in frame["raw"]] == [None, {"more": [1], "n": "x"}, {"n": 2.5}]


def test_ids_written_as_numbers_are_their_digits_and_a_name_of_few_rows_stays_with_them() -> None:
    rows: json_rows.Rows = [{"id": 2**62}, {"id": None, "more": 1}, {"id": 7}]
    frame = columns_of(rows, {"id": pl.String})
    assert frame["id"].to_list() == [str(2**62), None, "7"]
    assert frame["raw"].to_list() == [None, '{"more":1}', None]
    assert columns_of([{"id": True}, {"id": 2**63}], {"id": pl.String})["id"].to_list() == ["true", str(2**63)]


def test_shape_is_told_from_a_cut_head() -> None:
    shape = json_shape(b'{"weflow":{"version":"1"},"session":{"x":[1]},"messages":[{"a":{"b":1}},{"a"')
    assert shape.root == "object"
    assert shape.keys == ("weflow", "session", "messages")
    assert shape.first == {"a": {"b": 1}}
    assert shape.values["weflow"] == {"version": "1"}


def test_brackets_inside_a_string_alone_are_no_depth(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'"' + b"{" * 100)
    notes: list[Note] = []
    assert [rows for _, rows in json_lines(Source(tmp_path / "a.jsonl"), "a.jsonl", notes) if rows] == [[{}]]
    assert [n.code for n in notes] == [NoteCode.ROW_SKIPPED]
