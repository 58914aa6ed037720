"""By which run of a tool each chat of a folder was exported."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

import reconcile
from reconcile.intake.contract import ExportFacts, with_names
from reconcile.intake.messages.runs import runs_of

DAY = datetime(2024, 6, 1, tzinfo=UTC)


def test_files_of_about_one_time_are_of_one_run_and_others_of_several() -> None:
    hour, week = timedelta(hours=1), timedelta(days=7)
    assert runs_of([("甲.json", DAY, ["甲"]), ("乙.json", DAY + hour, ["乙"])]) == ()
    assert runs_of([("全部.csv", None, ["甲", "乙"])]) == ()
    later = runs_of([("甲.json", DAY, ["甲"]), ("乙.json", DAY + week, ["乙"])])
    assert [(r.conversation, r.exported_at) for r in later] == [("乙", DAY + week), ("甲", DAY)]
    unknown = runs_of([("甲.txt", None, ["甲"]), ("乙.txt", None, ["乙"])])
    assert len({r.name for r in unknown}) == 2
    daily = runs_of([(f"{n}.json", DAY + n * timedelta(hours=20), [str(n)]) for n in range(4)])
    assert len({r.name for r in daily}) == 2


def test_a_chat_that_was_exported_earlier_than_another_lacks_nothing_of_the_time_between(tmp_path: Path) -> None:
    def written(folder: str, name: str, peer: str, count: int) -> None:
        (tmp_path / folder).mkdir(exist_ok=True)
        lines = (
            f"[2024/3/{1 + i // 4} {8 + i % 4}:05:3{i % 10}] {(peer, '李雷')[i % 2]}: 第{i}批货{37 * i + 5}件已经发给{peer}\n"
            for i in range(count)
        )
        (tmp_path / folder / f"WhatsApp 与{name}的聊天.txt").write_text("".join(lines), encoding="utf-8")

    written("left", "王强", "王强", 60)
    written("left", "赵敏", "赵敏", 90)
    written("right", "李雷", "王强", 80)
    found = reconcile.compare(reconcile.read(tmp_path / "left"), reconcile.read(tmp_path / "right")).alignment
    beyond = found.filter(pl.col("right_row") >= 60).select(pl.col("relation", "cause").cast(pl.String)).unique()
    assert beyond.rows() == [("set_aside", "outside_coverage")]


def test_a_chat_of_several_periods_under_one_name_was_exported_when_its_last_file_was() -> None:
    runs = runs_of(
        [("甲1.json", DAY, ["甲1"]), ("甲2.json", DAY + timedelta(days=30), ["甲2"]), ("乙.txt", None, ["乙"])]
    )
    joined = with_names(ExportFacts("x", runs=runs), {"甲1": "(甲1 + 甲2)", "甲2": "(甲1 + 甲2)"}).runs
    assert [(r.conversation, r.exported_at) for r in joined] == [
        ("(甲1 + 甲2)", DAY + timedelta(days=30)),
        ("乙", None),
    ]
