"""The export holds the record twice."""

from functools import reduce
from operator import and_

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import collected, filled, listed, with_neighbours
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_sentence, is_speech
from reconcile.engine.judgement.sent_again import sent_again
from reconcile.engine.records import CONTENT, Flags, content_keys, content_of
from reconcile.intake.contract import SELECTION
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import CALL, PAYMENT, SECONDS, VOICE, WORDLESS, WORDS
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import BARE_MARK, BRACKETS


def assess(a: Absences) -> Assessed:
    """Second copies, by ids, equal rows of one second or a repeated page; the other side holds one copy."""
    rows = a.rows
    again = a.flags(pl.col("is_repeat"))
    told = rows.with_columns(pl.lit(value=False).alias("has_partner"))
    if rows["twin"].null_count() < rows.height:
        twins = a.holder_rows.lazy().filter(pl.col("twin").is_not_null())
        held = twins.group_by("twin").agg(pl.col("is_paired").any().alias("has_partner"))
        told = rows.lazy().join(held, on="twin", how="left", maintain_order="left").pipe(collected)
    # A picture without content may be one of several sent together, and a second payment in one second may be real.
    # Nobody records two voice messages in one second.
    wordless = pl.col("cls").is_in(WORDLESS) & ~pl.col("cls").is_in([VOICE, CALL]) & pl.col("media_hash").is_null()
    name = pl.col("text").str.strip_chars(BRACKETS)
    is_name = pl.when(wordless).then(name).map_batches(kinds_of_names, return_dtype=pl.String).is_not_null()
    bare = wordless & ((name == "") | is_name | pl.col("text").str.contains(BARE_MARK))
    unsure = told.select((bare | (pl.col("cls") == PAYMENT)).fill_null(value=False).alias("b"))["b"].to_numpy()
    twin = filled(told["has_partner"], value=False).to_numpy() | _of_joined_parts(a)
    collapsed = a.among(_collapsed_rows(a))
    meeting, sure_meeting = _where_parts_meet(a)
    elsewhere = _of_another_device(a)
    of_one_id = _of_one_id(a)
    holds = again | twin | collapsed | _respelt_copies(a) | meeting | elsewhere | _delivered_twice(a) | of_one_id
    sure = again | (twin & ~unsure) | collapsed | sure_meeting
    sure |= _each_beside_its_copy(a, holds & ~elsewhere & ~unsure) if (holds & ~sure).any() else a.none
    sure |= _amid_copies(a, holds & ~sure, sure)
    return Assessed(holds, sure, bars=of_one_id & ~sure)


def _of_joined_parts(a: Absences) -> Flags:
    """Twins of rows that stand, joined to others, in a row with a partner."""
    if a.rows["copy_of"].null_count() == a.rows.height:
        return a.none
    held = a.holder_rows.filter(pl.col("is_paired") & pl.col("rejoined"))["copy_of"].drop_nulls()
    return a.flags(~pl.col("rejoined") & pl.col("copy_of").is_in(listed(held)))


def _of_another_device(a: Absences) -> Flags:
    """Rows of one device that may be the message of a paired row of the party's other device."""
    alike = a.holder.facts.alike
    if not alike:
        return a.none
    named = a.holder.messages.select("row", "locator")
    told = pl.DataFrame([*alike, *((two, one) for one, two in alike)], schema=["locator", "other"], orient="row")
    paired = a.holder_rows.filter("is_paired").select("row").join(named, on="row")
    asked = told.join(paired, left_on="other", right_on="locator", how="semi")
    return a.among(named.join(asked, on="locator", how="semi")["row"])


def _each_beside_its_copy(a: Absences, holds: Flags) -> Flags:
    """Those of the rows that stand beside an equal one, where several unlike ones of the chat do.

    A tool wrote such rows twice.
    """
    look = ["party", "cls", "text", "raw_t"]
    asked = a.view.records_at(a.rows.filter(pl.Series(holds))["place"])
    held = a.holder_rows.select("pair", "row", *look)
    rows = held[asked]
    beside = pl.Series(a.none[: len(asked)])
    for step in (1, -1):
        is_there, other = a.view.beside(asked, step)
        same = [rows[c].eq_missing(held[c][other]) for c in look]
        beside |= pl.Series(is_there) & reduce(and_, same)
    many = pl.struct("cls", "text").n_unique().over("pair") >= a.params.loss_texts
    return a.among(rows.filter(beside).filter(many)["row"])


