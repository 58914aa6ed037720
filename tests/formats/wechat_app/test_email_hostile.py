"""A mail made to keep the program busy is read in time that grows with its length: by its square, these would take hours."""

from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.errors import ReconcileError

LEAD = "微信聊天记录\n\n小明和小红在微信上的聊天记录如下，请查收。\n\n"
CHAT = "—————  2024-03-01  —————\n\n小明  09:00\n\n你好\n\n"
PAGE = "<html><body>" + (LEAD + CHAT).replace("\n", "<br>")
PARTS = "From: a@b\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; charset=utf-8\n\n"
MANY = 1_000_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("styles.html", PAGE + "<style>" * (MANY // 7)),
        ("scripts.html", PAGE + "<script a" * (MANY // 9)),
        ("brackets.html", PAGE + "<" * MANY),
        ("blank.txt", LEAD + "\n" * MANY + CHAT),
        ("spaces.txt", LEAD + " " * MANY + "\n" + CHAT),
        ("inside.txt", LEAD + CHAT.rstrip() + "\n" * MANY + "好\n\n小红  09:01\n\n在\n\n"),
        ("parts.eml", PARTS + LEAD + CHAT + "--B\nContent-Type: text/plain\n\nx\n" * (MANY // 36) + "--B--\n"),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_a_mail_of_a_million_odd_characters_is_read_or_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    try:
        reading = read(tmp_path / name, "wechat_email")
    except ReconcileError:
        return
    assert reading.messages["text"][0].startswith("你好")
    assert len(reading.notes) < 300


def test_a_page_loses_its_styles_and_tags_and_nothing_else(tmp_path: Path) -> None:
    page = (
        "<html><style>p {}</style><STYLE>q {}</STYLE><body>"
        + (LEAD + CHAT).replace("\n", "<br>\n")
        + "<p>小红  09:01</p><br>1 &lt; 2<br></body></html>"
    )
    (tmp_path / "m.html").write_text(page, "utf-8")
    assert read(tmp_path / "m.html", "wechat_email").messages["text"].to_list() == ["你好", "1 < 2"]


@pytest.mark.parametrize("head", ["", "From: a@b\nContent-Type: text/plain; charset=utf-8\n\n"], ids=["text", "mail"])
def test_blank_lines_inside_a_message_stay_and_the_next_is_found_in_its_own_line(head: str, tmp_path: Path) -> None:
    body = LEAD + CHAT.rstrip() + "\n" * 500 + "好\n\n小红  09:01\n\n在\n\n"
    file = tmp_path / ("m.eml" if head else "m.txt")
    file.write_text(head + body, "utf-8")
    rows = read(file, "wechat_email").messages
    assert rows["text"].to_list() == ["你好" + "\n" * 500 + "好", "在"]
    assert rows["locator"][1] == f"{file.name}#{body.splitlines().index('小红  09:01') + 1}"
