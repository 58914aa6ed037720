"""Canonical text."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.wechat.text import canonical, number_value, other_than_plain, without_number_spelling

CHARACTERS = st.one_of(st.characters(codec="ascii"), st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF))


@settings(deadline=None)
@given(st.lists(st.text(CHARACTERS, max_size=3), min_size=50, max_size=50))
def test_plain_words_are_canonical_as_they_stand(texts: list[str]) -> None:
    others = other_than_plain(pl.Series(texts)).to_list()
    plain = [text for n, text in enumerate(texts) if n not in others]
    assert [canonical(text) for text in plain] == plain
    # Long columns are searched in another way.
    assert [n for n in other_than_plain(pl.Series(texts * 6)) if n < len(texts)] == others


def test_an_emoji_of_an_older_iphone_is_the_same_emoji_today() -> None:
    assert canonical("好的\ue415\ue00e\U0001f3fb") == canonical("好的😄👍🏻")
    assert canonical("爱你\ue022") == canonical("爱你❤️")
    assert canonical("第\ue21c条") == canonical("第1️⃣条") != canonical("第2️⃣条")
    assert canonical("标\uf8ff") == "标\uf8ff"


def test_an_emoji_behind_a_stroke_is_the_same_in_brackets() -> None:
    assert canonical("好的/微笑/捂脸") == canonical("好的[微笑][捂脸]")
    assert canonical("单号5068351827/抱拳") == canonical("单号5068351827[抱拳]")
    assert canonical("好的/强/OK") == canonical("好的[强][OK]")
    assert canonical("甲/强 乙") == "甲/强 乙"
    assert canonical("A/OK") == "A/OK"
    assert canonical("和/或微笑") == "和/或微笑"
    assert canonical("https://a.cn/红包") == "https://a.cn/红包"


def test_the_name_of_an_emoji_counts_in_either_script() -> None:
    assert canonical("[捂臉]謝謝") == canonical("[捂脸]谢谢")


@pytest.mark.parametrize("escaped", ["I\\xe2\\x80\\x99m", "I\\342\\200\\231m", "I%E2%80%99m", "I=E2=80=99m"])
def test_a_character_by_its_bytes_is_that_character(escaped: str) -> None:
    assert canonical(escaped) == canonical("I\u2019m")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ('<p>see <code>a.c</code> &amp; <a class="x" href="http://b.c">http://b.c</a></p>', "see a.c & http://b.c"),
        ("one <em>two</em>", "one two"),
        ("<p>one</p>\n<pre><span></span>two</pre>", "one\ntwo"),
        ("<b></b>", "<b></b>"),
        ('<a href="http://b.c">here</a>', '<a href="http://b.c">here</a>'),
        ("a <b and c> d", "a <b and c> d"),
    ],
)
def test_markup_around_words_is_no_part_of_them(page: str, words: str) -> None:
    assert canonical(page) == words


@pytest.mark.parametrize("text", ["x=EA", "100%AB", "C:\\200\\300", "\\xe2\\x80"])
def test_what_is_no_character_by_its_bytes_stays(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("一万五", 15000),
        ("一千二", 1200),
        ("一万零五", 10005),
        ("两百五", 250),
        ("一亿二", 120_000_000),
        ("三五千", None),
        ("十五六万", None),
        ("三五", None),
        ("二〇二四", 2024),
    ],
)
def test_a_chinese_number_is_read_as_it_is_said(token: str, value: int | None) -> None:
    assert number_value(token) == value


def test_one_month_behind_a_sum_is_no_part_of_it() -> None:
    assert without_number_spelling("涨到八千一个月") == without_number_spelling("涨到8000一个月")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("3.20号", "3.2号"),
        ("第1.20条", "第1.2条"),
        ("付5 000元", "付5 000万元"),
        ("1 2", "12"),
        ("验证码007", "验证码7"),
        ("3单元", "3单"),
        ("两月", "二月"),
    ],
)
def test_dates_clauses_and_codes_are_no_spelling_of_another_number(left: str, right: str) -> None:
    assert without_number_spelling(left) != without_number_spelling(right)


def test_blanks_between_all_letters_part_no_words() -> None:
    assert canonical("合 同 到 1 2 月 [ 微 笑 ]") == canonical("合同到12月[微笑]")
    assert canonical("1 2 3") == "1 2 3"
    assert canonical("A B 座") == canonical("AB座") != canonical("A B座")
