"""The message never left its author's device."""

from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from reconcile.column_ops import collected, filled, listed, on_axis, value_by_export, with_neighbours
from reconcile.engine.coverage import unfollowed
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech, said_where
from reconcile.engine.judgement.sent_again import Way, sent_again
from reconcile.engine.params import Params
from reconcile.engine.records import UNDELIVERED, Flags, Ints, Records
from reconcile.engine.references.targets import system_rows
from reconcile.vocabulary import Cause, Kind
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS
from reconcile.wechat.kinds import REFUSED_NOTICE


def assess(a: Absences) -> Assessed:
    """The holder's own records that failed, by status, refusal notice, second attempt or lack of an id.

    A message gets its server id when the server accepts it. That a record has none leaves doubt: it failed, or its holder
    wrote it into the export. A second attempt that arrived tells that it failed.
    """
    if a.holder.facts.limits.holds_only_delivered:
        return Assessed(a.none, a.none)
    own, unsaid, status = a.several_flags(
        pl.col("is_self"),
        pl.col("is_self").is_null() & is_speech(),
        pl.col("status").cast(pl.String).is_in(UNDELIVERED),
    )
    own = own | _own_by_others(a)
    unknown = unsaid & ~own
    stale = a.among(_sending_for_days(a))
    refused = a.among(_nearest_to_refusals(a))
    view = a.view
    unnumbered = view.holder.unnumbered[view.records_at(a.rows["place"])]
    twice, again = _sent_twice_unmarked(a)
    if unnumbered.any():
        again |= _sent_again(a, unnumbered, numbered=True)
    # Of two people, only the author holds a copy that failed.
    if (again & unknown).any():
        own |= again & unknown & a.flags(pl.col("is_direct"))
    if (refused & unknown).any():
        # Only an author sends refused words again, and only the author's device shows the refusal.
        own |= _sent_again(a, refused & unknown, numbered=False)
        # Of rows for which its form writes no sender, the one right in front of a refusal that no other row takes is refused.
        before = before_refusals(view.holder, a.params)
        is_next = a.flags(pl.col("sender").is_null()) & before[view.records_at(a.rows["place"])]
        own |= refused & unknown & a.flags(pl.col("is_direct")) & (is_next | _of_refused_party(a, before))
    evidence = status | refused | again
    unknown &= ~own
    holds = (evidence & (own | unknown)) | unnumbered | (own & _refusal_not_shown(a))
    holds |= (own | unknown) & twice
    against = said_where(evidence & ~own & ~unknown, "record_of_the_other_party")
    return Assessed(holds, evidence & own & ~(stale & ~refused & ~again), None, against)


def _of_refused_party(a: Absences, before: Flags) -> Flags:
    """The records of a party where each of the several refusals of a chat stands behind one of its rows.

    Only an author's device shows refusals, so that party is the holder.
    """
    rows = a.view.holder.frame.select("pair", "party").filter(pl.Series(before)).drop_nulls()
    chats = rows.group_by("pair").agg(pl.col("party").first(), n=pl.len(), people=pl.col("party").n_unique())
    told = chats.filter(pl.col("people") == 1, pl.col("n") >= a.params.owner_refusals)
    by = ["pair", "party"]
    return a.among(
        a.rows.select("row", *by).join(told.cast({c: a.rows.schema[c] for c in by}), on=by, how="semi")["row"]
    )


def _refusal_not_shown(a: Absences) -> Flags:
    """The holder's last messages in a form without statuses and notices, where no refusal would show.

    Whoever was blocked goes on writing, and nothing of it arrives.
    """
    silent = (
        Kind.SYSTEM in a.holder.facts.limits.kinds_absent
        and a.holder_rows["status"].null_count() == a.holder_rows.height
    )
    return unfollowed(a.view, a.view.records_at(a.rows["place"])) if silent else a.none


def _own_by_others(a: Absences) -> Flags:
    """Whether marks of other rows, in either export, show that the sender is the holder.

    Where two people speak, whoever is not the owner of the other export is the holder.
    """
    unmarked = a.flags(pl.col("is_self").is_null() & pl.col("party").is_not_null() & is_speech())
    if not unmarked.any():
        return unmarked
    told = pl.lit(value=False)
    for rows, is_own, most in ((a.holder_rows, pl.col("is_self"), None), (a.lacking_rows, ~pl.col("is_self"), 2)):
        # An export without any mark shows nothing.
        if rows["is_self"].null_count() == rows.height:
            continue
        said = rows.lazy().filter(is_speech() & pl.col("party").is_not_null() & pl.col("pair").is_not_null())
        marks = said.group_by("pair", "party").agg(
            is_own.all().alias("is_own"), pl.col("is_self").is_not_null().any().alias("said")
        )
        marks = marks.filter("is_own" if most is None else pl.col("is_own") & (pl.len().over("pair") == most))
        owners = collected(marks.filter("said").select(pl.col("pair").cast(pl.Int64), pl.col("party").cast(pl.String)))
        here = a.rows.select("row", pl.col("pair").cast(pl.Int64), pl.col("party").cast(pl.String))
        told |= pl.col("row").is_in(listed(here.join(owners, on=["pair", "party"], how="semi")["row"]))
    return unmarked & a.flags(told)


