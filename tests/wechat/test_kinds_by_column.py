"""Kinds told by the column are those told one by one: what is looked at closely holds every placeholder and sentence."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import RECALL_SENTENCE, SYSTEM_SENTENCES, sentence_kind
from reconcile.wechat.kind_names import kind_of_name, kinds_of_type_column, named_or_told
from reconcile.wechat.kinds import (
    PLACEHOLDERS,
    REFUSED_NOTICE,
    changed_where,
    each_once,
    extracted_where,
    kind_from_text,
    kind_of_placeholder,
)
from tests.thorough import examples


def told(kind: pl.Expr, texts: Sequence[str | None]) -> list[str | None]:
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).select(kind.alias("kind"))["kind"].to_list()


def is_line(text: str) -> bool:
    # Python counts four control characters as blanks; the column's engine does not.
    return len(text) < 300 and all(c >= " " for c in text)


def starting_with(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex("^" + pattern).map(lambda t: t.replace("\r", ""))


MARKS_OF_KINDS = {
    "（图片）": "image", "【语音29秒】": "voice", "[ 图片 ]": "image", "[图片消息](mediaId=@lQ)": "image", "（语音，9秒）": "voice", "（语音通话 03:12）": "call",
    "[语音通话 未接通]": "call", "[视频通话 通话时长 17:56]": "call", "（视频通话，对方已取消）": "call", "[语音通话 你别接]": None,
    "[ 文件 : 股东会决议.docx ]": "file", "[ File : 决议(修改版).docx ]": "file", "（转账：8000.00元）": "transfer", "【转账800.00元，附言：货款】": "transfer", "（语音通话01:14）": "call",
    "（语音通话未接通）": "call", "（语音转文字）我在路上": "voice",
    "[图片]里的字看不清": None, "[image] is not readable": None, "【视频】你看了吗": None, "[사진] 안 보여요": None, "[图片]（看不清）": None,
    "[图片] media/a b.jpg": "image", "[图片] 1280x720 (23.5 KB)": "image", "[视频] 12秒": "video", "[图片]已过期": "image", "[图片]\n看这里": "image",
    "[图片][图片]": "image", "[链接]看不清": "link", "[语音]明天见": "voice",
    "（发来一段视频）": "video", "（发来一张照片）": "image", "（发送位置）": "location", "（发来一张欠条）": None,
    "（转账：八千元）": None, "（位置：北京路5号）": None, "（图片）看看": None, "（好的）": None, "[文件消息](fileName=合同.docx)": None,
}  # fmt: skip


def test_a_mark_tells_its_kind_in_any_brackets_unless_other_words_stand_in_it_or_behind_it() -> None:
    assert told(kind_from_text(pl.col("text")), list(MARKS_OF_KINDS)) == list(MARKS_OF_KINDS.values())
    assert [kind_of_placeholder(t) for t in MARKS_OF_KINDS] == list(MARKS_OF_KINDS.values())


def test_a_column_that_writes_its_placeholders_in_round_brackets_writes_words_behind_them() -> None:
    texts = [
        "（图片）",
        "（语音）",
        "（链接）https://a.cn/b",
        "（红包）新年快乐",
        "（笑）好的",
        "（视频通话） 通话时长 01:39",
    ]
    assert told(kind_from_text(pl.col("text")), texts) == ["image", "voice", "link", "red_packet", None, "call"]
    assert told(kind_from_text(pl.col("text")), [*texts, "[图片]"])[2] is None


@pytest.mark.parametrize("word", ["20250121-7723", "2025-01-21", "20250121077230000"])
def test_a_date_or_a_job_number_names_no_kind(word: str) -> None:
    assert kind_of_name(word) is None


@settings(max_examples=examples(40, 400))
@given(st.lists(st.one_of(st.text(max_size=20), *(starting_with(p) for _, p in PLACEHOLDERS)), max_size=8))
def test_a_placeholder_is_told_by_the_column_as_one_by_one(texts: list[str]) -> None:
    one_by_one = [kind_of_placeholder(t) for t in texts]
    column = told(kind_from_text(pl.col("text")), texts)
    # Python's `$` also stands before a last line break, the column's does not.
    assert [k for k, t in zip(column, texts, strict=True) if not t.endswith("\n")] == [
        k and str(k) for k, t in zip(one_by_one, texts, strict=True) if not t.endswith("\n")
    ]


@pytest.mark.parametrize(
    "notice",
    [
        "张伟启用了好友验证，你还不是对方的好友。",
        "对方已不是你的好友，消息发送失败",
        "訊息已傳出，但遭對方拒收了。",
        "由于对方的隐私设置，你无法给对方发送消息",
        "你不在该群聊中，无法发送消息",
    ],
)
def test_a_refusal_is_known_in_other_words(notice: str) -> None:
    assert pl.Series([notice]).str.contains(REFUSED_NOTICE).item()


def test_a_placeholder_in_wide_marks_names_its_kind() -> None:
    wide = "[红包] 辛苦了".translate({ord("["): 0xFF3B, ord("]"): 0xFF3D})
    assert told(kind_from_text(pl.col("text")), [wide]) == [str(kind_of_placeholder(wide))] == ["red_packet"]


@pytest.mark.parametrize(("kind", "sentence"), [("recall", RECALL_SENTENCE), ("system", SYSTEM_SENTENCES)])
def test_every_sentence_of_the_client_is_found(kind: str, sentence: str) -> None:
    @settings(max_examples=examples(20, 200))
    @given(st.from_regex(sentence, fullmatch=True).filter(is_line))
    def holds(text: str) -> None:
        assert told(sentence_kind(pl.col("text")), [text, None, "好的"]) == [kind, None, None]

    holds()


def test_a_value_that_recurs_is_asked_about_once() -> None:
    asked: list[int] = []

    def lengths(values: pl.Series) -> pl.Series:
        asked.append(values.len())
        return values.str.len_chars()

    assert each_once(pl.Series(["图片", "a", "图片", None, "图片", "a"]), lengths).to_list() == [2, 1, 2, None, 2, 1]
    assert asked == [3]


def test_only_the_rows_picked_are_changed_and_the_given_column_stays() -> None:
    given_rows = pl.DataFrame({"where": [True, None, False], "text": ["a<", "b<", None]})
    changed = given_rows.select(
        changed_where(pl.col("where"), pl.col("text"), lambda t: t.str.replace("<", "")).alias("text")
    )
    assert changed["text"].to_list() == ["a", "b<", None]
    assert given_rows["text"].to_list() == ["a<", "b<", None]


def test_a_text_that_recurs_is_changed_once() -> None:
    seen: list[str] = []

    def change(texts: pl.Expr) -> pl.Expr:
        def marked(held: pl.Series) -> pl.Series:
            seen.extend(held.to_list())
            return held + "!"

        return texts.map_batches(marked, return_dtype=pl.String)

    rows = pl.DataFrame({"text": ["[图片]", "好", "[图片]", "[语音]", "[图片]", "[图片]"]})
    changed = rows.select(changed_where(pl.col("text").str.starts_with("["), pl.col("text"), change).alias("text"))
    assert changed["text"].to_list() == ["[图片]!", "好", "[图片]!", "[语音]!", "[图片]!", "[图片]!"]
    assert sorted(seen) == ["[图片]", "[语音]"]


def test_only_the_rows_picked_are_looked_into() -> None:
    rows = pl.DataFrame({"where": [True, None, False, True], "text": ["a_1", "a_2", "a_3", "b"]})
    told = rows.select(extracted_where(pl.col("where"), pl.col("text"), r"_(\d)$").alias("number"))["number"]
    assert told.to_list() == ["1", None, None, None]
    named = named_or_told(
        pl.Series("kind", ["image", None, None]), pl.Series(["x", "[语音]", "好"]), kind_from_text(pl.col("text"))
    )
    assert named.to_list() == ["image", "voice", None]


def test_a_sticker_of_the_shop_is_a_sticker() -> None:
    assert kind_of_placeholder("[商城表情]") is Kind.STICKER


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("外部网址分享链接", "link"),
        ("语言消息", "voice"),
        ("Voice note (8 s)", "voice"),
        ("Sprachnachricht", "voice"),
        ("голосовое сообщение", "voice"),
        ("Nota de voz", "voice"),
        ("동영상", "video"),
        ("Ảnh", "image"),
        ("文件/链接", None),
        ("未知类型", None),
    ],
)
def test_a_type_in_any_language_names_its_kind_by_one_of_its_words(name: str, kind: str | None) -> None:
    assert kinds_of_type_column(pl.Series([name])).to_list() == [kind]
