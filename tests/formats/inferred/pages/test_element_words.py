"""What stands amid words belongs to them, and what stands at one end of them is another field."""

import re
from pathlib import Path

import pytest

from tests.build.readings import read_text
from tests.thorough import meeting

WORDS = [
    "the first words", "a second line", "{one} please look", "see {two}", "and once more", "all fine", "{one}{three} both", "good", "see you",
]  # fmt: skip
PARTS = {
    "mentions": [
        '<span class="mention">@Ben</span>',
        '<span class="mention">@Ann</span>',
        ' <span class="mention">@Cy</span>',
    ],
    "links of a class": ['<a class="at" href="#">@Ben</a>', '<a class="at" href="#">@Ann</a>', ""],
    "addresses": ['<a class="link" href="x">http://a.org/x</a>', '<a class="link" href="y">http://a.org/y</a>', ""],
    "topics": ['<a class="tag">#house</a>', '<a class="tag">#door</a>', ""],
    "colours": ['<span style="color:red">red</span>', '<font color="red">door</font>', ""],
    "places found": ['<em class="hit">red</em>', '<em class="hit">door</em>', ""],
    "nested elements": ['<span class="mention"><b>@Ben</b></span>', '<span class="mention"><b>@Ann</b></span>', ""],
}
HEAD = '<div class="message"><b class="name">{0}</b><i class="time">{1}</i><div class="content">{2}</div></div>'
FLAT = '<div class="m"><span class="time">{1}</span> <span class="who">{0}</span> <span class="text">{2}</span></div>'


def texts(tmp_path: Path, form: str, words: list[str]) -> list[str]:
    rows = [form.format(("Ann", "Ben", "Cy")[i % 3], f"2025-03-12 08:1{i}", w) for i, w in enumerate(words)]
    return read_text(tmp_path, f"<html><body>{''.join(rows)}</body></html>", "a.html").messages["text"].to_list()


@meeting(parts=PARTS.values(), form=[HEAD, FLAT])
def test_inner_elements_amid_words_are_words(tmp_path: Path, parts: list[str], form: str) -> None:
    words = [w.format(one=parts[0], two=parts[1], three=parts[2]) for w in WORDS]
    assert texts(tmp_path, form, words) == [re.sub("<[^>]+>", "", w) for w in words]


@pytest.mark.parametrize(
    "form",
    ["{}<span class=edited>(edited)</span>", "<span class=badge>pinned</span>{}", "<span class=quote>old words</span> {}", "{}<span class=reaction>+2</span>"],
)  # fmt: skip
def test_marks_at_one_end_of_the_words_are_none(tmp_path: Path, form: str) -> None:
    plain = [w for w in WORDS if "{" not in w]
    assert texts(tmp_path, HEAD, [form.format(w) if i in (1, 3) else w for i, w in enumerate(plain)]) == plain


def test_attributes_of_elements_of_a_pages_own_making_are_fields_and_names_may_stand_in_a_script(
    tmp_path: Path,
) -> None:
    rows = "".join(
        f'<chat-line style="a:b" sent="2024-06-03T09:{10 + i}:00Z" by="{7001 + i % 2}"><chat-text>word number {i}</chat-text></chat-line>'
        for i in range(8)
    )
    names = '{"7001": {"name": "Anna Holt", "colour": "#1abc9c", "picture": "https://example.com/a/7001.png"}, "7002": {"name": "Ben Adler", "colour": "#1abc9c", "picture": "https://example.com/a/7002.png"}}'
    page = f"<html><head><script>window.$chat = {{members: {names}, theme: 1}}</script></head><body><chat-list>{rows}</chat-list></body></html>"
    reading = read_text(tmp_path, page, "a.html")
    messages, named = reading.messages, dict(reading.contacts.select("id", "nickname").iter_rows())
    assert messages["sender"].to_list() == ["7001", "7002"] * 4
    assert named == {"7001": "Anna Holt", "7002": "Ben Adler"}
    assert messages["text"][0] == "word number 0"
    assert str(messages["sent_at"][0]) == "2024-06-03 09:10:00+00:00"
