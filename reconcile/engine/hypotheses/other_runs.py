"""Which run of a tool, in which form, wrote the other export's rows around each unmatched record."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

import polars as pl

from reconcile.column_ops import collected, is_in_rows
from reconcile.engine.hypotheses.model import Absences
from reconcile.engine.records import Flags
from reconcile.intake.contract import ExportFacts
from reconcile.vocabulary import Kind


@dataclass(frozen=True)
class OtherRun:
    """The run and form of the other export's row before each unmatched record, or of the one behind it.

    Attributes:
        a: the unmatched records.
        run: one number for each run and form; -1 = the other export has no row of the chat.
    """

    a: Absences
    run: pl.Series

    def of_kinds(self, kinds_of: Callable[[ExportFacts], Collection[Kind]], kinds: pl.Series | None = None) -> Flags:
        """Whether each record's kind, or the one in `kinds`, is among those that its form's facts name."""
        forms = forms_of(self.a)
        told = [(n, str(kind)) for n, facts in enumerate(forms) for kind in sorted(kinds_of(facts))]
        if not told:
            return self.a.none
        kind = (self.a.rows["kind"] if kinds is None else kinds).cast(pl.String)
        named = pl.DataFrame(told, schema={"form": pl.Int64, "kind": pl.String}, orient="row").lazy()
        asked = pl.LazyFrame([self.forms.alias("form"), kind.alias("kind")]).with_row_index("at")
        found = collected(asked.join(named, on=["form", "kind"], how="semi").select("at"))["at"]
        return is_in_rows(found, self.a.rows.height).to_numpy()

    @property
    def forms(self) -> pl.Series:
        """The number of each record's form; -1 = the other export has no row of the chat."""
        count = len(forms_of(self.a))
        return pl.select(pl.when(self.run >= 0).then(self.run % count).otherwise(-1)).to_series()

    def is_of_form(self, holds: Callable[[ExportFacts], bool]) -> pl.Series:
        """Whether the facts of each record's form are such."""
        return self.forms.is_in([n for n, facts in enumerate(forms_of(self.a)) if holds(facts)])


def forms_of(a: Absences) -> tuple[ExportFacts, ...]:
    """The facts of each form that wrote rows of the other export, by number."""
    origins = a.lacking.origins
    return (a.lacking.facts,) if origins is None else origins.forms


def runs_around(a: Absences) -> tuple[OtherRun, ...]:
    """The runs before and behind each unmatched record; a single one where one form wrote all rows.

    The nearest rows by the common clock count. Where there is none on one side, the other side's counts for both.
    """
    if a.lacking.origins is None:
        return (OtherRun(a, _run_of_chat(a)),)
    rows = a.lacking_rows.select(pl.col("pair").cast(pl.Int64), "u", run=run_of_row(a)).drop_nulls("pair")
    timed = rows.drop_nulls("u").sort("u", maintain_order=True)
    asked = a.rows.select(pl.col("pair").cast(pl.Int64), "u").with_row_index("at").sort("u", maintain_order=True)
    near: dict[str, pl.Series] = {}
    ways: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")
    for way in ways:
        beside = asked.join_asof(timed, on="u", by="pair", strategy=way, check_sortedness=False)
        near[way] = beside.sort("at")["run"]
    ends = rows.group_by("pair").agg(pl.col("run").first().alias("first"), pl.col("run").last().alias("last"))
    held = asked.join(ends, on="pair", how="left", maintain_order="left").sort("at").select("first", "last")
    around = held.with_columns(**near).select(
        pl.coalesce("backward", "forward", "first", pl.lit(-1)).alias("before"),
        pl.coalesce("forward", "backward", "last", pl.lit(-1)).alias("behind"),
    )
    return OtherRun(a, around["before"]), OtherRun(a, around["behind"])


def run_of_row(a: Absences) -> pl.Expr:
    """The run and form that wrote each of the other export's rows, as one number."""
    return _run_of_conversation(a) * len(forms_of(a)) + pl.col("form").cast(pl.Int64)


def with_wider_runs(a: Absences, told: pl.DataFrame) -> pl.DataFrame:
    """The kinds each run shows; what one form shows counts for rows that it shares with others too."""
    if a.lacking.origins is None:
        return told
    parts = a.lacking.origins.parts
    count = len(parts)
    wider = [(n, m) for n, part in enumerate(parts) for m, whole in enumerate(parts) if part <= whole]
    forms = pl.DataFrame(wider, schema={"form": pl.Int64, "wider": pl.Int64}, orient="row")
    of_form = told.with_columns(form=pl.col("run") % count).join(forms, on="form", maintain_order="left")
    return of_form.with_columns(run=pl.col("run") - pl.col("form") + pl.col("wider")).select(told.columns)


def _run_of_conversation(a: Absences) -> pl.Expr:
    """The run that wrote each of the other export's conversations; where one wrote all, the export."""
    runs = a.lacking.facts.runs
    if not runs:
        return pl.col("export").cast(pl.Int64)
    numbers = {name: n for n, name in enumerate(sorted({r.name for r in runs}))}
    of = {r.conversation: numbers[r.name] for r in runs}
    return pl.col("conversation").replace_strict(of, default=len(numbers), return_dtype=pl.Int64)


def _run_of_chat(a: Absences) -> pl.Series:
    """The run that wrote the other export's part of each record's chat."""
    if not a.lacking.facts.runs:
        return a.rows["export"].cast(pl.Int64)
    chats = a.view.lacking.frame.select("pair", run=_run_of_conversation(a)).drop_nulls("pair").unique("pair")
    runs = dict(chats.iter_rows())
    return a.rows["pair"].replace_strict(runs, default=-1, return_dtype=pl.Int64)


__all__ = ["OtherRun", "forms_of", "run_of_row", "runs_around", "with_wider_runs"]
