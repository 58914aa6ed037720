"""Words behind a time that begin like a half of the day are words, and change no time."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import ReconcileError
from reconcile.formats.inferred.text.headings import around_times
from tests.build.readings import read_text, spoken
from tests.thorough import meeting, some

SHAPES = [
    "{who} 2024-05-14 09:1{i}:02 {words}",
    "{who} 2024/5/14 09:1{i} {words}",
    "2024-05-14 09:1{i} {who}: {words}",
    "[14/05/2024, 09:1{i}:02] {who}: {words}",
]
CHINESE = ["好的", "下午见", "晚上一起吃饭吗", "行", "中午不行", "那就这样"]
ENGLISH = ["hello", "am I late?", "no", "pm me the address", "done", "thanks"]


@meeting(shape=SHAPES, said=[CHINESE, ENGLISH])
def test_words_like_a_half_of_the_day_stay_words(tmp_path: Path, shape: str, said: list[str]) -> None:
    text = "".join(shape.format(who=("Anna", "Ben")[i % 2], i=i, words=w) + "\n" for i, w in enumerate(said))
    assert spoken(read_text(tmp_path, text), "%H:%M") == [
        (f"09:1{i}", ("Anna", "Ben")[i % 2], w) for i, w in enumerate(said)
    ]


@pytest.mark.parametrize("half", some(["PM", "pm", "p.m.", "下午"], 2))
def test_a_half_behind_every_time_belongs_to_it(tmp_path: Path, half: str) -> None:
    text = "".join(f"14/05/2024 9:1{i} {half} - {('Anna', 'Ben')[i % 2]}: word {i}\n" for i in range(6))
    assert spoken(read_text(tmp_path, text), "%H:%M")[1] == ("21:11", "Ben", "word 1")


def test_a_dot_parts_hours_and_minutes_where_a_half_of_the_day_follows(tmp_path: Path) -> None:
    said = [(f"18:0{i}", ("Sam", "Me")[i % 2], f"it is £{i}.50 by 5.30pm") for i in range(8)]
    lines = (f"6.0{i}pm {who}: {words}\n" for i, (_, who, words) in enumerate(said))
    assert spoken(read_text(tmp_path, "Monday 12 February 2024\n" + "".join(lines)), "%H:%M") == said


@pytest.mark.parametrize(
    ("day", "clock"),
    [("2024.03.19", "9点0{i}分"), ("二〇二四年三月十九日", "09:0{i}"), ("二〇二四年三月十九日 星期二", "9时0{i}分")],
)
def test_a_day_in_numerals_and_a_clock_in_words_are_read(tmp_path: Path, day: str, clock: str) -> None:
    said = [(f"09:0{i}", ("雷晓", "小志")[i % 2], f"第{i}箱货9点0{i}分到") for i in range(9)]
    lines = (f"{clock.format(i=i)} {who}：{words}\n" for i, (_, who, words) in enumerate(said))
    assert spoken(read_text(tmp_path, f"{day}\n" + "".join(lines)), "%H:%M") == said


def test_words_that_begin_with_figures_behind_the_colon_of_a_heading_are_words(tmp_path: Path) -> None:
    said = [(f"16:4{i}", ("雷晓", "小志")[i % 2], "11月18号的加班费" if i == 4 else f"第{i}箱到了") for i in range(9)]
    text = "".join(f"{who} {clock}：{words}\n" for clock, who, words in said)
    assert spoken(read_text(tmp_path, f"2024年3月19日\n{text}"), "%H:%M") == said


@pytest.mark.parametrize(
    "time", ["２０２４年３月{d}日　０９：０５", "【２０２４／０３／０{d} ０９：０５】", "二〇二四年三月{c}日九时五分，"]
)
def test_wide_figures_and_numerals_of_a_time_are_read(tmp_path: Path, time: str) -> None:
    rows = [("一二三四五"[i], "１２３４５"[i], ("李大爷", "小马")[i % 2]) for i in range(5)]
    text = "\n".join(f"{time.format(c=c, d=d)}{n}：第{d}句" for c, d, n in rows)
    told = spoken(read_text(tmp_path, text), "%F %H:%M")
    assert told == [(f"2024-03-0{i + 1} 09:05", n, f"第{d}句") for i, (_, d, n) in enumerate(rows)]


def test_a_whole_date_leaves_no_month_and_day_without_a_year() -> None:
    lines = pl.DataFrame({"line": [1], "text": ["时间 2024-03-01 14:25:23"]})
    assert around_times(lines, "yearless").is_empty()


WORDS = [f"第{i}批材料今天送到" for i in range(8)]


@pytest.mark.parametrize(
    ("day", "heading"),
    some(
        [
            ("――――― Friday, March 01, 2024 ―――――", "{c}:07 - {n}: {w}"),
            ("20240301", "{c}:07-{n}-{w}"),
            ("★ 2024-03-01 ★", "{c} {n}: {w}"),
            ("", "2024 年 3 月 1 日 上 午 {s}\n{n}\n{w}"),
            ("", "24.3.1 {c} {n}: {w}"),
            ("", "\x0331[2024-03-01 {c}] <{n}>\x0f {w}"),
        ],
        2,
    ),
)
def test_days_and_times_of_any_spelling_are_read(tmp_path: Path, day: str, heading: str) -> None:
    clocks, names = [f"09:{10 + i}" for i in range(8)], ["Anna", "Ben"] * 4
    said = list(zip(clocks, names, WORDS, strict=True))
    lines = [heading.format(c=c, n=n, w=w, s=c.replace(":", " : ")) + "\n" for c, n, w in said]
    messages = read_text(tmp_path, "\n".join([day, *lines])).messages
    assert messages.select("sender", "text").rows() == [row[1:] for row in said]
    local = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M")
    assert local.to_list() == [f"2024-03-01 {c}" for c in clocks]


def test_clocks_that_go_back_below_no_day_never_get_the_day_of_the_files_name(tmp_path: Path) -> None:
    lines = [f"{c} - {n}: {w}" for c, n, w in zip(["09:05", "23:10"] * 4, ["Anna", "Ben"] * 4, WORDS, strict=True)]
    with pytest.raises(ReconcileError):
        read_text(tmp_path, "\n".join(lines), "chat_2024-03-01.txt")
