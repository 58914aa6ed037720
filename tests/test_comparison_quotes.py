"""A reply of which one form writes no word stands for the other side's reply, never for a neighbour."""

from pathlib import Path

import polars as pl
import pytest

from reconcile import compare, read

HEAD = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"
PEOPLE = ("wxid_jia0001", "wxid_yi0002")
FIRST = 1_709_254_805
REPLY, MISSING = 12, 13


def sides(folder: Path, *, kinds: bool) -> tuple[Path, Path]:
    """Forty rows; the reply has no words on the left, and the row behind it is missing on the right."""
    ours, theirs = [HEAD], ["sent_at,text,sender,is_self,kind\n"]
    for n in range(40):
        who, at = PEOPLE[n % 3 == 0 if n not in (REPLY, MISSING) else 0], FIRST + 60 * n - 50 * (n == MISSING)
        day = f"2024-03-01 {9 + (n * 60 + 5) // 3600:02d}:{n * 60 // 60 % 60:02d}:05"
        words = f"第{n}批货的图纸和发票都已经送到"
        body = "49,57" if n == REPLY else "1,0"
        ours.append(
            f"{n + 1},2,{body},{int(who == PEOPLE[1])},{at},0,{'' if n == REPLY else words},{day},甲,甲,{who}\n"
        )
        if n != MISSING:
            kind = "quote" if n == REPLY and kinds else "text"
            theirs.append(
                f"{pl.select(pl.from_epoch(pl.lit(at + 28_800))).item():%Y-%m-%d %H:%M:%S},{words},{who},{str(who == PEOPLE[0]).lower()},{kind}\n"
            )
    (folder / "甲_utf8.csv").write_text("".join(ours), "utf-8-sig")
    (folder / "b.csv").write_text("".join(theirs), "utf-8")
    return folder / "甲_utf8.csv", folder / "b.csv"


@pytest.mark.parametrize("kinds", [True, False], ids=["the other form names replies", "it does not"])
def test_wordless_reply_meets_the_reply_and_the_missing_neighbour_is_missing(tmp_path: Path, kinds: bool) -> None:
    left, right = sides(tmp_path, kinds=kinds)
    found = compare(read(left), read(right)).alignment
    apart = found.filter(pl.col("relation").cast(pl.String) != "agreement").select("left_row", "right_row")
    assert apart.rows() == [(MISSING, None)]
    assert found.filter(pl.col("left_row") == REPLY)["right_row"].to_list() == [REPLY]
