"""What a comparison must not mistake: recalls beside each other, altered times, clocks that drift or step, chats without times."""

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.contract import FormLimits, Reading

START = datetime.fromisoformat("2024-03-01T09:00:00+08:00")
PEOPLE = ("wxid_aaaaaaaa", "wxid_bbbbbbbb")
COLUMNS = ("sent_at", "text", "sender", "is_self", "kind", "media_hash", "message_id")


def chat(many: int = 60, pause: int = 40) -> list[dict[str, object]]:
    """A chat of unlike sentences: at (seconds), who (0, 1), text, kind."""
    rng = Random(7)
    things = ("水泥", "瓷砖", "地板", "木门", "灯具", "涂料", "水管", "电线")
    rows: list[dict[str, object]] = []
    at = 0
    for i in range(many):
        at += rng.randint(3, pause) + (7200 if i % 15 == 14 else 0)
        rows.append({"at": at, "who": rng.randint(0, 1), "text": f"第{i}批{rng.choice(things)}{rng.randint(10, 99)}件已经送到{i}号楼了", "kind": "text"})  # fmt: skip
    return rows


def export(rows: list[dict[str, object]], owner: int, file: Path, *, has_times: bool = True) -> Path:
    """The rows as the owner's message table, in the order of their times."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS)
        table.writeheader()
        for row in sorted(rows, key=lambda r: float(str(r["at"]))):
            at = (START + timedelta(seconds=float(str(row["at"])))).isoformat()
            is_notice = row["kind"] == "recall"
            who = int(str(row["who"]))
            words = str(row["text"])
            if is_notice:
                words = "你撤回了一条消息" if who == owner else '"对方" 撤回了一条消息'
            table.writerow({"sent_at": at if has_times else "", "text": words, "sender": "" if is_notice else PEOPLE[who], "is_self": "" if is_notice else str(who == owner).lower(), "kind": row["kind"], "media_hash": row.get(f"hash{owner}", ""), "message_id": row.get("id", "")})  # fmt: skip
    return file


def compared(
    left: list[dict[str, object]],
    right: list[dict[str, object]],
    folder: Path,
    *,
    has_times: bool = True,
    in_place: bool = False,
) -> Findings:
    files = (
        export(left, 0, folder / "a.csv", has_times=has_times),
        export(right, 1, folder / "b.csv", has_times=has_times),
    )
    limits = FormLimits(recalls_in_place=in_place)
    sides = [replace(r, facts=replace(r.facts, limits=limits)) for r in map(read, files)]
    return compare_readings(sides[0], sides[1])


def notice(at: float, who: int) -> dict[str, object]:
    return {"at": at, "who": who, "text": "", "kind": "recall"}


def said(at: float, who: int, text: str) -> dict[str, object]:
    return {"at": at, "who": who, "text": text, "kind": "text"}


def of_one(found: Findings) -> dict[str, str]:
    """Relation of every row that has no partner and is no notice, by its words."""
    messages = found.messages.select("side", "row", "text")
    told: dict[str, str] = {}
    for name in ("left", "right"):
        other = "right_row" if name == "left" else "left_row"
        alone = found.alignment.filter(pl.col(other).is_null() & pl.col(f"{name}_row").is_not_null())
        texts = messages.filter(pl.col("side").cast(pl.String) == name).select(
            pl.col("row").alias(f"{name}_row"), "text"
        )
        joined = alone.join(texts, on=f"{name}_row").filter(~pl.col("text").str.contains("撤回"))
        told |= dict(joined.select("text", pl.col("relation").cast(pl.String)).iter_rows())
    return told


@pytest.mark.parametrize("has_times", [True, False])
def test_recalls_that_the_other_side_alone_shows_explain_no_words_that_their_author_still_shows(
    tmp_path: Path, *, has_times: bool
) -> None:
    rows = chat()
    at = float(str(rows[20]["at"]))
    kept = [said(at + 5, 0, "先说一句"), said(at + 12, 0, "再说一句")]
    notices = [notice(at + 40, 0), notice(at + 90, 0)]
    found = compared(rows + kept, rows + notices, tmp_path, has_times=has_times)
    assert of_one(found) == {"先说一句": "one_sided", "再说一句": "one_sided"}


def test_a_recall_of_one_party_explains_no_row_of_the_other(tmp_path: Path) -> None:
    rows = chat()
    at = float(str(rows[20]["at"]))
    found = compared([*rows, said(at + 5, 1, "我欠你五万元")], [*rows, notice(at + 30, 0)], tmp_path)
    assert found.verdicts["grade"].to_list() == ["one_sided"]


@pytest.mark.parametrize(("who", "relation"), [(0, "doubtful"), (1, "set_aside")])
def test_ones_own_row_beside_ones_own_notice_of_that_recall_may_be_another_message(
    tmp_path: Path, who: int, relation: str
) -> None:
    rows = chat()
    at = float(str(rows[20]["at"]))
    both = [*rows, notice(at + 30, who)]
    assert of_one(compared([*both, said(at + 5, who, "我欠你五万元")], both, tmp_path)) == {"我欠你五万元": relation}


@pytest.mark.parametrize(("in_place", "grade"), [(True, "one_sided"), (False, "explained_differences")])
def test_a_recall_under_one_id_explains_no_other_message_where_notices_replace_their_rows(
    tmp_path: Path, *, in_place: bool, grade: str
) -> None:
    rows = chat()
    at = float(str(rows[20]["at"]))
    both = [*rows, notice(at + 30, 0) | {"id": "6116895530414900001"}]
    mine = [*both, said(at + 5, 0, "我欠你五万元") | {"id": "6116895530414900002"}]
    found = compared(mine, both, tmp_path, in_place=in_place)
    assert found.verdicts["grade"].to_list() == [grade]


@pytest.mark.parametrize("mark", [" (已读)", "[已翻译]", " ✓✓"])
def test_a_mark_that_one_tool_writes_behind_every_text_changes_no_words(tmp_path: Path, mark: str) -> None:
    rows = chat()
    marked = [r | {"text": f"{r['text']}{mark}"} for r in rows]
    marked[20] = marked[20] | {"text": f"没有这回事{mark}"}
    states = compared(rows, marked, tmp_path).alignment.select("relation", "cause").cast(pl.String)
    assert sorted(states.group_by("relation", "cause").len().rows()) == [
        ("agreement", "form", 59),
        ("conflict", "text_differs", 1),
    ]


@pytest.mark.parametrize("shift", [240, 5 * 3600])
def test_a_single_altered_time_is_a_conflict_of_time_in_a_short_chat(tmp_path: Path, shift: int) -> None:
    rows = chat(30)
    moved = [r | {"at": float(str(r["at"])) + shift} if i == 11 else r for i, r in enumerate(rows)]
    found = compared(rows, moved, tmp_path)
    assert found.verdicts["conflicts"].to_list() == [1]


def test_jitter_of_twenty_seconds_is_no_conflict_of_time(tmp_path: Path) -> None:
    rng = Random(3)
    rows = chat(80)
    shaken = [r | {"at": float(str(r["at"])) + rng.randint(-20, 20)} for r in rows]
    assert compared(rows, shaken, tmp_path).verdicts["conflicts"].to_list() == [0]


def test_a_drifting_clock_hides_no_placeholder_without_a_hash(tmp_path: Path) -> None:
    rows = chat(60)
    for i, row in enumerate(rows):
        row["at"] = float(str(row["at"])) + (i // 10) * 86_400
        if i % 10 in (0, 9):
            row |= {"kind": "image", "text": "[图片]", "hash0": f"{i:032x}"}
    drifting = [r | {"at": float(str(r["at"])) * (1 + 3 / 3600)} for r in rows]
    assert compared(rows, drifting, tmp_path).verdicts["grade"].to_list() == ["no_gap_found"]


def test_a_step_of_the_clock_beside_an_image_without_a_hash_is_no_gap(tmp_path: Path) -> None:
    rows = chat(60)
    for i in (30, 31):
        rows[i] |= {"kind": "image", "text": "[图片]", "hash1": f"{i:032x}"}
    stepped = [r | {"at": float(str(r["at"])) + (3600 if i >= 30 else 0)} for i, r in enumerate(rows)]
    assert compared(rows, stepped, tmp_path).verdicts["grade"].to_list() == ["no_gap_found"]


def test_rows_of_one_pattern_that_each_side_lacks_are_no_altered_message(tmp_path: Path) -> None:
    rows = chat(90)
    at = [float(str(rows[i]["at"])) for i in range(4, 84, 10)]
    left = [said(t + 2, 0, f"今天的货款{310 + i}元已经入账了") for i, t in enumerate(at)]
    right = [said(t + 25 + 7 * i, 0, f"今天的货款{950 - i}元已经入账了") for i, t in enumerate(at)]
    found = compared(rows + left, rows + right, tmp_path)
    assert set(of_one(found).values()) == {"one_sided"}
    assert found.verdicts["conflicts"].to_list() == [0]


def test_altered_amounts_in_rows_of_one_pattern_are_conflicts(tmp_path: Path) -> None:
    rows = chat(90)
    at = [float(str(rows[i]["at"])) for i in range(4, 84, 10)]
    left, right = (
        [said(t + 2, 0, f"今天的货款{start + i}元已经入账了") for i, t in enumerate(at)] for start in (310, 950)
    )
    found = compared(rows + left, rows + right, tmp_path)
    assert found.verdicts["conflicts"].to_list() == [8]


def test_one_text_as_long_as_the_longest_is_changed_and_not_cut(tmp_path: Path) -> None:
    rows = chat(30)
    long = "房租一共七千六百元，已经付了五万三，何老师已经把六百六十元退给我了"
    rows[8] |= {"text": long}
    rows[12] |= {"text": long.replace("何", "王").replace("五", "六")}
    changed = [r | {"text": f"{r['text']}，利息另算"} if i == 8 else r for i, r in enumerate(rows)]
    found = compared(rows, changed, tmp_path)
    assert found.verdicts["conflicts"].to_list() == [1]


def test_texts_that_all_stop_at_one_length_are_cut_and_not_changed(tmp_path: Path) -> None:
    rows = chat(30)
    for i in (5, 8, 12):
        rows[i] |= {"text": f"第{i}次：房租一共七千六百元，已经付了五万三，何老师已经把六百六十元退给我了"}
    cut = [r | {"text": str(r["text"])[:24]} for r in rows]
    found = compared(rows, cut, tmp_path)
    assert (found.verdicts["conflicts"].to_list(), found.verdicts["grade"].to_list()) == (
        [0],
        ["explained_differences"],
    )


@pytest.mark.parametrize("has_notices", [True, False])
def test_without_times_rows_behind_the_last_pair_or_before_the_first_lie_outside(
    tmp_path: Path, *, has_notices: bool
) -> None:
    rows = chat(40)
    # The last pair is found late: its words were stripped of what stands before the colon.
    rows[33] |= {"text": "1530:我到人民路工地"}
    kept = [dict(r) for r in rows[5:34]]
    kept[-1] |= {"text": "我到人民路工地"}
    ends = [{"at": -5, "who": 0, "text": "消息免打扰已关闭", "kind": "system"}] if has_notices else []
    found = compared([*ends, *kept], rows, tmp_path, has_times=False)
    assert found.verdicts["grade"].to_list() == ["explained_differences"]
    assert set(of_one(found).values()) == {"set_aside"}


def test_without_times_a_row_between_pairs_is_still_missing(tmp_path: Path) -> None:
    rows = chat(40)
    found = compared(rows[:20] + rows[21:], rows, tmp_path, has_times=False)
    assert of_one(found) == {str(rows[20]["text"]): "one_sided"}


def test_a_member_of_whom_the_owner_s_name_is_not_known_left_where_its_rows_end(tmp_path: Path) -> None:
    rows = [r | {"who": i % 3} for i, r in enumerate(chat(60))]
    people = ("甲方公司", "乙方公司", "丙方公司")
    for name, owner, last in (("a", 0, 60), ("b", 1, 45)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, ("conversation", "conversation_kind", *COLUMNS))
            table.writeheader()
            for row in rows[:last]:
                who = int(str(row["who"]))
                at = (START + timedelta(seconds=float(str(row["at"])))).isoformat()
                table.writerow({"conversation": "71407368656@chatroom", "conversation_kind": "group", "sent_at": at, "text": row["text"], "sender": "我" if who == owner else people[who], "kind": "text"})  # fmt: skip
    left_at = (START + timedelta(seconds=float(str(rows[44]["at"])) + 1)).isoformat()
    sidecar = {
        "owner": {"name": "王杰"},
        "exported_at": (START + timedelta(days=30)).isoformat(),
        "groups": [
            {"id": "71407368656@chatroom", "members": [{"id": "wxid_bbbbbbbb", "name": "我", "left_at": left_at}]}
        ],
    }
    (tmp_path / "b.json").write_text(json.dumps(sidecar, ensure_ascii=False), encoding="utf-8")
    found = compare_readings(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert found.verdicts["grade"].to_list() == ["explained_differences"]
    assert found.alignment.filter(pl.col("left_row") == 50)["cause"].cast(pl.String).to_list() == ["membership"]


@pytest.mark.parametrize(
    ("fault", "seed"), [("begins late", 177), ("begins late", 193), ("windows apart", 151), ("windows apart", 60_048)]
)
def test_a_clock_that_stepped_reaches_no_further_than_the_nearer_of_its_two_readings(fault: str, seed: int) -> None:
    assert run_trial(f"step in mid-chat + {fault}", seed).score.innocent_accused == 0


def test_words_that_each_author_still_shows_were_not_recalled_whatever_the_other_side_shows(tmp_path: Path) -> None:
    names = {"wxid_a001": "甲方", "wxid_b001": "乙方", "wxid_c001": "丙方"}

    def side(own: str, *changed: tuple[int, str | None, str]) -> Reading:
        rows: list[tuple[int, str | None, str]] = [(i, list(names)[i % 3], f"第{i}条，材料放在门口") for i in range(30)]
        rows = [next((c for c in changed if c[0] == i), (i, who, text)) for i, who, text in rows]
        lines = [
            f"2023-02-06 14:{i // 3:02},{who or ''},{names.get(who or '', '')},{'' if who is None else str(who == own).lower()},{'recall' if who is None else 'text'},{text},1@chatroom"
            for i, who, text in rows
        ]
        file = tmp_path / f"{own}.csv"
        file.write_text("\n".join(["sent_at,sender,sender_name,is_self,kind,text,conversation", *lines]), "utf-8")
        return read(file)

    # Each side holds its owner's message still and shows the notice of the other's.
    left = side("wxid_a001", (15, "wxid_a001", "好"), (19, None, "“乙方” 撤回了一条消息"))
    right = side("wxid_b001", (15, None, "“甲方” 撤回了一条消息"), (19, "wxid_b001", "行"))
    found = compare_readings(left, right)
    assert found.verdicts["grade"].to_list() == ["one_sided"]
