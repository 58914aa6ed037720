"""What does not show is shown by its code; what people write stays as it is."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from reconcile.report.difference import differing_spans, segments
from reconcile.report.markup import pieces
from reconcile.report.visible import look_alikes, show, show_line, shown_column


@pytest.mark.parametrize(
    "text",
    [
        "你好，世界！",
        "Ａｐｐｌｅ １２３",
        "好的👍🏽",
        "👨‍👩‍👧❤️",
        "1️⃣",
        "café naïve",
        "第一行\n第二行",
        "¥5,000.00（人民币）",
        "\u3000缩进",
    ],
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert show(text) == text


@pytest.mark.parametrize(
    "char", list("\u202e\u202d\u2066\u200b\u200d\ufeff\u00ad\x00\x07\x1b\t\r\x85\u2028\u3164\u2800\u00a0\ufe0f\ue000")
)
def test_a_character_that_does_not_show_becomes_its_code(char: str) -> None:
    assert show(f"甲{char}乙") == f"甲⟦U+{ord(char):04X}⟧乙"


def test_piled_up_marks_are_shown_after_the_second() -> None:
    assert show("a" + "\u0301" * 4) == "a\u0301\u0301⟦U+0301⟧⟦U+0301⟧"


def test_a_line_has_no_line_break() -> None:
    assert show_line("a\nb") == "a⏎b"


def test_a_column_is_shown_like_its_texts() -> None:
    column = pl.Series("x", ["好", "a\u202eb", None, "\u200b"])
    assert shown_column(column).to_list() == ["好", "a⟦U+202E⟧b", None, "⟦U+200B⟧"]


def test_letters_of_two_scripts_that_look_alike_are_paired() -> None:
    assert look_alikes("аpple", "apple") == [("а", "a")]


def test_two_different_words_are_no_look_alikes() -> None:
    assert look_alikes("借你", "还你") == []


@pytest.mark.parametrize(
    ("left", "right", "marked"),
    [
        ("借你50000元", "借你5000元", ("50000", "5000")),
        ("不还", "还", ("不", "")),
        ("同", "同", ("", "")),
        ("总额1,200.50元", "总额1,200.00元", ("1,200.50", "1,200.00")),
    ],
)
def test_what_differs_is_marked(left: str, right: str, marked: tuple[str, str]) -> None:
    spans = differing_spans(left, right)
    assert tuple("".join(t[a:b] for a, b in s) for t, s in zip((left, right), spans, strict=True)) == marked


def test_a_long_text_is_cut_around_its_difference() -> None:
    left, right = "甲" * 5000 + "一" + "乙" * 50, "甲" * 5000 + "二" + "乙" * 50
    parts, before, after = segments(left, differing_spans(left, right)[0], 600)
    assert "一" in [p.text for p in parts if p.mark == "differs"]
    assert before + after + sum(len(p.text) for p in parts) == len(left)


def test_two_huge_unlike_texts_are_compared_at_once() -> None:
    spans = differing_spans("甲" * 300_000, "乙" * 300_000)
    assert spans == ([(0, 300_000)], [(0, 300_000)])


@given(st.text(max_size=60), st.text(max_size=60))
def test_marked_stretches_of_any_two_texts_add_up_to_the_texts(left: str, right: str) -> None:
    # A mark that combines with the character before it shows as a token at the start of a stretch.
    for text, spans in zip((left, right), differing_spans(left, right), strict=True):
        parts, before, after = segments(text, spans, 1_000)
        assert (without_tokens("".join(p.text for p in parts)), before, after) == (text, 0, 0)


def without_tokens(shown: str) -> str:
    return re.sub(r"⟦U\+([0-9A-F]{4,6})⟧", lambda m: chr(int(m[1], 16)), shown)


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_is_not_marked_is_the_same_on_both_sides(left: str, right: str) -> None:
    plain = []
    for text, spans in zip((left, right), differing_spans(left, right), strict=True):
        inside = {i for a, b in spans for i in range(a, b)}
        plain.append(re.sub(r"[0-9０-９.,，%％]", "", "".join(c for i, c in enumerate(text) if i not in inside)))
    assert plain[0] == plain[1]


@given(st.text(max_size=80))
def test_any_text_comes_out_of_the_page_as_it_is_shown(text: str) -> None:
    parts, _, _ = segments(text, [], 1_000)
    # Between two letters: this parser drops a fragment that is nothing but blanks.
    tree = html.fragment_fromstring(f"<p>x{pieces(parts)}x</p>")
    assert tree.text_content() == f"x{show(text)}x"
