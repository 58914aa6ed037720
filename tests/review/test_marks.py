"""Bookmarks, tags, rows to be masked, and the second review."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import polars as pl

from reconcile.custody.atomic_folder import writing
from reconcile.review.store import CaseFolder
from tests.review.attacks import ATTACKS
from tests.review.build import ME, dispute, write
from tests.review.client import Client, serving

CONFLICT = {"left": 20, "right": 20}


def mark(client: Client, **what: Any) -> Any:
    return client.post("/api/mark", {"conversation": 0} | what)


def line_numbers(client: Client, **query: Any) -> list[int]:
    found = client.get(f"/api/lines?{urlencode({'c': 0, 'count': 400} | query)}")["lines"]
    return [line["line"] for line in found]


def test_marks_are_written_filtered_by_and_taken_away(client: Client, folder: Path) -> None:
    assert mark(client, **CONFLICT, is_bookmarked=True, tags=["借款", "金额"]).status == 200
    assert mark(client, left=22, is_masked=True).status == 200
    assert line_numbers(client, mark="bookmark") == line_numbers(client, tag="金额") == [20]
    assert line_numbers(client, mark="mask") == [22]
    told = client.get("/api/choices?c=0")
    assert [t["code"] for t in told["tags"]] == ["借款", "金额"]
    assert client.get("/api/line?c=0&line=20")["mark"]["tags"] == ["借款", "金额"]
    assert mark(client, **CONFLICT).status == 200
    assert line_numbers(client, mark="bookmark") == []
    assert len(orjson.loads((folder / "marks.json").read_bytes())["marks"]) == 1


def test_marks_of_what_is_no_line_are_refused(client: Client, folder: Path) -> None:
    for rows in ({}, {"left": 20}, {"left": 20, "right": 19}, {"left": 9999}, {"right": 0, "left": 1}):
        assert mark(client, **rows, is_bookmarked=True).status == 404
    assert mark(client, **CONFLICT, tags=["x" * 41]).status == 400
    assert mark(client, **CONFLICT, tags=[str(n) for n in range(13)]).status == 400
    assert not (folder / "marks.json").exists()


def test_marks_outlast_another_comparison(client: Client, folder: Path) -> None:
    mark(client, **CONFLICT, is_bookmarked=True)
    with writing(folder, overwrite=True) as draft:
        (draft / "manifest.json").write_bytes(b"{}")
    assert (folder / "marks.json").is_file()


def test_hostile_tags_stay_words(client: Client) -> None:
    for attack in ATTACKS:
        assert mark(client, **CONFLICT, tags=[attack[:40]]).status in {200, 400}
    assert client.get("/api/choices?c=0")["tags"]


def test_marks_of_another_run_wait_and_a_broken_file_is_told(client: Client, folder: Path) -> None:
    mark(client, **CONFLICT, is_bookmarked=True)
    stored = orjson.loads((folder / "marks.json").read_bytes())
    stored["marks"][0]["basis"] = "another"
    (folder / "marks.json").write_bytes(orjson.dumps(stored))
    assert line_numbers(client, mark="bookmark") == []
    mark(client, left=22, is_bookmarked=True)
    assert len(orjson.loads((folder / "marks.json").read_bytes())["marks"]) == 2
    (folder / "marks.json").write_bytes(b"{")
    assert mark(client, **CONFLICT).json["error"] == "marks_unreadable"


def test_a_second_reviewer_finds_what_others_judged_and_where_they_differ(client: Client) -> None:
    first = client.judge(judgement="same", **CONFLICT, reviewer="甲")
    assert line_numbers(client, state="second", reviewer="乙") == [20]
    assert line_numbers(client, state="second", reviewer="甲") == []
    again = {"seen": [first.json["id"]], "note": "另有原件"}
    second = client.judge(judgement="not_same", **CONFLICT, reviewer="乙", **again)
    assert line_numbers(client, state="disputed") == [20]
    assert client.get("/api/line?c=0&line=20")["second"] == "disputed"
    assert client.post("/api/undo", {"id": second.json["id"], "reviewer": "乙"}).status == 200
    assert line_numbers(client, state="disputed") == []
    client.judge(judgement="same", **CONFLICT, reviewer="乙", seen=[first.json["id"]])
    assert client.get("/api/line?c=0&line=20")["second"] == "agreed"
    assert line_numbers(client, state="second", reviewer="丙") == [20]


def test_an_amount_is_found_in_every_spelling(tmp_path: Path) -> None:
    book = dispute()
    book.both("c1", 90, "年底前还八万")
    book.both("c1", 91, "那张 80,000 的收条")
    book.both("c1", 92, "不是 180000")
    with serving(write(tmp_path / "case", book)) as client:
        found = client.get(f"/api/lines?{urlencode({'c': 0, 'words': '8万'})}")
        assert [line["left"]["text"][:4] for line in found["lines"]] == ["年底前还", "那张 8"]
        assert found["pattern"]
        assert len(line_numbers(client, words="20000.00")) == 1


def test_a_contacts_name_stands_for_an_account(tmp_path: Path) -> None:
    folder = write(tmp_path / "case", dispute(), {"c1": None, "c2": None, "c3": None})  # type: ignore[dict-item]
    contacts = {"side": "left", "id": "c1", "alias": None, "remark": None, "nickname": "何俊"}
    pl.DataFrame([contacts], schema_overrides={"alias": pl.String, "remark": pl.String}).write_parquet(
        folder / "contacts.parquet"
    )
    case = CaseFolder(folder)
    assert case.name_of(case.verdicts[0]) == "何俊"
    assert case.called[ME] == "张伟"


def test_not_the_same_says_that_the_other_side_has_none_only_of_a_row_without_counterpart(client: Client) -> None:
    client.judge(judgement="not_same", **CONFLICT, reviewer="甲", note="另有原件")
    client.judge(judgement="not_same", left=22, reviewer="甲")
    table = client.ask("GET", "/export/decisions.csv", client.own).body.decode("utf-8-sig")
    assert ["对方没有此条" in line for line in table.splitlines()[1:]] == [False, True]
