"""Posts of a forum are read whole, whatever the tables and parts around their fields."""

from pathlib import Path

import pytest

from tests.build.readings import read_text, spoken
from tests.thorough import examples


def post(i: int, word: str) -> str:
    who = ("Anna", "Ben", "Cleo")[i % 3]
    facts = "".join(f"<li><b>{k}</b><i>{v}</i></li>" for k, v in (("Posts", 40 + i % 3), ("Since", "May")))
    tools = "".join(f'<a href="#{t}{i}"><span>{t}</span></a>' for t in ("Quote", "Report", "Only this author"))
    edited = " (last edited by the author)" if word and i == 3 else ""
    return (
        f'<div id="p{i}"><table class="post"><tr><td class="left"><div class="who"><a class="user">{who}</a></div><ul>{facts}</ul><dl><dt>Rank</dt><dd>new</dd></dl><h6><small>away</small></h6></td>'
        f'<td class="right"><div class="top"><b><a><u>{i + 1}</u></a></b><em>{word}2024-06-03 09:{10 + i}:05{edited}</em><div class="tools">{tools}</div></div>'
        f'<div class="body"><div><table><tr><td class="words" id="w{i}">word number {i}</td></tr></table></div></div><p class="sign"><s><q>Regards</q></s></p></td></tr></table></div>'
    )


@pytest.mark.parametrize("word", ["", "Posted on ", "Geschrieben: ", "发表于 "][: examples(2, 4)])
def test_name_time_and_words_in_different_cells_of_a_post_are_one_message(tmp_path: Path, word: str) -> None:
    posts = "".join(post(i, word) for i in range(14))
    page = f"<html><head><title>Tiles - a forum</title></head><body><div id='list'>{posts}</div></body></html>"
    said = spoken(read_text(tmp_path, page, "thread.html"), "%H:%M:%S")
    assert said[:2] == [("09:10:05", "Anna", "word number 0"), ("09:11:05", "Ben", "word number 1")]
    assert len(said) == 14
