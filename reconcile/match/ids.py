"""Pairs by ids that both devices hold: the server id, its alias, and ids inside the body; measured before they are believed."""

import polars as pl

from reconcile.match.group import METHOD, no_pairs

# A conversation's ids are used when this share of the rows that they pair also agree in sender class or words.
CONSISTENT_SHARE = 0.6
# From this share of common ids on, two rows with different ids are two messages.
TRUSTED_SHARE = 0.5
_ROUNDED_FORMS = ("float64", "digits15")


def pair_by_id(left: pl.DataFrame, right: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs by server id, alias and body id, and what the ids are worth.

    Ids that stand twice on a side pair nothing here. Rounded ids (a float64 or a spreadsheet's 15 digits on one side) are compared at
    that precision where exact comparison finds little.

    Returns:
        pairs: left_row, right_row, confidence, method (server_id, rounded_id, alias_id, body_id).
        worth: pair, common, share (of the smaller side's ids), form (exact, float64, digits15), is_trusted.
    """
    has_ids = _any_ids(left, right)
    sizes = _sizes(*(f if has_ids else f.head(0) for f in (left, right)))
    chosen, worth = _choose(_joined(left, right, sizes) if has_ids else [], sizes)
    found = [chosen]
    for key, other, method in (
        ("alias_id", "message_id", "alias_id"),
        ("message_id", "alias_id", "alias_id"),
        ("alias_id", "alias_id", "alias_id"),
        ("native_id", "native_id", "body_id"),
    ):
        if left[key].null_count() < left.height and right[other].null_count() < right.height:
            found.append(_by_key(left, right, key, other, method))
    pairs = pl.concat([f for f in found if f.height] or [no_pairs()])
    return pairs.unique("left_row", keep="first", maintain_order=True).unique(
        "right_row", keep="first", maintain_order=True
    ), worth


def _any_ids(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    return left["message_id"].null_count() < left.height and right["message_id"].null_count() < right.height


def _rounded(form: str) -> pl.Expr:
    number = pl.col("message_id").cast(pl.UInt64, strict=False)
    if form == "exact":
        return pl.col("message_id")
    if form == "float64":
        return number.cast(pl.Float64).cast(pl.Decimal(38, 0), strict=False).cast(pl.String)
    return pl.when(number.is_not_null()).then(
        pl.col("message_id").str.slice(0, 15) + pl.col("message_id").str.len_chars().cast(pl.String)
    )


def _once(frame: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    # The class of a body id keeps a payment's two cards apart.
    keyed = (
        frame.lazy()
        .filter(pl.col("pair").is_not_null())
        .select("pair", "row", "cls", "text", "party", key.alias("k"))
        .filter(pl.col("k").is_not_null())
    )
    return (
        keyed.group_by("pair", "k")
        .agg(pl.col("row", "cls", "text", "party").first(), pl.len().alias("n"))
        .filter(pl.col("n") == 1)
        .drop("n")
        .collect()
    )


def _joined(left: pl.DataFrame, right: pl.DataFrame, sizes: pl.DataFrame) -> list[pl.DataFrame]:
    """The pairs of each form; the rounded ones only of conversations whose exact ids could be outdone."""
    exact = _join(left, right, "exact")
    counted = exact.group_by("pair").agg(pl.len().alias("common"), pl.col("is_same").mean().alias("same"))
    # No rounded form finds more than every id of the smaller side, and it counts half.
    settled = counted.join(sizes, on="pair").filter(
        (pl.col("same") >= CONSISTENT_SHARE) & (2 * pl.col("common") >= pl.min_horizontal("n_left", "n_right"))
    )
    rest = sizes.join(settled, on="pair", how="anti")["pair"].implode()
    if not len(rest[0]):
        return [exact]
    few = [f.filter(pl.col("pair").is_in(rest)) for f in (left, right)]
    return [exact, *(_join(few[0], few[1], form) for form in _ROUNDED_FORMS)]


def _sizes(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, n_left, n_right: rows with ids of the conversations that have them on both sides."""
    sizes = [
        f.select("pair", "message_id").filter(pl.col("message_id").is_not_null()).group_by("pair").len(n)
        for f, n in ((left, "n_left"), (right, "n_right"))
    ]
    return sizes[0].join(sizes[1], on="pair")


def _join(left: pl.DataFrame, right: pl.DataFrame, form: str) -> pl.DataFrame:
    both = _once(left, _rounded(form)).join(_once(right, _rounded(form)), on=["pair", "k"], suffix="_right")
    same_words = (pl.col("text") == pl.col("text_right")) | (
        (pl.col("cls") == pl.col("cls_right")) & (pl.col("cls") != 0)
    )
    return both.select(
        "pair",
        pl.col("row").alias("left_row"),
        pl.col("row_right").alias("right_row"),
        same_words.alias("is_same"),
        pl.lit(form).alias("form"),
    )


def _choose(forms: list[pl.DataFrame], sizes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    empty = pl.DataFrame(
        schema={
            "pair": pl.UInt32,
            "common": pl.UInt32,
            "share": pl.Float64,
            "form": pl.String,
            "is_trusted": pl.Boolean,
        }
    )
    if not forms or not any(f.height for f in forms):
        return no_pairs(), empty
    counted = (
        pl.concat(forms).group_by("pair", "form").agg(pl.len().alias("common"), pl.col("is_same").mean().alias("same"))
        .filter(pl.col("same") >= CONSISTENT_SHARE)
        .join(sizes, on="pair")
        .with_columns((pl.col("common") / pl.min_horizontal("n_left", "n_right")).alias("share"))
    )  # fmt: skip
    rank = pl.col("form").replace_strict({"exact": 0, "float64": 1, "digits15": 2}, return_dtype=pl.UInt8)
    # Exact ids win unless a rounded comparison finds far more.
    weight = pl.col("common") / (1 + pl.col("form").ne("exact").cast(pl.Float64))
    best = (
        counted.with_columns(rank.alias("rank"), weight.alias("weight"))
        .sort("pair", "weight", "rank", descending=[False, True, False])
        .unique("pair", keep="first", maintain_order=True)
    )
    rows = pl.concat(forms).join(best.select("pair", "form"), on=["pair", "form"]).sort("left_row")
    method = (
        pl.when(pl.col("form") == "exact").then(pl.lit("server_id", METHOD)).otherwise(pl.lit("rounded_id", METHOD))
    )
    # At a rounded precision two ids may meet by accident: there the words must agree too.
    rows = rows.filter((pl.col("form") == "exact") | pl.col("is_same"))
    pairs = rows.select(
        "left_row",
        "right_row",
        pl.when(pl.col("form") == "exact").then(0.99999).otherwise(0.9995).alias("confidence"),
        method.alias("method"),
    )
    worth = best.select(
        "pair",
        pl.col("common").cast(pl.UInt32),
        "share",
        "form",
        ((pl.col("share") >= TRUSTED_SHARE) & (pl.col("form") == "exact")).alias("is_trusted"),
    )
    return pairs, worth


def _by_key(left: pl.DataFrame, right: pl.DataFrame, key: str, other: str, method: str) -> pl.DataFrame:
    def keyed(column: str) -> pl.Expr:
        if column != "native_id":
            return pl.col(column)
        # Only ids given once per message: one file may honestly be sent twice.
        single = pl.when(pl.col("native_id").str.contains(r"^(?:transfer|packet|call|uuid):")).then(pl.col("native_id"))
        return (
            single + pl.lit("|") + pl.col("payment_state").fill_null("") + pl.lit("|") + pl.col("cls").cast(pl.String)
        )

    a = _once(left.with_columns(keyed(key).alias("k_")), pl.col("k_"))
    b = _once(right.with_columns(keyed(other).alias("k_")), pl.col("k_"))
    return (
        a.join(b, on=["pair", "k"], suffix="_right")
        .select(
            pl.col("row").alias("left_row"),
            pl.col("row_right").alias("right_row"),
            pl.lit(0.9999).alias("confidence"),
            pl.lit(method, METHOD).alias("method"),
        )
        .sort("left_row")
    )
