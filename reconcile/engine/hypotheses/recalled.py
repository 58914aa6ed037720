"""The message was recalled within two minutes, and the other client removed it."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech
from reconcile.engine.nearest import join_nearest
from reconcile.engine.params import Params
from reconcile.engine.references.targets import BY_OWNER, NAMED, recall_notices
from reconcile.engine.sides import SideView
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import CALL, PAYMENT

_UNIT = pl.col("unit").clip(upper_bound=60.0)


def assess(a: Absences) -> Assessed:
    """Records that a recall notice may refer to, by id, or by author and time; one notice per record.

    Set aside if both sides show the notice at the record's own moment, or the holder within the time limit of a recall
    and the other side in the record's place: with its id or second, or if the holder's has the record's id. So is another
    person's record, his last one in front of the notice, where the notices of both sides are one pair, may speak of no
    other record and bear no other id, and the other side's numbering skips nothing before its notice. Doubtful if only
    one side shows it, or later otherwise: it may refer to another message that neither side holds. The author's own
    client removes recalled words, so words that the author's copy still shows were not recalled, unless a notice stands
    next to them and not under another id. Where clients write the notice in the place of the words, it explains no other
    record of its own file. In doubt are those in whose place the other side shows the notice: its client
    writes the notice over the words, and the author's copy may come from a second device that kept them. So are another
    person's words beside a notice that both sides show under a third id: it is that of another message, or of the recall.
    """
    met = _met_notices(a)
    if met is None:
        return Assessed(a.none, a.none)
    by_holder = pl.col("by_holder")
    told = met.group_by("row").agg(
        (~by_holder).any().alias("lacking_shows"), by_holder.any().alias("holder_shows"),
        (by_holder & pl.col("at_once")).any().alias("holder_at_once"), (~by_holder & pl.col("at_once")).any().alias("lacking_at_once"),
        (~by_holder & pl.col("in_place")).any().alias("lacking_in_place"), (by_holder & pl.col("same_id")).any().alias("by_id"),
        (by_holder & pl.col("of_other_id")).any().alias("by_other_id"),
    )  # fmt: skip
    out = (
        a.rows.select("row", own="is_self")
        .join(told, on="row", how="left", maintain_order="left")
        .fill_null(value=False)
    )
    own, shows = pl.col("own"), pl.col("lacking_shows") | pl.col("holder_shows")
    own_elsewhere = own & ~pl.col("holder_at_once")
    kept = own_elsewhere & ~pl.col("lacking_in_place")
    both = pl.col("holder_at_once") & (pl.col("lacking_at_once") | (own & ~pl.col("by_other_id")))
    both |= pl.col("holder_shows") & pl.col("lacking_in_place") & ~pl.col("by_other_id")
    both |= pl.col("by_id") & pl.col("lacking_shows")
    both |= pl.col("row").is_in(listed(_kept_by_one(a, met))) & ~own
    flags = out.select(
        (shows & ~kept).alias("holds"), (both & ~own_elsewhere).alias("permitted"),
        pl.when(shows & kept).then(pl.lit("author_still_shows_the_words")).alias("against"),
    )  # fmt: skip
    return Assessed(flags["holds"].to_numpy(), flags["permitted"].to_numpy(), None, flags["against"])


def told_by_both(a: Absences) -> pl.Series:
    """Rows of the holder's notices of recalls in the place of whose words the other side has its notice.

    The words are set aside.
    """
    met = _met_notices(a)
    if met is None:
        return pl.Series([], dtype=pl.UInt32)
    aside = a.rows.filter(pl.Series(a.assessed[Cause.RECALLED].permitted))["row"]
    replaced = (~pl.col("by_holder") & pl.col("in_place")).any().over("row")
    return met.filter(pl.col("by_holder") & replaced & pl.col("row").is_in(listed(aside)))["notice"]


def _met_notices(a: Absences) -> pl.DataFrame | None:
    """The records that may have been recalled, with the notices assigned to them; None = none."""
    spoken = a.rows.filter(is_speech() & ~pl.col("cls").is_in([PAYMENT, CALL]) & ~pl.col("is_repeat"))
    if spoken.is_empty():
        return None
    rows = a.lacking_rows, a.holder_rows
    shown = [recall_notices(f) for f in rows]
    if a.holder.facts.limits.recalls_in_place:
        # Each of the holder's notices replaced another message. So did the notices of the other side that pair with them.
        paired = pl.Series(a.view.lacking_rows).cast(pl.UInt32)
        shown = [shown[0].filter(~pl.col("row").is_in(listed(paired))), shown[1].clear()]
    if all(f.is_empty() for f in shown):
        return None
    spans = _spans(a.view.opposite), _spans(a.view)
    sides = [_side_notices(f, spans[n], lacking=n == 0) for n, f in enumerate(shown)]
    written = spans[1].rename({"at": "written", "until": "written_until"})
    met = _assigned_notices(a, spoken.join(written, on="row", how="left", maintain_order="left"), pl.concat(sides))
    return None if met.is_empty() else met


def _kept_by_one(a: Absences, met: pl.DataFrame) -> pl.Series:
    """The records of another person behind which both sides show one recall of him.

    The recall may speak of no other record, and the author wrote nothing in front of it that is later.
    """
    view, number = a.view, pl.col("notice").cast(pl.UInt32)
    mine = view.holder_rows
    pairs = pl.DataFrame({
        "pair": view.holder.pair[mine], "notice": mine, "partner": view.lacking_rows, "place": view.holder.order[mine],
    }).cast(pl.Int64).with_columns(number, pl.col("partner").cast(pl.UInt32))  # fmt: skip
    sure = met.filter("is_only", ~pl.col("of_other_id"), ~pl.col("of_holder")).with_columns(
        number, pl.col("place").cast(pl.Int64)
    )
    shown = sure.filter("by_holder").join(pairs.select("notice", "partner"), on="notice")
    one = shown.join(sure.filter(~pl.col("by_holder")).select("row", partner="notice"), on=["row", "partner"])
    if one.is_empty():
        return one["row"]
    before = pairs.select("pair", "place", before="partner").sort("place")
    one = one.sort("place").join_asof(before, on="place", by="pair", check_sortedness=False)
    one = one.filter(~a.skips_numbers(one["pair"], one["before"], one["partner"]))
    rows = a.holder_rows.select("pair", "party", "u", "row", "cls", pl.Series("place", view.holder.order))
    marks = one.join(rows.select("row", "party"), on="row").select("party", row="notice", of="row")
    marks = marks.join(rows.drop("party"), on="row").with_columns(row=pl.lit(None, pl.UInt32))
    told = pl.concat([rows.filter(is_speech()), marks], how="diagonal").drop_nulls("u").sort("u", "place")
    last = told.with_columns(pl.col("row").forward_fill().over("pair", "party"))
    return last.filter(pl.col("of") == pl.col("row"))["of"]


def _spans(view: SideView) -> pl.DataFrame:
    """row, at, until: the moments between which each of the holder's records stands (seconds).

    Both are the record's own time where it has one. Else they are the times of the pairs around it, as their other
    records state them. Chats compared by order alone use the times of the side that has some.
    """
    sides = (view.holder_u, view.holder.t), (view.lacking_u, view.lacking.t)
    own, other = (np.where(np.isnan(u), t, u) for u, t in sides)
    untimed = np.isnan(own[view.holder_rows])
    own[view.holder_rows[untimed]] = other[view.lacking_rows[untimed]]
    table = pl.DataFrame(
        {"row": view.holder.frame["row"], "pair": view.holder.pair, "place": view.holder.order, "t": own},
        nan_to_null=True,
    )
    if not table["t"].null_count():
        return table.select("row", at="t", until="t")
    before, behind = (
        e.over("pair", order_by="place") for e in (pl.col("t").forward_fill(), pl.col("t").backward_fill())
    )
    return table.select("row", at=pl.coalesce(before, behind), until=pl.coalesce(behind, before))


def _side_notices(found: pl.DataFrame, spans: pl.DataFrame, *, lacking: bool) -> pl.DataFrame:
    """One row per recall notice of a side, which stands in its span of `spans`.

    Columns: pair, notice (row), at, until, notice_id, by_owner, name, by_holder, sender. `by_owner`: the owner of the
    showing side recalled. `name`: who is named; null = nobody. `sender`: under whose name a group shows it.
    """
    found = found.join(spans, on="row", how="left", maintain_order="left")
    return found.select(
        pl.col("pair").cast(pl.Int64), pl.col("row").alias("notice"), "at", "until", pl.col("message_id").alias("notice_id"),
        BY_OWNER.alias("by_owner"), NAMED.alias("name"), pl.lit(not lacking).alias("by_holder"),
        pl.when(~pl.col("is_direct")).then("sender").alias("sender"),
    )  # fmt: skip


def _assigned_notices(a: Absences, spoken: pl.DataFrame, notices: pl.DataFrame) -> pl.DataFrame:
    """The records and the notices assigned to them.

    Columns: row, pair, place, notice, by_holder, of_holder (the holder recalled), of_other_id (its id is another one),
    is_only (it may speak of no other record), at_once, in_place.
    """
    # Where all times of a chat agree, those of a message and of the notice in its place do so too.
    jitter = 2 * (pl.col("spread") - a.params.spread_floor_seconds).clip(lower_bound=0.0)
    slack = pl.lit(a.params.edge_seconds) + jitter + _UNIT
    kinds = a.lacking_rows.select(pl.col("pair").cast(spoken.schema["pair"]), "cls", is_held=True).unique()
    spoken = spoken.join(kinds, on=["pair", "cls"], how="left", maintain_order="left")
    rows = spoken.select("row", "export", "pair", "written", "written_until", "party", "is_self", "is_direct", "message_id", "place", "unit", "is_held", slack.alias("slack"))  # fmt: skip
    notices = notices.join(_places_of_rows(a), on=["by_holder", "notice"], how="left", maintain_order="left")
    told = notices.lazy()
    # One id is one message. Somebody may still write it a thousand times.
    few = pl.int_range(pl.len()).over("pair", "message_id") < a.params.candidate_neighbours
    by_id = rows.lazy().drop_nulls("message_id").filter(few).join(
        told.drop_nulls("notice_id").unique(["pair", "notice_id", "by_holder"], maintain_order=True),
        left_on=["pair", "message_id"], right_on=["pair", "notice_id"],
    ).with_columns(notice_id="message_id", same_id=True, of_third_id=False, delay=0.0).pipe(collected)  # fmt: skip
    early = pl.min_horizontal(pl.lit(0.0), pl.col("until") - pl.col("written"))
    delay = pl.max_horizontal(pl.col("at") - pl.col("written_until"), early)
    # A message behind the notice in the file and later by its clock is not the recalled one, however coarse its times.
    in_front = (pl.col("notice_place") < pl.col("place").cast(pl.Int64)).fill_null(value=False)
    blur = pl.col("slack") - pl.when(in_front).then(_UNIT).otherwise(0.0)
    near = (
        _near_notices(rows, notices, a.params)
        .with_columns(delay.alias("delay"))
        .filter(pl.col("delay").is_between(-blur, a.params.recall_seconds + pl.col("slack")))
    )
    if near.is_empty() and by_id.is_empty():
        return by_id
    # A notice with the id of an existing message refers to that message.
    spent = pl.concat(
        f.lazy().filter(is_speech()).select("export", notice_id="message_id").drop_nulls()
        for f in (a.holder_rows, a.lacking_rows)
    )
    unspent = near.lazy().join(spent, on=["export", "notice_id"], how="anti")
    # So may a notice that both sides show under the id of a message that neither holds.
    by_both = told.drop_nulls("notice_id").group_by("pair", "notice_id").agg(pl.col("by_holder").n_unique().alias("n"))
    of_third = by_both.filter(pl.col("n") > 1).select("pair", "notice_id", of_third=pl.lit(value=True))
    unspent = unspent.join(of_third, on=["pair", "notice_id"], how="left")
    # A group's notice that names nobody stands under the name of who recalled.
    senders = a.names_of_one.rename({"name": "sender", "named": "shown_as"})
    known = unspent.join(a.names_of_one, on=["pair", "name"], how="left").join(
        senders, on=["pair", "sender"], how="left"
    )  # fmt: skip
    named = pl.when(pl.col("name").is_null()).then("shown_as").otherwise("named").alias("named")
    fits = known.with_columns(named).filter(_may_recall())
    of_third_id = pl.col("of_third").fill_null(value=False) & pl.col("message_id").is_not_null()
    fits = fits.with_columns(pl.lit(value=False).alias("same_id"), of_third_id.alias("of_third_id"))
    of_holder = (pl.col("by_holder") & pl.col("by_owner")).alias("of_holder")
    of_other_id = (pl.col("message_id") != pl.col("notice_id")).fill_null(value=False).alias("of_other_id")
    columns = ["row", "pair", "notice", "by_holder", "same_id", "delay", "slack", "unit", "place", "notice_place", "is_held", "of_third_id", of_holder, of_other_id]  # fmt: skip
    every = pl.concat([by_id.lazy().select(columns), fits.select(columns)])
    every = every.with_columns((pl.col("row").n_unique().over("by_holder", "notice") == 1).alias("is_only"))
    # Times to the minute do not tell which message a notice follows; the holder's file does.
    apart = pl.when("by_holder").then((pl.col("notice_place") - pl.col("place").cast(pl.Int64)).abs())
    every = every.with_columns(pl.col("delay").abs().alias("far"), apart.fill_null(0).alias("apart"))
    in_place = pl.col("same_id") | (pl.col("far") <= pl.col("slack") - _UNIT)
    beside = (pl.col("far") <= pl.col("slack")) & (pl.col("apart") <= 1)
    sure = ~pl.col("of_third_id")
    return _assign_notices(every).with_columns(
        ((in_place | beside) & sure).alias("at_once"), (in_place & sure).alias("in_place")
    )


def _places_of_rows(a: Absences) -> pl.DataFrame:
    """The place of each row in the holder's file; a row of the other side has the place of its partner.

    Columns: by_holder, notice (the row), notice_place. Rows of the other side without a partner are left out.
    """
    own = pl.DataFrame({"by_holder": True, "notice": a.holder_rows["row"], "notice_place": a.view.holder.order})
    order = a.view.holder.order[a.view.holder_rows]
    partners = pl.DataFrame({"by_holder": False, "notice": a.view.lacking_rows, "notice_place": order})
    types = {"notice": own.schema["notice"], "notice_place": pl.Int64}
    return pl.concat([own.cast(types), partners.cast(types)])  # type: ignore[arg-type]


def _near_notices(rows: pl.DataFrame, notices: pl.DataFrame, params: Params) -> pl.DataFrame:
    """The rows beside the notices of each side that are nearest in time."""
    width = params.recall_seconds + params.window_seconds
    marks = notices.filter("by_holder"), notices.filter(~pl.col("by_holder"))
    near = [
        join_nearest(rows, shown, (begin, end), width, params.candidate_neighbours)
        for shown in marks for begin in ("written", "written_until") for end in ("at", "until")
    ]  # fmt: skip
    return pl.concat(near).unique(maintain_order=True)


def _may_recall() -> pl.Expr:
    """Whether a notice can refer to the record's author: of the owner, of whom it names, or of anybody.

    WeChat calls the owner by a word for oneself, and other clients by his name.
    """
    own = pl.col("is_self")
    by_owner = pl.when(pl.col("by_holder")).then(own.fill_null(value=True)).otherwise(~own.fill_null(value=False))
    is_author = pl.col("named") == pl.col("party")
    by_other = (
        pl.when(pl.col("by_holder"))
        .then(~own.fill_null(value=False))
        .otherwise(pl.col("is_direct").not_() | own.fill_null(value=True))
    )
    of_anybody = ~pl.col("by_owner") & pl.col("name").is_null()
    of_other = (of_anybody | by_other) & is_author.fill_null(value=True)
    return pl.when(pl.col("by_owner")).then(by_owner).otherwise(of_other | is_author.fill_null(value=False))


def _assign_notices(every: pl.LazyFrame) -> pl.DataFrame:
    """Each notice with its nearest record, one to one per side: equal ids first, then by delay and place.

    A record of a kind that the other side never holds is absent without a recall.
    """
    order = pl.col("same_id").not_(), pl.col("is_held").is_null(), "of_third_id", "far", "apart", "notice", "row"
    ordered = every.sort(*order).pipe(collected)
    spent: set[tuple[bool, int]] = set()
    told: set[tuple[bool, int]] = set()
    kept = []
    # Only unmatched records within minutes of a recall notice get here.
    for at, (row, notice, by_holder) in enumerate(ordered.select("row", "notice", "by_holder").iter_rows()):
        if (by_holder, notice) not in spent and (by_holder, row) not in told:
            spent.add((by_holder, notice))
            told.add((by_holder, row))
            kept.append(at)
    return ordered[kept]


HYPOTHESIS = Hypothesis(
    Cause.RECALLED,
    assess,
    "Both sides show a recall notice of the author at the record's moment, or the holder within two minutes and the other side with the record's id or second. Or both show it within two minutes, and the holder's has the record's id, or it is one recall right behind the other party's message that may speak of no other record. A notice on one side, or later, or under a third id on both, raises doubt.",
    "The author's own copy still shows the words and the other side no notice in their place, the notice explains another record or bears another id, or the other side's numbering skips one there.",
)
