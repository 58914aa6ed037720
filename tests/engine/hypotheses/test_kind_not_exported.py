"""Records of kinds that the tool of the other export leaves out."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile import compare
from reconcile.intake.contract import FormLimits, Reading, Run
from reconcile.intake.frames import messages_of, reading_of
from reconcile.vocabulary import Kind
from tests.build.chats import Row, chat, held, relations_of_unpaired
from tests.build.together import Comparing
from tests.thorough import some


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


@pytest.mark.parametrize(("quotes", "relation"), [((12, 20, 25), "set_aside"), ((12,), "doubtful")])
def test_a_tool_for_text_leaves_out_several_quoting_messages_with_all_other_kinds(
    quotes: tuple[int, ...], relation: str
) -> Comparing:
    lines = (yield with_kinds(quotes)).alignment
    assert set(lines.filter(pl.col("left_row").is_in(quotes))["relation"].cast(pl.String)) == {relation}


@pytest.mark.parametrize(("is_store", "relation"), [(False, "doubtful"), (True, "one_sided")])
def test_only_a_form_may_lack_a_single_kind_and_no_store_of_a_client(*, is_store: bool, relation: str) -> Comparing:
    kinds = dict.fromkeys((6, 18, 30), "transfer") | dict.fromkeys((8, 22, 33), "image")
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(40))]
    part = [r for r in whole if r.get("kind") != "transfer"]
    found = yield whole, held(part, 1, limits=FormLimits(holds_every_kind=is_store))
    assert set(relations_of_unpaired(found).values()) == {relation}


def selected(absent: dict[int, str]) -> tuple[list[Row], list[Row]]:
    """A chat with files and the absent rows, and its copy by an export that shows the files and all words."""
    kinds = absent | FILES
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(80))]
    return whole, [r for i, r in enumerate(whole) if i not in absent]


OF_MANY_KINDS = {5 + 3 * i: kind for i, kind in enumerate(["sticker", "image", "voice", "location"] * 3)}
FILES = {62: "file", 66: "file"}


def test_an_export_that_lacks_many_records_of_several_kinds_and_no_words_was_made_with_a_selection() -> Comparing:
    lines = (yield selected(OF_MANY_KINDS | {64: "transfer"})).alignment.filter(pl.col("right_row").is_null())
    told = dict(lines.select("left_row", pl.col("relation").cast(pl.String)).iter_rows())
    # Payments are what a party may want to hide, so silence alone leaves them in doubt.
    assert told == dict.fromkeys(OF_MANY_KINDS, "set_aside") | {64: "doubtful"}


@pytest.mark.parametrize("shown", [FILES, {}], ids=["a selection of kinds", "words alone"])
def test_what_a_known_tool_writes_is_in_doubt_where_its_export_holds_none(shown: dict[int, str]) -> Comparing:
    whole, part = selected(OF_MANY_KINDS)
    part = [r for r in part if shown or r.get("kind") != "file"]
    found = yield whole, held(part, 1, limits=FormLimits(is_of_known_make=True))
    assert set(relations_of_unpaired(found).values()) == {"doubtful"}


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
) -> Comparing:
    assert set(relations_of_unpaired((yield selected(absent))).values()) == {"doubtful"}


@pytest.mark.parametrize(("chats", "relation"), [(("甲",), "doubtful"), (("甲", "乙"), "set_aside")])
def test_a_kind_that_several_chats_lack_tells_more_of_a_selection(chats: tuple[str, ...], relation: str) -> None:
    whole, part = selected({5 + 3 * i: kind for i, kind in enumerate(["sticker", "image", "voice"] * 5)})
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


@pytest.mark.parametrize(
    ("raw", "relation"),
    some(
        [
            ('{"app_type":33}', "set_aside"),
            ('{"app_type":5}', "one_sided"),
            ('{"type":141733920817}', "set_aside"),
            ('{"type":21474836529}', "one_sided"),
            ('{"type":"小程序消息"}', "set_aside"),
        ],
        3,
    ),
)
def test_the_code_of_a_card_tells_a_mini_program_which_a_form_leaves_out_though_it_shows_links(
    raw: str, relation: str
) -> None:
    links = {6: "对账表", 18: "停水通知", 30: "装修方案"}
    whole = [r | {"kind": "link", "text": links[i]} if i in links else r for i, r in enumerate(chat(40))]
    part = [r for i, r in enumerate(whole) if i != 18]
    whole[18] |= {"raw": raw}
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


@pytest.mark.parametrize(("others", "relation"), [("monday", "one_sided"), ("friday", "doubtful")])
def test_a_kind_that_a_chat_of_another_run_holds_may_have_been_left_out_of_this_one(others: str, relation: str) -> None:
    whole = [r | {"kind": "image", "text": ""} if i in (6, 18, 30) else r for i, r in enumerate(chat(40))]
    asked, other = held([r for r in whole if r.get("kind") != "image"], 1), held(whole, 1)
    beside = other.messages.with_columns(
        conversation=pl.lit("与赵敏的聊天"), sender=pl.lit("wxid_cccccccc"), text=pl.col("text") + "？"
    )
    both = reading_of(asked.facts, messages_of(pl.concat([asked.messages, beside]).drop("row")))
    runs = Run("chat", "monday"), Run("与赵敏的聊天", others)
    found = compare(held(whole, 0), replace(both, facts=replace(both.facts, runs=runs))).alignment
    assert set(found.filter(pl.col("left_row").is_in([6, 18, 30]))["relation"].cast(pl.String)) == {relation}
