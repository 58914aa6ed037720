"""Coverage: where each unmatched record lies relative to the span of the other export."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clocks_beside import (
    amid_author,
    clocks_beside,
    differences,
    levels_beside,
    levels_of,
    residuals_beside,
    steady_clocks,
)  # fmt: skip
from reconcile.engine.pairs.settle import longest_rising
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.reach import Exported, known_bounds
from reconcile.engine.records import NO_PAIR, Flags, Ints, times_around
from reconcile.engine.sides import SideView
from reconcile.intake.contract import Reading
from reconcile.wechat.kind_classes import CALL, PAYMENT, SYSTEM

# Kinds that the server creates, whoever is named as their author.
_BY_SERVER = (CALL, PAYMENT, SYSTEM)

# A notice that a client writes at the head of every export, also of one that was cleared.
_OF_ENCRYPTION = (
    r"(?i)end-to-end|ende-zu-ende|extremo a extremo|ponta a ponta|bout en bout|сквозным шифр|端到端|端[对對]端"
)

EDGES = ("inside", "reached", "bounded", "unverified")


def with_edges(
    rows: pl.DataFrame, view: SideView, lacking: Reading, exported: Exported, params: Params
) -> pl.DataFrame:
    """The unmatched rows with `edge` and `waits`.

    edge is one of: inside = between the other export's records, by time or position. reached = beyond them, although
    facts say that the export extends there. bounded = facts say that it does not. unverified = beyond, and no facts are
    known. waits: inside, but the order of the files or another reading of clocks places the record beyond: it may
    have reached the other device only after its last record, lie so close to an end that either order is possible, have
    been stamped before or after its sender's clock was set, or lie within the export's notices but not its messages.
    Reached, but the export may hold a chosen period, or only by a clock that no pair measures there.

    Args:
        rows: the unmatched rows of the holding side.
        view: the alignment seen from the holding side.
        lacking: the other export.
        exported: when the other side's exports were made.
        params: the parameters of the model.
    """
    if rows.is_empty():
        return rows.with_columns(pl.lit(EDGES[0]).alias("edge"), pl.lit(value=False).alias("waits"))
    place, u = pl.col("place"), pl.col("u")
    behind = (place > pl.col("last_place")).fill_null(value=True)
    ahead = (place < pl.col("first_place")).fill_null(value=True)
    stamp = u + pl.col("level")
    late = (stamp + pl.col("slip") > pl.col("stamped_to") - pl.col("slack")).fill_null(value=True)
    early = (stamp - pl.col("slip") < pl.col("stamped_from") + pl.col("slack")).fill_null(value=True)
    facts = known_bounds(view, lacking, exported)
    spans = _with_spans(rows, view, params).join(facts, on="pair", how="left", maintain_order="left")
    # Between a record and the first common ones the clock may have been set: place and time contradict each other.
    torn = (behind & ~late) | (ahead & ~early)
    beyond = (
        late.alias("late"),
        early.alias("early"),
        (behind & late).alias("after"),
        (ahead & early).alias("before"),
        torn.alias("torn"),
    )
    table = spans.with_columns(beyond).pipe(collected)
    after, before = pl.col("after"), pl.col("before")
    # An export that holds records beyond its stated end extends at least to them.
    bounded = ((u > pl.col("bound_to") - pl.when(after).then("slack").otherwise(0.0)) & pl.col("late")) | (
        (u < pl.col("bound_from")) & pl.col("early")
    )
    reached = (after & (u + pl.col("range") <= pl.col("known_to") - pl.col("slack"))) | (
        before & (u - pl.col("range") >= pl.col("known_from") + pl.col("slack"))
    )
    edge = (
        pl.when(bounded.fill_null(value=False)).then(pl.lit("bounded"))
        .when(~after & ~before).then(pl.lit("inside"))
        .when(reached.fill_null(value=False)).then(pl.lit("reached"))
        .otherwise(pl.lit("unverified"))
    )  # fmt: skip
    # A client may keep a notice of a time whose messages it lacks.
    noticed = (
        (before & (place > pl.col("notice_first")) & (u - pl.col("range") > pl.col("notice_from") + pl.col("slack")))
        | (after & (place < pl.col("notice_last")) & (u + pl.col("range") < pl.col("notice_to") - pl.col("slack")))
    ).fill_null(value=False)  # fmt: skip
    told = table.select(edge.alias("edge"), noticed.alias("noticed"))
    told = told.with_columns(_of_copies(table, told["edge"]))
    noticed_rows = told["noticed"] & (told["edge"] == "unverified")
    waits = noticed_rows | ((table["torn"] | _may_lie_beyond(view, table, params)) & (told["edge"] == "inside"))
    waits |= (told["edge"] == "reached") & _may_not_extend(table, told["edge"], params)
    return table.with_columns(told["edge"].set(noticed_rows, "inside"), waits.alias("waits"))


def _may_not_extend(table: pl.DataFrame, edge: pl.Series, params: Params) -> pl.Series:
    """Whether the export may end before each row that it reaches, for one of these reasons.

    - The export lacks the chat's beginning too, so it may hold a chosen period.
    - The export was made less than a minute after the row. The store may have been read before that minute.
    - Later rows of the same run disprove the stated time of the export.
    - The export reaches the row only if neither clock was set beyond the last pair.
    """
    after, slack = pl.col("after"), pl.col("slack")
    headless = (pl.col("before") & (pl.col("edge") == "unverified")).sum().over("pair") >= params.selection_records
    stamp = pl.col("u") + pl.col("range")
    unshown = (stamp > pl.col("shown_to") - slack).fill_null(value=True)
    unmeasured = (after & (pl.col("u") + pl.col("last_apart") > pl.col("known_to") - slack)) | (
        pl.col("before") & (pl.col("u") - pl.col("first_apart") < pl.col("known_from") + slack)
    )
    of_a_period = headless & after & unshown
    of_last_minute = after & unshown & (stamp > pl.col("known_to") - params.time_conflict_seconds)
    disproved = after & (stamp > pl.col("made_from") - slack)
    may = [e.fill_null(value=False) for e in (of_a_period, of_last_minute, disproved, unmeasured)]
    return table.with_columns(edge.alias("edge")).select(pl.any_horizontal(may)).to_series()


def _of_copies(table: pl.DataFrame, edge: pl.Series) -> pl.Series:
    """The edge of each row, where a message held twice lies beyond by time if one of its rows does.

    Of two exports of one device the earlier one puts its rows among those of the later one, so places mix.
    """
    look = ["pair", "party", "cls", "text", "raw_t"]
    far = (pl.col("u") < pl.col("own_from")) | (pl.col("u") > pl.col("own_to"))
    beyond = edge.is_in(EDGES[2:])
    asked = table.select(far.fill_null(value=False) & ~pl.lit(beyond)).to_series()
    if not (beyond.any() and asked.any()):
        return edge
    held = table.select(look).with_columns(edge.alias("copied")).filter(beyond).drop_nulls("raw_t")
    held = held.unique(look, keep="first", maintain_order=True)
    copied = table.select(look).join(held, on=look, how="left", nulls_equal=True, maintain_order="left")["copied"]
    return pl.select(edge=pl.when(pl.lit(asked)).then(pl.coalesce(copied, edge)).otherwise(edge))["edge"]


def _with_spans(rows: pl.DataFrame, view: SideView, params: Params) -> pl.LazyFrame:
    """The unmatched rows with `_span_tables`, `_offset_range`, `slack` and `level` (seconds).

    `level` is how far ahead the clock is by which the other device stamps messages of the row's sender.
    """
    # A message stamped by another clock is sorted to another place, so places are compared within one clock only.
    other_clock = _on_other_clock(view)
    steady, at = steady_clocks(view), view.records_at(rows["place"])
    own, met = _span_tables(view, other_clock, steady, params)
    slack = pl.lit(params.edge_seconds) + pl.col("unit") + params.edge_spreads * pl.col("spread")
    # Near a clock change, or for a sender with a clock of their own, any offset of the conversation may be the right one.
    return (
        rows.lazy()
        .with_columns(pl.Series("other_clock", other_clock[at]))
        .join(own, on="pair", how="left", maintain_order="left")
        .join(met, on=["pair", "other_clock"], how="left", maintain_order="left")
        .join(_offset_range(view, steady), on="pair", how="left", maintain_order="left")
        .join(_notices(view), on="pair", how="left", maintain_order="left")
        .with_columns(pl.Series("level", levels_of(steady, view.holder, at)))
        .with_columns(slack.alias("slack"), pl.col("range", "slip").fill_null(0.0))
    )


def _may_lie_beyond(view: SideView, table: pl.DataFrame, params: Params) -> pl.Series:
    """Whether another reading of clocks or of file order places each row beyond the other export.

    Args:
        view: the alignment seen from the holding side.
        table: the unmatched rows with the columns of `_with_spans`, `after` and `before`.
        params: the parameters of the model.
    """
    u, places = pl.col("u"), table["place"]
    latest, earliest = pl.col("own_to") - pl.col("slack"), pl.col("own_from") + pl.col("slack")
    waits = pl.lit(_arrivals(view, places, params)) > latest
    # Clocks that differ by seconds put the last records of two files into another order.
    close = pl.min_horizontal("range", pl.lit(params.window_seconds)) + params.edge_seconds
    table = table.with_columns(times_around(view.holder, view.holder_u)[places].get_columns())
    early, late = amid_author(view, places)
    waits |= (pl.col("latest") + close > pl.col("last_u")) & ~pl.lit(early)
    waits |= (pl.col("earliest") - close < pl.col("first_u")) & ~pl.lit(late)
    for level in [*levels_beside(view, places, params), *residuals_beside(view, places, params)]:
        waits |= (u + pl.lit(level) > latest) | (u + pl.lit(level) < earliest)
    t = pl.Series(view.holder.t[view.records_at(places)], nan_to_null=True)
    for level in clocks_beside(view, places, params):
        stamp = pl.lit(t + level)
        waits |= (stamp > pl.col("raw_to") - pl.col("slack")) | (stamp < pl.col("raw_from") + pl.col("slack"))
    told = table.select(waits.fill_null(value=False)).to_series()
    open_ended = unfollowed(view, view.records_at(places)) | _came_with_late(view, places, params)
    return told | pl.Series(open_ended | _counted_outside(view, table))


def _counted_outside(view: SideView, table: pl.DataFrame) -> Flags:
    """Whether the holder's numbers place each record beyond the other export, although its time does not.

    Numbers count where they rise with the order of the other export. A device with its clock set back sorts later
    messages among earlier ones, but its numbers go on. A number beyond all others proves nothing: a message inserted
    later has one too.

    Args:
        view: the alignment seen from the holding side.
        table: the unmatched rows with `pair`, `place`, `after` and `before` (beyond the other export by time and
            place).
    """
    holder, number = view.holder, view.holder.frame["local_id"].cast(pl.Float64)
    if number.null_count() == len(number) or not table.select((pl.col("after") | pl.col("before")).any()).item():
        return np.zeros(table.height, bool)
    pairs = pl.DataFrame({
        "pair": holder.pair[view.holder_rows], "number": number[view.holder_rows],
        "place": view.lacking.order[view.lacking_rows],
    }).filter(pl.Series(view.is_sure) & pl.col("number").is_not_null()).sort("pair", "place")  # fmt: skip
    met = pairs.group_by("pair", maintain_order=True).agg(
        (pl.col("number").diff() > 0).mean().alias("rises"),
        pl.col("number").min().alias("low"),
        pl.col("number").max().alias("high"),
    )
    shown = table.with_columns(number[view.records_at(table["place"])].alias("number"))
    beyond = shown.group_by("pair").agg(
        pl.col("number").filter("before").min().alias("lowest"), pl.col("number").filter("after").max().alias("highest")
    )
    told = shown.join(
        met.filter(pl.col("rises") >= PARAMS.numbered_share), on="pair", how="left", maintain_order="left"
    ).join(beyond, on="pair", how="left", maintain_order="left")
    n = pl.col("number")
    behind = (n > pl.col("high")) & (n < pl.col("highest"))
    ahead = (n < pl.col("low")) & (n > pl.col("lowest"))
    outside: Flags = told.select((behind | ahead).fill_null(value=False)).to_series().to_numpy()
    return outside


def unfollowed(view: SideView, rows: Ints) -> Flags:
    """Whether each record is the owner's own, and no later own message reached the other party's export.

    Messages made by the server do not count. The device may have sent such records after the other export was made, so
    they are not necessarily missing there.
    """
    holder, lacking = view.holder, view.lacking
    mine, theirs = view.holder_rows[view.is_sure], view.lacking_rows[view.is_sure]
    spoken = (holder.own == 1) & ~np.isin(holder.cls, _BY_SERVER)
    received = spoken[mine] & (lacking.own[theirs] == 0)
    if not received.any():
        return np.zeros(len(rows), bool)
    last = (
        pl.DataFrame({"pair": holder.pair[mine], "place": holder.order[mine]})
        .filter(pl.Series(received)).group_by("pair").agg(pl.col("place").max())
    )  # fmt: skip
    asked = pl.DataFrame({"pair": holder.pair[rows]}).join(last, on="pair", how="left", maintain_order="left")
    place = asked["place"].fill_null(np.iinfo(np.int64).max).to_numpy()
    unfollowed: Flags = spoken[rows] & (holder.order[rows] > place)
    return unfollowed


def _arrivals(view: SideView, places: pl.Series, params: Params) -> pl.Series:
    """When the owner's previous message reached the other device, if late (seconds, common clock).

    Null where it was not late. A device sends in order: a message written after one that still waited also arrived
    after it.
    """
    holder = view.holder
    delay = differences(view)
    arrived = view.holder_u + delay
    late = (delay > params.time_conflict_seconds) & (delay <= params.late_limit_seconds)
    own = holder.own == 1
    if not (late & own).any():
        return pl.Series([None] * len(places), dtype=pl.Float64)
    frame = pl.DataFrame({
        "pair": holder.pair, "place": holder.order, "own": own,
        "arrived": pl.Series(np.where(late | np.isnan(arrived), arrived, -np.inf), nan_to_null=True),
    })  # fmt: skip
    before = pl.col("arrived").forward_fill().shift(1).over("pair", order_by="place")
    mine = frame.filter("own").with_columns(before.alias("before")).filter(pl.col("before") > -np.inf)
    told = pl.DataFrame({"place": places}).join(mine, on="place", how="left", maintain_order="left")
    return told["before"]


def _came_with_late(view: SideView, places: pl.Series, params: Params) -> Flags:
    """Whether each record came in beside late ones of its sender, and none of the sender's came before.

    Messages that waited together arrive within seconds, each with its own delay. Where no message of the sender had come
    in at once before, such a record may have been sent before everything that the sender's own export shows.
    """
    holder = view.holder
    delay = -differences(view)
    late = (delay > params.jump_seconds) & (delay <= params.late_limit_seconds) & (holder.own == 0)
    found = np.zeros(len(places), bool)
    if not late.any():
        return found
    by = ["pair", "party"]
    everybody = pl.DataFrame({"pair": holder.pair, "party": holder.party, "u": view.holder_u}, nan_to_null=True)
    records = view.records_at(places)
    asked = everybody[records].with_row_index("n").drop_nulls().sort("u")
    prompt = (np.abs(delay) <= params.late_settle_seconds) & ~np.isin(holder.cls, _BY_SERVER)
    told = asked.join_asof(
        everybody.filter(pl.Series(late)).drop_nulls().sort("u").with_columns(pl.lit(value=True).alias("beside")),
        on="u", by=by, strategy="nearest", tolerance=params.settle_seconds, check_sortedness=False,
    ).join_asof(
        everybody.filter(pl.Series(prompt)).drop_nulls().sort("u").with_columns(pl.lit(value=True).alias("prompt")),
        on="u", by=by, check_sortedness=False,
    )  # fmt: skip
    found[told.filter(pl.col("beside").is_not_null() & pl.col("prompt").is_null())["n"].to_numpy()] = True
    return found


def _offset_range(view: SideView, steady: pl.DataFrame) -> pl.LazyFrame:
    """pair, range, slip: span of the offsets of a conversation, including senders' own clocks (seconds).

    slip leaves out those of `steady`, the `steady_clocks`.
    """
    a = view.alignment
    types = pl.Schema({"pair": pl.Int64, "range": pl.Float64, "slip": pl.Float64})
    shown = [pl.LazyFrame(schema=types)]
    if a.clock.segments.height:
        spread = pl.col("offset").max() - pl.col("offset").min()
        segments = a.clock.segments.lazy().filter(pl.col("segment") >= 0).group_by("pair")
        shown.append(segments.agg(spread.alias("range"), spread.alias("slip")))
    if a.clock.senders.height:
        known = steady.lazy().select("pair", "party", is_right=~pl.lit(view.holder.is_right), steady=True)
        clocks = a.clock.senders.lazy().join(known, on=["pair", "party", "is_right"], how="left")
        off = pl.col("seconds").abs()
        slip = pl.when(pl.col("steady").is_null()).then(off).otherwise(0.0)
        shown.append(clocks.group_by("pair").agg(off.max().alias("range"), slip.max().alias("slip")))
    typed = pl.concat([s.cast(types) for s in shown])
    return typed.group_by("pair").agg(pl.col("range", "slip").sum())


def _span_tables(
    view: SideView, other_clock: Flags, steady: pl.DataFrame, params: Params
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The lacking side's first and last time, also as stamped; per clock, place and time of the ends.

    Of two times of one record the inner one counts: either device may have stamped it late, so the outer one does not
    show that the lacking export extends so far.
    """
    lacking, rows = view.lacking, view.holder_rows
    # Where times are known, a pair in which one side states none shows no end.
    both = ~np.isnan(view.holder_u[rows]) & ~np.isnan(view.lacking_u[view.lacking_rows])
    both |= ~view.alignment.timed[np.maximum(view.holder.pair[rows], 0)]
    partner = np.full(len(lacking), np.nan)
    partner[view.lacking_rows[both]] = view.holder_u[rows[both]]
    shown = np.flatnonzero(view.is_placed & (lacking.pair != NO_PAIR) & (lacking.cls != SYSTEM))
    levels = levels_of(steady, lacking, shown)
    times = {"u": view.lacking_u[shown], "partner": partner[shown], "level": levels, "t": lacking.t[shown]}
    frame = pl.LazyFrame({"pair": lacking.pair[shown], **times}, nan_to_null=True)
    first, last = pl.max_horizontal("u", "partner"), pl.min_horizontal("u", "partner")
    own = frame.group_by("pair").agg(
        first.min().alias("own_from"), (first + pl.col("level")).min().alias("stamped_from"),
        last.max().alias("own_to"), (last + pl.col("level")).max().alias("stamped_to"),
        pl.col("t").min().alias("raw_from"), pl.col("t").max().alias("raw_to"),
    )  # fmt: skip
    # A copy that lies farther out than the lacking side's own does not show how far that side extends.
    ahead = view.holder_u[rows] - view.lacking_u[view.lacking_rows]
    slack = params.edge_seconds + params.edge_spreads * view.alignment.clock.spread[view.holder.pair[rows]]
    sure = view.is_sure & both & (view.holder.cls[rows] != SYSTEM) & _in_order(view)
    places = pl.LazyFrame({
        "pair": view.holder.pair[rows], "other_clock": other_clock[rows], "place": view.holder.order[rows], "later": ahead > slack, "earlier": ahead < -slack,
        "u": view.holder_u[rows],
    }).filter(pl.Series(sure))  # fmt: skip
    met = places.group_by("pair", "other_clock").agg(
        pl.when(~pl.col("earlier")).then("place").min().alias("first_place"),
        pl.when(~pl.col("later")).then("place").max().alias("last_place"),
        pl.when(~pl.col("earlier")).then("u").min().alias("first_u"),
        pl.when(~pl.col("later")).then("u").max().alias("last_u"),
    )
    return own, met


