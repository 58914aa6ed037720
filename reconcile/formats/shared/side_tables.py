"""Rows of client stores' side tables as witnesses of messages."""

from typing import Literal

import polars as pl

from reconcile.formats.shared.client_rows import server_id_text
from reconcile.intake.sqlite.database import Database
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.clock import from_unix


def as_witnesses(
    rows: pl.DataFrame,
    database: Database,
    table: str,
    witness: WitnessKind,
    *,
    at: str = "at",
    unit: Literal["s", "ms"] = "s",
    kind: Kind | None = None,
    **columns: pl.Expr,
) -> pl.DataFrame:
    """Columns of Witnesses of the rows read from a side table.

    `at` names the column that a row's locator ends in. Rows may hold `conversation`, `sender`, `text`, `kind`, `local_id`,
    `id` (a server id), `time` (in `unit`), and `transfer` or `packet` (a payment's id). An empty text and a number below 1
    are null. `columns` give further columns, or replace these.
    """
    texts = (n for n in ("conversation", "sender", "text", "kind") if n in rows.columns)
    made: dict[str, pl.Expr] = {n: pl.when(pl.col(n) != "").then(n) for n in texts}
    if "local_id" in rows.columns:
        made["local_id"] = pl.when(pl.col("local_id") > 0).then("local_id")
    if "id" in rows.columns:
        made["message_id"] = server_id_text("id")
    if "time" in rows.columns:
        made["sent_at"] = from_unix(pl.col("time"), unit)
    for scheme in ("transfer", "packet"):
        if scheme in rows.columns:
            made["native_id"] = pl.when(pl.col(scheme) != "").then(pl.format("{}:{}", pl.lit(scheme), scheme))
    if kind is not None:
        made["kind"] = pl.lit(str(kind))
    place = pl.lit(f"{database.label}#{table}")
    locator = pl.format("{}/{}", place, pl.col(at).cast(pl.String).fill_null(""))
    return rows.select(**{"witness": pl.lit(str(witness)), "locator": locator, **made, **columns})
