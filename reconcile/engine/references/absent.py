"""Messages that are referred to but that neither side holds, after every innocent reason is ruled out."""

from typing import Literal

import polars as pl

from reconcile.column_ops import listed, parts_by
from reconcile.engine.params import PARAMS
from reconcile.engine.references.ground import Ground
from reconcile.engine.references.targets import KIND_CLASS, Copy
from reconcile.engine.references.witnesses import BY_NOTICE, bare_words
from reconcile.vocabulary import LocalIdScope, WitnessKind
from reconcile.wechat.kind_classes import SECONDS, SYSTEM

_FAR = 2**62


def absent_messages(left_open: pl.DataFrame, spoken: pl.DataFrame, held: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """The references to messages that neither side holds, with `is_placed`.

    is_placed: the message lies inside what the copies cover. Otherwise it may have been sent before the material
    begins, and is not counted. Left out are messages of kinds that no copy could show, recalled ones, those with a time
    outside, and those that a row without an id might be.

    Args:
        left_open: the references of `spoken` that `find_held` left open; albums and counts are judged elsewhere.
        spoken: all references.
        held: the references that were found.
        ground: the data of both sides.
    """
    open_ones = left_open
    ours = pl.col("pair").is_null() | pl.col("pair").is_in(listed(ground.pairs))
    # Only the device's own tables may omit the conversation; a forward may come from any conversation.
    device = ~pl.col("witness").is_in([str(WitnessKind.FORWARD_ITEM), str(WitnessKind.QUOTE), str(WitnessKind.PIN)])
    known = (pl.col("conversation").is_null() & device) | pl.col("pair").is_not_null()
    if open_ones.height:
        open_ones = open_ones.filter(ours & known & _speaks_of_one())
    if open_ones.is_empty():
        return open_ones.with_columns(pl.lit(value=True).alias("is_placed")).drop("w")
    open_ones = _with_time_span(open_ones, ground)
    open_ones = open_ones.filter(_could_be_shown(open_ones, ground))
    named = _absent_by_id(open_ones, spoken, held, ground)
    numbered = open_ones.filter(pl.col("message_id").is_null() & pl.col("local_id").is_not_null())
    bodied = open_ones.filter(
        pl.col("message_id").is_null()
        & pl.col("local_id").is_null()
        & pl.col("native_id").is_not_null()
        & _body_tells()
    )
    worded = open_ones.filter(
        pl.col("message_id").is_null() & pl.col("local_id").is_null() & pl.col("native_id").is_null()
    )
    worded = _not_in_conversation(worded, ground)
    left = pl.concat([_no_candidate(pl.concat([named, numbered]), ground), bodied, worded])
    return _with_is_placed(left, spoken, held, ground).drop("w", "low_t", "high_t")


def _speaks_of_one() -> pl.Expr:
    """Whether a reference is to one message, not a count, a conversation, a draft or an empty list line."""
    kind = pl.col("witness")
    names = pl.any_horizontal(pl.col(c).is_not_null() for c in ("message_id", "native_id", "local_id"))
    session = (kind == str(WitnessKind.SESSION_LAST)) & (~names & (pl.col("words").is_null() | pl.col("t").is_null()))
    draft = (kind == str(WitnessKind.SESSION_LAST)) & pl.col("words").str.contains(r"^\[(?:草稿|Draft)\]").fill_null(
        value=False
    )
    removal = (kind == str(WitnessKind.DELETION_TABLE)) & ~names
    words = pl.col("words").str.len_chars() >= PARAMS.quoted_words_characters
    return pl.col("count").is_null() & (names | words.fill_null(value=False)) & ~session & ~draft & ~removal


def _body_tells() -> pl.Expr:
    """Whether a body id alone identifies the message; only for payments, since media may be sent twice."""
    return pl.col("native_id").str.contains(r"^(?:transfer|packet|transaction):") & pl.col("pair").is_not_null()


def _with_time_span(open_ones: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """`low_t`, `high_t`: the message's time span, as stated, by neighbouring numbers, or by the reference."""
    parts = []
    for side, copy in ground.copies.items():
        mine = open_ones.filter(pl.col("side") == str(side))
        parts.append(_between_numbers(mine, copy))
    frame = pl.concat(parts)
    kind = pl.col("witness")
    soon = kind.is_in([str(WitnessKind.RECALL_NOTICE)]) & pl.col("by_t").is_not_null()
    low = (
        pl.when(pl.col("t").is_not_null())
        .then(pl.col("t") - PARAMS.referred_seconds * SECONDS)
        .when(soon)
        .then(pl.col("by_t") - PARAMS.recall_reference_seconds * SECONDS)
        .otherwise("low_n")
    )
    high = (
        pl.when(pl.col("t").is_not_null()).then(pl.col("t") + PARAMS.referred_seconds * SECONDS)
        .when(pl.col("by_t").is_not_null()).then(pl.col("by_t") + PARAMS.referred_seconds * SECONDS).otherwise("high_n")
    )  # fmt: skip
    return frame.with_columns(low.alias("low_t"), high.alias("high_t")).drop("low_n", "high_n")


def _between_numbers(mine: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """`low_n`, `high_n`: times of the own rows with the next lower and next higher local number."""
    nothing = mine.with_columns(
        pl.lit(None, dtype=pl.Int64).alias("low_n"), pl.lit(None, dtype=pl.Int64).alias("high_n")
    )
    rows = copy.rows.filter(pl.col("local_id").is_not_null() & pl.col("t").is_not_null())
    if mine["local_id"].null_count() == mine.height or rows.is_empty():
        return nothing
    over_all = copy.scope is LocalIdScope.EXPORT
    # Without a known conversation, the numbers of all rows are used if none occurs twice (one shard).
    single = over_all or not bool(rows["local_id"].is_duplicated().any())
    rows = rows.sort("local_id").select("pair", "local_id", pl.col("t").alias("n_t"))
    told = mine.filter(pl.col("local_id").is_not_null()).select("w", "pair", "local_id").sort("local_id")
    wide = told.filter(pl.lit(single) & (pl.lit(over_all) | pl.col("pair").is_null()))
    narrow = told.filter(pl.lit(not over_all) & pl.col("pair").is_not_null())
    ways: tuple[tuple[str, Literal["backward", "forward"]], ...] = (("low_n", "backward"), ("high_n", "forward"))
    for name, way in ways:
        right = rows.rename({"n_t": name})
        wide = wide.join_asof(right.drop("pair"), on="local_id", strategy=way, check_sortedness=False)
        narrow = narrow.join_asof(right, on="local_id", by="pair", strategy=way, check_sortedness=False)
    near = pl.concat([wide, narrow]).select("w", "low_n", "high_n")
    return mine.join(near, on="w", how="left", maintain_order="left")


def _could_be_shown(open_ones: pl.DataFrame, ground: Ground) -> pl.Series:
    """Whether either format writes rows of the kind; for unknown kinds, whether one format omits none."""
    absent = [{str(k) for k in r.facts.limits.kinds_unseen} for r in ground.readings.values()]
    never = absent[0] & absent[1]
    quiet = bool(absent[0] - {"system", "recall"}) and bool(absent[1] - {"system", "recall"})
    kind = pl.col("kind")
    shown = (
        pl.when(kind.is_not_null())
        .then(~kind.is_in(sorted(never)))
        .otherwise(pl.lit(not quiet) | pl.col("words").is_not_null())
    )
    return open_ones.select(shown.alias("s"))["s"]


def _absent_by_id(open_ones: pl.DataFrame, spoken: pl.DataFrame, held: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """References by server id, where that side's ids are in use and resolve its other quotes."""
    named = open_ones.filter(pl.col("message_id").str.contains(r"^-?\d{5,20}$").fill_null(value=False))
    if named.is_empty():
        return named
    used = [
        c.rows.filter(pl.col("cls") != SYSTEM)
        .group_by(pl.col("pair"))
        .agg(
            pl.col("message_id").is_not_null().mean().alias("share"),
            pl.col("message_id").str.len_chars().median().alias("length"),
        )
        .with_columns(pl.lit(str(side)).alias("side"))
        for side, c in ground.copies.items()
    ]
    table = pl.concat(used)
    whole = table.group_by("side").agg(pl.col("share").mean(), pl.col("length").median()).with_columns(pl.lit(None, dtype=pl.UInt32).alias("pair"))  # fmt: skip
    table = pl.concat([table, whole.select(table.columns)])
    named = named.join(table, on=["side", "pair"], how="left", nulls_equal=True, maintain_order="left")
    in_use = pl.col("share") >= PARAMS.ids_in_use_share
    # A short number among long ids, or a long one among short, belongs to another series.
    alike = (pl.col("message_id").str.len_chars() >= PARAMS.server_id_length) == (
        pl.col("length") >= PARAMS.server_id_length
    )
    quotes = spoken.filter((pl.col("witness") == str(WitnessKind.QUOTE)) & pl.col("message_id").is_not_null())
    resolved = quotes.with_columns(pl.col("w").is_in(listed(held["w"])).alias("is_held"))
    rates = resolved.group_by("side", "pair").agg(pl.col("is_held").mean().alias("rate"), pl.len().alias("quotes"))
    named = named.join(rates, on=["side", "pair"], how="left", nulls_equal=True, maintain_order="left")
    foreign = (
        (pl.col("witness") == str(WitnessKind.QUOTE))
        & (pl.col("quotes") >= PARAMS.foreign_quotes)
        & (pl.col("rate") < PARAMS.foreign_share)
    )
    return named.filter(in_use.fill_null(value=False) & alike.fill_null(value=False) & ~foreign.fill_null(value=False)).select(open_ones.columns)  # fmt: skip


def _no_candidate(named: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """The references that no row without an id, and without a partner that has one, could satisfy.

    A recall notice without an id may stand for any message of the two minutes before it, unless a notice itself names the
    message.
    """
    for copy in ground.copies.values():
        spoken = copy.rows.filter(
            ((pl.col("cls") != SYSTEM) | pl.col("is_recall"))
            & ~pl.col("is_unsent")
            & pl.col("pair").is_in(listed(ground.pairs))
        )
        for is_own, column in ((True, "named_own"), (False, "named_other")):
            asked = named.filter((pl.col("side") == str(copy.side)) == is_own)
            open_rows = spoken.filter(~pl.col(column))
            if asked.height and open_rows.height:
                taken = asked["w"].filter(_could_be_open_row(asked, open_rows, each=ground.each))
                named = named.filter(~pl.col("w").is_in(listed(taken)))
    return named


def _could_be_open_row(named: pl.DataFrame, open_rows: pl.DataFrame, *, each: bool) -> pl.Series:
    """Whether an unmatched row of the other side may be the message that is named."""
    low = pl.col("low_t").fill_null(-_FAR)
    high = pl.col("high_t").fill_null(_FAR)
    minute = open_rows.filter(pl.col("time_precision").cast(pl.String).is_in(["minute", "day"]))["pair"].unique()
    is_wide = pl.col("pair").is_in(listed(minute)) if each else pl.lit(len(minute) > 0)
    slack = pl.when(is_wide).then(60 * SECONDS).otherwise(0)
    asked = named.with_columns(
        pl.col("kind").replace_strict(KIND_CLASS, default=None, return_dtype=pl.UInt8).alias("cls"),
        (low - slack).alias("low"), (high + slack).alias("high"),
    )  # fmt: skip
    rows = open_rows.with_columns(
        pl.col("t").fill_null(-_FAR).alias("low"), pl.col("t").is_null().alias("untimed")
    ).sort("low")
    said = rows.filter(~pl.col("is_recall"))
    hits = [_any_between(asked.filter(pl.col("cls").is_null()), said, ["pair"])]
    hits.append(_any_between(asked.filter(pl.col("cls").is_not_null()), said, ["pair", "cls"]))
    late = asked.filter(~BY_NOTICE).with_columns(
        (pl.col("high") + PARAMS.recall_reference_seconds * SECONDS).alias("high")
    )
    hits.append(_any_between(late, rows.filter("is_recall"), ["pair"]))
    # Without a known conversation, any open row of the kind could be it.
    lost = asked.filter(pl.col("pair").is_null())
    hits.append(lost.filter(pl.col("cls").is_null() | pl.col("cls").is_in(listed(said["cls"])))["w"])
    return named["w"].is_in(pl.concat(hits).unique().implode()) if hits else named["w"].is_in([])


def _any_between(asked: pl.DataFrame, rows: pl.DataFrame, by: list[str]) -> pl.Series:
    """`w` where a row lies between `low` and `high`, or has no time in the same conversation."""
    if asked.is_empty() or rows.is_empty():
        return pl.Series("w", [], dtype=pl.UInt32)
    bare = asked.join(rows.filter("untimed").select(by).unique(), on=by, how="semi")["w"]
    timed = rows.filter(~pl.col("untimed")).select(*by, pl.col("low"), pl.col("low").alias("next")).sort("low")
    near = (
        asked.select("w", *by, "low", "high")
        .sort("low")
        .join_asof(timed, on="low", by=by, strategy="forward", check_sortedness=False)
    )
    return pl.concat([bare, near.filter(pl.col("next") <= pl.col("high"))["w"]])


def _not_in_conversation(worded: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """References by text only that the conversation does not contain, not even inside other text."""
    plain = pl.col("words").str.contains(r"^[\[【<]").not_() & (
        pl.col("words").str.len_chars() >= PARAMS.quoted_words_characters
    )
    told = worded.filter(plain & pl.col("pair").is_not_null() & (pl.col("kind").is_null() | (pl.col("kind") == "text")))
    if told.is_empty():
        return told
    # A quote or a session line begins with its sender: `name: words`.
    bare = pl.col("words").str.replace(r"^[^:：]{1,40}[:：]", "").str.strip_chars('…."“”「」')
    told = told.with_columns(bare.alias("bare")).filter(
        pl.col("bare").str.len_chars() >= PARAMS.quoted_words_characters
    )
    if told.is_empty():
        return told.select(worded.columns)
    asked = told["pair"].unique().implode()
    texts = [
        c.rows.filter(pl.col("pair").is_in(asked)).select("pair", bare_words(pl.col("text")).alias("w")).drop_nulls()
        for c in ground.copies.values()
    ]
    held = parts_by(pl.concat(texts), "pair")
    found = []
    for key, part in parts_by(told, "pair").items():
        whole = held[key]["w"].str.join("\n") if key in held else pl.Series([""])
        said = whole.str.extract_many(part["bare"].unique().to_list(), overlapping=True).explode().drop_nulls()
        inside = part.filter(~pl.col("bare").is_in(listed(said)))
        found.append(inside)
    return pl.concat(found).select(worded.columns)


def _with_is_placed(left: pl.DataFrame, spoken: pl.DataFrame, held: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """The references with `is_placed`; false also where a device's table shows a time before both copies.

    Dropped are references by rows to that time, messages that both exports omit by their own selection, and messages
    after both copies end.
    """
    if left.is_empty():
        return left.with_columns(pl.lit(value=True).alias("is_placed"))
    frame = left.join(ground.spans(), on="pair", how="left", maintain_order="left")
    frame = frame.join(_quote_reach(spoken, held), on="pair", how="left", maintain_order="left")
    frame = _with_depth(frame, ground)
    kind = pl.col("witness")
    own_table = pl.col("by_row").is_null()
    timed = pl.col("t").is_not_null() & pl.col("first").is_not_null()
    before = timed & (pl.col("t") < pl.col("first"))
    # Several references may be to one message, with only one stating its time.
    early = frame.filter(before.fill_null(value=False))["message_id"].drop_nulls().implode()
    before = (before.fill_null(value=False) | pl.col("message_id").is_in(early)).fill_null(value=False)
    # Where both exports state a start time, earlier messages are left out by it.
    chosen = all(any(f.from_at is not None for f in r.facts.filters) for r in ground.readings.values())
    # A message after the last row that the device's own tables refer to was once on this device.
    after = timed & (pl.col("t") > pl.col("last")) & ~own_table
    # A number beyond the highest held shows that the list's line is not the last row, even within one second.
    behind = (
        pl.when(pl.col("local_id").is_not_null() & pl.col("low_t").is_not_null())
        .then(-1)
        .otherwise(PARAMS.referred_seconds * SECONDS)
    )
    stale = (kind == str(WitnessKind.SESSION_LAST)) & timed & (pl.col("t") <= pl.col("last") + behind)
    frame = frame.filter(~((before & (~own_table | pl.lit(chosen))) | after | stale).fill_null(value=False))
    at_start = pl.col("pair").is_in(listed(ground.same_start)).fill_null(value=False)
    far = (pl.col("depth") > pl.col("reach").fill_null(PARAMS.quote_reach_rows)).fill_null(value=False)
    by_number = pl.col("local_id").is_not_null() & pl.col("low_t").is_not_null()
    # A message recalled within the first two minutes may have been sent before both copies begin.
    recalled = BY_NOTICE & (pl.col("by_t") - PARAMS.recall_reference_seconds * SECONDS >= pl.col("first"))
    soon = recalled | ((kind == str(WitnessKind.TRANSFER_RECEIPT)) & pl.col("by_t").is_not_null())
    free = kind.is_in([str(WitnessKind.FAVOURITE), str(WitnessKind.DELETION_TABLE), str(WitnessKind.MONEY_TABLE)])
    quoted = (kind == str(WitnessKind.QUOTE)) & pl.col("by_row").is_not_null()
    placed = (timed | by_number | soon | free | at_start | (quoted & far)) & ~before
    return frame.with_columns(placed.fill_null(value=False).alias("is_placed")).drop("first", "last", "reach", "depth")


def _quote_reach(spoken: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """pair, reach: how many rows back resolved quotes go at most, with a margin."""
    quotes = spoken.filter((pl.col("witness") == str(WitnessKind.QUOTE)) & pl.col("by_row").is_not_null())
    own = held.filter(pl.col("target") == pl.col("side")).group_by("w").agg(pl.col("row").min())
    both = quotes.join(own, on="w")
    back = (pl.col("by_row").cast(pl.Int64) - pl.col("row").cast(pl.Int64)).abs()
    far = both.group_by("pair").agg(
        (back.max() * PARAMS.quote_reach_factor).ceil().cast(pl.Int64).alias("reach"), pl.len().alias("n")
    )
    return far.filter(pl.col("n") >= PARAMS.resolved_quotes).select("pair", "reach")


def _with_depth(frame: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """The references with `depth`: how many rows of the side's copy precede the referring row."""
    parts = []
    for side, copy in ground.copies.items():
        mine = frame.filter(pl.col("side") == str(side))
        asked = (
            mine.filter(pl.col("by_t").is_not_null() & pl.col("pair").is_not_null())
            .select("w", "pair", "by_t")
            .sort("by_t")
        )
        rows = copy.rows.filter(pl.col("t").is_not_null() & pl.col("pair").is_not_null()).sort("t").select(
            "pair", pl.col("t").alias("by_t"), pl.int_range(pl.len()).over("pair").alias("depth")
        )  # fmt: skip
        near = asked.join_asof(rows, on="by_t", by="pair", strategy="backward", check_sortedness=False)
        parts.append(mine.join(near.select("w", "depth"), on="w", how="left", maintain_order="left"))
    return pl.concat(parts)
