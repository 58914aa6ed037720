"""Compares what two client notices of one event state beside the names of the parties."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.selective import Component, changed
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.text import canonical_text

# Names of people, and the name that a group was given.
_IN_QUOTES, _GROUP_NAME = r"[\"“][^\"“”\n]*[\"”]", r"群名(?:称)?[为是]?\s*[\"“「]([^\"”」\n]+)"


def notices_of(agreed: pl.DataFrame) -> Iterator[Component]:
    """The numbers and the names of groups in which two notices of one event differ."""
    both = agreed.filter((pl.col("cls") == SYSTEM) & (pl.col("cls_right") == SYSTEM))
    if both.is_empty():
        return
    numbers, names = [], []
    for column in ("text", "text_right"):
        bare = pl.col(column).str.replace_all(_IN_QUOTES, "").str.replace_all(",", "")
        found = bare.str.extract_all(r"\d+(?:\.\d+)?").list.join(" ").str.replace_all(r"\.0+\b", "")
        numbers.append(pl.when(found != "").then(found))
        names.append(canonical_text(pl.col(column).str.extract(_GROUP_NAME, 1)))
    for name, (left, right) in (("number", numbers), ("title", names)):
        yield changed(name, both.with_columns((left != right).alias("is_unlike")).drop_nulls("is_unlike"))


__all__ = ["notices_of"]
