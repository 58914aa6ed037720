"""Like messages under two server ids: two messages where their sender's bear one id on both sides throughout."""

import polars as pl

from reconcile.wechat.classes import OWN_IDS, SECONDS

# A sender's ids tell his messages apart where to each like pair under two ids so many common messages bear one.
LEAST_COMMON = 10
# What a doubtful pair states unlike on either side (match.beside).
UNLIKE = ("duration", "address", "title", "quoted")


def bear_two_ids(trusted: pl.Series) -> pl.Expr:
    """Whether two rows side by side state two server ids, in a conversation whose ids are trusted and of a kind that has one id on both sides."""
    differ = (pl.col("message_id") != pl.col("message_id_right")).fill_null(value=False)
    return pl.col("pair").is_in(trusted.implode()) & differ & ~pl.col("cls").is_in(OWN_IDS)


def of_two_messages(asked: pl.DataFrame, common: pl.DataFrame) -> pl.DataFrame:
    """Those of the pairs under two ids (`pair`, `party`) whose sender's ids tell.

    common: pair, party of every pair of rows that one server id brought together.
    """
    sizes = common.join(asked.select("pair", "party").unique(), on=["pair", "party"], how="semi", nulls_equal=True)
    sizes = sizes.group_by("pair", "party").len("common")
    counted = asked.group_by("pair", "party").len("apart").join(sizes, on=["pair", "party"], nulls_equal=True)
    told = counted.filter(pl.col("common") >= LEAST_COMMON * pl.col("apart"))
    return asked.join(told, on=["pair", "party"], how="semi", maintain_order="left", nulls_equal=True)


def two_messages(asked: pl.DataFrame, judged: pl.DataFrame) -> pl.Series:
    """`left_row` of those judged pairs under two ids that lie farther apart than the clocks explain, or state unlike lengths, titles or quotes.

    Equal words at one moment may be one message that a tool gave another id.
    """
    moment = 2 * pl.max_horizontal("spread", "spread_right") + SECONDS
    far = pl.col("residual_s") * SECONDS > moment
    unlike = (pl.col("relation") == "doubtful") & pl.col("detail").is_in(UNLIKE)
    may_be_two = asked.filter((far | unlike).fill_null(value=False))
    if may_be_two.is_empty():
        return may_be_two["left_row"]
    common = judged.filter(pl.col("method") == "server_id").select("pair", "party")
    told = of_two_messages(asked, common)
    return may_be_two.join(told, on="left_row", how="semi")["left_row"]
