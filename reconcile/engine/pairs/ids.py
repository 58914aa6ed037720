"""Pairs records by ids that both devices hold: server id, alias, body id; each is tested before use."""

import polars as pl

from reconcile.column_ops import collected, gather_by_pair, listed
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import METHOD, no_pairs
from reconcile.parallel import run_both_sides
from reconcile.wechat.text import canonical_text

# Where two find the same number of pairs, the first in this order is used.
_FORMS = ("exact", "float64", "digits15")


_WORTH = {"pair": pl.UInt32, "common": pl.UInt32, "share": pl.Float64, "form": pl.String, "is_trusted": pl.Boolean}


def pair_by_id(left: pl.DataFrame, right: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs by server id, alias and body id, and how far the ids of each conversation can be trusted.

    Ids that occur twice on a side pair nothing. Rounded ids (float64, or a spreadsheet's 15 digits on one side) are
    compared at that precision where exact comparison finds little.

    Returns:
        pairs: left_row, right_row, method (server_id, rounded_id, alias_id, body_id).
        worth: pair, common, share (of the smaller side's ids), form (exact, float64, digits15), is_trusted.
    """
    chosen, worth = no_pairs(), pl.DataFrame(schema=_WORTH)
    if _both_have_ids(left, right):
        sizes = _id_counts(left, right)
        chosen, worth = _choose_forms(_pairs_of_forms(left, right, sizes), sizes)
    found = [chosen]
    for key, other, method in (
        ("alias_id", "message_id", "alias_id"),
        ("message_id", "alias_id", "alias_id"),
        ("alias_id", "alias_id", "alias_id"),
        ("native_id", "native_id", "body_id"),
    ):
        if left[key].null_count() < left.height and right[other].null_count() < right.height:
            found.append(_pairs_by_key(left, right, key, other, method))
    some = [f for f in found if f.height] or [no_pairs()]
    if len(some) == 1:
        # Each frame is one-to-one.
        return some[0], worth
    pairs = pl.concat(some)
    return pairs.unique("left_row", keep="first", maintain_order=True).unique(
        "right_row", keep="first", maintain_order=True
    ), worth


def _both_have_ids(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    return left["message_id"].null_count() < left.height and right["message_id"].null_count() < right.height


def id_at_precision(form: str, column: str = "message_id") -> pl.Expr:
    """The id in a form of `_FORMS`: exact, rounded to a float, or its first 15 digits and its length."""
    number = pl.col(column).cast(pl.UInt64, strict=False)
    if form == "exact":
        return pl.col(column)
    if form == "float64":
        return number.cast(pl.Float64).cast(pl.Decimal(38, 0), strict=False).cast(pl.String)
    return pl.when(number.is_not_null()).then(
        pl.col(column).str.slice(0, 15) + pl.col(column).str.len_chars().cast(pl.String)
    )


def _unique_keys(frame: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """number, pair, row, cls, text, k of rows with a key unique in their conversation.

    `number` is a hash, so equal numbers may still be two keys.
    """
    # The class separates the two cards of one payment, which share a body id.
    keyed = frame.lazy().filter(pl.col("pair").is_not_null()).select("pair", "row", "cls", "text", key.alias("k"))
    keyed = keyed.filter(pl.col("k").is_not_null())
    number = pl.col("k").hash(seed=11) ^ (pl.col("pair").cast(pl.UInt64) * 0x1E3779B97F4A7C15)
    told = keyed.with_columns(number.alias("number")).pipe(collected)
    single = told["number"].is_unique()
    if single.all():
        return told
    again = told.filter(~single)
    return pl.concat([told.filter(single), again.filter(pl.struct("pair", "k").is_unique())])


def _rows_of_equal_key(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Rows of both sides with the same key; each key occurs once per side."""
    both = left.join(right, on="number", suffix="_right", maintain_order="left")
    return both.filter((pl.col("pair") == pl.col("pair_right")) & (pl.col("k") == pl.col("k_right")))


def _pairs_of_forms(left: pl.DataFrame, right: pl.DataFrame, sizes: pl.DataFrame) -> list[pl.DataFrame]:
    """The pairs of each form of id; rounded ones only where exact ids could find fewer."""
    exact = _pairs_of_form(left, right, "exact")
    counted = exact.group_by("pair").agg(pl.len().alias("common"), pl.col("is_same").mean().alias("same"))
    # A rounded form can find at most every id of the smaller side, and counts half.
    settled = counted.join(sizes, on="pair").filter(
        (pl.col("same") >= PARAMS.id_consistent_share)
        & (2 * pl.col("common") >= pl.min_horizontal("n_left", "n_right"))
    )
    rest = sizes.join(settled, on="pair", how="anti")["pair"].implode()
    if not len(rest[0]):
        return [exact]
    few = [f.filter(pl.col("pair").is_in(rest)) for f in (left, right)]
    return [exact, *(_pairs_of_form(few[0], few[1], form) for form in _FORMS[1:])]


def _id_counts(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, n_left, n_right: rows with ids, of conversations with ids on both sides."""
    sizes = [
        f[["pair", "message_id"]].filter(pl.col("message_id").is_not_null()).group_by("pair").len(n)
        for f, n in ((left, "n_left"), (right, "n_right"))
    ]
    return sizes[0].join(sizes[1], on="pair")


def _pairs_of_form(left: pl.DataFrame, right: pl.DataFrame, form: str) -> pl.DataFrame:
    """Pairs of equal ids at a precision, and whether their texts agree."""
    sides = run_both_sides(
        lambda side: _unique_keys((left, right)[side], id_at_precision(form)), left.height + right.height
    )
    both = _rows_of_equal_key(sides[0], sides[1])
    same_words = (pl.col("text") == pl.col("text_right")) | (
        (pl.col("cls") == pl.col("cls_right")) & (pl.col("cls") != 0)
    )
    both = both.with_columns(same_words.alias("is_same"))
    return _respelt(both).select(
        "pair",
        pl.col("row").alias("left_row"),
        pl.col("row_right").alias("right_row"),
        "is_same",
        pl.lit(_FORMS.index(form), dtype=pl.UInt8).alias("form"),
    )


def _respelt(both: pl.DataFrame) -> pl.DataFrame:
    """The rows with `is_same` also by canonical text, in conversations with few equal raw texts.

    A format may respell or cut every text.
    """
    poor = (
        both.group_by("pair")
        .agg(pl.col("is_same").mean())
        .filter(pl.col("is_same") < PARAMS.id_consistent_share)["pair"]
    )
    if poor.is_empty():
        return both
    asked = pl.col("pair").is_in(listed(poor)) & ~pl.col("is_same").fill_null(value=False)
    a, b = (canonical_text(pl.col(c)).str.replace_all(r"\s+", "") for c in ("text", "text_right"))
    spelt = both.filter(asked).select("pair", "row", a.alias("a"), b.alias("b"))
    cut = (pl.col("a") != "") & (pl.col("b") != "") & (pl.col("a").str.starts_with(pl.col("b")) | pl.col("b").str.starts_with(pl.col("a")))  # fmt: skip
    same = spelt.filter((pl.col("a") == pl.col("b")) | cut)["row"]
    return both.with_columns((pl.col("is_same") | (asked & pl.col("row").is_in(listed(same)))).alias("is_same"))


def _choose_forms(forms: list[pl.DataFrame], sizes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of the precision that fits each conversation best, and how far it is trusted."""
    if not any(f.height for f in forms):
        return no_pairs(), pl.DataFrame(schema=_WORTH)
    told = [
        f.group_by("pair", "form").agg(pl.len().alias("common"), pl.col("is_same").mean().alias("same")) for f in forms
    ]
    counted = (
        pl.concat(told).filter(pl.col("same") >= PARAMS.id_consistent_share)
        .join(sizes, on="pair")
        .with_columns((pl.col("common") / pl.min_horizontal("n_left", "n_right")).alias("share"))
    )  # fmt: skip
    is_exact = pl.col("form") == 0
    # Exact ids win unless a rounded comparison finds far more.
    weight = pl.col("common") / (1 + (~is_exact).cast(pl.Float64))
    best = (
        counted.with_columns(weight.alias("weight"))
        .sort("pair", "weight", "form", descending=[False, True, False])
        .unique("pair", keep="first", maintain_order=True)
    )
    rows = pl.concat([f.filter(gather_by_pair(f["pair"], best, "form") == f["form"]) for f in forms])
    # Two rounded ids may be equal by accident, so the text must agree too.
    rows = rows.filter(is_exact | pl.col("is_same"))
    rows = rows if rows["left_row"].is_sorted() else rows.sort("left_row")
    pairs = rows.select(
        "left_row",
        "right_row",
        pl.when(is_exact).then(pl.lit("server_id", METHOD)).otherwise(pl.lit("rounded_id", METHOD)).alias("method"),
    )
    worth = best.select(
        "pair",
        pl.col("common").cast(pl.UInt32),
        "share",
        pl.Series(_FORMS)[best["form"]].alias("form"),
        ((pl.col("share") >= PARAMS.id_trusted_share) & is_exact).alias("is_trusted"),
    )
    return pairs, worth


def _pairs_by_key(left: pl.DataFrame, right: pl.DataFrame, key: str, other: str, method: str) -> pl.DataFrame:
    """Pairs by a unique key of one column on the left and another on the right."""

    def key_column(column: str) -> pl.Expr:
        if column != "native_id":
            return pl.col(column)
        # Only ids given once per message: one file may honestly be sent twice.
        single = pl.when(pl.col("native_id").str.contains(r"^(?:transfer|packet|call|uuid):")).then(pl.col("native_id"))
        return (
            single + pl.lit("|") + pl.col("payment_state").fill_null("") + pl.lit("|") + pl.col("cls").cast(pl.String)
        )

    a = _unique_keys(left.with_columns(key_column(key).alias("k_")), pl.col("k_"))
    b = _unique_keys(right.with_columns(key_column(other).alias("k_")), pl.col("k_"))
    return (
        _rows_of_equal_key(a, b)
        .select(
            pl.col("row").alias("left_row"),
            pl.col("row_right").alias("right_row"),
            pl.lit(method, METHOD).alias("method"),
        )
        .sort("left_row")
    )