def _in_order(view: SideView) -> Flags:
    """Whether each pair stands in its chat's order; True with times. Moved records show no end."""
    rows, pair = view.holder_rows, view.holder.pair[view.holder_rows]
    fits, at = np.ones(len(rows), bool), np.flatnonzero(~view.alignment.timed[np.maximum(pair, 0)])
    if len(at):
        at = at[np.lexsort((view.holder.order[rows[at]], pair[at]))]
        place = view.lacking.order[view.lacking_rows[at]]
        fits[at] = longest_rising(pair[at].astype(np.int64) * (len(view.lacking) + 1) + place)
    return fits


def _notices(view: SideView) -> pl.LazyFrame:
    """Per conversation places and times (seconds) of the first and the last notice that both sides hold."""
    rows = view.holder_rows[view.holder.cls[view.holder_rows] == SYSTEM]
    if len(rows):
        rows = rows[~view.holder.frame["text"][rows].str.contains(_OF_ENCRYPTION).fill_null(value=False).to_numpy()]
    held = {"pair": view.holder.pair[rows], "place": view.holder.order[rows], "u": view.holder_u[rows]}
    return pl.LazyFrame(held, nan_to_null=True).group_by("pair").agg(
        pl.col("place").min().alias("notice_first"), pl.col("place").max().alias("notice_last"),
        pl.col("u").min().alias("notice_from"), pl.col("u").max().alias("notice_to"),
    )  # fmt: skip


def _on_other_clock(view: SideView) -> Flags:
    """Whether the sender of each of the holder's records has a clock of their own on either side."""
    holder, senders = view.holder, view.alignment.clock.senders
    if senders.is_empty():
        return np.zeros(len(holder), bool)
    own = senders.select("pair", "party").unique()
    table = pl.DataFrame({"pair": holder.pair, "party": holder.party}).with_row_index("n")
    flags = np.zeros(len(holder), bool)
    flags[table.join(own, on=["pair", "party"], how="semi")["n"].to_numpy()] = True
    return flags


__all__ = ["EDGES", "with_edges"]
