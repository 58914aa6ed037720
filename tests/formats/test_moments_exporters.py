"""Moments as exporters write them, and the post table: what a user converts is what comes back."""

import json
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.inspection import convert, describe
from reconcile.intake.contract import PostReading, Reading, ReadOptions
from reconcile.vocabulary import NoteCode
from tests.build import moments as build
from tests.build.moments import JIA, STORY, YI


def posts_of(reading: Reading) -> PostReading:
    assert reading.posts is not None
    return reading.posts


def test_plain_weflow_names_likes_without_accounts(tmp_path: Path) -> None:
    (tmp_path / "朋友圈导出.json").write_text(build.weflow(STORY), "utf-8")
    likes = posts_of(read(tmp_path)).interactions.filter(pl.col("action").cast(pl.String) == "like")
    assert likes.select("author", "author_name").rows() == [(None, "乙某"), (None, "甲某")]


def test_weflow_page_edges_are_noted(tmp_path: Path) -> None:
    many = [build.Post(build.START + i, JIA, f"第{i}条") for i in range(120)]
    file = tmp_path / "朋友圈导出.json"
    file.write_text(build.weflow(many), "utf-8")
    assert [n.count for n in read(file).notes if n.code is NoteCode.PAGE_EDGE] == [2]


def test_a_stated_filter_of_weflow_is_noted(tmp_path: Path) -> None:
    value = json.loads(build.weflow(STORY)) | {"filters": {"usernames": [YI], "keyword": ""}}
    file = tmp_path / "朋友圈导出.json"
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    assert any(n.code is NoteCode.FILTER_STATED and YI in n.excerpt for n in read(file).notes)


def test_words_of_momentstat_that_differ_from_its_xml_are_noted(tmp_path: Path) -> None:
    rows = json.loads(build.momentstat(STORY))
    rows[0]["content"] = "三室两厅明日开工"
    file = tmp_path / "exported_sns.json"
    file.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    reading = read(file)
    assert posts_of(reading).posts["text"][0] == "三室两厅明日开工"
    assert NoteCode.ODD_VALUE in {n.code for n in reading.notes}


def test_moments_json_beside_a_chat_export_joins_it(tmp_path: Path) -> None:
    (tmp_path / "chat.csv").write_text("sent_at,text,sender\n2024-03-01 09:00:00,你好,wxid_yi0002bbbb\n", "utf-8")
    (tmp_path / "chat.json").write_text('{"owner": {"id": "wxid_jia0001aaaa"}}', "utf-8")
    store = build.write_wechat4(tmp_path / "elsewhere" / "sns.db", STORY)
    convert(store, tmp_path / "elsewhere" / "chat.csv", None, ReadOptions(), overwrite=False)
    for part in ("posts", "post_media", "interactions"):
        (tmp_path / "elsewhere" / f"chat.{part}.csv").rename(tmp_path / f"chat.{part}.csv")
    reading = read(tmp_path / "chat.csv")
    assert (reading.messages.height, posts_of(reading).posts.height) == (1, len(STORY))
    assert posts_of(reading).posts["is_self"].sum() == 3


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_converted_posts_come_back_as_they_were(suffix: str, tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path / "wxid_jia0001aaaa_ab12" / "sns.db", STORY)
    out = tmp_path / "out" / f"all{suffix}"
    out.parent.mkdir()
    assert convert(store, out, None, ReadOptions(), overwrite=False) == (0, len(STORY))
    was, now = posts_of(read(store)), posts_of(read(out.with_name(f"all.posts{suffix}")))
    for frame, left_out in (
        ("posts", ["locator", "sent_raw", "zone_source"]),
        ("media", []),
        ("interactions", ["locator"]),
    ):
        assert getattr(now, frame).drop(left_out).to_dicts() == getattr(was, frame).drop(left_out).to_dicts(), frame


def test_inspect_counts_posts_likes_and_comments(tmp_path: Path) -> None:
    found = describe(build.write_wechat4(tmp_path / "sns.db", STORY), None, ReadOptions())["posts"]
    assert (found["rows"], found["media"], found["interactions"]) == (6, 5, {"comment": 2, "like": 2})
