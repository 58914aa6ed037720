"""How much two times tell that are equal to the last figure, or to the second."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clock import Clock
from reconcile.engine.levels import DIFFERENT, EQUAL, FORM, UNCLEAR, Content
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Records
from reconcile.wechat.kind_classes import WORDS

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
    left: Records, right: Records, li: Ints, ri: Ints, residual: Floats, clock: Clock, content: Content, params: Params
) -> Floats:
    """Log-odds of unlike texts that are all that one sender wrote in one second, in either export.

    An author writes one text at a time, so that chance partners are far fewer there than messages around it. Both sides
    state times to the second, those of the chat agree, and neither text may be equal to another.
    """
    fine = (left.unit[li] <= 1) & (right.unit[ri] <= 1) & (np.abs(residual) <= params.spread_floor_seconds)
    fine &= clock.spread[left.pair[li]] <= params.edge_seconds
    fine &= (left.party[li] == right.party[ri]) & (left.party[li] != NOBODY)
    fine &= (left.cls[li] == WORDS) & (right.cls[ri] == WORDS) & np.isin(content.level, (DIFFERENT, UNCLEAR))
    equal = np.isin(content.level, (EQUAL, FORM))
    by = ["pair", "party", "second"]
    for records, rows in ((left, li), (right, ri)):
        fine &= ~np.isin(rows, rows[equal])
        at = np.flatnonzero(fine)
        if not len(at):
            break
        # A tool writes one name in brackets for what it does not show.
        own = records.frame["text"][rows[at]].str.replace_all(_NAMED, "").str.contains(_WORDS)
        fine[at] = own.fill_null(value=False).to_numpy()
        at = np.flatnonzero(fine)
        texts = pl.DataFrame({"pair": records.pair, "party": records.party, "second": np.floor(records.t)})
        asked = texts[rows[at]]
        shown = texts.filter(pl.Series(records.cls == WORDS)).join(asked.unique(), on=by, how="semi")
        counts = asked.join(shown.group_by(by).len(), on=by, how="left", maintain_order="left")["len"]
        fine[at] = (counts == 1).to_numpy()
    return np.where(fine, params.one_second_nats, 0.0)


__all__ = ["equal_time_densities", "one_second_weight"]
