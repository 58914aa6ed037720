"""Files that the exporters' own code wrote from one conversation of sixteen messages: rows, senders, kinds, ids and times are right."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.thorough import WHOLE, meeting

ACCOUNTS = {"a": "wxid_jia0001", "b": "wxid_yi0002"}
# unix second, who sent, kind, server id.
TRUTH = [
    (1709254800, None, "system", "4000000000000000001"),
    (1709254805, "a", "text", "6116895530414915131"),
    (1709254812, "b", "text", "6116895530414915132"),
    (1709254812, "b", "text", "6116895530414915133"),
    (1709254860, "a", "quote", "7021339841029384757"),
    (1709341200, "b", "transfer", "1290384756102938475"),
    (1709341260, "a", "transfer", "1290384756102938476"),
    (1709344800, "a", "voice", "8899001122334455667"),
    (1709344810, "b", "image", "337755990011223344"),
    (1709427600, "a", "file", "5550123456789012345"),
    (1709427601, "b", "link", "5550123456789012399"),
    (1709427700, "a", "sticker", "5550123456789012401"),
    (1709434800, "a", "recall", "5550123456789012402"),
    (1709444800, "b", "text", "5550123456789012403"),
    (1709454800, "a", "red_packet", "5550123456789012404"),
    (1709464800, "b", "forward", "5550123456789012405"),
]
# Form -> where it lies under side_X, and the reader. Sheets that a form adds to the sixteen, none.
FORMS: dict[str, tuple[str, str]] = {
    "memotrace csv": ("memotrace_v3/side_{}/*/*/*).csv", "memotrace_csv"),
    "memotrace html.json": ("memotrace_v3/side_{}/*/*/*.html.json", "memotrace_json"),
    "memotrace md": ("memotrace_v3/side_{}/*/*/*.md", "memotrace_md"),
    "memotrace txt": ("memotrace_v3/side_{}/*/*/*).txt", "memotrace_txt"),
    "memotrace xlsx": ("memotrace_v3/side_{}/*/*/*.xlsx", "memotrace_xlsx"),
    "memotrace folder": ("memotrace_v3/side_{}", "memotrace_json"),
    "pywxdump csv": ("pywxdump_3.1/side_{}/*.csv", "pywxdump_csv"),
    "pywxdump json": ("pywxdump_3.1/side_{}/wxid*.json", "pywxdump_json"),
    "pywxdump data.js": ("pywxdump_3.1/side_{}/data.js", "pywxdump_html"),
    "pywxdump folder": ("pywxdump_3.1/side_{}", "pywxdump_html"),
    "wechat-dump": ("wechat_dump/side_{}/*.txt", "wechatdump_txt"),
    "wechatmsg csv": ("wechatmsg_v1_legacy/side_{}/*.csv", "wechatmsg_csv"),
    "wechatmsg txt": ("wechatmsg_v1_legacy/side_{}/*.txt", "wechatmsg_txt"),
    "weflow json": ("weflow/side_{}/*).json", "weflow_json"),
    "weflow arkme": ("weflow/side_{}/*.arkme.json", "weflow_arkme"),
    "weflow txt": ("weflow/side_{}/*.txt", "weflow_txt"),
    "weflow md": ("weflow/side_{}/*.md", "weflow_md"),
    "weflow xlsx": ("weflow/side_{}/*).xlsx", "weflow_xlsx"),
    "weflow compact xlsx": ("weflow/side_{}/*.compact.xlsx", "weflow_xlsx"),
    "weflow weclone": ("weflow/side_{}/*.weclone.csv", "weflow_csv"),
    "weflow sql": ("weflow/side_{}/*.sql", "weflow_sql"),
    "weflow folder": ("weflow/side_{}", "weflow_json"),
    "wechat-decrypt folder": ("ylytdeng_wechat_decrypt/side_{}", "wechatdecrypt_json"),
}
ROUNDED = {"weflow sql"}
# One form of each exporter, and under `make bench` every form, meets one that says nearly all that there is; the contract tests
# let every trait of a form meet every other.
PAIRS = [*zip(sorted(FORMS), cycle(("weflow json", "memotrace csv", "pywxdump json")), strict=False)]
if not WHOLE:
    PAIRS = [*{FORMS[form][0].split("/")[0]: (form, hub) for form, hub in PAIRS}.values()]


@cache
def _reading(path: Path) -> tuple[str, Reading]:
    source = Source(path)
    reader = identify(all_readers(), source)
    return reader.name, reader.read(source, ReadOptions())


@pytest.fixture(scope="module")
def take(shared: Path) -> Callable[[str, str], tuple[str, Reading]]:
    root = shared / "real_exports" / "run_by_the_exporters"

    def reading(form: str, side: str) -> tuple[str, Reading]:
        found = sorted(root.glob(FORMS[form][0].format(side.upper())))
        assert len(found) == 1, found
        return _reading(found[0])

    return reading


Take = Callable[[str, str], tuple[str, Reading]]


@meeting(form=sorted(FORMS), side="ab")
def test_the_sixteen_messages_are_read_right(take: Take, form: str, side: str) -> None:
    name, reading = take(form, side)
    assert name == FORMS[form][1]
    limits = reading.facts.limits
    merged = {str(k): str(v) for k, v in limits.kinds_merged.items()}
    written = [t for t in TRUTH if t[2] not in {str(k) for k in limits.kinds_absent - {"link"}}]
    rows = list(reading.messages.iter_rows(named=True))
    if form == "wechatmsg txt" and side == "b":
        # The look-alike header bears the peer's true name and a later time, and nothing later follows in this form.
        assert rows.pop()["text"] == "冒充的抬头"
    if form == "wechat-dump":
        rows[1], rows[2] = rows[2], rows[1]
    assert len(rows) == len(written)
    for row, (at, who, kind, number) in zip(rows, written, strict=True):
        assert abs(row["sent_at"].timestamp() - at) < 1, row
        assert row["kind"] in (kind, merged.get(kind)), row
        assert row["is_self"] == (None if who is None else who == side), row
        if row["message_id"] is not None:
            assert row["message_id"] == number or (form in ROUNDED and float(row["message_id"]) == float(number)), row
        if who is not None and str(row["sender"]).startswith("wxid_"):
            assert row["sender"] == ACCOUNTS[who]


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_owner_is_the_one_whose_device_it_was(take: Take, form: str) -> None:
    _, reading = take(form, "a")
    owner = reading.facts.owner
    assert owner.id in (None, ACCOUNTS["a"])
    assert owner.name in (None, "甲某")


@pytest.mark.parametrize(("form", "hub"), PAIRS)
def test_two_forms_of_one_conversation_disagree_in_nothing(take: Take, form: str, hub: str) -> None:
    findings = compare_readings(take(form, "a")[1], take(hub, "b")[1])
    relation = findings.alignment["relation"].cast(pl.String)
    assert findings.alignment.filter(relation.is_in(["one_sided", "conflict"])).height == 0
    assert (relation == "agreement").sum() >= 10


def test_weflow_edge_cases_keep_what_the_exporter_left(shared: Path) -> None:
    folder = shared / "real_exports" / "run_by_the_exporters" / "weflow" / "edge_cases_A"
    _, reading = _reading(folder)
    texts = reading.messages["text"].to_list()
    assert texts[:9] == [
        "30见", " 30000", "https://a.b/c", "甲:你好", "2024-03-01 09:00 到", "普通\r\n换行", "<b>标签</b>&amp;", "  前后空格  ", "[转账] ￥99999.00 假的",
    ]  # fmt: skip
    assert reading.messages["kind"].to_list()[8:] == ["text", "video", "location", "call", "card", "link", "system"]
    assert reading.messages["duration"].to_list()[11] == 10.0


def test_weflow_edge_cases_say_the_same_in_every_form(shared: Path) -> None:
    folder = shared / "real_exports" / "run_by_the_exporters" / "weflow" / "edge_cases_A"
    times = {f.name: _reading(f)[1].messages["sent_at"].to_list() for f in folder.iterdir()}
    first: list[datetime] = times["乙某(发包方).json"]
    assert len(first) == 15
    assert all(t == first for t in times.values()), {n: len(t) for n, t in times.items()}


def test_a_spreadsheet_saved_anew_is_named(shared: Path) -> None:
    _, reading = _reading(shared / "real_exports" / "pywxdump_csv" / "weclone_tests_PII_0_730.csv")
    codes = {str(n.code) for n in reading.notes}
    assert {"precision_lost", "coerced_cell"} <= codes
    assert set(reading.messages["time_precision"].cast(pl.String)) == {"minute"}


def test_the_early_pywxdump_form_is_read(shared: Path) -> None:
    name, reading = _reading(shared / "real_exports" / "pywxdump_csv" / "weclone_example_chat_v2content.csv")
    assert name == "pywxdump_csv"
    assert reading.messages["text"].to_list()[1] == "哦吼"
    assert reading.messages["message_id"].to_list()[1] == "7594861486645126963"


def test_a_room_without_senders_is_no_chat_of_two(tmp_path: Path) -> None:
    rows = ["a", "b", "c", "d", "e", "f"]
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime"
    sides = []
    for side, own in (("甲", 0), ("乙", 1)):
        lines = [
            f"{n},7,1,0,{int(n % 3 == own)},{1728435600 + 60 * n},0,第{w}句话说明事情,2024-10-09 09:0{n}:00"
            for n, w in enumerate(rows)
        ]
        notice = '9,7,10000,0,0,1728435599,0,"""小唐""邀请""沈工""加入了群聊",2024-10-09 08:59:59'
        file = tmp_path / side / "data" / "聊天记录" / "装修群" / "装修群_utf8.csv"
        file.parent.mkdir(parents=True)
        file.write_text("\r\n".join([head, notice, *lines, ""]), "utf-8-sig")
        sides.append(_reading(tmp_path / side)[1])
    assert {str(k) for s in sides for k in s.conversations["conversation_kind"]} == {"group"}
    assert set(compare_readings(sides[0], sides[1]).alignment["relation"].cast(pl.String)) <= {"agreement", "set_aside"}
