"""Records of kinds that the tool of the other export leaves out."""

import polars as pl
import pytest

from reconcile import compare
from reconcile.intake.contract import FormLimits, Reading
from reconcile.intake.frames import messages_of, reading_of
from reconcile.vocabulary import Kind
from tests.build.chats import Row, chat, held, relations_of_unpaired
from tests.build.together import compared_together


def with_kinds(quotes: tuple[int, ...]) -> tuple[list[Row], list[Row]]:
    """A chat with messages that quote at these places and others of many kinds, and its copy by a tool for text."""
    rows = chat(40)
    kinds = dict.fromkeys((6, 18, 30), "image") | dict.fromkeys((8, 33), "voice") | {22: "sticker", 28: "file"}
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(rows)]
    whole = [
        r | {"text": f"好的，{i}号就这样\n引用：甲: {rows[i - 1]['text']}"} if i in quotes else r
        for i, r in enumerate(whole)
    ]
    return whole, [r for i, r in enumerate(whole) if i not in {*kinds, *quotes}]


def test_a_tool_for_text_leaves_out_several_quoting_messages_with_all_other_kinds() -> None:
    chats = {quotes: with_kinds(quotes) for quotes in ((12, 20, 25), (12,))}
    found = compared_together({quotes: (held(left, 0), held(right, 1)) for quotes, (left, right) in chats.items()})
    told = {
        quotes: set(lines.filter(pl.col("left_row").is_in(quotes))["relation"].cast(pl.String))
        for quotes, (lines, _) in found.items()
    }
    assert told == {(12, 20, 25): {"set_aside"}, (12,): {"doubtful"}}


@pytest.mark.parametrize(("is_store", "relation"), [(False, "doubtful"), (True, "one_sided")])
def test_only_a_form_may_lack_a_single_kind_and_no_store_of_a_client(*, is_store: bool, relation: str) -> None:
    kinds = dict.fromkeys((6, 18, 30), "transfer") | dict.fromkeys((8, 22, 33), "image")
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(40))]
    part = [r for r in whole if r.get("kind") != "transfer"]
    found = compare(held(whole, 0), held(part, 1, limits=FormLimits(holds_every_kind=is_store)))
    assert set(relations_of_unpaired(found).values()) == {relation}


def selected(absent: dict[int, str], kept: dict[int, str]) -> set[str]:
    """What is said of the absent rows, where the other export shows the kept ones and all words."""
    kinds = absent | kept
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(80))]
    part = [r for i, r in enumerate(whole) if i not in absent]
    return set(relations_of_unpaired(compare(held(whole, 0), held(part, 1))).values())


OF_MANY_KINDS = {5 + 3 * i: kind for i, kind in enumerate(["sticker", "image", "voice", "location"] * 3)}
FILES = {62: "file", 66: "file"}


def test_an_export_that_lacks_many_records_of_several_kinds_and_no_words_was_made_with_a_selection() -> None:
    assert selected(OF_MANY_KINDS, FILES) == {"set_aside"}
    assert selected(OF_MANY_KINDS | {64: "transfer"}, FILES) == {"set_aside"}


@pytest.mark.parametrize(
    "absent",
    [
        dict.fromkeys(range(5, 44, 3), "sticker"),
        {place: "transfer" if kind == "location" else kind for place, kind in OF_MANY_KINDS.items()},
        dict(list(OF_MANY_KINDS.items())[:8]),
    ],
    ids=["of one kind", "payments", "few"],
)
def test_a_selection_of_kinds_is_only_possible_where_one_kind_is_absent_or_payments_or_few(
    absent: dict[int, str],
) -> None:
    assert selected(absent, FILES) == {"doubtful"}


@pytest.mark.parametrize(("chats", "relation"), [(("甲",), "doubtful"), (("甲", "乙"), "set_aside")])
def test_a_kind_that_several_chats_lack_tells_more_of_a_selection(chats: tuple[str, ...], relation: str) -> None:
    absent = {5 + 3 * i: kind for i, kind in enumerate(["sticker", "image", "voice"] * 5)}
    kinds = absent | FILES
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(80))]
    part = [r for i, r in enumerate(whole) if i not in absent]
    found = compare(in_chats(held(whole, 0), chats), in_chats(held(part, 1), chats))
    assert set(relations_of_unpaired(found).values()) == {relation}


def in_chats(reading: Reading, names: tuple[str, ...]) -> Reading:
    """The export with its chat under each of these names, and with words of its own in each."""
    rows = [
        reading.messages.with_columns(
            pl.lit(n).alias("conversation"),
            pl.when(pl.col("text") != "").then(pl.lit(n) + pl.col("text")).otherwise("text").alias("text"),
        )
        for n in names
    ]
    return reading_of(reading.facts, messages_of(pl.concat(rows)))


@pytest.mark.parametrize(("code", "relation"), [(33, "set_aside"), (5, "one_sided")])
def test_the_code_of_a_card_tells_a_mini_program_which_a_form_leaves_out_though_it_shows_links(
    code: int, relation: str
) -> None:
    links = {6: "对账表", 18: "停水通知", 30: "装修方案"}
    whole = [r | {"kind": "link", "text": links[i]} if i in links else r for i, r in enumerate(chat(40))]
    part = [r for i, r in enumerate(whole) if i != 18]
    whole[18] |= {"raw": f'{{"app_type":{code}}}'}
    left_out = FormLimits(kinds_absent=frozenset({Kind.LINK}))
    found = compare(held(whole, 0), held(part, 1, limits=left_out))
    assert relations_of_unpaired(found) == {"停水通知": relation}


SHOP = {61: "淘宝 | 岩板餐桌", 64: "对账表 - 腾讯文档", 67: "[腾讯文档] 九月的对账表"}


@pytest.mark.parametrize("texts", [SHOP, {61: "https://mp.weixin.qq.com/s/1Hr68Bt4f"}], ids=["titles", "an address"])
def test_a_text_that_may_be_a_card_is_doubtful_where_the_other_party_selected_kinds_and_no_links(
    texts: dict[int, str],
) -> None:
    kinds = {5 + 3 * i: kind for i, kind in enumerate(["sticker", "image", "voice", "location"] * 3)}
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(80))]
    whole = [r | {"text": texts.get(i, r["text"])} for i, r in enumerate(whole)]
    part = [r for i, r in enumerate(whole) if i not in {*kinds, *texts, 70}]
    cards_as_text = FormLimits(kinds_merged={Kind.LINK: Kind.TEXT})
    told = relations_of_unpaired(compare(held(whole, 0, limits=cards_as_text), held(part, 1)))
    assert {told[t] for t in texts.values()} == {"doubtful"}
    assert told[whole[70]["text"]] == "one_sided"