def _where_parts_meet(a: Absences) -> tuple[Flags, Flags]:
    """Rows at which two parts of a copied chat meet, and those of them that nobody said again.

    Who copies a long chat does so in parts, and the last rows of one part are often the first of the next one, in the
    same order. A single repeated row may be a message sent twice. It counts only if it is a sentence or if all parts have
    one length. A file that a named client or tool wrote has no parts.
    """
    if a.holder.facts.tool and SELECTION not in a.holder.facts.declared:
        return a.none, a.none
    look = ["pair", "party", "cls", "text", "raw_t", "media_hash", "duration"]
    copied = is_speech() & pl.col("message_id").is_null() & (pl.col("raw_t").is_null() | (pl.col("unit") > 1))
    asked = a.rows.filter(copied)["pair"].unique()
    if asked.is_empty():
        return a.none, a.none
    held = a.holder_rows.filter(pl.col("pair").is_in(asked.cast(pl.UInt32).implode())).sort("pair", "row")
    held = held.select(
        "pair", "row", "is_paired", pl.int_range(pl.len()).over("pair").alias("place"), pl.struct(look).hash(seed=83).alias("look"),
        is_sentence(a.params).alias("is_sentence"), (is_speech() & pl.col("message_id").is_null()).alias("asked"),
    ).filter("asked")  # fmt: skip
    lengths = _repeated_lengths(held)
    if not lengths:
        return a.none, a.none
    met = pl.concat(_met_by(held, n) for n in lengths)
    if met.is_empty():
        return a.none, a.none
    points = met.filter(pl.col("at") == 0).with_columns(first=pl.col("place").min().over("pair"))
    even = points.group_by("pair").agg(((pl.len() > 1) & (pl.col("place") % pl.col("first") == 0).all()).alias("even"))
    is_even = pl.col("pair").is_in(listed(even.filter("even")["pair"]))
    found = met.select("row", sure=(pl.col("n") > 1) | pl.col("is_sentence") | is_even)
    return a.among(found["row"]), a.among(found.filter("sure")["row"])


def _repeated_lengths(held: pl.DataFrame) -> list[int]:
    """How many rows a part may have that follows itself, ascending.

    At least half of such a part's rows stand that far behind an equal row, so that n rows have at most √n such lengths.
    """
    step = (pl.col("at") - pl.col("at").shift()).over("look").alias("n")
    counted = held.select("look").with_row_index("at").select(step).drop_nulls().group_by("n").len()
    return counted.filter(2 * pl.col("len") >= pl.col("n"))["n"].sort().to_list()


def _met_by(held: pl.DataFrame, n: int) -> pl.DataFrame:
    """The unmatched rows among `n` rows that follow once more, where the other copy has a partner.

    pair, row, is_sentence, place of the second copy, at (0 = its first row), n. Several rows are not all equal.
    """
    firsts = _begins_again(held["look"].to_numpy(), n)
    at = np.repeat(np.arange(n), len(firsts))
    one = np.tile(firsts, n) + at
    mine, copy = np.concatenate([one, one + n]), np.concatenate([one + n, one])
    is_paired = held["is_paired"].to_numpy()
    is_met = ~is_paired[mine] & is_paired[copy]
    places = held["place"][np.tile(one + n, 2)[is_met]]
    told: pl.DataFrame = held.select("pair", "row", "is_sentence")[mine[is_met]]
    return told.with_columns(places, pl.Series("at", np.tile(at, 2)[is_met]), pl.lit(n).alias("n"))


