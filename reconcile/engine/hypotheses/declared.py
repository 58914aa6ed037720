"""The lacking party declared that it left out records of that time."""

import numpy as np
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.hypotheses.kind_not_exported import of_unshown_kinds
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech, said_where
from reconcile.engine.hypotheses.spans import in_filters, moments_of, spans_around, within
from reconcile.engine.records import Flags, Ints
from reconcile.intake.contract import INCOMPLETE, SELECTION, Declared
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS


def assess(a: Absences) -> Assessed:
    """Records inside a declared span by either device's clock; without times no span can apply.

    A declaration does not say which clock it means. If one of the two was wrong, it may be right by the other. Of a
    selection, a hole in a passage that is otherwise whole is in doubt: nobody declared it. Of merged devices, a selection
    counts where no other device answers. A card or place of a kind that the selection shows nowhere leaves no such hole,
    since not everything that can be ticked can be sent on. A few texts that are missing from a
    long and otherwise complete passage of a selection are not excused. A hole amid messages of a time for which the export declares a loss is in doubt too: what a lost
    phone loses, it loses with the messages around it. Messages that the export holds of a declared time
    contradict the declaration, and only the longest run without one can be what it means, unless it says that it picks.
    """
    facts = a.lacking.facts
    selected = ~a.none if SELECTION in facts.declared else in_filters(a, facts.selected)
    hole, sole = _amid_selected(a, selected) if selected.any() else (selected, selected)
    selected = selected & ~sole
    permitted = selected & ~hole
    unplaced = a.flags(pl.col("own_t").is_null())
    spans = [d for d in facts.declared if d != SELECTION and not _is_clock(d) and (d.from_at or d.to_at)]
    doubt = selected | (unplaced if spans or facts.selected else a.none) | _in_incomplete_chats(a)
    detail = said_where(permitted, "selection") if selected.any() else None
    if not spans:
        return Assessed(doubt, permitted, detail)
    inside = within(a, spans) | within(a, spans, "holder_t")
    lost = [d for d in spans if not _is_choice(d)]
    chosen = within(a, [d for d in spans if _is_choice(d)]) if lost else inside
    kept = (chosen | ~_amid_held(a, lost, inside)) & ~_beside_longest(a, spans, inside)
    return Assessed(inside | doubt, permitted | (inside & kept), detail)


def _in_incomplete_chats(a: Absences) -> Flags:
    """Records of chats of which the other export says that rows are missing: a doubt, and no excuse."""
    vague = {d.conversation for d in a.lacking.facts.declared if d.what == INCOMPLETE and not (d.from_at or d.to_at)}
    if not vague or None in vague:
        return ~a.none if vague else a.none
    of_them = pl.col("conversation").is_in([c for c in vague if c is not None])
    return a.flags(pl.col("pair").is_in(listed(a.view.lacking.frame.filter(of_them)["pair"].drop_nulls().unique())))


def _amid_selected(a: Absences, selected: Flags) -> tuple[Flags, Flags]:
    """Records in a hole of a passage, of kinds that the selection shows, and words missing alone.

    What another of the merged devices holds is no passage of the selection.
    """
    spans = [Declared("", span.from_at, span.to_at) for span in a.lacking.facts.selected]
    among = a.holder_rows if SELECTION in a.lacking.facts.declared else _held_within(a, spans, selected)
    hole, sole = _in_passages(a, among)
    unshown = of_unshown_kinds(a)
    # If other rows have server ids, a row without one may be a client notice, which cannot be selected.
    numbered = a.holder_rows.filter(pl.col("message_id").is_not_null())["pair"].unique().cast(pl.Int64)
    sent = pl.col("message_id").is_not_null() | ~pl.col("pair").is_in(numbered.implode())
    return hole & ~unshown, sole & ~unshown & a.flags((pl.col("cls") == WORDS) & sent)


# Who redacts picks messages. What is lost or cleaned up is gone with all around it.
_CHOICE = lazy_pattern(r"redact|select|partial|withh|delet|隐|遮|删|选|選|部分|个别")


def _is_choice(declared: Declared) -> bool:
    """Whether the declaration speaks of messages that somebody picked."""
    return bool(_CHOICE.search(declared.what.lower()))


def _amid_held(a: Absences, lost: list[Declared], inside: Flags) -> Flags:
    """Records in a hole of what the lacking export holds of the time for which it declares a loss."""
    if not (lost and inside.any()):
        return a.none
    return _in_passages(a, _held_within(a, lost, inside))[0]


