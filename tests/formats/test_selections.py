"""What was picked by hand lacks most rows by its nature: nobody is told of rows missing there."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.engine.preparation.rejoined_texts import rejoin
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import SELECTION, Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.contracts.golden import EXPORTS, case_source

SELECTIONS = (
    "wechat_copied_text/pc_multi_select",
    "wechat_copied_text/ios_multi_select",
    "wechat_email/ios_side_a",
    "wechat_forward_xml/record_alone",
)


@cache
def read(case: str) -> Reading:
    """What a shipped export holds, read once: no test changes it."""
    source = Source(case_source(EXPORTS / case))
    return identify(all_readers(), source).read(source, ReadOptions())


@pytest.mark.parametrize("case", SELECTIONS)
def test_selection_accuses_nobody_of_missing_rows(case: str) -> None:
    picked, whole = read(case), read("weflow_json/rent_side_b")
    assert SELECTION in picked.facts.declared
    relations = compare_readings(picked, whole).alignment["relation"].cast(pl.String).value_counts()
    found = dict(relations.iter_rows())
    assert not found.keys() & {"one_sided", "conflict", "doubtful"}
    assert found["agreement"] == picked.messages.height


@pytest.mark.parametrize(
    ("shown", "relation"),
    # One row left out of a whole passage; two near each other; four in a row; five near each other; some before the last ones; one row of
    # every three; two passages far apart.
    [
        (lambda i: i != 30, {"agreement", "one_sided"}),
        (lambda i: i not in (30, 32), {"agreement", "one_sided"}),
        (lambda i: not 27 <= i <= 30, {"agreement", "one_sided"}),
        (lambda i: i not in (22, 26, 30, 34, 38), {"agreement", "doubtful"}),
        (lambda i: i < 45 or i > 54, {"agreement", "doubtful"}),
        (lambda i: i % 3 == 0, {"agreement", "set_aside"}),
        (lambda i: i < 15 or i > 45, {"agreement", "set_aside"}),
    ],
)
def test_a_few_rows_missing_in_a_long_passage_are_one_sided_and_larger_holes_in_doubt(
    tmp_path: Path, shown: Callable[[int], bool], relation: set[str]
) -> None:
    people = ["老张" if i % 2 else "李姐" for i in range(60)]
    said = [f"第{i}批水泥{3 * i + 11}件已经送到{i}号楼了" for i in range(60)]
    stamps = [f"2024-03-01T{9 + i // 60:02}:{i % 60:02}:00+08:00" for i in range(60)]
    pl.DataFrame({"sent_at": stamps, "text": said, "sender": people}).write_csv(tmp_path / "whole.csv")
    blocks = [f"{who}:\n{words}\n\n" for i, (who, words) in enumerate(zip(people, said, strict=True)) if shown(i)]
    (tmp_path / "copied.txt").write_text("".join(blocks), "utf-8")
    sources = [Source(tmp_path / name) for name in ("copied.txt", "whole.csv")]
    copied, whole = (identify(all_readers(), s).read(s, ReadOptions()) for s in sources)
    assert SELECTION in copied.facts.declared
    assert set(compare_readings(copied, whole).alignment["relation"].cast(pl.String)) == relation


@pytest.mark.parametrize(
    ("who", "behind", "relation"),
    # A recall's sentence names its side, and is no third person.
    [
        ("陈租", "", "doubtful"),
        ("陈租", "陈租  16:40\n你撤回了一条消息\n", "doubtful"),
        ("赵房东(中山路)", "", "one_sided"),
    ],
)
def test_words_of_a_mail_that_may_have_been_refused_accuse_nobody(
    tmp_path: Path, who: str, behind: str, relation: str
) -> None:
    # A mail shows neither refusal notices nor whose rows are its owner's; what the other side itself said it must hold.
    mail = case_source(EXPORTS / "wechat_email/ios_side_a").read_text("utf-8")
    (tmp_path / "邮件.txt").write_text(
        mail.replace("陈租  11:00\n10:30见\n", f"陈租  11:00\n10:30见\n{who}  11:30\n你再拉黑我试试\n{behind}"), "utf-8"
    )
    source = Source(tmp_path)
    picked = identify(all_readers(), source).read(source, ReadOptions())
    row = picked.messages.filter(pl.col("text") == "你再拉黑我试试")["row"]
    found = compare_readings(picked, read("weflow_json/rent_side_b")).alignment
    told = found.filter(pl.col("left_row").is_in(row.implode()))["relation"].cast(pl.String).to_list()
    assert told == [relation]


def test_a_line_that_may_be_a_link_is_not_missed_where_links_are_not_written(tmp_path: Path) -> None:
    # WechatExporter's text writes `title - app` like words, WeChatMsg's text leaves links out.
    whole = case_source(EXPORTS / "wechatexporter_txt/rent_side_a")
    file = whole if whole.is_file() else next(whole.rglob("*.txt"))
    before = "陈租 (2024-08-14 10:00:05):赵姐好，房子还在吗？"
    said = ("尺寸测量助手 - 顺丰", "我先转你三千，你收一下")
    lines = [f"陈租 (2024-08-14 10:00:0{7 + n}):{words}" for n, words in enumerate(said)]
    text = file.read_text("utf-8")
    (tmp_path / file.name).write_text(text.replace(before, "\n".join([before, *lines])), "utf-8")
    source = Source(tmp_path / file.name)
    held = identify(all_readers(), source).read(source, ReadOptions())
    rows = held.messages.filter(pl.col("text").is_in(said))["row"]
    found = compare_readings(held, read("wechatmsg_txt/rent_side_b")).alignment
    told = found.filter(pl.col("left_row").is_in(rows.implode())).sort("left_row")["relation"].cast(pl.String)
    assert told.to_list() == ["doubtful", "one_sided"]


TYPED = "转给你\n\n收货地址：\n中山路八号"


def test_a_message_that_holds_a_name_and_a_colon_behind_an_empty_line_accuses_nobody(tmp_path: Path) -> None:
    said = [f"第{i}件事你看着办，我等你的回话" for i in range(8)]
    said.insert(4, TYPED.replace("你", "你[微笑]"))
    people = ["老张" if i % 3 else "李姐" for i in range(9)]
    stamps = [f"2024-03-01T09:0{i}:00+08:00" for i in range(9)]
    pl.DataFrame({"sent_at": stamps, "text": said, "sender": people}).write_csv(tmp_path / "whole.csv")
    # The client shows a face otherwise, so that the two rows are not letter by letter the one text.
    blocks = [f"{who}:\n{words.replace('[微笑]', '🙂')}\n\n" for who, words in zip(people, said, strict=True)]
    (tmp_path / "copied.txt").write_text("".join(blocks), "utf-8")
    sources = [Source(tmp_path / name) for name in ("copied.txt", "whole.csv")]
    copied, whole = (identify(all_readers(), s).read(s, ReadOptions()) for s in sources)
    relations = compare_readings(copied, whole).alignment["relation"].cast(pl.String).to_list()
    assert set(relations) <= {"agreement", "doubtful", "set_aside"}
    assert relations.count("agreement") == 8


PARTS = (
    (TYPED, [("转给你", None, None), ("中山路八号", "收货地址", None)]),
    (
        "老张:\n在吗\n\n李姐:\n在的\n \n老张: \n那好",
        [("老张:\n在吗", None, None), ("在的", "李姐", None), ("那好", "老张", None)],
    ),
    (
        "转发\n老张\n2024年03月04日 09:10\n报价单\n\n李姐 2024年3月4日 上午9:11\n收到",
        [("转发", None, None), ("报价单", "老张", "2024年03月04日 09:10"), ("收到", "李姐", "2024年3月4日 上午9:11")],
    ),
)


def rejoined(text: str, parts: list[tuple[str, str | None, str | None]]) -> list[bool]:
    """Which rows of a split text (words, name, time) between two others repeat what one text says."""
    held = pl.DataFrame(
        [("好", "老张", None), *parts, ("嗯", "老张", None)], schema=["text", "sender_name", "time"], orient="row"
    )
    rows = held.select("text", "sender_name", sender="sender_name", pair=pl.lit(0), is_repeat=pl.lit(value=False))
    joined = rejoin(rows, pl.DataFrame({"text": [text], "pair": [0]}), held["time"])
    assert (joined["text"][1] == text) == joined["is_repeat"].any()
    return joined["is_repeat"].to_list()


@pytest.mark.parametrize(("text", "parts"), PARTS)
def test_rows_that_are_letter_by_letter_one_text_of_the_other_side_are_one(
    text: str, parts: list[tuple[str, str | None, str | None]]
) -> None:
    assert rejoined(text, parts) == [False, False, *[True] * (len(parts) - 1), False]


@pytest.mark.parametrize(
    ("name", "time"),
    [
        pytest.param("王五", "2024年03月04日 09:10", id="another-name"),
        pytest.param("老张", "2024年03月05日 09:10", id="another-day"),
        pytest.param("老张", "2024年03月04日 09:10:30", id="time-to-the-second"),
        pytest.param(None, "2024年03月04日 09:10", id="no-name"),
    ],
)
def test_a_row_stays_a_row_where_the_header_in_the_other_text_has_not_its_name_and_time(
    name: str | None, time: str
) -> None:
    text, (first, _, last) = PARTS[2]
    assert not any(rejoined(text, [first, ("报价单", name, time), last]))
