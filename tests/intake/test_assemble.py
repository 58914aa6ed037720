"""Messages put together from the parts of an export."""

import polars as pl

from reconcile.intake.frames import messages_of


def _part(kind: str, rows: int) -> pl.DataFrame:
    held = {"locator": f"{kind}.json", "text": "一句不短的话，放不进十二个字节", "kind": kind}
    return pl.DataFrame([held] * rows).with_columns(pl.format("{}#{}", "locator", pl.int_range(pl.len())))


def test_rows_of_several_parts_lie_in_one_piece_each() -> None:
    rows = pl.concat([_part("text", 4), _part("image", 5), _part("image", 3)], rechunk=False)
    messages = messages_of(rows.with_columns(conversation=pl.lit("a"), conversation_kind=pl.lit("direct")))
    assert set(messages.n_chunks("all")) == {1}
    assert messages.filter(pl.col("kind") == "image").select(pl.format("{}!", "text")).height == 8