def _held_within(a: Absences, spans: list[Declared], gone: Flags) -> pl.DataFrame:
    """The holder's rows without a partner (`gone`), and those whose partner has a time in the spans.

    With `span`, the number of the span, and `place`, in the order of both.
    """
    shown = a.lacking_rows.select((pl.col("raw_t") / SECONDS).alias("at"), pl.lit(0.0).alias("slack"))
    numbers = np.full(a.holder_rows.height, -1)
    numbers[a.view.holder_rows] = spans_around(shown, spans)[a.view.lacking_rows]
    by_clock = [spans_around(moments_of(a, clock), spans) for clock in ("own_t", "holder_t")]
    numbers[a.view.records_at(a.rows["place"])[gone]] = np.where(by_clock[0] < 0, by_clock[1], by_clock[0])[gone]
    rows = a.holder_rows.with_columns(pl.Series("span", numbers), pl.Series("place", a.view.holder.order))
    return rows.filter(pl.col("span") >= 0).sort("span", "place")


# Who says so leaves other messages of that time where they are.
_PICKED = lazy_pattern(r"select|partial|选|選|部分|个别")


def _beside_longest(a: Absences, spans: list[Declared], inside: Flags) -> Flags:
    """Records of a declared time outside its longest run, as messages that the export holds show."""
    whole = [d for d in spans if not _PICKED.search(f"{d.what} {d.note}".lower())]
    if not (whole and inside.any()):
        return a.none
    rows = _held_within(a, whole, inside).filter(is_speech())
    by = ["span", "pair"]
    rows = rows.sort(*by, "place").with_columns(pl.struct(*by, "is_paired").rle_id().alias("run"))
    gone = rows.filter(~pl.col("is_paired")).with_columns(pl.len().over("run").alias("n"))
    longest = gone.group_by(by).agg(pl.col("run").filter(pl.col("n") == pl.col("n").max()).unique())
    one = longest.filter(pl.col("run").list.len() == 1).explode("run")["run"]
    return a.among(gone.filter(~pl.col("run").is_in(one.implode()))["row"])


def _is_clock(declared: Declared) -> bool:
    """Whether the declaration speaks of a clock."""
    return "clock" in declared.what.lower() or "时钟" in declared.what


def _in_passages(a: Absences, among: pl.DataFrame) -> tuple[Flags, Flags]:
    """Records in a run, among these rows, that is short against the pairs beside it, and in a sole one.

    Who picks passages leaves out more between them than he shows; who takes out a few rows leaves most rows around them.
    A run is sole where both passages beside it are many times as long together, and nearly all rows around it have a partner.
    """
    rows = among.filter(pl.col("pair").is_not_null() & (pl.col("is_paired") | (pl.col("cls") != SYSTEM)))
    rows = rows.sort("pair", maintain_order=True)
    rows = rows.select("row", "pair", "is_paired", pl.struct("pair", "is_paired").rle_id().alias("run"))
    runs = rows.group_by("pair", "run", maintain_order=True).agg(pl.col("is_paired").first(), pl.len().cast(pl.Int64))
    size, ends = runs["len"].to_numpy(), runs["len"].cum_sum().to_numpy()
    first, last = (
        runs.select(e.over("pair")).to_series().to_numpy() for e in (pl.col("run").min(), pl.col("run").max())
    )
    shown, starts, run = np.concatenate(([0], rows["is_paired"].cum_sum().to_numpy())), ends - size, runs["run"]
    inner = ~runs["is_paired"].to_numpy() & (first < run.to_numpy()) & (run.to_numpy() < last)

    def around(share: float) -> tuple[Ints, Ints]:
        """Rows with a partner and all rows around each run, on each side twice as many as would do."""
        reach = (2 * size / share).astype(np.int64)
        low, high = np.maximum(starts - reach, starts[first]), np.minimum(ends + reach, ends[last])
        return shown[starts] - shown[low] + shown[high] - shown[ends], starts - low + high - ends

    paired, _ = around(a.params.passage_share)
    hole = inner & (size < a.params.passage_share * paired / 2)
    share = a.params.sole_hole_share
    paired, near = around(share)
    sole = inner & (size < share * paired) & (2 * (near - paired) <= share * near)

    def rows_of(chosen: Flags) -> Flags:
        return a.among(rows.filter(pl.col("run").is_in(run.filter(pl.Series(chosen)).implode()))["row"])

    return rows_of(hole), rows_of(sole)


HYPOTHESIS = Hypothesis(
    Cause.DECLARED,
    assess,
    "The lacking party declared that records of this time were left out, or its form is a selection of messages.",
    "The record is missing inside a passage that a selection mostly shows, or amid messages that the export holds of a time for which it declares a loss.",
)
