"""What a comparison must not mistake where one export names no kind, cuts, respells, sorts or numbers otherwise than the other."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from tests.test_comparison_several import PEOPLE, START, Row, chat, held, state_of


def table(rows: list[Row], owner: int, file: Path, **columns: list[str]) -> Path:
    """The rows as a message table without a column of kinds; `columns`: further ones, a cell a row."""
    pl.DataFrame({
        "sent_at": [(START + timedelta(seconds=r["at"])).isoformat() for r in rows],
        "text": [r["text"] for r in rows],
        "sender": ["" if r["who"] is None else PEOPLE[r["who"]] for r in rows],
        "is_self": ["" if r["who"] is None else str(r["who"] == owner).lower() for r in rows],
        **columns,
    }).write_csv(file)  # fmt: skip
    return file


def compared(left: list[Row], right: list[Row], folder: Path, **columns: list[str]) -> Findings:
    """Both sides as message tables; `columns`: further ones of the left."""
    files = table(left, 0, folder / "a.csv", **columns), table(right, 1, folder / "b.csv")
    return compare_readings(read(files[0]), read(files[1]))


def shown(at: int, text: str, **more: str) -> Row:
    return {"at": at, "who": 0, "text": text, **more}


def grade(found: Findings) -> str:
    return str(found.verdicts["grade"][0])


def with_body(text: str) -> list[Row]:
    return sorted([*chat(), shown(930, text)], key=lambda r: r["at"])


@pytest.mark.parametrize(
    ("left", "right"), [("【链接】？", "？"), ("【语音通话】00:10", "[通话]"), ("[链接] 好文", "【链接】好文")]
)
def test_a_body_shown_with_and_without_its_kind_is_one_message(tmp_path: Path, left: str, right: str) -> None:
    assert grade(compared(with_body(left), with_body(right), tmp_path)) == "explained_differences"


def test_words_against_a_placeholder_that_holds_none_of_them_are_in_doubt(tmp_path: Path) -> None:
    found = compared(with_body("[红包]"), with_body("恭喜发财"), tmp_path)
    assert state_of(found, "恭喜发财", "right") == ("doubtful", "weak_match")


PAGE = "\nhttps://mp.weixin.qq.com/s/392c4b1f"


def test_a_title_beside_one_with_its_address_is_in_doubt_once_and_a_habit_thrice(tmp_path: Path) -> None:
    found = compared(with_body(f"钢管行情87{PAGE}"), with_body("钢管行情87"), tmp_path)
    assert state_of(found, "钢管行情87", "right") == ("doubtful", "weak_match")
    titles = [shown(900 + 20 * i, f"钢管行情{87 + i}") for i in range(3)]
    long = [r | {"text": f"{r['text']}{PAGE}{i}"} for i, r in enumerate(titles)]
    left, right = (sorted([*chat(), *rows], key=lambda r: r["at"]) for rows in (long, titles))
    assert set(compared(left, right, tmp_path).alignment["relation"]) == {"agreement"}


def test_a_link_meets_its_bare_title_half_a_minute_off(tmp_path: Path) -> None:
    left, right = with_body(f"钢管行情87{PAGE}"), with_body("钢管行情87")
    right = [r | {"at": r["at"] + 35 if r["text"] == "钢管行情87" else r["at"]} for r in right]
    found = compared(left, right, tmp_path, kind=["link" if PAGE in r["text"] else "text" for r in left])
    assert "one_sided" not in found.alignment["relation"].to_list()


def test_a_blank_row_is_the_voice_and_not_the_words_beside_it(tmp_path: Path) -> None:
    words, voice = shown(930, "这批货质量不行，我不要了"), shown(931, "")
    left = sorted([*chat(), words, voice | {"text": '[语音] 38"'}], key=lambda r: r["at"])
    right = sorted([*chat(), shown(930, "")], key=lambda r: r["at"])
    assert state_of(compared(left, right, tmp_path), words["text"], "left")[0] == "one_sided"


@pytest.mark.parametrize("beside", ["[红包] 恭喜发财", '[语音] 38"', "[图片]"])
def test_words_beside_a_body_of_their_moment_are_no_second_copy_of_it(tmp_path: Path, beside: str) -> None:
    words, body = shown(930, "这批货质量不行，我不要了"), shown(930, beside)
    left = sorted([*chat(), words, body], key=lambda r: r["at"])
    assert state_of(compared(left, with_body(beside), tmp_path), words["text"], "left")[0] == "one_sided"


def test_one_single_text_that_ends_at_twenty_characters_was_cut() -> None:
    rows = [{"at": 60 * i, "who": i % 2, "text": f"第{i}批水泥送到{i}号楼了"} for i in range(30)]
    long = "这个月运费先给九千三，剩下的十一月十三日再说"
    sides = ([*rows[:15], shown(870, words), *rows[15:]] for words in (long, long[:20]))
    left, right = sides
    assert grade(compare_readings(held(left, 0), held(right, 1))) == "explained_differences"


def test_a_near_row_in_another_spelling_is_paired_before_a_farther_one_of_the_same(tmp_path: Path) -> None:
    rows = [*chat(20), shown(1300, "【图片】"), shown(1380, "[图片]"), {"at": 1460, "who": 1, "text": "好，都看到了"}]
    other = [r | {"text": {"【图片】": "[图片]"}.get(r["text"], r["text"])} for r in rows]
    kinds = ["image" if r["text"] == "【图片】" else "text" for r in rows]
    found = compared(rows, other, tmp_path, kind=kinds)
    assert found.alignment.filter(pl.col("left_row") == 20)["right_row"].to_list() == [20]


def test_a_row_in_the_second_of_the_joining_is_missed_by_nobody() -> None:
    rows = chat(40, people=3)
    notice = [
        {"at": 600, "who": None, "text": words, "kind": "system"}
        for words in ('"王芳"邀请你加入了群聊', '"王芳"邀请"李娜"加入了群聊')
    ]
    right = [*rows[:11], notice[1], *rows[11:]]
    found = compare_readings(held([notice[0], *rows[11:]], 0), held(right, 1))
    assert state_of(found, rows[10]["text"], "right") == ("set_aside", "membership")


def test_rows_that_sorting_put_among_those_before_a_clock_was_set_back_are_not_missed() -> None:
    rows = [r | ({"text": "好的"} if i % 3 else {}) for i, r in enumerate(chat(120))]
    moved = sorted((r | {"at": r["at"] - (1800 if i >= 60 else 0) + i / 100} for i, r in enumerate(rows)), key=lambda r: r["at"])  # fmt: skip
    found = compare_readings(held(moved, 0), held(rows, 1))
    assert (found.verdicts["left_missing"][0], found.verdicts["right_missing"][0]) == (0, 0)


def test_short_words_beside_a_change_of_the_clock_may_stand_on_either_side_of_it() -> None:
    rows = chat(60)
    for i in (28, 29):
        rows[i]["text"] = "好的"
    rows[30]["at"] = rows[28]["at"] - 2
    held_rows = [r | {"at": r["at"] - (86_400 if i in {*range(15, 28), 30} else 0)} for i, r in enumerate(rows)]
    found = compare_readings(held(held_rows, 0), held(rows, 1))
    assert (found.verdicts["left_missing"][0], found.verdicts["right_missing"][0]) == (0, 0)


def test_a_stretch_of_short_rows_and_a_telling_one_off_the_clock_differs_in_time_and_lacks_nothing() -> None:
    rows = chat()
    for i, words in zip((21, 22, 24), ("好的", "在吗", "没事"), strict=True):
        rows[i]["text"] = words
    moved = [r | {"at": r["at"] - (3600 if 21 <= i <= 24 else 0)} for i, r in enumerate(rows)]
    found = compare_readings(held(moved, 0), held(rows, 1))
    assert found.verdicts["conflicts"].to_list() == [4]
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement", "conflict"}


def test_a_time_put_later_near_the_beginning_is_no_clock_that_was_set_back() -> None:
    rows = chat()
    for i in range(4):
        rows[i]["text"] = "好"
    altered = [r | {"at": r["at"] + (86_400 if i == 4 else 0)} for i, r in enumerate(rows)]
    found = compare_readings(held(altered, 0), held(rows, 1))
    assert state_of(found, rows[4]["text"], "left") == ("conflict", "time_differs")


def test_two_rows_that_swapped_their_times_differ_in_time_and_not_in_words() -> None:
    rows = chat()
    swapped = [dict(r) for r in rows]
    swapped[20]["text"], swapped[24]["text"] = rows[24]["text"], rows[20]["text"]
    swapped[20]["who"], swapped[24]["who"] = rows[24]["who"], rows[20]["who"]
    rows[20]["text"] = swapped[24]["text"] = "欠条在我手里"
    rows[24]["text"] = swapped[20]["text"] = "下个月一号见面谈"
    found = compare_readings(held(swapped, 0), held(rows, 1))
    causes = found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].cast(pl.String)
    assert causes.to_list() == ["time_differs", "time_differs"]


def test_rows_under_equal_ids_moved_by_one_distance_within_a_chat_differ_in_time(tmp_path: Path) -> None:
    rows = [r | {"text": "好"} if 20 <= i < 26 else r for i, r in enumerate(chat())]
    moved = [r | {"at": r["at"] - 86_400} if 20 <= i < 26 else r for i, r in enumerate(rows)]
    ids = [str(6_116_895_530_414_915_131 + 7_000_000 * i) for i in range(40)]
    table(rows, 0, tmp_path / "a.csv", message_id=ids)
    table(moved, 1, tmp_path / "b.csv", message_id=ids)
    found = compare_readings(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert found.verdicts["conflicts"].to_list() == [6]


def test_a_row_with_a_server_id_next_before_a_refusal_was_not_delivered(tmp_path: Path) -> None:
    rows = chat()
    refusal = {"at": 930, "who": None, "text": "消息已发出，但被对方拒收了。"}
    left = [*rows[:16], shown(930, "钱什么时候还"), refusal, *rows[16:]]
    ids = [str(6_116_895_530_414_915_131 + 7_000_000 * i) for i in range(42)]
    found = compared(left, rows, tmp_path, message_id=ids)
    assert state_of(found, "钱什么时候还", "left") == ("set_aside", "not_delivered")


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ("[文件: 合同2.pdf]", "[文件] 合同1.pdf", "conflicting"),
        ("合同2.pdf", "[文件] 合同1.pdf", "conflicting"),
        ("文件：合同1.pdf", "[文件] 合同1.pdf", "explained_differences"),
    ],
)
def test_files_differ_by_their_names_and_not_by_how_these_are_shown(left: str, right: str, told: str) -> None:
    sides = [[*chat()[:16], shown(930, body, kind="file"), *chat()[16:]] for body in (left, right)]
    assert grade(compare_readings(held(sides[0], 0), held(sides[1], 1))) == told


def test_cards_of_which_each_side_shows_another_without_words_meet_by_their_moment(tmp_path: Path) -> None:
    sides = []
    for owner, cards in enumerate([("", "腾讯云助手"), ("周杰伦", "")]):
        links = [shown(at, body, kind="link") for at, body in zip((930, 991), cards, strict=True)]
        rows = sorted([*chat(), *links], key=lambda r: r["at"])
        kinds = [r.get("kind", "text") for r in rows]
        sides.append(read(table(rows, owner, tmp_path / f"{owner}.csv", kind=kinds)))
    found = compare_readings(sides[0], sides[1])
    assert grade(found) not in ("conflicting", "one_sided")


@pytest.mark.parametrize("telling", [{"media_hash": "9aa2239cda858ff6b626802363837fd0"}, {"amount": "7100.00"}])
def test_an_altered_time_of_a_picture_or_a_payment_is_a_conflict_of_time(
    tmp_path: Path, telling: dict[str, str]
) -> None:
    kind = "image" if "media_hash" in telling else "transfer"
    files = []
    for owner, at in enumerate((930, 930 + 7200)):
        rows = sorted([*chat(), shown(at, "", kind=kind, **telling)], key=lambda r: r["at"])
        cells = {c: [str(r.get(c, "")) for r in rows] for c in ("media_hash", "amount")}
        kinds = [r.get("kind", "text") for r in rows]
        files.append(table(rows, owner, tmp_path / f"{owner}.csv", kind=kinds, **cells))
    found = compare_readings(read(files[0]), read(files[1]))
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].to_list() == [
        "time_differs"
    ]


def test_an_altered_time_of_words_said_thrice_is_a_conflict_of_time() -> None:
    rows = chat(400)
    for i in (20, 90, 160):
        rows[i]["text"] = "欠条我没有写过"
    altered = [r | {"at": r["at"] + 5000} if i == 90 else r for i, r in enumerate(rows)]
    found = compare_readings(held(sorted(altered, key=lambda r: r["at"]), 0), held(rows, 1))
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].to_list() == [
        "time_differs"
    ]
