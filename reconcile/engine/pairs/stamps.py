"""How much two times tell that are equal to the last figure, or to the second."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.content.forms import Forms
from reconcile.engine.pairs.levels import DIFFERENT, EQUAL, FORM, UNCLEAR, Content
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Records
from reconcile.wechat.kind_classes import SYSTEM, WORDS

# A name in brackets, and what is left beside it of an author's own words, above those that they quote.
_NAMED, _WORDS = r"[\[【][^\]】\n]*[\]】]", r"^[^\n]*[\p{L}0-9]"


def equal_time_densities(left: Records, right: Records, clock: Clock, params: Params) -> Floats:
    """Per conversation, the chance per second that one message has two exactly equal times; 0 = unknown.

    Only times that are stated finer than two clocks agree tell more than their difference. They are equal as often as
    those of confident pairs.
    """
    out = np.zeros(len(clock.spread))
    if clock.segments.is_empty():
        return out
    li, ri = (clock.segments[c].to_numpy() for c in ("left", "right"))
    is_fine = _are_fine(left.t[li], params) & _are_fine(right.t[ri], params)
    if not is_fine.any():
        return out
    d = pl.col("offset")
    rows = clock.segments.lazy().select("pair", d, pl.Series("fine", is_fine))
    equal = pl.col("fine") & ((d - d.median().over("pair")).abs() < params.equal_time_seconds)
    share = equal.sum() / (pl.len() + params.equal_time_pairs)
    told = rows.group_by("pair").agg(share.alias("share")).pipe(collected)
    out[told["pair"].to_numpy()] = told["share"].to_numpy() / params.fine_seconds
    return out


def _are_fine(times: Floats, params: Params) -> Flags:
    """Whether each time (s) is stated finer than a second."""
    fine: Flags = np.abs(times - np.round(times)) > params.equal_time_seconds
    return fine


def one_second_weight(
    left: Records, right: Records, li: Ints, ri: Ints, residual: Floats, clock: Clock, content: Content,
    forms: tuple[Forms, Forms], params: Params,
) -> Floats:  # fmt: skip
    """Log-odds of unlike rows that are all that one sender wrote in one second, in either export.

    An author does one thing at a time, so that chance partners are far fewer there than messages around it. Both sides
    state times to the second, those of the chat agree, and neither row may be equal to another. Beside a row of another
    kind, which one of two tools may have named otherwise, nothing else of the author may stand there, and neither form
    may be known to write no row for the other's kind.
    """
    fine = (left.unit[li] <= 1) & (right.unit[ri] <= 1) & (np.abs(residual) <= params.spread_floor_seconds)
    fine &= clock.spread[left.pair[li]] <= params.edge_seconds
    fine &= (left.party[li] == right.party[ri]) & (left.party[li] != NOBODY)
    fine &= (left.cls[li] != SYSTEM) & (right.cls[ri] != SYSTEM) & np.isin(content.level, (DIFFERENT, UNCLEAR))
    worded = (left.cls[li] == WORDS) & (right.cls[ri] == WORDS)
    of_two = left.cls[li] != right.cls[ri]
    fine &= worded | of_two
    equal = np.isin(content.level, (EQUAL, FORM))
    by = ["pair", "party", "second"]
    for records, rows in ((left, li), (right, ri)):
        fine &= ~np.isin(rows, rows[equal])
        at = np.flatnonzero(fine)
        if not len(at):
            break
        # A tool writes one name in brackets for what it does not show.
        own = records.frame["text"][rows[at]].str.replace_all(_NAMED, "").str.contains(_WORDS)
        fine[at] = own.fill_null(value=False).to_numpy() | of_two[at]
        at = np.flatnonzero(fine)
        shown = pl.DataFrame(
            {"pair": records.pair, "party": records.party, "second": np.floor(records.t), "cls": records.cls}
        )
        asked = shown[rows[at]].with_columns(pl.Series("of_two", of_two[at]))
        shown = shown.filter(pl.col("cls") != SYSTEM).join(asked.select(by).unique(), on=by, how="semi")
        counts = shown.group_by(by).agg(pl.len(), (pl.col("cls") == WORDS).sum().alias("texts"))
        n = pl.when("of_two").then("len").otherwise("texts").alias("n")
        fine[at] = (asked.join(counts, on=by, how="left", maintain_order="left").select(n)["n"] == 1).to_numpy()
    for pair in np.flatnonzero(fine & of_two).tolist():
        kinds = str(right.frame["kind"][int(ri[pair])]), str(left.frame["kind"][int(li[pair])])
        if WORDS not in (left.cls[li[pair]], right.cls[ri[pair]]):
            continue
        never = [f[int(left.export[li[pair]])].limits.kinds_unworded for f in forms]
        fine[pair] = kinds[0] not in never[0] and kinds[1] not in never[1]
    # Of two kinds it speaks against the words and against the kind.
    return np.where(fine, params.one_second_nats * np.where(of_two, 2.0, 1.0), 0.0)


__all__ = ["equal_time_densities", "one_second_weight"]
