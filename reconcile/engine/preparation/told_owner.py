"""Tells from how an export names two people which of them owns it."""

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.entities.owners import CALLED
from reconcile.engine.entities.stated_people import peer_names

_KEY = ["pair", "label"]


def with_told_owner(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The rows with `is_self` where only names mark the owner, and with `own_by_name`.

    People give remarks to others only, and the client's notices name the peer. Of two senders of a direct chat the one so
    named is the peer, and the other one the owner. own_by_name: the row's `is_self` rests on this alone.

    Args:
        rows: rows with `label`.
        people: the people whom this export knows (owners.people).
    """
    unmarked = rows.with_columns(pl.lit(value=False).alias("own_by_name"))
    if not rows["is_self"].null_count():
        return unmarked
    spoken = rows.lazy().filter(pl.col("is_direct") & pl.col("label").is_not_null() & pl.col("pair").is_not_null())
    marked = pl.col("is_self").is_not_null().any()
    chats = spoken.group_by("pair").agg(marked.alias("marked"), pl.col("label").n_unique().alias("senders"))
    chats = chats.filter(~pl.col("marked") & (pl.col("senders") == 2))
    labels = spoken.join(chats, on="pair", how="semi").select(_KEY).unique().pipe(collected)
    if labels.is_empty():
        return unmarked
    peers = _peers(rows, labels, people)
    if peers.is_empty():
        return unmarked
    own = labels.join(peers.select("pair").unique(), on="pair").join(
        peers.with_columns(own=pl.lit(value=False)), on=_KEY, how="left"
    )  # fmt: skip
    told = rows.select(_KEY).join(
        own.with_columns(pl.col("own").fill_null(value=True)), on=_KEY, how="left", maintain_order="left"
    )
    by_name = (told["own"].is_not_null() & rows["is_self"].is_null()).alias("own_by_name")
    return rows.with_columns(pl.coalesce("is_self", told["own"]).alias("is_self"), by_name)


def _peers(rows: pl.DataFrame, labels: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """pair, label: the peer of each chat, where one of its two senders is stated to be the peer."""
    known = people.filter(~pl.col("is_owner")).with_row_index("person")
    noticed = peer_names(rows, labels[["pair"]].unique())
    if known.is_empty() and noticed.is_empty():
        return labels.head(0)
    names = known.unpivot(CALLED, index="person", value_name="name")[["person", "name"]].drop_nulls().unique()
    remarked = known.filter(
        (pl.col("remark") != "") & (pl.col("nickname") != "") & (pl.col("remark") != pl.col("nickname"))
    )
    persons = labels.join(names, left_on="label", right_on="name")
    by_remark = persons.join(remarked, on="person", how="semi")
    called = pl.concat([
        labels.with_columns(name=pl.col("label")), persons.join(names, on="person")[[*_KEY, "name"]]
    ]).join(noticed, on=["pair", "name"], how="semi")  # fmt: skip
    told = pl.concat([by_remark[_KEY], called[_KEY]]).unique(maintain_order=True)
    # Two peers of one chat tell nothing.
    return told.filter(pl.len().over("pair") == 1)


__all__ = ["with_told_owner"]
