"""Messages that one cell of a table made by hand holds in another order, or with rows between them."""

import polars as pl
import pytest

from reconcile.engine.preparation.merged_messages import join_merged
from reconcile.wechat.kind_classes import CALL, SECONDS, WORDS
from tests.build.chats import Row, as_tables, drawn_chat
from tests.build.together import Comparing

A, B, C = "行，那就按10000块算", "收据丢了，补一张吧", "转人工～"


def _rows(*told: tuple[int, str], who: int = 0, cls: int = WORDS) -> pl.DataFrame:
    n = len(told)
    return pl.DataFrame({
        "pair": pl.Series([0] * n, dtype=pl.UInt32), "sender": [f"wxid_{who}"] * n, "is_self": [who == 0] * n,
        "t": [t * SECONDS for t, _ in told], "cls": pl.Series([cls] * n, dtype=pl.UInt8), "text": [text for _, text in told],
        "row": pl.Series(range(n), dtype=pl.UInt32), "is_repeat": [False] * n, "rejoined": [False] * n, "seams": pl.Series([0] * n, dtype=pl.UInt8), "twin": pl.Series([None] * n, dtype=pl.UInt32), "copy_of": pl.Series([None] * n, dtype=pl.UInt32),
        "amount": pl.Series([None] * n, dtype=pl.String), "file_name": pl.Series([None] * n, dtype=pl.String),
    })  # fmt: skip


def _kept(rows: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    return join_merged(rows, other)[0].filter(~pl.col("is_repeat")).sort("t")["text"].to_list()


def test_messages_that_a_cell_holds_in_another_order_are_one_in_its_order() -> None:
    cell = f"{B}\n{C}\n{A}"
    assert _kept(_rows((0, A), (9, B), (9, C)), _rows((0, cell))) == [cell]


@pytest.mark.parametrize("between", ["；", " / "])
def test_a_cell_without_lines_may_part_its_messages_by_signs(between: str) -> None:
    assert _kept(_rows((0, A), (9, B)), _rows((0, between.join([B, A])))) == [between.join([B, A])]


@pytest.mark.parametrize(
    "row", [_rows((5, "[语音通话]"), cls=CALL), _rows((5, "稍等"), who=1)], ids=["call", "another"]
)
def test_a_row_between_them_parts_no_messages_of_one_cell(row: pl.DataFrame) -> None:
    rows = pl.concat([_rows((0, A)), row, _rows((9, B))])
    assert _kept(rows, pl.concat([_rows((0, f"{A}\n{B}")), row])) == [f"{A}\n{B}", *row["text"]]


def test_a_row_that_a_known_tool_wrote_holds_no_messages_with_others_between_them() -> None:
    rows = pl.concat([_rows((0, A)), _rows((5, "稍等"), who=1), _rows((9, B))])
    joined, _ = join_merged(rows, _rows((0, f"{A}\n{B}")), is_by_hand=False)
    assert not joined["is_repeat"].any()


def test_a_message_of_several_lines_may_be_a_part_of_a_cell() -> None:
    cell = f"{B}\n户名：姜永刚\n账号：6541\n{A}"
    assert _kept(_rows((0, A), (5, "户名：姜永刚\n账号：6541"), (9, B)), _rows((0, cell))) == [cell]


def test_each_message_is_in_one_cell() -> None:
    rows = _rows((0, A), (9, B), (3600, A), (3609, B))
    cell = f"{B}\n{A}"
    assert _kept(rows, _rows((0, cell), (3600, A), (3609, B))) == [cell, A, B]
    assert _kept(rows, _rows((0, cell), (3600, cell))) == [cell, cell]


def test_messages_months_from_a_cell_by_the_clock_of_the_other_messages_are_no_part_of_it() -> None:
    others = [(100 * i, f"第{i}批货已经送到") for i in range(4)]
    rows = pl.concat([_rows(*others), _rows((9_000_000, A), (9_000_009, B))])
    cells = _rows(*[(t + 7200, text) for t, text in others], (7250, f"{B}；{A}"))
    assert _kept(rows, cells) == rows["text"].to_list()


def test_a_message_with_a_row_of_its_own_is_no_line_with_other_signs() -> None:
    rows = _rows((0, "转人工。"), (9, A))
    assert _kept(rows, _rows((0, f"{A}\n转人工～"), (5, "转人工。"))) == rows["text"].to_list()


@pytest.mark.parametrize(
    "cell", [f"{B}\n不行\n{A}", f"{B}\n{A}0"], ids=["a line that is nowhere", "an altered line"]
)  # fmt: skip
def test_a_cell_with_another_line_joins_nothing(cell: str) -> None:
    assert _kept(_rows((0, A), (9, B)), _rows((0, cell))) == [A, B]


def test_messages_hours_apart_are_not_one_cell() -> None:
    assert _kept(_rows((0, A), (3600, B)), _rows((0, f"{B}\n{A}"))) == [A, B]


def test_of_more_places_than_cells_the_one_at_the_cells_time_on_the_other_clock_is_joined() -> None:
    day, ahead = 86_400, 7200
    plain = [(i * day, i * day + ahead, f"第{i}批货") for i in range(3)]
    rows = _rows(
        *(m for t, _, x in plain for m in ((t, x), (t + 9, "好"))),
        (4 * day, "在"),
        (4 * day + 9, "好"),
        (6 * day, "在"),
        (6 * day + 200, "好"),
    )
    other = [(t, f"{x}\n好") for _, t, x in plain]
    late = _rows(*other, (4 * day + ahead, "在"), (4 * day + ahead + 9, "好"), (6 * day + ahead, "在\n好"))
    assert _kept(rows, late)[-3:] == ["在", "好", "在\n好"]
    far = _rows(*other, (400 * day, "在\n好"))
    assert _kept(rows, far)[-4:] == ["在", "好", "在", "好"]


def _chat(change: dict[str, str | None], cells: tuple[int, ...] = (20,)) -> tuple[list[Row], list[Row]]:
    """A chat, and its table in which three rows from each of these are one disordered cell."""
    inside = {i + n for i in cells for n in range(3)}
    rows = [r | {"who": 1} if i in inside else r for i, r in enumerate(drawn_chat())]
    table = [r for i, r in enumerate(rows) if i not in inside or i in cells]
    for i in cells:
        texts = [str(rows[n]["text"]) for n in (i + 2, i, i + 1)]
        lines = filter(None, (change.get("line", t) if n == 1 else t for n, t in enumerate(texts)))
        table[table.index(rows[i])] = rows[i] | {"text": "\n".join(lines)}
    return rows, table


@pytest.mark.parametrize(
    ("change", "cells", "grades"),
    [
        ({}, (8, 20, 32), {"explained_differences", "no_gap_found"}),
        ({}, (20,), {"cannot_determine"}),
        ({"line": None}, (20,), {"conflicting", "one_sided"}),
        ({"line": "我没有说过这个"}, (20,), {"conflicting", "one_sided"}),
    ],
    ids=["several cells", "one cell", "a line left out", "a line altered"],
)  # fmt: skip
def test_cells_in_another_order_are_clean_where_several_are_and_their_manipulated_twin_is_not(
    change: dict[str, str | None], cells: tuple[int, ...], grades: set[str]
) -> Comparing:
    found = yield as_tables(*_chat(change, cells))
    assert set(found.verdicts["grade"].cast(pl.String)) <= grades
