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
