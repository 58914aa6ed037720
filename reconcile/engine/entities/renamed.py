"""Finds names that one member of a group bore one after the other."""

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.entities.owners import ACCOUNT
from reconcile.engine.entities.stated_people import connected_labels
from reconcile.engine.params import PARAMS

_LABELS = ("left_label", "right_label")
Sides = tuple[pl.DataFrame, pl.DataFrame]


def renamed_members(votes: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """pair, left_label, right_label: links between all names of each member who was renamed.

    An export of a group shows the names of the time, or today's. Names that several messages link are one person's where
    on each side one name ends before the next begins, since two people who talk to each other do not take turns so. Two
    accounts are two people.

    Args:
        votes: pair, left_label, right_label, n: common unique messages.
        sides: labelled rows of both sides.
    """
    links = votes.filter(pl.col("n") >= PARAMS.loss_texts)
    crossed = links.filter(pl.any_horizontal(pl.len().over("pair", c) > 1 for c in _LABELS))
    if crossed.is_empty():
        return links.select("pair", *_LABELS).clear()
    links = links.join(crossed.select("pair").unique(), on="pair", how="semi", maintain_order="left")
    links = links.with_columns(person=connected_labels(links))
    names = pl.concat(
        _spans(links, votes, rows, label).with_columns(side=pl.lit(label))
        for rows, label in zip(sides, _LABELS, strict=True)
    )
    in_turn = (pl.col("first") >= pl.col("last").shift().over("person", "side")).fill_null(value=True)
    accounts = pl.col("label").str.starts_with(ACCOUNT).sum().over("person", "side") <= 1
    own = (pl.col("share") >= PARAMS.name_share) & ~pl.col("is_direct")
    told = names.sort("first", "last").with_columns((in_turn & accounts & own).alias("fits"))
    people = told.group_by("person").agg(pl.col("fits").all())
    return links.join(people.filter("fits"), on="person", how="semi", maintain_order="left").select("pair", *_LABELS)


def _spans(links: pl.DataFrame, votes: pl.DataFrame, rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """person, label, is_direct, first and last time of each label on one side, share of its votes here."""
    key = ["pair", name]
    held = links.group_by("person", *key).agg(pl.col("n").sum())
    every = votes.join(held, on=key, how="semi").group_by(key).agg(pl.col("n").sum().alias("every"))
    # A table may be sorted by name, so the times tell more than the places.
    at = pl.coalesce("t", pl.col("row").cast(pl.Int64))
    spoken = rows.lazy().rename({"label": name}).join(held.lazy().select(key), on=key, how="semi")
    spans = spoken.group_by(key).agg(at.min().alias("first"), at.max().alias("last"), pl.col("is_direct").any())
    told = held.join(every, on=key).join(spans.pipe(collected), on=key)
    return told.select(
        "person",
        "first",
        "last",
        "is_direct",
        pl.col(name).alias("label"),
        (pl.col("n") / pl.col("every")).alias("share"),
    )


__all__ = ["renamed_members"]
