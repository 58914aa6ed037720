"""Recall notices that an exporter writes as the client's own XML."""

import polars as pl

from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.kinds import SYSTEM_KINDS, fits_where
from reconcile.wechat.payload.body import read_body


def opened_recalls(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the shown line of such notices as text, and a witness per message they name.

    The XML is kept in `raw_xml`, the named id also in `alias_id`. Notices that show no line stay as they are.
    """
    is_system = pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS])
    kept = rows.select(fits_where(is_system, pl.col("text"), "<revokemsg>").alias("kept"))["kept"].arg_true()
    bodies = [(at, read_body(0, 0, rows["text"][at])) for at in kept]
    opened = [(at, body) for at, body in bodies if body.kind is Kind.RECALL and body.text]
    if not opened:
        return rows, pl.DataFrame()
    places = pl.Series([at for at, _ in opened], dtype=pl.UInt32)
    named = [body.alias_id for _, body in opened]
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    alias = rows["alias_id"].clone() if "alias_id" in rows.columns else nothing.clone()
    witnesses = rows.select(pl.col("locator", "conversation").gather(places)).with_columns(
        pl.lit(str(WitnessKind.RECALL_NOTICE)).alias("witness"), pl.Series("message_id", named, dtype=pl.String)
    )
    changed = rows.with_columns(
        nothing.scatter(places, rows["text"].gather(places)).alias("raw_xml"),
        rows["text"].clone().scatter(places, [body.text for _, body in opened]),
        rows["kind"].clone().scatter(places, [str(Kind.RECALL)] * len(opened)),
        alias.scatter(places, named).alias("alias_id"),
    )
    return changed, witnesses.drop_nulls("message_id")
