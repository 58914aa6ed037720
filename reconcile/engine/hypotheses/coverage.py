"""The other export does not cover the time of the record, or nothing shows that it does."""

import numpy as np
import polars as pl

from reconcile.column_ops import filled, listed, present
from reconcile.engine.content.words import DATED_HEADING
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.engine.hypotheses.spans import in_filters
from reconcile.engine.nearest import nearest_one_way
from reconcile.engine.reach import stated_ranges, unstated_between
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause, NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.kind_classes import FORWARD, SECONDS

# A date with a clock, in the excerpt of a skipped row.
_DATED_CLOCK = r"([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"


def assess(a: Absences) -> Assessed:
    """Records outside the other export's span or stated ranges, or in a part of its store left unread.

    A stretch between two stated ranges, which no file of the export covers, raises doubt: whoever chose the files may
    have left one out.
    """
    edge = a.rows["edge"]
    facts = a.lacking.facts
    unheld = in_filters(a, facts.unheld)
    between = in_filters(a, unstated_between(stated_ranges(facts), a.lacking_rows))
    outside = ((edge == "bounded") | (edge == "unverified")).to_numpy()
    moved = _may_be_moved(a, outside)
    permitted = (outside | unheld) & ~moved
    waits = filled(a.rows["waits"], value=False).to_numpy()
    # A record sent after a late message may have reached the other device after its last record.
    doubted = between | waits | moved | _may_be_inside_text(a) | _may_be_unread(a)
    if not permitted.any():
        return Assessed(doubted, permitted)
    detail = pl.select(
        pl.when(pl.lit(pl.Series(unheld))).then(pl.lit("part_not_read"))
        .when(pl.lit(edge == "unverified")).then(pl.lit("edge_unverified"))
        .otherwise(pl.lit("beyond_export")).alias("detail")
    )["detail"]  # fmt: skip
    return Assessed(permitted | doubted, permitted, detail)


def _may_be_moved(a: Absences, outside: Flags) -> Flags:
    """Sentences outside that the other export holds unmatched, if most sentences outside are such.

    A party that redates the first messages of a chat to a day after its last one puts both copies outside.
    """
    by = [pl.col("pair").cast(pl.Int64), "party", "text"]
    said = a.rows.select(by).with_row_index("n").filter(pl.Series(outside) & a.is_sentence)
    unmatched = a.lacking_rows.filter(~pl.col("is_paired")).select(by)
    twins = said.join(unmatched, on=["pair", "party", "text"], how="semi", nulls_equal=True)
    if twins.is_empty():
        return a.none
    is_twin = pl.col("n").is_in(listed(twins["n"]))
    moved = said.filter(is_twin & (is_twin.mean().over("pair") >= a.params.moved_share))["n"]
    flags = a.none
    flags[moved.to_numpy()] = True
    return flags


def _may_be_inside_text(a: Absences) -> Flags:
    """Records that the other export may hold inside another text, whose lines look like headings.

    They lie between the time of that record and that of the one behind it.
    """
    if not a.lacking_rows["text"].str.contains("\n", literal=True).any():
        return a.none
    rows = a.lacking_rows.select(
        pl.col("pair").cast(pl.Int64), "cls", "text", (pl.col("raw_t") / SECONDS).alias("low"),
        (pl.col("raw_t").shift(-1).over("pair") / SECONDS).fill_null(float("inf")).alias("high"),
    )  # fmt: skip
    found = rows.filter((pl.col("cls") != FORWARD) & pl.col("text").str.contains("\n", literal=True))
    found = found.filter(pl.col("text").str.contains(DATED_HEADING)).drop_nulls("low").sort("low")
    if found.is_empty():
        return a.none
    slack = (
        pl.lit(a.params.edge_seconds) + pl.col("unit").clip(upper_bound=60.0) + a.params.edge_spreads * pl.col("spread")
    )
    asked = a.rows.select("pair", pl.col("own_t"), slack.alias("slack")).with_row_index("n")
    latest = asked.drop_nulls("own_t").with_columns((pl.col("own_t") + pl.col("slack")).alias("latest")).sort("latest")
    met = latest.join_asof(
        found.select("pair", "low", "high"), left_on="latest", right_on="low", by="pair", check_sortedness=False
    )
    inside = met.filter(pl.col("own_t") - pl.col("slack") <= pl.col("high"))["n"]
    untimed = asked.filter(pl.col("own_t").is_null()).join(found, on="pair", how="semi")["n"]
    flags = a.none
    flags[pl.concat([inside, untimed]).to_numpy()] = True
    return flags


def _may_be_unread(a: Absences) -> Flags:
    """Records whose time is stated in a row that the reader of the other export skipped."""
    excerpts = [note.excerpt for note in a.lacking.notes if note.code is NoteCode.ROW_SKIPPED and note.locator]
    clocks = present(pl.Series(excerpts, dtype=pl.String).str.extract(_DATED_CLOCK, 1))
    if clocks.is_empty() or a.rows.is_empty():
        return a.none
    times = present(parse_time_column(clocks, ASSUMED_ZONE)["sent_at"]).dt.epoch("ms").to_numpy() / 1000
    own = a.rows["own_t"].fill_null(float("nan")).to_numpy()
    slack = a.params.edge_seconds + a.rows["unit"].clip(upper_bound=60.0).to_numpy()
    unmatched, skipped = ((np.arange(len(t)), np.zeros(len(t), np.int64), t) for t in (own, times))
    flags = a.none
    flags[nearest_one_way(unmatched, skipped, slack, 1)[0]] = True
    return flags


HYPOTHESIS = Hypothesis(
    Cause.OUTSIDE_COVERAGE,
    assess,
    "The record lies before the first or behind the last record of the other export, by time and by place, or in a part that was not read. "
    "A time between two stated ranges, another record there that holds lines like headings of that time, or that time in a row that could not be read, raises doubt. So do sentences that the other export holds alone at another time, where most of those outside are such.",
    "Facts say that the other export reaches further.",
)
