"""Pleadings, opinions and court records quote messages in their own sentences."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconcile.submission.quotations import Quotation, quotations
from reconcile.submission.run import read_submission, run_check
from tests.build.submissions import ROWS, table

BEIJING = ZoneInfo("Asia/Shanghai")
PLEADING = [
    "双方通过微信沟通，有关内容如下（见证据三）：",
    "2022年2月15日，被告在微信中称：“修理费15万谁出”。此后双方仍有往来。",
    "同日，原告又称：“你说过“不急”的”（律师注：见证据五）。",
    "2022年3月18日20时27分，被告发微信表示“下周付”。",
    "次日9时05分，原告回复：“好”。",
]


def test_a_pleading_tells_day_name_and_words_of_each_message() -> None:
    assert quotations(PLEADING) == [
        Quotation(1, "被告", "2022-02-15", "修理费15万谁出"),
        Quotation(2, "原告", "2022-02-15", "你说过“不急”的"),
        Quotation(3, "被告", "2022-03-18 20:27", "下周付"),
        Quotation(4, "原告", "2022-03-19 9:05", "好"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "（1）第5页，2024-01-26 11:34 罗文博：“先别起诉”——可见付款附有条件。",
        "原代：2024年1月26日11时34分，罗文博：“先别起诉”。",
        "见证据三，2024/1/26 11:34，罗文博承诺“先别起诉”，被告未还",
    ],
)
def test_opinions_and_court_records_quote_alike(line: str) -> None:
    found = quotations([line, line])
    assert found == [Quotation(n, "罗文博", "2024-01-26 11:34", "先别起诉") for n in (0, 1)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "原告于2024年3月5日通过微信向被告询问：“何时还”，被告答复：“月底”。",
            [("原告", "2024-03-05"), ("被告", "2024-03-05")],
        ),
        ("2024年3月5日下午3时20分，被告发来消息称“月底”", [("被告", "2024-03-05 下午3:20")]),
        ("2024年3月5日15时许，被告回复“月底”", [("被告", "2024-03-05")]),
        ("证据显示，2024年3月5日10:05:07，张某：「月底」", [("张某", "2024-03-05 10:05:07")]),
    ],
)
def test_names_days_and_answers_are_told_in_many_ways(line: str, told: list[tuple[str, str]]) -> None:
    assert [(q.name, q.time) for q in quotations([line, line])] == told * 2


@pytest.mark.parametrize(
    "lines",
    [
        PLEADING[:2],
        ["2024-01-26 11:34 罗文博：“好”", "2024-01-26 11:35 罗文博：在", "2024-01-26 11:36 罗文博：“行”", "2024-01-26 11:37 王某：来"],
        ["他说“好”", "同日，他说：“行”"],
        ["2022年13月40日，被告称：“甲”", "同日，被告称：“乙”"],
    ],
)  # fmt: skip
def test_other_texts_quote_nothing(lines: list[str]) -> None:
    assert quotations(lines) == []


def test_a_transcript_whose_messages_quote_others_stays_a_transcript(tmp_path: Path) -> None:
    lines = [f"甲某 2024-03-01 10:{n:02}\n第{n}句话" for n in range(20)]
    lines += [
        "乙某 2024-03-01 11:00\n2022年2月15日，老张说：“行”",
        "乙某 2024-03-01 11:01\n2022年2月16日，老张说：“好”",
    ]
    (tmp_path / "s.txt").write_text("\n".join(lines), "utf-8")
    assert read_submission(tmp_path / "s.txt").reading.messages.height == 22


def test_quoted_messages_are_checked_and_those_between_are_not_left_out(tmp_path: Path) -> None:
    texts = [r.text for r in ROWS]
    rows = [r for r in ROWS if r.kind == "text" and len(r.text) > 9 and texts.count(r.text) == 1][10:60:7]
    verbs = ["在微信中称：", "回复：", "发微信表示"]
    names = {True: "原告", False: "被告"}

    def write(*, changed: bool) -> Path:
        words = [f"七万{r.text[2:]}" if changed and n == 3 else r.text for n, r in enumerate(rows)]
        days = [r.at.astimezone(BEIJING).strftime("%Y年%m月%d日") for r in rows]
        lines = [
            f"{d}，{names[r.own]}{verbs[n % 3]}“{w}”。"
            for n, (d, r, w) in enumerate(zip(days, rows, words, strict=True))
        ]
        (tmp_path / "p.txt").write_text("\n".join(["民事起诉状", *lines, "此致"]), "utf-8")
        return tmp_path / "p.txt"

    export = table(tmp_path / "e.csv", ROWS)
    found = run_check(write(changed=False), [export], tmp_path / "a")
    assert (found.grade, set(found.rows["relation"])) == ("explained_differences", {"agreement"})
    assert "selected" in found.verdicts["reasons"][0].to_list()
    assert run_check(write(changed=True), [export], tmp_path / "b").grade == "conflicting"
