"""Declared stretches: as many as a party likes, each row asked once."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reconcile.case import compare
from reconcile.graph.coverage import micro
from reconcile.graph.declared import met_by
from reconcile.intake.contract import Declared, ReadOptions
from reconcile.intake.sidecar import facts_of, members_of

START = datetime(2024, 3, 1, tzinfo=UTC)
ENDS = st.none() | st.integers(0, 40).map(lambda n: START + timedelta(seconds=n))
SPANS = st.lists(st.tuples(ENDS, ENDS), max_size=8)
TIMES = st.lists(st.tuples(st.none() | st.integers(0, 40), st.integers(0, 5)), min_size=1, max_size=20)


@given(SPANS, TIMES)
def test_stretches_are_met_as_if_each_were_asked_alone(
    spans: list[tuple[datetime | None, datetime | None]], rows: list[tuple[int | None, int]]
) -> None:
    told = [Declared("", a, b) for a, b in spans]
    begins = [None if t is None else micro(START + timedelta(seconds=t)) for t, _ in rows]
    ends = [None if t is None else micro(START + timedelta(seconds=t + long)) for t, long in rows]

    def meets(span: Declared, begin: int | None, end: int | None) -> bool:
        if begin is None or end is None:
            return False
        from_at, to_at = (None if at is None else micro(at) for at in (span.from_at, span.to_at))
        return (from_at is None or from_at <= end) and (to_at is None or to_at >= begin)

    alone = [any(meets(s, b, e) for s in told) for b, e in zip(begins, ends, strict=True)]
    assert met_by(told, pl.Series(begins, dtype=pl.Int64), pl.Series(ends, dtype=pl.Int64)).tolist() == alone


def test_times_of_a_sidecar_are_read_in_every_spelling_at_once() -> None:
    spelt = ["2024-03-01T08:00:00+08:00", "2024/3/1 8:00", 1_709_251_200, 1_709_251_200_000, None, "", "soon"]
    declared = [{"what": "x", "from": v} for v in spelt]
    found = [d.from_at for d in facts_of({"declared": declared}, ReadOptions(), "Asia/Shanghai").declared]
    assert found == [START] * 4 + [None] * 3
    members = members_of(
        {"groups": [{"id": "1@chatroom", "members": [{"id": str(n), "joined_at": v} for n, v in enumerate(spelt)]}]}
    )
    assert [m["joined_at"] for m in members or ()] == found


def test_report_names_a_hundred_declarations_and_counts_the_rest(tmp_path: Path) -> None:
    for side in "ab":
        lines = [f"2024-03-01 09:{n:02d}:05,第{n}条,{'甲乙'[n % 2]}\n" for n in range(10)]
        (tmp_path / f"{side}.csv").write_text("sent_at,text,sender\n" + "".join(lines), "utf-8")
    spans = [{"what": f"清理{n}号", "from": f"2023-01-01 0{n % 10}:00"} for n in range(150)]
    (tmp_path / "a.json").write_text(json.dumps({"declared": spans}), "utf-8")
    compare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert ("清理99号" in page, "清理100号" in page, "另有 50 项" in page) == (True, False, True)
