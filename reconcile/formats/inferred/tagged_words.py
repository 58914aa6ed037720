"""Words below lines that name their kind between brackets, such as `[text]` or `[picture]`."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.mapping import Choice
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.words.segments import TAG
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name

_KIND = "kind of the words"
# Least rows, most different tags, and least share of rows whose tag is a known kind.
_LEAST, _MOST_TAGS, _KNOWN = 6, 20, 0.5
_LINE, _CONFIDENCE = rf"^(?:{TAG})+$", 0.8


def with_kinds_of_tags(plans: Sequence[Plan]) -> list[Plan]:
    """The plans with bare words and a column of kinds, where a tag stands above all words of a list.

    Of a message of several parts the text counts; a quotation above it is no part of its words.
    """
    return [_with_kinds(p) for p in plans]


def _with_kinds(plan: Plan) -> Plan:
    text = plan.inferred.choices.get("text")
    if text is None or "kind" in plan.inferred.choices or text.column not in plan.fields.frame.columns:
        return plan
    words = plan.fields.frame[text.column]
    held = present(words)
    if held.len() < _LEAST:
        return plan
    first = held.str.extract(r"^([^\n]*)", 1)
    tags = first.unique().to_list()
    if len(tags) > _MOST_TAGS or not first.str.contains(_LINE).all():
        return plan
    kinds = {t: k for t in tags if t is not None and (k := kind_of_name(t.strip("[]"))) is not None}
    if Kind.TEXT not in kinds.values() or float(first.is_in([*kinds]).mean() or 0) < _KNOWN:  # type: ignore[arg-type]
        return plan
    frame = plan.fields.frame.with_columns(
        *_parted(words, {t: str(k) for t, k in kinds.items()}, [t for t in tags if t])
    )
    choices = {**plan.inferred.choices, "kind": Choice(_KIND, _CONFIDENCE)}
    return replace(plan, fields=replace(plan.fields, frame=frame), inferred=replace(plan.inferred, choices=choices))


def _parted(words: pl.Series, kinds: dict[str, str], tags: list[str]) -> list[pl.Series]:
    """The words below the tag that counts in each row, and the kind that it names."""
    lines = words.str.split("\n").to_frame("line").with_row_index("at").explode("line")
    is_tag = pl.col("line").is_in(tags)
    lines = lines.with_columns(
        pl.when(is_tag).then("line").forward_fill().over("at").alias("tag"), is_tag.alias("is_tag")
    )
    is_text = pl.col("tag").replace_strict(kinds, default=None, return_dtype=pl.String) == str(Kind.TEXT)
    lines = lines.with_columns(
        pl.when(is_text.any().over("at"))
        .then(pl.col("tag").filter(is_text).first().over("at"))
        .otherwise(pl.col("tag").first().over("at"))
        .alias("counts")
    )
    said = lines.filter(~pl.col("is_tag") & (pl.col("tag") == pl.col("counts")))
    joined = said.group_by("at", maintain_order=True).agg(pl.col("line").str.join("\n"))
    counted = lines.group_by("at", maintain_order=True).agg(pl.col("counts").first())
    told = counted.join(joined, on="at", how="left", maintain_order="left")
    kind = told["counts"].replace_strict(kinds, default=str(Kind.OTHER), return_dtype=pl.String)
    return [
        told["line"].set(words.is_null(), None).alias(words.name),
        kind.set(words.is_null(), None).alias(_KIND),
    ]
