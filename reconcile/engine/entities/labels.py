"""The names by which exports tell senders apart, before the two sides are linked."""

import polars as pl

from reconcile.column_ops import collected, hash_key
from reconcile.engine.entities.stated_people import PEER, SELF
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS

# One number per conversation and label. Category codes would differ from frame to frame.
VOICE = pl.when(pl.col("label").is_not_null()).then(hash_key(pl.col("pair"), pl.col("label"))).alias("voice")


def with_label(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `label` and `voice`: the sender's name in this export.

    The owner's unnamed rows share one label, and so do the peer's in a direct chat. Unnamed rows of others in a group
    have no label.
    """
    own = pl.col("is_self").fill_null(value=False)
    # Names recur on every row, and categories are compared once each.
    is_word = pl.lit(frame["sender"].cast(pl.Categorical).is_in(SELF_WORDS))
    label = (
        pl.when(pl.col("sender").is_not_null() & ~is_word).then(pl.col("sender"))
        .when(is_word | own).then(pl.lit(SELF))
        .when(pl.col("is_self").is_not_null() & pl.col("is_direct")).then(pl.lit(PEER))
    )  # fmt: skip
    named = frame.with_columns(pl.when(pl.col("cls") != SYSTEM).then(label).alias("label"))
    return _with_owner_name(named).with_columns(VOICE)


def _with_owner_name(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the owner's name filled in on own rows, where the named own rows share one name."""
    if not (frame["label"] == SELF).any():
        return frame
    is_named = pl.col("is_self") & pl.col("label").is_not_null() & (pl.col("label") != SELF)
    names = frame.lazy().filter(is_named).select("pair", "export", owner_name="label").unique().pipe(collected)
    names = names.filter(pl.len().over("pair", "export") == 1)
    if names.is_empty():
        return frame
    name = pl.when(pl.col("label") == SELF).then(pl.coalesce("owner_name", "label")).otherwise("label")
    return (
        frame.join(names, on=["pair", "export"], how="left", maintain_order="left")
        .with_columns(label=name)
        .drop("owner_name")
    )
