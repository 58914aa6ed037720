"""MemoTrace TXT: a heading of a notice is its time, with or without the blank before a name."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read


@pytest.mark.parametrize("blank", ["", " "])
def test_a_notice_is_a_row_of_its_own_whether_or_not_a_blank_follows_its_time(tmp_path: Path, blank: str) -> None:
    file = tmp_path / "甲某(wxid_jia0001)" / "甲某.txt"
    file.parent.mkdir()
    file.write_text(
        "2024-03-01 09:00:05 甲某\n【图片】\n\n2024-03-01 09:00:20 乙某\n可以\n\n"
        f'2024-03-01 09:00:45{blank}\n"甲某" 撤回了一条消息\n\n2024-03-01 09:01:00 乙某\n【表情包】 微笑\n\n',
        "utf-8",
    )
    assert read(file).messages["kind"].cast(pl.String).to_list() == ["image", "text", "recall", "sticker"]


def test_a_placeholder_of_a_place_on_a_line_of_its_own_is_a_place_and_in_a_sentence_it_is_speech(
    tmp_path: Path,
) -> None:
    file = tmp_path / "甲某(wxid_jia0001)" / "甲某.txt"
    file.parent.mkdir()
    file.write_text(
        "2024-03-01 09:00:05 甲某\n【位置】\n万达广场 解放路88号\n\n2024-03-01 09:00:20 乙某\n【位置】发我一个\n\n"
        "2024-03-01 09:00:45 甲某\n【图片】\n\n2024-03-01 09:01:00 乙某\n【表情包】 微笑\n\n",
        "utf-8",
    )
    assert read(file).messages["kind"].cast(pl.String).to_list() == ["location", "text", "image", "sticker"]