def _begins_again(looks: npt.NDArray[np.uint64], n: int) -> npt.NDArray[np.int64]:
    """The places from which `n` rows, not all of them alike, follow once more."""
    if len(looks) < 2 * n:
        return np.empty(0, np.int64)
    again = np.concatenate([[0], np.cumsum(looks[n:] == looks[:-n])])
    alike = np.concatenate([[0], np.cumsum(looks[1:] == looks[:-1])])
    first = np.arange(len(looks) - 2 * n + 1)
    is_varied = (alike[first + n - 1] - alike[first] < n - 1) if n > 1 else np.ones(len(first), bool)
    starts: npt.NDArray[np.int64] = first[(again[first + n] - again[first] == n) & is_varied]
    return starts


def _amid_copies(a: Absences, unsure: Flags, sure: Flags) -> Flags:
    """Those of the rows that stand, or have an equal one, amid rows held twice or at their end.

    One event wrote them all again, so a payment or a picture among them is no second one. At an end, several rows
    without doubt must be held twice.
    """
    if not (unsure.any() and sure.any()):
        return a.none
    pairs = a.rows.filter(pl.Series(unsure))["pair"].unique()
    width = round(a.params.edge_seconds * SECONDS)
    look = ["pair", "party", "cls", "text", "bucket"]
    bucket = (pl.col("raw_t") // width).alias("bucket")
    said = a.holder_rows.filter(is_speech() & pl.col("pair").is_in(pairs.cast(pl.UInt32).implode()))
    said = said.with_columns(bucket, pl.col("row").is_in(a.rows.filter(pl.Series(sure))["row"].implode()).alias("sure"))
    copies = said.filter("sure").select(look).unique()
    originals = said.join(with_neighbours(copies, "bucket"), on=look, how="semi", nulls_equal=True)["row"]
    worded = (pl.col("cls") != PAYMENT) & ~(pl.col("cls").is_in(WORDLESS) & pl.col("media_hash").is_null())
    twice = pl.col("sure") | pl.col("row").is_in(listed(originals))
    asked = said.filter(pl.col("row").is_in(a.rows.filter(pl.Series(unsure))["row"].implode())).select("row", *look)
    itself = said.join(asked, on=look, how="semi", nulls_equal=True)["row"].implode()
    told = pl.when(~pl.col("row").is_in(itself) & (worded | twice)).then(twice).alias("twice")
    shown = said.sort("pair", "row").select("row", *look, told)
    beside = [getattr(pl.col("twice"), fill)().over("pair") for fill in ("forward_fill", "backward_fill")]
    many = (pl.col("row").is_in(a.rows.filter(pl.Series(sure))["row"].implode())).sum().over("pair")
    at_end = pl.any_horizontal(beside) & (many >= a.params.loss_texts)
    amid = shown.filter(pl.all_horizontal(beside) | at_end).select(look).unique()
    return unsure & a.among(asked.join(amid, on=look, how="semi", nulls_equal=True)["row"])


def _respelt_copies(a: Absences) -> Flags:
    """Records with the content, sender and time of a paired one: a copy or a new message.

    What stands on the lines below a copy may be no part of it. Where the other export states server ids, two ids are
    two messages. So are two digests where it states that of the paired one, since none else tells which picture it holds.
    """
    rows = a.rows.filter(is_speech() & pl.col("raw_t").is_not_null())
    flags = a.none
    if rows.is_empty():
        return flags
    lined = rows.filter((pl.col("cls") == WORDS) & pl.col("text").str.contains("\n", literal=True))
    rows = pl.concat([rows, lined.with_columns(pl.col("text").str.split("\n").list.first().str.strip_chars_end())])
    # Canonical content is computed only for rows like an unmatched record and stamped almost with it.
    width = max(int(a.params.edge_seconds * SECONDS), 1)
    bucket = (pl.col("raw_t") // width).alias("bucket")
    like = ["pair", "party", "cls", "bucket"]
    asked = rows.lazy().select(pl.col("pair").cast(pl.UInt32), "party", "cls", bucket)
    close = with_neighbours(asked, "bucket").pipe(collected)
    every = a.holder_rows.lazy().select("pair", "party", "cls", "is_paired", bucket, pl.int_range(pl.len()).alias("at"))
    paired = every.filter(pl.col("bucket").is_in(listed(close["bucket"])) & pl.col("is_paired") & is_speech())
    at = paired.join(close.lazy(), on=like, how="semi", nulls_equal=True).pipe(collected)["at"]
    if at.is_empty():
        return flags
    near = a.holder_rows[at]
    both = pl.concat([f[CONTENT] for f in (rows, near)])
    keys = pl.Series("key", content_keys(both["cls"].to_numpy(), content_of(both)[1]))
    look = ["pair", "party", "cls", "key", "bucket"]
    mine = rows.lazy().select(
        pl.col("pair").cast(pl.UInt32),
        "party",
        "cls",
        keys.head(rows.height),
        bucket,
        "row",
        "raw_t",
        "unit",
        "message_id",
        "media_hash",
    )
    theirs = near.lazy().select(
        "pair",
        "party",
        "cls",
        keys.slice(rows.height),
        pl.col("raw_t").alias("held_t"),
        bucket,
        partner_id=_of_partners(a, "message_id")[at],
        held_hash=pl.when(pl.col("media_hash") == _of_partners(a, "media_hash")[at]).then("media_hash"),
    )
    met = mine.join(with_neighbours(theirs, "bucket"), on=look, nulls_equal=True)
    apart = (pl.col("held_t") - pl.col("raw_t")).abs() / SECONDS
    unit = pl.when(pl.col("unit") > 1).then(0.0).otherwise(a.params.edge_seconds)
    others = (("message_id", "partner_id"), ("media_hash", "held_hash"))
    is_other = pl.any_horizontal((pl.col(mine) != pl.col(held)).fill_null(value=False) for mine, held in others)
    return a.among(met.filter(apart <= unit, ~is_other).select("row").pipe(collected)["row"])


def _of_one_id(a: Absences) -> Flags:
    """Records with the id and content of a paired one. At another time they may be copies or new messages."""
    look = ["pair", "message_id", "cls", "text"]
    numbered = a.rows.select("row", pl.col("pair").cast(pl.UInt32), *look[1:]).drop_nulls("message_id")
    paired = a.holder_rows.filter("is_paired").select(look).drop_nulls("message_id")
    return a.among(numbered.join(paired, on=look, how="semi", nulls_equal=True)["row"])


def _delivered_twice(a: Absences) -> Flags:
    """Received words that arrived once before, shortly, where neither export has server ids.

    A network such as that of SMS may deliver one message twice, and then only the receiver has the second copy.
    """
    received = pl.col("is_self").not_() | (pl.col("is_self").is_null() & pl.col("by_other_owner"))
    rows = a.flags(received & (pl.col("cls") == WORDS))
    if not rows.any():
        return rows
    numbered = [f.filter(pl.col("message_id").is_not_null())["pair"] for f in (a.holder_rows, a.lacking_rows)]
    rows &= ~np.isin(a.rows["pair"].to_numpy(), pl.concat(numbered).drop_nulls().unique().to_numpy())
    view = a.view
    at = view.records_at(a.rows["place"])[rows]
    rows[rows] = sent_again(view.holder, at, view.holder_rows, a.params.delivered_twice_seconds, ("backward",))
    return rows


def _of_partners(a: Absences, column: str) -> pl.Series:
    """What the partner of each of the holder's records states in a column of text; null = nothing."""
    told = pl.Series([None], dtype=pl.String).new_from_index(0, len(a.view.holder))
    return told.scatter(a.view.holder_rows, a.view.lacking.frame[column][a.view.lacking_rows])


def _collapsed_rows(a: Absences) -> pl.Series:
    """Equal rows of one second where the lacking format keeps only one of them, and holds it."""
    if not a.lacking.facts.limits.collapses_repeats:
        return pl.Series(dtype=pl.UInt32)
    look = ["pair", "party", "cls", "text", "second"]
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    kept = a.holder_rows.filter(pl.col("is_paired") & is_speech()).with_columns(second).select(look).unique()
    rows = a.rows.with_columns(pl.col("pair").cast(pl.UInt32), second)
    return rows.select("row", *look).join(kept, on=look, how="semi", nulls_equal=True)["row"]


HYPOTHESIS = Hypothesis(
    Cause.REPEAT,
    assess,
    "The export holds more copies than the other one in the same place, and the other one holds at least one of them.",
    "The copies have different ids, or none of them has a partner.",
)
