"""The input and the result of an absence hypothesis."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from reconcile.engine.content.quoted_message import RowsOfReading, names_of
from reconcile.engine.graph.numbering import numbering_of
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.reach import Exported
from reconcile.engine.records import Flags, Floats, Ints
from reconcile.engine.sides import SideView
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SYSTEM, WORDS


@dataclass(frozen=True)
class Absences:
    """The unmatched records of one side, and everything that may explain them.

    Attributes:
        rows: one row per record: the columns of the frame, and u (seconds on the common clock; null = none), own_t (the
            same on the lacking device's clock), place (order in the holder's export), unit and spread (seconds), margin
            (nats), edge (coverage.EDGES).
        view: the alignment seen from the holding side.
        holder, lacking: both readings; for many comparisons in one pass, what all exports of a side have in common.
        exported: when each export of the holding side was made (µs), where stated.
        params: the parameters of the model.
        assessed: the answers of the hypotheses that were asked before, in the order of HYPOTHESES.
    """

    rows: pl.DataFrame
    view: SideView
    holder: Reading
    lacking: Reading
    exported: Exported
    params: Params
    assessed: dict[Cause, "Assessed"] = field(default_factory=dict)

    @cached_property
    def holder_rows(self) -> pl.DataFrame:
        """All rows of the holding side with `u` (seconds, common clock; null = none) and `is_paired`."""
        return _with_times(self.view.holder.frame, self.view.holder_u, self.view.holder_rows)

    @cached_property
    def lacking_rows(self) -> pl.DataFrame:
        """All rows of the other side with `u` (seconds, common clock; null = none) and `is_paired`."""
        return _with_times(self.view.lacking.frame, self.view.lacking_u, self.view.lacking_rows)

    @cached_property
    def names_of_one(self) -> pl.LazyFrame:
        """pair, name, named (party): the names of one party alone, in either export and its contacts."""
        both = RowsOfReading(self.lacking_rows, self.lacking), RowsOfReading(self.holder_rows, self.holder)
        known = names_of(both, self.rows["pair"].unique())
        return known.lazy().select(pl.col("pair").cast(pl.Int64), "name", named="party")

    @cached_property
    def is_sentence(self) -> pl.Series:
        """`is_sentence` of each record."""
        return self.rows.select(is_sentence(self.params).alias("is_sentence")).to_series()

    @property
    def none(self) -> Flags:
        """False for every row."""
        return np.zeros(self.rows.height, bool)

    def skips_numbers(self, pairs: pl.Series, before: pl.Series, after: pl.Series) -> pl.Series:
        """Whether the lacking side's own numbering skips a number between its rows `before` and `after`."""
        numbers = numbering_of(self.view.lacking.frame, self.lacking, pairs.unique().to_list(), each=True)
        between = zip(before.to_list(), after.to_list(), strict=True)
        holes = [None if None in (b, e) else numbers.between(b, e) for b, e in between]
        return pl.Series([h is not None and h.missing > 0 for h in holes], dtype=pl.Boolean)

    def flags(self, condition: pl.Expr) -> Flags:
        """Whether each row fulfils the condition; null counts as no."""
        return self.several_flags(condition)[0]

    def several_flags(self, *conditions: pl.Expr) -> list[Flags]:
        """`flags` of each condition, in one pass."""
        told = self.rows.select(c.fill_null(value=False).alias(str(n)) for n, c in enumerate(conditions))
        return [column.to_numpy() for column in told]

    def among(self, rows: pl.Series) -> Flags:
        """Whether the row number of each record is among these."""
        return np.isin(self.rows["row"].to_numpy(), rows.to_numpy()) if len(rows) else self.none


def _with_times(frame: pl.DataFrame, u: Floats, paired: Ints) -> pl.DataFrame:
    """The rows with `u` (seconds, common clock; null = none) and `is_paired`."""
    is_paired = np.zeros(frame.height, bool)
    is_paired[paired] = True
    return frame.with_columns(pl.Series("u", u, nan_to_null=True), pl.Series("is_paired", is_paired))


@dataclass(frozen=True)
class Assessed:
    """What one hypothesis says about every unmatched record.

    Attributes:
        holds: the record is eligible and there is evidence for the hypothesis.
        permitted: the evidence may set a record aside: a known limit, the holder's own record against its interest, or
            a statement that contract 3 accepts. Evidence that only the lacking party wrote never permits.
        detail: a more specific code for the line; null = none.
        against: the contradiction; null = none. A contradicted hypothesis does not hold.
        bars: records that contradict themselves. No hypothesis asked later sets them aside. None = no record.
    """

    holds: Flags
    permitted: Flags
    detail: pl.Series | None = None
    against: pl.Series | None = None
    bars: Flags | None = None

    def without_setting_aside(self, rows: Flags) -> "Assessed":
        """The same assessment, which permits to set none of these records aside."""
        return replace(self, permitted=self.permitted & ~rows) if (self.permitted & rows).any() else self


@dataclass(frozen=True)
class Hypothesis:
    """A possible reason for having no partner.

    Attributes:
        cause: its name in the results.
        assess: assesses the unmatched records.
        needs, contradicted_by: in words, for the account and the docs.
        prior_nats: log-odds against a missing record before evidence.
    """

    cause: Cause
    assess: Callable[[Absences], Assessed]
    needs: str
    contradicted_by: str
    prior_nats: float = field(default=PARAMS.explained_nats)


def said_where(rows: Flags, word: str) -> pl.Series:
    """A column with the word at these rows, and null elsewhere."""
    return pl.Series([word if here else None for here in rows.tolist()], dtype=pl.String)


def is_speech() -> pl.Expr:
    """Whether a row is a person's message and not the client's notice."""
    return pl.col("cls") != SYSTEM


def is_sentence(params: Params) -> pl.Expr:
    """Whether a record has so many words that nobody says them twice in a row."""
    size = pl.col("text").str.replace_all(r"[\W_]+", "").str.len_chars()
    return (pl.col("cls") == WORDS) & (size >= params.distinctive_characters)
