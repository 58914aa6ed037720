"""Words below a line or beside a tag that names their kind."""

import json
from pathlib import Path

from tests.build.readings import read, read_text

NAMES = ("Anna", "Ben")
WORDS = ["morning", "the contract:\nfirst\nsecond", "ok", "plan.pdf 20 KiB", "fine", "see you", "a.png", "bye"]
TAGS = ["[文本]", "[文本]", "[文本]", "[文件]", "[文本]", "[文本]", "[图片]", "[文本]"]
KINDS = ["text", "text", "text", "file", "text", "text", "image", "text"]


def test_a_line_above_the_words_is_their_kind(tmp_path: Path) -> None:
    rows = [
        f"2024-06-01 19:2{i}:51 {NAMES[i % 2]}\n{t}\n{w}\n\n" for i, (t, w) in enumerate(zip(TAGS, WORDS, strict=True))
    ]
    rows[4] = rows[4].replace("[文本]", "[被引用的消息][文本]\nok\n[文本]")
    reading = read_text(tmp_path, "".join(rows))
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["kind"].to_list() == KINDS
    assert reading.messages["sender"].to_list() == [*NAMES] * 4


def test_pairs_of_tag_and_words_are_kind_and_words(tmp_path: Path) -> None:
    rows = [
        {"time": f"2024-06-01 19:2{i}:51", "direction": "发收"[i % 2], "contents": [[t, w]]}
        for i, (t, w) in enumerate(zip(TAGS, WORDS, strict=True))
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    messages = read(tmp_path / "a.json").messages
    assert messages["text"].to_list() == WORDS
    assert messages["kind"].to_list() == KINDS


def test_what_stands_alone_under_the_name_of_its_kind_is_of_that_kind(tmp_path: Path) -> None:
    bodies: list[object] = [{"Text": w} for w in WORDS[:5]]
    bodies += [
        {"Quote": {"reply_text": "no", "refer_content": "fine"}},
        {"File": {"title": "plan.pdf", "md5": "0" * 32}},
        "Voice",
        {"Unknown": {"code": 50, "raw": '<voip kind="bubble">no answer</voip>'}},
    ]
    rows = [
        {"time": f"2024-06-01 19:2{i}:51", "sender": NAMES[i % 2], "content": body} for i, body in enumerate(bodies)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    messages = read(tmp_path / "a.json").messages
    assert messages["kind"].to_list() == ["text"] * 5 + ["quote", "file", "voice", "other"]
    assert messages["text"].to_list() == [*WORDS[:5], "no", "plan.pdf", "", ""]


def test_lists_of_lists_of_pieces_are_the_lines_of_the_words(tmp_path: Path) -> None:
    rows = [
        {
            "time": 1717395064 + i,
            "sender": NAMES[i % 2],
            "content": [[{"tag": "text", "text": p}] for p in w.split("\n")],
        }
        for i, w in enumerate(WORDS)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    assert read(tmp_path / "a.json").messages["text"].to_list() == WORDS
