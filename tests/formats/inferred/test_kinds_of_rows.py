"""Kinds of rows whose type column tells less than their words."""

import json
from pathlib import Path

from tests.build.readings import read_text


def kinds(types: list[str], texts: list[str], tmp_path: Path) -> list[str]:
    rows = [
        {"time": f"2026-03-01 10:{i:02}:00", "sender": "AB"[i % 2], "type": kind, "content": text}
        for i, (kind, text) in enumerate(zip(types, texts, strict=True))
    ]
    return read_text(tmp_path, json.dumps(rows), "a.json").messages["kind"].to_list()


def test_a_type_of_several_kinds_is_told_by_the_words(tmp_path: Path) -> None:
    types = ["文本", "链接/文件", "链接/文件", "文本", "链接/卡片", "文本", "链接/文件"]
    texts = ["早上好", "报价单-最终版.xlsx", "微信转账", "好的", "验收的七个要点", "行", "我看过了"]
    assert kinds(types, texts, tmp_path) == ["text", "file", "transfer", "text", "link", "text", "other"]


def test_placeholders_tell_kinds_where_the_type_names_only_texts(tmp_path: Path) -> None:
    texts = ["good morning", "[image]", "[audio: memo.m4a]", "fine", "🎬 [Video]", "ok"]
    told = ["text", "image", "voice", "text", "video", "text"]
    assert kinds(["RichText/Html"] * 5 + ["system"], texts, tmp_path)[:5] == told[:5]
    assert kinds(["text", "text", "text", "text", "text", "image"], texts, tmp_path)[1] == "text"
