"""A client's sentence is its notice, whatever mark a tool writes in front of it."""

import polars as pl
import pytest

from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import sentence_kind, with_marked_notices


def read_as(kind: Kind, text: str) -> tuple[str, str]:
    """Kind and text of a row that a tool shows in this way."""
    rows = pl.DataFrame({"kind": [str(kind)], "text": [text]}, schema={"kind": pl.Enum(Kind), "text": pl.String})
    return with_marked_notices(rows).row(0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("如果对方涉及转账、借款，请谨防诈骗。", "system"), ("他说如果对方涉及转账、借款，请谨防诈骗。你自己看", None)],
)
def test_the_clients_warning_is_its_notice_and_a_remark_about_it_is_not(text: str, kind: str | None) -> None:
    assert pl.select(sentence_kind(pl.lit(text))).item() == kind


@pytest.mark.parametrize(("kind", "mark"), [(Kind.LINK, "[链接]"), (Kind.OTHER, "[链接/文件]"), (Kind.CARD, "[卡片]")])
@pytest.mark.parametrize(
    "pat",
    ['"郑洋" 拍了拍我', '我拍了拍 "何勇老师"', '"郑洋"拍了拍"褚雪梅"的肩膀', 'I tickled "Anna"', '"Anna" tickled me'],
)
def test_a_pat_behind_the_mark_of_another_kind_is_a_notice(kind: Kind, mark: str, pat: str) -> None:
    assert read_as(kind, f"{mark} {pat}") == ("system", pat)


@pytest.mark.parametrize(("kind", "read"), [(Kind.OTHER, "system"), (Kind.TEXT, "text")])
def test_a_pat_of_an_unknown_kind_is_a_notice_and_a_typed_one_stays_words(kind: Kind, read: str) -> None:
    assert read_as(kind, '我拍了拍 "何勇老师" 说加油') == (read, '我拍了拍 "何勇老师" 说加油')


@pytest.mark.parametrize(("kind", "text"), [
    (Kind.LINK, "[链接] 小猫拍了拍狗狗，看完泪目"),
    (Kind.LINK, '[链接] 他说"郑洋" 拍了拍我'),
    (Kind.TEXT, '[链接] "郑洋" 拍了拍我'),
    (Kind.QUOTE, '[链接] "郑洋" 拍了拍我'),
])  # fmt: skip
def test_a_title_or_words_that_tell_of_a_pat_stay_what_they_are(kind: Kind, text: str) -> None:
    assert read_as(kind, text) == (str(kind), text)
