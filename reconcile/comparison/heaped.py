"""Rows alone on both sides that follow each other alike: on one side at one moment, at which its device got them, on the other as they were written."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from reconcile.intake.contract import FormLimits
from reconcile.match.glance import surely_differ
from reconcile.match.heaps import in_heap
from reconcile.match.judgement import SideForm
from reconcile.match.substance import judge_pair
from reconcile.vocabulary import Relation
from reconcile.wechat.classes import OTHER, SECONDS, SHARED, SYSTEM, WORDS

# Held side by side are so many rows of one sender at most, one by one: more would be a material made for it.
MOST_HELD = 40_000
# What came in late was written before; the clocks of the two sides differ by so much at most once they are aligned.
_SLACK = 60 * SECONDS
BODY = ("text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url")
_FORM = SideForm(FormLimits(), None)
Row = dict[str, Any]


def may_be_one_of_heap(
    alone: pl.DataFrame, open_lacking: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame
) -> pl.Series:
    """Row numbers of rows alone that stand in a heap of their side, or were written before one of the lacking side, and have their like there in the same order.

    alone, open_lacking: the rows without a partner of one side and of the other, with `raw_t` and `t` (`t_other` of alone is on the other side's
    clock). Half of a sender's heap at least must have its like: what a device stamped later it stamped so throughout.
    """
    mine, theirs = _spoken(alone), _spoken(open_lacking)
    heaps = [f.filter(in_heap(f["pair"], f["raw_t"], whole)) for f, whole in ((mine, holder), (theirs, lacking))]
    found: list[int] = []
    for mine_heaped in (True, False):
        heap, rest = (heaps[0], theirs) if mine_heaped else (heaps[1], mine)
        met = [pair for part in _parts(heap, rest) for pair in _in_order(*part)]
        found += [late if mine_heaped else early for late, early in met]
    return pl.Series(sorted(set(found)), dtype=pl.UInt32)


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    moment = pl.col("t_other" if "t_other" in rows.columns else "t").alias("moment")
    timed = (
        pl.col("raw_t").is_not_null() & ~pl.col("is_filled") & (pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null()
    )
    return rows.filter(timed).select("pair", "party", "row", "raw_t", moment, *BODY)


def _parts(heap: pl.DataFrame, rest: pl.DataFrame) -> Iterator[tuple[list[Row], list[Row]]]:
    """Each sender's rows of a heap, and those of the other side that he wrote before it, both as written."""
    if heap.is_empty() or rest.is_empty():
        return
    # Few chats have rows left that came in at one moment.
    people = rest.filter(pl.col("pair").is_in(heap["pair"].implode())).partition_by("pair", "party", as_dict=True)
    for key, held in heap.sort("raw_t", "row").partition_by("pair", "party", as_dict=True).items():
        theirs = people.get(key)
        if theirs is None or held.height < 2:
            continue
        before = theirs.filter(pl.col("moment") <= pl.lit(held["moment"]).max() + _SLACK).sort("raw_t", "row")
        if before.height and held.height * before.height <= MOST_HELD:
            yield held.to_dicts(), before.to_dicts()


def _in_order(heap: list[Row], written: list[Row]) -> list[tuple[int, int]]:
    """The most rows of both that are alike in the order of both; none where less than half of the heap are."""
    alike = [[_may_be_one(a, b) for b in written] for a in heap]
    best = [[0] * (len(written) + 1) for _ in range(len(heap) + 1)]
    for i in range(len(heap) - 1, -1, -1):
        for j in range(len(written) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + alike[i][j])
    if 2 * best[0][0] < len(heap):
        return []
    met, i, j = [], 0, 0
    while i < len(heap) and j < len(written):
        if alike[i][j] and best[i][j] == 1 + best[i + 1][j + 1]:
            met.append((heap[i]["row"], written[j]["row"]))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return met


def _may_be_one(one: Row, other: Row) -> bool:
    """Whether two rows may be of one message: nothing that both show differs, and no words stand against a picture."""
    spoken = [r["cls"] == WORDS and bool(r["text"].strip()) for r in (one, other)]
    classes = {one["cls"], other["cls"]}
    if OTHER not in classes and (
        spoken[0] != spoken[1] or (len(classes) > 1 and WORDS not in classes and not classes <= {*SHARED})
    ):
        return False
    return not surely_differ(one, other) and judge_pair(one, other, _FORM, _FORM).relation is Relation.AGREEMENT
