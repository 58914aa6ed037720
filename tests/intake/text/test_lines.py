"""Text exports in lines: encodings, blocks, and headings that somebody typed."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import UnreadableSource
from reconcile.formats.wechat_client.pc_backup.segments import cover_notes
from reconcile.intake.contract import Note
from reconcile.intake.messages.pages import numbering_gap_notes
from reconcile.intake.source import Source
from reconcile.intake.text.lines import (
    LONGEST_RUN,
    blocks_of,
    control_notes,
    folded_lines,
    in_time_order,
    leading_note,
    lines_of,
    numbered,
    out_of_order,
)
from reconcile.vocabulary import NoteCode


def lines(folder: Path, data: bytes) -> tuple[list[str], list[NoteCode]]:
    (folder / "a.txt").write_bytes(data)
    found, notes = lines_of(Source(folder / "a.txt"), folder / "a.txt")
    return found.to_list(), [n.code for n in notes]


def test_mark_and_line_ends_are_no_part_of_a_line(tmp_path: Path) -> None:
    assert lines(tmp_path, "\ufeff甲\r\n\r\n乙".encode()) == (["甲", "", "乙"], [])


def test_gbk_is_guessed_and_said(tmp_path: Path) -> None:
    assert lines(tmp_path, "甲\n乙".encode("gbk")) == (["甲", "乙"], [NoteCode.ENCODING_GUESSED])


def test_utf16_is_read_by_its_mark(tmp_path: Path) -> None:
    assert lines(tmp_path, "甲\n乙".encode("utf-16"))[0] == ["甲", "乙"]


def test_binary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="binary"):
        lines(tmp_path, b"\x89PNG\x00\x01")


def test_a_long_run_of_blank_lines_is_one_line_and_every_line_keeps_its_number() -> None:
    text = "甲\n\n乙" + "\n \n" * LONGEST_RUN + "丙\n\n丁\n"
    found, numbers = folded_lines(text)
    assert "\n".join(found) + "\n" == text
    assert len(found) < LONGEST_RUN + 10
    told = dict(zip(found.to_list(), numbers.to_list(), strict=True))
    assert [told[word] for word in "甲乙丙丁"] == [text.split("\n").index(word) + 1 for word in "甲乙丙丁"]
    notes = [Note(NoteCode.ROW_SKIPPED, f"a.txt#{word}{len(found)}") for word in ("", "line ")]
    assert [n.locator.rpartition("#")[2] for n in numbered(notes, numbers)] == [f"{told['丁']}", f"line {told['丁']}"]


@pytest.mark.parametrize("text", ["", "\n", "\n\n", "甲", "甲\r\n乙\r\n"])
def test_a_text_without_long_runs_is_split_at_its_line_ends(text: str) -> None:
    found, numbers = folded_lines(text)
    assert (found.to_list(), numbers.to_list()) == (text.splitlines(), [*range(1, len(text.splitlines()) + 1)])


def test_blocks_run_from_heading_to_heading() -> None:
    text = pl.Series(["x", "# 甲", "一", "", "# 乙", "# 丙", "三"])
    blocks = blocks_of(text, text.str.starts_with("#"))
    assert blocks.rows() == [(2, "# 甲", "一\n"), (5, "# 乙", ""), (6, "# 丙", "三")]


def test_words_before_the_first_heading_are_not_lost_silently() -> None:
    text = pl.Series(["x", "# 甲", "一"])
    assert [n.excerpt for n in leading_note(text, text.str.starts_with("#"), "a.txt")] == ["x"]


def test_typed_heading_breaks_the_order_and_the_first_is_true() -> None:
    assert in_time_order([600, 480, 601, 1439, 602, None], 0) == [True, False, True, False, True, True]


def test_neighbours_swapped_within_the_tolerance_both_stay() -> None:
    assert in_time_order([600, 602, 601, 603], 1) == [True] * 4


def test_what_is_noted_beyond_the_listed_places_is_told_as_a_number() -> None:
    chunks = pl.DataFrame({"file": ["a"] * 70, "offset": [32 * i + 16 for i in range(70)], "length": [16] * 70})
    for notes, places in (
        (control_notes(pl.Series(["甲\x02"] * 70), "a.txt"), 70),
        (numbering_gap_notes(pl.Series([i + i // 3 for i in range(210)]), "a.txt"), 69),
        (cover_notes(chunks, {"a": ("BAK_0_TEXT", 32 * 70)}), 70),
    ):
        assert [len(notes), sum(n.count for n in notes)] == [51, places]


def test_a_file_may_begin_with_its_newest_message_and_a_typed_heading_breaks_that_order_too() -> None:
    falling = [1000 - 10 * i for i in range(30)]
    assert out_of_order(falling, 0) == ([], True)
    assert out_of_order([*falling[:12], 2000, *falling[12:]], 0) == ([12], True)


@pytest.mark.parametrize("again", [range(3, 7), range(6, 7), range(7)])
def test_headings_of_exports_that_overlap_are_no_typed_ones(again: range) -> None:
    times = [*range(7), *again, *range(7, 40)]
    assert out_of_order(times, 0, list(map(str, times))) == ([], True)


@pytest.mark.parametrize("tolerance", [1, 3, 5])
def test_exports_that_overlap_by_more_than_the_tolerance_are_two_exports(tolerance: int) -> None:
    times = [*range(30), *range(15, 60)]
    assert out_of_order(times, tolerance, list(map(str, times))) == ([], True)


def test_headings_pasted_into_a_message_are_typed_ones() -> None:
    times = [*range(10), 3, 4, 5, *range(10, 90)]
    assert out_of_order(times, 0, list(map(str, times))) == ([10, 11, 12], True)


def test_a_file_that_holds_its_chat_twice_tells_nothing_by_its_order() -> None:
    once = [10 * i for i in range(30)]
    assert not out_of_order([*once, *once], 0)[1]
