"""A batch finds the two sides of a case by the names that people give them, and says what a folder holds that is no case."""

from pathlib import Path

import pytest

from reconcile.batch.jobs import find_jobs
from reconcile.errors import UnreadableSource
from reconcile.intake.sides import sides_among
from tests.command import run

HEAD = "sent_at,sender,text,message_id\n"
TABLE = HEAD + "".join(f"2024-03-01 09:{n:02}:00,wxid_{'ab'[n % 2]},第{n}条说的是货款,{1000 + n}\n" for n in range(12))


def case(folder: Path, *names: str) -> Path:
    """A case whose entries have these names; one that ends in / is a folder."""
    for name in names:
        entry = folder / (f"{name}聊天.csv" if name.endswith("/") else name)
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(TABLE, "utf-8")
    return folder


NAMES = [
    (("a.csv", "b.csv"), "a.csv", "b.csv"),
    (("A.CSV", "B.csv"), "A.CSV", "B.csv"),
    (("a.csv", "a.json", "b.jsonl"), "a.csv", "b.jsonl"),
    (("a/", "a.csv", "b.csv"), "a", "b.csv"),
    (("原告/", "被告/"), "原告", "被告"),
    (("被告/", "原告/", "说明.txt"), "原告", "被告"),
    (("甲.csv", "乙/"), "甲.csv", "乙"),
    (("甲方/", "乙方/"), "甲方", "乙方"),
    (("A方/", "Ｂ方/"), "A方", "Ｂ方"),
    (("甲方（张三）/", "乙方（李四）/"), "甲方（张三）", "乙方（李四）"),
    (("原告导出.zip", "被告导出.zip"), "原告导出.zip", "被告导出.zip"),
    (("原告.csv", "原告.json", "被告.csv", "原告补充说明.docx"), "原告.csv", "被告.csv"),
    (("申请人/", "被申请人/"), "申请人", "被申请人"),
    (("上诉人/", "被上诉人/", "甲方说明.docx"), "上诉人", "被上诉人"),
    (("Left/", "Right/"), "Left", "Right"),
    (("left_phone.csv", "right pc.csv"), "left_phone.csv", "right pc.csv"),
    (("Plaintiff/", "Defendant/"), "Plaintiff", "Defendant"),
]


@pytest.mark.parametrize(("names", "left", "right"), NAMES)
def test_sides_are_found_by_the_names_that_people_give_them(names: tuple[str, ...], left: str, right: str) -> None:
    found = sides_among([(n.rstrip("/"), n.endswith("/")) for n in names])
    assert (found.left, found.right, found.several) == (left, right, ())


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("a.csv",), "side b is not there; it holds a.csv;"),
        (("原告/",), "side 被告 is not there; it holds 原告/;"),
        (("手机.csv", "电脑.csv"), "no two sides in it; it holds 手机.csv, 电脑.csv;"),
        (("leftover.csv", "bright.csv", "a1.csv", "b2.csv"), "no two sides in it"),
        (("原告手机.csv", "原告电脑.csv", "被告.csv"), "more than one entry for a side (原告手机.csv, 原告电脑.csv)"),
        (("原告/", "被告/", "甲/"), "more than one entry for a side (原告, 甲, 被告)"),
        (("a.csv", "b.csv", "原告/", "被告/"), "more than one entry for a side (a.csv, b.csv, 原告, 被告)"),
    ],
)
def test_a_folder_that_is_no_case_says_what_it_holds(names: tuple[str, ...], said: str, tmp_path: Path) -> None:
    case(tmp_path / "cases" / "案1", *names)
    (job,) = find_jobs(tmp_path / "cases")
    assert said in str(job.problem)


def test_a_folder_that_is_itself_one_case_is_named_as_such(tmp_path: Path) -> None:
    case(tmp_path, "原告/", "被告/")
    with pytest.raises(UnreadableSource, match="holds both sides of one case; run `reconcile compare"):
        find_jobs(tmp_path)


def test_cases_that_have_the_names_of_sides_are_cases_all_the_same(tmp_path: Path) -> None:
    case(tmp_path / "a", "原告/", "被告/")
    case(tmp_path / "b", "原告/", "被告/")
    assert [j.problem for j in find_jobs(tmp_path)] == [None, None]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_terminal_names_the_first_failures_and_why(lang: str, tmp_path: Path) -> None:
    case(tmp_path / "cases" / "案0", "原告/", "被告/")
    for n in range(1, 8):
        case(tmp_path / "cases" / f"案{n}", "手机.csv")
    done = run("batch", tmp_path / "cases", "--out", tmp_path / "out", "--workers", 1, "--lang", lang)
    lines = [line for line in done.stdout.splitlines() if "手机.csv" in line]
    assert [f"案{n}" in line for n, line in enumerate(lines, 1)] == [True] * 5
    assert ("其中没有双方材料" if lang == "zh" else "no two sides in it") in lines[0]
    assert ("另有 2 件" if lang == "zh" else "2 more could not") in done.stdout
    assert done.returncode == 3


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "cases" / "x").mkdir(parents=True)
    (tmp_path / "cases" / "y").mkdir()
    assert ["the folder is empty" in (job.problem or "") for job in find_jobs(tmp_path / "cases")] == [True, True]
