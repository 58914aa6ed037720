"""Declared stretches: as many as a party likes, each row asked once."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

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
    first = micro(START)
    begins = [None if t is None else first + t * 1_000_000 for t, _ in rows]
    ends = [None if b is None else b + long * 1_000_000 for b, (_, long) in zip(begins, rows, strict=True)]
    alone = [
        any(
            b is not None
            and e is not None
            and (s.from_at is None or micro(s.from_at) <= e)
            and (s.to_at is None or micro(s.to_at) >= b)
            for s in told
        )
        for b, e in zip(begins, ends, strict=True)
    ]
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