def _sending_for_days(a: Absences) -> pl.Series:
    """Records still marked as sending days before the export was made."""
    if not a.exported:
        return pl.Series(dtype=pl.UInt32)
    old = pl.col("raw_t") / 1e6 < value_by_export(a.exported, a.rows, pl.Int64) / 1e6 - a.params.sending_limit_seconds
    return a.rows.filter((pl.col("status").cast(pl.String) == "sending") & old)["row"]


def _nearest_to_refusals(a: Absences) -> pl.Series:
    """For each refusal notice, the holder's own unmatched record that is nearest to it in time."""
    notices = system_rows(a.holder_rows)
    notices = notices.filter(pl.col("text").str.contains(REFUSED_NOTICE)) if notices.height else notices
    if notices.is_empty():
        return pl.Series(dtype=pl.UInt32)
    p = a.params
    bucket = (pl.col("place") // p.refusal_places).cast(pl.Int64).alias("bucket")
    places = pl.DataFrame({"notice": a.holder_rows["row"], "place": a.view.holder.order})
    shown = notices.select("pair", "raw_t", notice="row").join(places, on="notice").with_columns(bucket)
    may_be_own = (pl.col("cls") != SYSTEM) & pl.col("is_self").ne_missing(pl.lit(value=False))
    asked = a.rows.filter(may_be_own).select(
        pl.col("pair").cast(shown.schema["pair"]), "row", "raw_t", "place", "unit", bucket
    )
    behind = pl.col("place_right").cast(pl.Int64) - pl.col("place").cast(pl.Int64)
    latest = pl.when(pl.col("behind") == 1).then(p.refusal_next_seconds).otherwise(p.refusal_seconds)
    unit = pl.when(pl.col("unit") > 1).then(60.0).otherwise(0.0)
    in_time = pl.col("apart").is_between(-p.refusal_early_seconds - unit, latest + unit).fill_null(value=True)
    near = asked.join(with_neighbours(shown, "bucket"), on=["pair", "bucket"]).with_columns(
        behind.alias("behind"), apart=(pl.col("raw_t_right") - pl.col("raw_t")) / SECONDS
    ).filter(pl.col("behind").is_between(-1, p.refusal_places), in_time)  # fmt: skip
    ordered = near.sort(pl.col("apart").abs().fill_null(0.0), pl.col("behind") < 0, "behind", "row")
    told: set[int] = set()
    spent: set[int] = set()
    # Only unmatched records within a few places of a notice get here.
    for notice, row in ordered[["notice", "row"]].iter_rows():
        if notice not in spent and row not in told:
            spent.add(notice)
            told.add(row)
    return pl.Series(sorted(told), dtype=pl.UInt32)


def before_refusals(records: Records, params: Params) -> Flags:
    """Whether the next row of each record's file is a notice of a refusal, and soon."""
    notices = np.flatnonzero(records.cls == SYSTEM)
    shown = filled(records.frame["text"][notices].str.contains(REFUSED_NOTICE), value=False)
    notices = notices[shown.to_numpy()]
    out, before = np.zeros(len(records), bool), records.by_order[np.maximum(records.order[notices] - 1, 0)]
    late = records.t[notices] - records.t[before]
    soon = ~(late > params.refusal_next_seconds + records.unit[before])
    out[before[soon & (records.pair[before] == records.pair[notices]) & (before != notices)]] = True
    return out


def _sent_again(a: Absences, rows: Flags, *, numbered: bool, ways: tuple[Way, ...] = ("forward",)) -> Flags:
    """Those of these records that their author sent again soon, so that the other side has it.

    Args:
        a: the records and both sides.
        rows: the records.
        numbered: whether the message that arrived must have a server id.
        ways: whether the one that arrived was sent after it (forward) or before (backward).
    """
    held, arrived = a.view.holder, a.view.holder_rows
    if numbered:
        arrived = arrived[held.frame["message_id"].is_not_null().to_numpy()[arrived]]
    first = a.view.records_at(a.rows["place"])[rows]
    again = a.none
    again[rows] = sent_again(held, first, arrived, a.params.retry_seconds, ways)
    return again


def _sent_twice_unmarked(a: Absences) -> tuple[Flags, Flags]:
    """Records whose author sent the same words soon before or after, and those sent again at once.

    Only chats without ids and states of sending count. A failed message that was sent again stands twice in such an export,
    and nothing tells it from a delivered one. Words that their author says often are soon said again anyway. Of a sentence
    that was sent again before anybody said anything else, and then arrived, the first copy failed, unless the numbers of the
    other side skip one there.
    """
    marks = pl.col("message_id").is_not_null() | pl.col("status").is_not_null()
    chats = a.holder_rows.lazy().filter(pl.col("pair").is_in(listed(a.rows["pair"])))
    mute = collected(chats.group_by("pair").agg(marks.any().alias("m")).filter(~pl.col("m")))["pair"]
    words = (pl.col("cls") == WORDS) & (pl.col("text").str.strip_chars() != "")
    rows = a.flags(pl.col("pair").cast(mute.dtype).is_in(listed(mute)) & words) if len(mute) else a.none
    if not rows.any():
        return rows, rows
    twice = _sent_again(a, rows, numbered=False, ways=("forward", "backward"))
    if twice.any():
        twice[twice] = ~_said_by_habit(a, a.view.records_at(a.rows["place"])[twice])
    return twice, twice & a.among(_again_at_once(a, mute))


def _said_by_habit(a: Absences, asked: Ints) -> Flags:
    """Whether each record's author says its words so often that they likely recur soon, not beside it."""
    held = a.view.holder
    beside = np.zeros(len(asked), bool)
    for step in (-1, 1):
        is_there, other = a.view.beside(asked, step)
        beside |= is_there & (held.party[other] == held.party[asked]) & (held.raw_key[other] == held.raw_key[asked])
    here = np.flatnonzero(np.isin(held.pair, held.pair[asked]) & (held.cls != SYSTEM) & ~np.isnan(held.t))
    author = held.pair * (int(held.party.max()) + 2) + held.party + 1
    said = pl.DataFrame({"at": here, "author": author[here], "key": held.raw_key[here]})
    # The record and the other one are what is to be explained.
    often = (pl.len().over("author", "key") - 2) / pl.len().over("author")
    share = np.zeros(len(held))
    share[here] = said.select(often.clip(0.0)).to_series().to_numpy()
    axis, reach = np.sort(on_axis(author[here], held.t[here])), round(1000 * a.params.retry_seconds)
    x = on_axis(author[asked], np.nan_to_num(held.t[asked]))
    around = np.searchsorted(axis, x + reach, side="right") - np.searchsorted(axis, x - reach) - 1
    none_else = (1 - share[asked]) ** np.maximum(around, 0)
    by_habit: Flags = (none_else < 1 - none_else) & ~beside
    return by_habit


def _again_at_once(a: Absences, chats: pl.Series) -> pl.Series:
    """Unmatched sentences of these chats that are the next message too, which arrived.

    Nothing in the other export stands in the place of the first one: no row without a partner and no number that it skips.
    """
    view, holder = a.view, a.view.holder
    asked = a.rows.filter(pl.lit(a.is_sentence) & is_speech() & pl.col("pair").cast(chats.dtype).is_in(listed(chats)))
    if asked.is_empty():
        return asked["row"]
    first = view.records_at(asked["place"])
    # What people said, without the client's notices, and the partner of each.
    line = holder.by_order[(holder.cls != SYSTEM)[holder.by_order]]
    place = np.zeros(len(holder), np.int64)
    place[line] = np.arange(len(line))
    partner = np.full(len(holder), -1)
    partner[view.holder_rows] = view.lacking_rows
    following = line[np.minimum(place[first] + 1, len(line) - 1)]
    last = np.maximum.accumulate(np.where(partner[line] >= 0, np.arange(len(line)), -1))[place[first]]
    is_met = (last >= 0) & (holder.pair[line[last]] == holder.pair[first])
    mine, other = (holder.frame[["pair", "party", "cls", "text"]][at] for at in (first, following))
    again = reduce(and_, (mine[c].eq_missing(other[c]) for c in mine.columns), pl.Series(partner[following] >= 0))
    found = pl.DataFrame({
        "row": asked["row"], "pair": mine["pair"], "before": np.where(is_met, partner[line[last]], -1), "after": partner[following],
    }).filter(again)  # fmt: skip
    theirs = a.view.lacking
    # How many rows without a partner the other side has up to each place.
    alone = np.cumsum(~a.lacking_rows["is_paired"].to_numpy()[theirs.by_order])[theirs.order]
    is_first = found["before"] < 0
    none_alone = pl.Series(alone[found["after"].to_numpy()] <= alone[found["before"].to_numpy()])
    skips = a.skips_numbers(found["pair"], found["before"], found["after"])
    return found.filter(is_first | (none_alone & ~skips))["row"]


HYPOTHESIS = Hypothesis(
    Cause.NOT_DELIVERED,
    assess,
    "The holder's own record: its status, a refusal notice behind it, or a second attempt says that it was not delivered. "
    "A missing server id raises doubt. "
    "The holder's last messages are in doubt where the form of the export shows no refusal, and so are the same words sent "
    "again soon, unless their author says them often, where it shows neither ids nor states of sending. A sentence sent again before anybody said anything else "
    "explains the first copy.",
    "The other side holds it, or the record is the other party's.",
)
