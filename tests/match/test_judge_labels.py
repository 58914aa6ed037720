"""Senders whom nothing ties: what their names on both sides tell of single rows."""

from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from reconcile.match.align import Aligned
from reconcile.match.judge import _judge_labels
from reconcile.match.relations import JUDGED


@pytest.mark.parametrize(
    ("left", "right", "doubtful"),
    [
        ("AACACC", "XXXYYY", [2, 3]),
        ("AACCC", "XXXYY", [2]),
        ("AAACC", "XXYYY", [2]),
        ("AAACC", "XXYXX", []),
        ("AAAAA", "XXYYY", []),
        ("AAC", "XXX", []),
    ],
    ids=[
        "two rows with each other's names",
        "one row beside the name of another",
        "the same on the other side",
        "a person who was renamed for one row",
        "two of one name",
        "a name that stands once",
    ],
)
def test_a_row_whose_two_names_each_stand_beside_another_one_more_often_is_in_doubt(
    left: str, right: str, doubtful: list[int]
) -> None:
    n = len(left)
    rows = pl.int_range(n, dtype=pl.UInt32, eager=True)
    judged = pl.DataFrame({"pair": [0] * n, "left_row": rows, "right_row": rows, "party": [None] * n, "party_right": [None] * n, "cls": [0] * n, "cls_right": [0] * n, "relation": ["agreement"] * n, "cause": [None] * n, "detail": [None] * n})  # fmt: skip
    judged = judged.cast({c: JUDGED[c] for c in ("relation", "cause", "detail")})
    aligned: Any = SimpleNamespace(left=pl.DataFrame({"label": list(left)}), right=pl.DataFrame({"label": list(right)}))
    told = _judge_labels(judged, cast("Aligned", aligned))
    assert told.filter(pl.col("relation") == "doubtful")["left_row"].to_list() == doubtful
