"""Where rows without a partner stand among the paired ones."""

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconcile.lookup import of_pair
from reconcile.match.places import display_order, places_of


def _by_counting(partners: list[list[int]], stands: list[list[int]], codes: list[list[int]]) -> list[list[int]]:
    """`x` of the rows without a partner, counted row by row."""
    rows = [range(len(p)) for p in partners]

    def place(right: int) -> int:
        return sum(partners[1][r] >= 0 and stands[1][r] <= stands[1][right] for r in rows[1])

    left = []
    for alone in (i for i in rows[0] if partners[0][i] < 0):
        paired = [i for i in rows[0] if partners[0][i] >= 0 and stands[0][i] < stands[0][alone]]
        last = max(paired, key=lambda i: stands[0][i], default=None)
        start = sum(partners[0][i] >= 0 and codes[0][i] < codes[0][alone] for i in rows[0])
        left.append(max(start, 0 if last is None else place(partners[0][last])))
    return [left, [place(r) for r in rows[1] if partners[1][r] < 0]]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_rows_stand_where_counting_one_by_one_puts_them(data: st.DataObject) -> None:
    sizes = [data.draw(st.integers(0, 8)) for _ in range(2)]
    codes = [data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)) for n in sizes]
    times = [data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)) for n in sizes]
    partners = [[-1] * n for n in sizes]
    for i, code in enumerate(codes[0]):
        free = [j for j, c in enumerate(codes[1]) if c == code and partners[1][j] < 0]
        joined: bool = data.draw(st.booleans())
        if free and joined:
            partners[0][i] = data.draw(st.sampled_from(free))
            partners[1][partners[0][i]] = i
    assume(any(p >= 0 for p in partners[0]))
    arrays = [np.array(c, np.uint32) for c in codes]
    orders = [display_order(np.array(t, np.int64), c) for t, c in zip(times, arrays, strict=True)]
    found = places_of([np.array(p, np.int32) for p in partners], orders, arrays)
    stands = [
        [sorted(range(n), key=lambda i: (c[i], t[i], i)).index(k) for k in range(n)]
        for n, c, t in zip(sizes, codes, times, strict=True)
    ]
    assert [p.x.tolist() for p in found] == _by_counting(partners, stands, codes)


def test_a_pair_that_the_table_lacks_has_no_value() -> None:
    table = pl.DataFrame({"pair": [2, 0], "worth": ["b", "a"]}, schema_overrides={"pair": pl.UInt32})
    pairs = pl.Series([0, None, 2, 1, 5], dtype=pl.UInt32)
    assert of_pair(pairs, table, "worth").to_list() == ["a", None, "b", None, None]
